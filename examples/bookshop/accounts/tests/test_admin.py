from django.test import TestCase
from django.urls import reverse

from accounts.models import User


class UserAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.root = User.objects.create_superuser("root", "root@example.com")
        cls.user = User.objects.create_user("ada", "ada@example.com")

    def setUp(self):
        self.client.force_login(self.root)

    def test_list(self):
        self.assertContains(self.client.get(reverse("admin:accounts_user_changelist")), "ada")

    def test_change_page_shows_the_shop_fields(self):
        url = reverse("admin:accounts_user_change", args=[self.user.pk])
        self.assertContains(self.client.get(url), 'name="loyalty_points"')

    def test_not_for_customers(self):
        self.client.force_login(self.user)
        response = self.client.get(reverse("admin:index"))
        self.assertRedirects(response, "/admin/login/?next=/admin/")
