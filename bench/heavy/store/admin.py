from django.contrib import admin

from store.models import Product

admin.site.register(Product)
