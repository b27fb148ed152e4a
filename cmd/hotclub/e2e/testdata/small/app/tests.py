import unittest


class Arithmetic(unittest.TestCase):
    def test_right(self):
        self.assertEqual(1 + 1, 2)

    def test_wrong(self):
        print("about to fail")
        self.assertEqual(1 + 1, 3)


from django.test import TestCase  # noqa: E402

from app.models import Book  # noqa: E402


class Shelf(TestCase):
    def test_starts_full(self):
        self.assertEqual(Book.objects.get().title, "Django unchained")
