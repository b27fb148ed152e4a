import time

from django.contrib.auth.models import Permission
from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from accounts.models import User
from catalog.tests.factories import make_book
from reviews.models import Review


class ReviewPageMixin:
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada", "ada@example.com")
        cls.book = make_book("Emma", slug="emma")

    def setUp(self):
        cache.clear()


class ReviewListTests(ReviewPageMixin, TestCase):
    def test_empty(self):
        self.assertContains(self.client.get("/reviews/emma/"), "No reviews yet.")

    def test_only_published_ones(self):
        for status, title in [("published", "Shown"), ("pending", "Hidden")]:
            user = User.objects.create_user(status, f"{status}@example.com")
            Review.objects.create(book=self.book, user=user, rating=4, title=title, status=status)
        response = self.client.get("/reviews/emma/")
        self.assertContains(response, "★★★★☆ Shown")
        self.assertNotContains(response, "Hidden")
        self.assertContains(response, "4.0 of 5 stars, 1 review<")

    def test_summary(self):
        response = self.client.get(reverse("reviews:summary", args=["emma"]))
        self.assertJSONEqual(response.content, {"count": 0, "average": None})

    def test_unknown_book(self):
        self.assertEqual(self.client.get("/reviews/unknown/").status_code, 404)


class ReviewAddTests(ReviewPageMixin, TestCase):
    def post(self, **data):
        self.client.force_login(self.user)
        return self.client.post("/reviews/emma/add/", {"rating": 4, "title": "Good", **data})

    def test_published_at_once(self):
        self.assertRedirects(self.post(), "/reviews/emma/")
        self.assertEqual(Review.objects.get().status, "published")

    def test_suspicious_ones_wait(self):
        response = self.client.get(self.post(title="Win the lottery").url)
        self.assertContains(response, "Your review will appear soon.")

    def test_second_review_replaces_the_first(self):
        self.post()
        self.post(rating=2, title="On second thoughts")
        self.assertEqual(str(Review.objects.get()), "On second thoughts (2/5)")

    def test_one_star_needs_an_explanation(self):
        response = self.post(rating=1)
        self.assertFormError(response.context["form"], "body", "Please say what was wrong.")

    def test_visitors(self):
        response = self.client.get("/reviews/emma/add/")
        self.assertRedirects(response, "/accounts/login/?next=/reviews/emma/add/")


class QueueTests(ReviewPageMixin, TestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.review = Review.objects.create(
            book=cls.book, user=cls.user, rating=3, title="Is it a casino?"
        )
        cls.moderator = User.objects.create_user("mo", "mo@bookshop.example")
        cls.moderator.user_permissions.add(Permission.objects.get(codename="moderate_review"))

    def decide(self, **data):
        self.client.force_login(self.moderator)
        return self.client.post(reverse("reviews:decide", args=[self.review.pk]), data)

    def test_queue(self):
        self.client.force_login(self.moderator)
        self.assertContains(self.client.get(reverse("reviews:queue")), "<h1>1 waiting</h1>")

    def test_customers_are_forbidden(self):
        self.client.force_login(self.user)
        self.assertEqual(self.client.get(reverse("reviews:queue")).status_code, 403)

    def test_publish(self):
        self.assertRedirects(self.decide(decision="publish"), reverse("reviews:queue"))
        self.assertEqual(Review.objects.published().count(), 1)

    def test_reject(self):
        self.decide(decision="reject", reason="Sorry.")
        self.assertEqual(mail.outbox[0].body, "Sorry.")

    def test_twice(self):
        self.decide(decision="publish")
        self.assertEqual(self.decide(decision="reject").status_code, 404)


class SummaryExpiryTests(ReviewPageMixin, TestCase):
    def test_expires(self):
        self.client.get(reverse("reviews:summary", args=["emma"]))
        cache.touch(f"reviews:summary:{self.book.pk}", 0.02)
        time.sleep(0.04)
        with self.assertNumQueries(2):
            self.client.get(reverse("reviews:summary", args=["emma"]))

    def test_is_kept(self):
        self.client.get(reverse("reviews:summary", args=["emma"]))
        with self.assertNumQueries(1):
            self.client.get(reverse("reviews:summary", args=["emma"]))
