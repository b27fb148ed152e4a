import time

from django.contrib.auth import SESSION_KEY
from django.contrib.messages import get_messages
from django.core import mail, signing
from django.test import Client, TestCase, override_settings, tag
from django.urls import reverse

from accounts.models import Address, User


class LoginRequiredMixin:
    """Inherited by the tests of every page that needs a login; not a test by itself."""

    url_name = None

    def test_visitors_are_sent_to_the_login_page(self):
        url = reverse(self.url_name)
        self.assertRedirects(self.client.get(url), f"{reverse('accounts:login')}?next={url}")

    def test_users_may_enter(self):
        self.client.force_login(User.objects.create_user("eve", "eve@example.com"))
        self.assertEqual(self.client.get(reverse(self.url_name)).status_code, 200)


class ProfilePageTests(LoginRequiredMixin, TestCase):
    url_name = "accounts:profile"

    def test_points(self):
        user = User.objects.create_user("ada", "ada@example.com", loyalty_points=120)
        self.client.force_login(user)
        response = self.client.get(reverse("accounts:profile"))
        self.assertContains(response, "120 loyalty points, thank you for your loyalty")
        self.assertContains(response, "No address yet.")


class ProfileEditTests(LoginRequiredMixin, TestCase):
    url_name = "accounts:profile_edit"

    def test_edit(self):
        user = User.objects.create_user("ada", "ada@example.com")
        self.client.force_login(user)
        response = self.client.post(reverse(self.url_name), {"display_name": "Countess"})
        self.assertRedirects(response, reverse("accounts:profile"))
        user.refresh_from_db()
        self.assertEqual(user.public_name, "Countess")


class AddressPageTests(LoginRequiredMixin, TestCase):
    url_name = "accounts:address_add"
    data = {"line1": "1 Mill Lane", "city": "Ely", "postcode": "CB7", "country": "GB"}

    def setUp(self):
        self.user = User.objects.create_user("ada", "ada@example.com")

    def test_first_address_is_the_default(self):
        self.client.force_login(self.user)
        for expected in (True, False):
            with self.subTest(expected):
                response = self.client.post(reverse(self.url_name), self.data)
                messages = [str(message) for message in get_messages(response.wsgi_request)]
                self.assertIn("Address saved.", messages)
                self.assertIs(self.user.addresses.last().is_default, expected)

    def test_make_default(self):
        address = Address.objects.create(user=self.user, **self.data)
        self.client.force_login(self.user)
        self.client.post(reverse("accounts:address_default", args=[address.pk]))
        address.refresh_from_db()
        self.assertTrue(address.is_default)

    def test_addresses_of_others(self):
        other = User.objects.create_user("bob", "bob@example.com")
        address = Address.objects.create(user=other, **self.data)
        self.client.force_login(self.user)
        url = reverse("accounts:address_default", args=[address.pk])
        self.assertEqual(self.client.post(url).status_code, 404)
        self.assertEqual(self.client.get(url).status_code, 405)


@tag("email")
class SignupTests(TestCase):
    data = {
        "username": "ada",
        "email": "ada@example.com",
        "display_name": "Ada",
        "password1": "difference engine",
        "password2": "difference engine",
    }

    def test_signup_logs_in(self):
        response = self.client.post(reverse("accounts:signup"), self.data)
        self.assertRedirects(response, reverse("accounts:profile"))
        self.assertIn(SESSION_KEY, self.client.session)

    def test_welcome_mail(self):
        self.client.post(reverse("accounts:signup"), self.data)
        (message,) = mail.outbox
        self.assertEqual(message.to, ["ada@example.com"])
        self.assertIn("Dear Ada,", message.body)

    def test_errors_send_nothing(self):
        response = self.client.post(reverse("accounts:signup"), {**self.data, "email": "x"})
        self.assertFormError(response.context["form"], "email", "Enter a valid email address.")
        self.assertEqual(mail.outbox, [])

    def test_csrf(self):
        client = Client(enforce_csrf_checks=True)
        self.assertEqual(client.post(reverse("accounts:signup"), self.data).status_code, 403)


class LoginTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        User.objects.create_user("ada", "ada@example.com", "difference engine")

    def post(self, password):
        url = reverse("accounts:login")
        return self.client.post(url, {"username": "ada", "password": password})

    def test_login(self):
        self.assertRedirects(self.post("difference engine"), reverse("accounts:profile"))

    def test_wrong_password(self):
        form = self.post("wrong").context["form"]
        self.assertIn("correct username", form.non_field_errors()[0])

    @tag("slow")
    def test_short_session_is_still_valid(self):
        self.post("difference engine")
        session = self.client.session
        session.set_expiry(60)
        session["seen"] = True
        session.save()
        time.sleep(0.02)
        self.assertEqual(self.client.get(reverse("accounts:profile")).status_code, 200)

    def test_logout(self):
        self.client.login(username="ada", password="difference engine")
        self.assertRedirects(self.client.post(reverse("accounts:logout")), "/")
        self.assertNotIn(SESSION_KEY, self.client.session)

    @override_settings(SHOP_MAINTENANCE=True)
    def test_maintenance(self):
        response = self.client.get(reverse("accounts:login"))
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.headers["Retry-After"], "600")

    @override_settings(SHOP_MAINTENANCE=True)
    def test_staff_work_during_maintenance(self):
        self.client.force_login(User.objects.create_superuser("root", "root@example.com"))
        self.assertEqual(self.client.get(reverse("accounts:profile")).status_code, 200)


class UnsubscribeTokenTests(TestCase):
    """Signed values, as the links in the newsletter carry them."""

    def test_expired(self):
        token = signing.dumps({"user": 1}, salt="newsletter")
        time.sleep(0.03)
        with self.assertRaises(signing.SignatureExpired):
            signing.loads(token, salt="newsletter", max_age=0.02)

    def test_fresh(self):
        token = signing.dumps({"user": 1}, salt="newsletter")
        self.assertEqual(signing.loads(token, salt="newsletter", max_age=60), {"user": 1})

    def test_other_salt(self):
        with self.assertRaises(signing.BadSignature):
            signing.loads(signing.dumps(1, salt="newsletter"), salt="password")
