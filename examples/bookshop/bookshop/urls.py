"""URL configuration of the bookshop."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("orders/", include("orders.urls")),
    path("reviews/", include("reviews.urls")),
    path("pages/", include("pages.urls")),
    path("reports/", include("analytics.urls")),
    path("", include("catalog.urls")),
]
