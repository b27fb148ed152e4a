from django.contrib import admin

from .models import ContactMessage, Page, SiteSetting


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    list_display = ["title", "slug", "is_published", "in_footer"]
    prepopulated_fields = {"slug": ["title"]}


@admin.register(SiteSetting)
class SiteSettingAdmin(admin.ModelAdmin):
    list_display = ["key", "value"]


@admin.register(ContactMessage)
class ContactMessageAdmin(admin.ModelAdmin):
    list_display = ["subject", "name", "sent_at", "answered"]
    list_filter = ["answered"]
