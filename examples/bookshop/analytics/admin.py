from django.contrib import admin

from .models import Channel, DailySales, SearchTerm


@admin.register(DailySales)
class DailySalesAdmin(admin.ModelAdmin):
    list_display = ["day", "orders", "revenue"]
    date_hierarchy = "day"


admin.site.register([Channel, SearchTerm])
