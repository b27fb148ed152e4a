"""Queries at import do not reach the developer's database."""

from django.test import TestCase

from shelf.models import Book

FOUND = list(Book.objects.values_list("title", flat=True))


class Imported(TestCase):
    def test_innocent(self):
        self.assertEqual(FOUND, ["Swing 39"])
