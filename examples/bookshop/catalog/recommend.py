"""Recommend books that share authors and genres."""

from .models import Book


def jaccard(left, right):
    """Return the similarity of two sets, 0 to 1.

    >>> jaccard({1, 2, 3}, {2, 3, 4})
    0.5
    >>> jaccard(set(), set())
    0.0
    """
    union = left | right
    return len(left & right) / len(union) if union else 0.0


def features(book):
    """Return what a book is compared by."""
    authors = {("author", author.pk) for author in book.authors.all()}
    return authors | {("genre", genre.pk) for genre in book.genres.all()}


def similar_books(book, limit=3):
    """Return the available books most like this one, best first."""
    wanted = features(book)
    others = Book.objects.available().exclude(pk=book.pk).prefetch_related("authors", "genres")
    scored = [(jaccard(wanted, features(other)), other) for other in others]
    scored = [pair for pair in scored if pair[0] > 0]
    scored.sort(key=lambda pair: (-pair[0], pair[1].title))
    return [other for _, other in scored[:limit]]
