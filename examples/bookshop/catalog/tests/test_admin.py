from django.contrib.admin.sites import site
from django.contrib.auth import get_user_model
from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from catalog.models import Author, Book, Genre, Publisher

from .factories import make_book


class RegistrationTests(SimpleTestCase):
    def test_models_are_registered(self):
        for model in (Author, Book, Genre, Publisher):
            with self.subTest(model.__name__):
                self.assertTrue(site.is_registered(model))


class BookAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.admin = get_user_model().objects.create_superuser("admin", "admin@bookshop.example")
        cls.books = [make_book("Emma"), make_book("Persuasion")]

    def setUp(self):
        self.client.force_login(self.admin)
        self.url = reverse("admin:catalog_book_changelist")

    def test_changelist(self):
        self.assertContains(self.client.get(self.url), "Emma")

    def test_search(self):
        response = self.client.get(self.url, {"q": "pers"})
        self.assertNotContains(response, "Emma")

    def test_withdraw(self):
        data = {"action": "withdraw", "_selected_action": [self.books[0].pk]}
        response = self.client.post(self.url, data, follow=True)
        self.assertContains(response, "1 book(s) withdrawn.")
        self.assertQuerySetEqual(Book.objects.available(), [self.books[1]])

    def test_change_page_has_the_stock(self):
        url = reverse("admin:catalog_book_change", args=[self.books[0].pk])
        self.assertContains(self.client.get(url), "stock-0-quantity")
