from django.urls import path

from . import views

app_name = "catalog"

urlpatterns = [
    path("", views.BookListView.as_view(), name="book_list"),
    path("genres/", views.genre_list, name="genre_list"),
    path("books/add/", views.BookCreateView.as_view(), name="book_add"),
    path("books/<slug:slug>/", views.BookDetailView.as_view(), name="book_detail"),
    path("authors/<slug:slug>/", views.AuthorDetailView.as_view(), name="author_detail"),
    path("api/stock/<slug:slug>/", views.stock_api, name="stock_api"),
]
