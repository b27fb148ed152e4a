from django.urls import include, path
from rest_framework.routers import DefaultRouter

from store import views

router = DefaultRouter()
router.register("products", views.ProductViewSet, basename="store-product")

urlpatterns = [path("about/", views.about), path("", include(router.urls))]
