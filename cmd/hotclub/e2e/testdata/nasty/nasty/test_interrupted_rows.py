"""KeyboardInterrupt passes by Django's own tear-down; its rows must not stay for others."""

from django.test import TestCase

from shelf.models import Book


class Interrupted(TestCase):
    def test_1_interrupt(self):
        Book.objects.create(title="Nuages")
        raise KeyboardInterrupt

    def test_2_innocent(self):
        self.assertEqual(Book.objects.count(), 1)

    def test_3_interrupt(self):
        Book.objects.create(title="Nuages")
        raise KeyboardInterrupt

    def test_4_innocent(self):
        self.assertEqual(Book.objects.count(), 1)


class Later(TestCase):
    def test_innocent(self):
        self.assertEqual(Book.objects.count(), 1)
