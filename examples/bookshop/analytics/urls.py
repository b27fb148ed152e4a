from django.urls import path

from . import views

app_name = "analytics"

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("sales.csv", views.sales_csv, name="sales_csv"),
]
