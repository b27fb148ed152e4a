from django.contrib import admin

from . import moderation
from .models import BannedWord, Review


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ["title", "book", "user", "rating", "status"]
    list_filter = ["status", "rating"]
    actions = ["publish"]

    @admin.action(description="Publish the selected reviews")
    def publish(self, request, queryset):
        for review in queryset:
            moderation.publish(review)


admin.site.register(BannedWord)
