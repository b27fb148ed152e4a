"""Classes that commit, one after the other in one worker."""

from django.test import TestCase, TransactionTestCase

from beyond.models import Row


class RowsA(TransactionTestCase):
    def test_rows_of_migrations(self):
        self.assertEqual(Row.objects.get().text, "from a migration")
        Row.objects.all().delete()


class RowsB(TransactionTestCase):
    def test_rows_of_migrations(self):
        self.assertEqual(Row.objects.get().text, "from a migration")


class RowsC(TestCase):
    def test_rows_of_migrations(self):
        self.assertEqual(Row.objects.get().text, "from a migration")
