from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.cache import cache
from django.db.models import Count, Q
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.generic import CreateView, DetailView, ListView

from .forms import BookFilterForm, BookForm
from .models import Author, Book, Genre, StockItem
from .recommend import similar_books


class BookListView(ListView):
    template_name = "catalog/book_list.html"
    context_object_name = "books"

    def get_paginate_by(self, queryset):
        return settings.SHOP_PAGE_SIZE

    def get_queryset(self):
        self.form = BookFilterForm(self.request.GET)
        return self.form.apply(Book.objects.available().for_list())

    def get_context_data(self, **kwargs):
        return super().get_context_data(form=self.form, **kwargs)


class BookDetailView(DetailView):
    template_name = "catalog/book_detail.html"
    queryset = Book.objects.available().for_list()

    def get_context_data(self, **kwargs):
        return super().get_context_data(similar=similar_books(self.object), **kwargs)


class BookCreateView(PermissionRequiredMixin, CreateView):
    permission_required = "catalog.add_book"
    template_name = "form.html"
    form_class = BookForm
    extra_context = {"heading": "Add a book"}
    model = Book


class AuthorDetailView(DetailView):
    template_name = "catalog/author_detail.html"
    queryset = Author.objects.prefetch_related("books")


@require_GET
def genre_list(request):
    """Show the genres with the number of books; the counts are kept for a minute."""
    genres = cache.get("catalog:genres")
    if genres is None:
        counted = Genre.objects.annotate(
            count=Count("books", filter=Q(books__is_available=True), distinct=True)
        )
        genres = list(counted.values("name", "slug", "count"))
        cache.set("catalog:genres", genres, 60)
    return render(request, "catalog/genre_list.html", {"genres": genres})


async def stock_api(request, slug):
    """Tell how many copies of a book are left, as JSON."""
    try:
        item = await StockItem.objects.aget(book__slug=slug, book__is_available=True)
    except StockItem.DoesNotExist:
        return JsonResponse({"error": "unknown book"}, status=404)
    return JsonResponse({"slug": slug, "quantity": item.quantity, "low": item.needs_reorder})
