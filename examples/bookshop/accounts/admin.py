from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin

from .models import Address, User


class AddressInline(admin.TabularInline):
    model = Address
    extra = 0


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    list_display = ["username", "email", "display_name", "loyalty_points", "is_staff"]
    fieldsets = [
        *BaseUserAdmin.fieldsets,
        ("Shop", {"fields": ["display_name", "newsletter", "loyalty_points"]}),
    ]
    inlines = [AddressInline]
