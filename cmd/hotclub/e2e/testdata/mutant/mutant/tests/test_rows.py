"""Looks at databases."""

from django.test import TestCase, TransactionTestCase

from mutant.models import Gadget
from mutant.tests.base import Inherited  # noqa: F401


class Rows(TestCase):
    def test_migrated(self):
        self.assertEqual(Gadget.objects.filter(name="migrated").count(), 1)

    def test_signal(self):
        self.assertEqual(Gadget.objects.create().marked, 1)

    def test_size(self):
        self.assertEqual(Gadget.objects.create().size, 1)


class Loaded(TestCase):
    fixtures = ["gadgets"]

    def test_fixture(self):
        self.assertEqual(Gadget.objects.get(name="loaded").size, 1)


class Committed(TransactionTestCase):
    fixtures = ["gadgets"]

    def test_fixture(self):
        self.assertEqual(Gadget.objects.get(name="loaded").size, 1)
