from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase, skipIfDBFeature, skipUnlessDBFeature

from bookshop.testing import SerializedRollbackMixin
from catalog.models import Book, Genre, OutOfStock, StockItem

from .factories import make_book


class TakeTransactionTests(TransactionTestCase):
    def setUp(self):
        self.item = make_book(stock=3).stock

    def test_rolled_back(self):
        with self.assertRaises(OutOfStock), transaction.atomic():
            self.item.take(2)
            self.item.take(2)
        self.assertEqual(StockItem.objects.get().quantity, 3)

    def test_savepoint(self):
        with transaction.atomic():
            self.item.take(1)
            try:
                with transaction.atomic():
                    self.item.take(1)
                    raise OutOfStock
            except OutOfStock:
                pass
        self.assertEqual(StockItem.objects.get().quantity, 2)

    def test_many_small_transactions(self):
        StockItem.objects.update(quantity=100)
        for _ in range(50):
            with transaction.atomic():
                StockItem.objects.select_for_update().get().take(2)
        self.assertEqual(StockItem.objects.get().quantity, 0)

    def test_autocommit(self):
        self.assertTrue(connection.get_autocommit())

    @skipUnlessDBFeature("has_select_for_update_nowait")
    def test_nowait(self):
        with transaction.atomic():
            StockItem.objects.select_for_update(nowait=True).get()

    @skipIfDBFeature("supports_transactions")
    def test_without_transactions(self):
        self.fail("Every database of the shop has transactions.")


class GenreSerializedTests(SerializedRollbackMixin, TransactionTestCase):
    """The rows of the data migrations come back before every test."""

    serialized_rollback = True

    def test_delete_all(self):
        Genre.objects.all().delete()
        self.assertFalse(Genre.objects.exists())

    def test_all_there(self):
        self.assertEqual(Genre.objects.count(), 8)

    def test_duplicate(self):
        with self.assertRaises(IntegrityError):
            Genre.objects.create(name="Poetry", slug="poetry")
        self.assertEqual(Genre.objects.count(), 8)


class BookNumberTests(TransactionTestCase):
    reset_sequences = True

    def test_first(self):
        self.assertEqual(make_book().pk, 1)

    def test_first_again(self):
        self.assertEqual(make_book().pk, 1)
        self.assertEqual(Book.objects.count(), 1)
