"""Make catalogue objects with sensible values for the tests."""

from decimal import Decimal
from itertools import count

from catalog.isbn import make_isbn
from catalog.models import Author, Book, Genre, Publisher, StockItem

numbers = count(1)


def make_author(name="Ann Author"):
    return Author.objects.create(name=name, slug=f"author-{next(numbers)}")


def make_genre(slug="fiction"):
    """Return a genre, whether or not the data migration's rows are still there."""
    return Genre.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize()})[0]


def make_book(title="A Book", *, author=None, genres=(), stock=5, price="10.00", **fields):
    number = next(numbers)
    publisher, _ = Publisher.objects.get_or_create(name="Test Press")
    book = Book.objects.create(
        title=title,
        slug=fields.pop("slug", f"book-{number}"),
        isbn=make_isbn(number),
        publisher=publisher,
        price=Decimal(price),
        **fields,
    )
    book.authors.add(author or make_author())
    book.genres.add(*(make_genre(slug) for slug in genres))
    if stock is not None:
        StockItem.objects.create(book=book, quantity=stock)
    return book
