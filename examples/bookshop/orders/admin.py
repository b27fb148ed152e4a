from django.contrib import admin

from .models import Coupon, Invoice, Order, OrderLine, TaxRate


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "email", "status", "total", "placed_at"]
    list_filter = ["status", "country"]
    search_fields = ["email"]
    inlines = [OrderLineInline]


@admin.register(TaxRate)
class TaxRateAdmin(admin.ModelAdmin):
    list_display = ["country", "percent"]


admin.site.register([Coupon, Invoice])
