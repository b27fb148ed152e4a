from django.contrib import admin

from .models import Author, Book, Genre, Publisher, StockItem


class StockInline(admin.TabularInline):
    model = StockItem


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "born"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Publisher)
class PublisherAdmin(admin.ModelAdmin):
    list_display = ["name", "country"]


@admin.register(Genre)
class GenreAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "position"]


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "isbn", "price", "stock_quantity", "is_available"]
    list_filter = ["is_available", "genres"]
    search_fields = ["title", "isbn", "authors__name"]
    inlines = [StockInline]
    actions = ["withdraw"]

    @admin.action(description="Withdraw the selected books")
    def withdraw(self, request, queryset):
        count = queryset.update(is_available=False)
        self.message_user(request, f"{count} book(s) withdrawn.")
