from django import forms

from .isbn import normalise
from .models import Book, Genre

SORT_CHOICES = {"title": "Title", "price": "Cheapest first", "-published": "Newest first"}


class BookFilterForm(forms.Form):
    """What a visitor may ask of the list of books."""

    q = forms.CharField(required=False, max_length=100, label="Search")
    genre = forms.ModelChoiceField(Genre.objects.all(), required=False, to_field_name="slug")
    max_price = forms.DecimalField(required=False, min_value=0)
    sort = forms.ChoiceField(required=False, choices=[("", "---"), *SORT_CHOICES.items()])

    def apply(self, books):
        if not self.is_valid():
            return books
        data = self.cleaned_data
        if data["q"]:
            books = books.search(data["q"])
        if data["genre"]:
            books = books.filter(genres=data["genre"])
        if data["max_price"] is not None:
            books = books.filter(price__lte=data["max_price"])
        return books.order_by(data["sort"] or "title")


class BookForm(forms.ModelForm):
    """The form of the staff; it accepts an ISBN with hyphens."""

    isbn = forms.CharField(max_length=17, label="ISBN")

    class Meta:
        model = Book
        fields = ["title", "slug", "isbn", "authors", "publisher", "genres", "price", "pages"]

    def clean_isbn(self):
        return normalise(self.cleaned_data["isbn"])

    def clean(self):
        data = super().clean()
        if data.get("price") == 0 and data.get("pages"):
            self.add_error("price", "A printed book cannot be free.")
        return data
