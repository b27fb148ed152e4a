from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase, skipUnlessDBFeature, tag

from accounts.models import User
from catalog.tests.factories import make_book
from reviews.models import Review
from reviews.signals import book_summary, summary_key


class StarsTests(SimpleTestCase):
    def test_str(self):
        self.assertEqual(str(Review(title="Good", rating=4)), "Good (4/5)")


for _rating in range(1, 6):

    def _test(self, rating=_rating):
        stars = Review(rating=rating).stars
        self.assertEqual((len(stars), stars.count("★")), (5, rating))

    setattr(StarsTests, f"test_{_rating}_stars", _test)


class ReviewModelTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada", "ada@example.com")
        cls.book = make_book("Emma")

    def make(self, **fields):
        return Review(**{"book": self.book, "user": self.user, "rating": 3, "title": "x", **fields})

    def test_rating_is_validated(self):
        for rating in (0, 6):
            with self.subTest(rating), self.assertRaises(ValidationError):
                self.make(rating=rating).full_clean()

    @skipUnlessDBFeature("supports_table_check_constraints")
    def test_rating_is_checked_by_the_database(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.make(rating=6).save()

    def test_one_review_per_user(self):
        self.make().save()
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.make().save()

    def test_constraint_is_validated_too(self):
        self.make().save()
        with self.assertRaises(ValidationError):
            self.make().full_clean()

    def test_pending_by_default(self):
        self.assertEqual(self.make().status, "pending")


class SummaryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma")
        for number, rating in enumerate([5, 4, 4, 1]):
            Review.objects.create(
                book=cls.book,
                user=User.objects.create_user(f"user{number}", f"user{number}@example.com"),
                rating=rating,
                title="Review",
                status="pending" if rating == 1 else "published",
            )

    def setUp(self):
        cache.clear()

    def test_average_of_the_published(self):
        self.assertEqual(self.book.reviews.summary(), {"count": 3, "average": 4.3})

    @tag("slow")
    def test_many_reviews(self):
        User.objects.bulk_create(
            User(username=f"reader{number}", email=f"reader{number}@example.com")
            for number in range(100)
        )
        # MySQL does not tell the keys of what is created in bulk.
        readers = User.objects.filter(email__startswith="reader")
        for number, user in enumerate(readers):
            self.book.reviews.create(
                user=user, rating=number % 5 + 1, title="Review", status="published"
            )
        self.assertEqual(self.book.reviews.summary(), {"count": 103, "average": 3.0})

    def test_no_reviews(self):
        self.assertEqual(make_book().reviews.summary(), {"count": 0, "average": None})

    def test_cached(self):
        with self.assertNumQueries(1):
            book_summary(self.book)
            book_summary(self.book)

    def test_forgotten_after_a_change(self):
        book_summary(self.book)
        self.book.reviews.pending().get().delete()
        self.assertNotIn(summary_key(self.book.pk), cache)
