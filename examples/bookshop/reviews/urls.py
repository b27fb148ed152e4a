from django.urls import path

from . import views

app_name = "reviews"

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/<int:pk>/", views.decide, name="decide"),
    path("<slug:slug>/", views.review_list, name="review_list"),
    path("<slug:slug>/add/", views.review_add, name="review_add"),
    path("<slug:slug>/summary.json", views.summary_api, name="summary"),
]
