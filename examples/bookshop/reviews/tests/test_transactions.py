import time

from django.core.cache import cache
from django.db import transaction
from django.test import TransactionTestCase

from accounts.models import User
from bookshop.testing import SerializedRollbackMixin
from catalog.tests.factories import make_book
from reviews.models import BannedWord, Review
from reviews.moderation import first_status
from reviews.signals import book_summary


class ReviewTransactionTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        self.book = make_book("Emma")
        self.user = User.objects.create_user("ada", "ada@example.com")

    def test_rolled_back(self):
        with transaction.atomic():
            Review.objects.create(book=self.book, user=self.user, rating=5, title="Good")
            transaction.set_rollback(True)
        self.assertEqual(book_summary(self.book)["count"], 0)

    def test_nobody_sees_half_a_change(self):
        with transaction.atomic():
            Review.objects.create(
                book=self.book, user=self.user, rating=5, title="Good", status="published"
            )
            time.sleep(0.02)
        self.assertEqual(book_summary(self.book), {"count": 1, "average": 5.0})

    def test_deleted_with_the_user(self):
        Review.objects.create(book=self.book, user=self.user, rating=5, title="Good")
        self.user.delete()
        self.assertFalse(Review.objects.exists())


class BannedWordSerializedTests(SerializedRollbackMixin, TransactionTestCase):
    serialized_rollback = True

    def test_loaded(self):
        self.assertEqual(first_status("A miracle", ""), "pending")

    def test_deleted(self):
        BannedWord.objects.filter(word="miracle").delete()
        self.assertEqual(first_status("A miracle", ""), "published")
