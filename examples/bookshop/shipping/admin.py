from django.contrib import admin

from shipping.models import Day, Zone


@admin.register(Zone)
class ZoneAdmin(admin.ModelAdmin):
    list_display = ["name", "days", "price"]


@admin.register(Day)
class DayAdmin(admin.ModelAdmin):
    list_display = ["date", "open", "cutoff", "note"]
    list_filter = ["open"]
    date_hierarchy = "date"
