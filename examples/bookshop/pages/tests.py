import time
from unittest import skip

from django.core import mail
from django.core.cache import cache
from django.template import Context, Template
from django.test import RequestFactory, SimpleTestCase, TestCase, TransactionTestCase, tag
from django.urls import reverse

from accounts.models import User
from bookshop.testing import SerializedRollbackMixin

from .forms import ContactForm
from .models import ContactMessage, Page, SiteSetting
from .templatetags.pages_tags import shorten


def setUpModule():
    """Nothing that another module cached may be seen here."""
    cache.clear()


def tearDownModule():
    cache.clear()


class ClearCacheMixin:
    def setUp(self):
        super().setUp()
        cache.clear()
        self.addCleanup(cache.clear)


class MigratedPagesTests(ClearCacheMixin, TestCase):
    def test_pages(self):
        self.assertQuerySetEqual(
            Page.objects.values_list("slug", flat=True),
            ["about", "delivery", "opening-hours", "returns"],
        )

    def test_settings(self):
        self.assertEqual(SiteSetting.objects.as_dict()["name"], "The Corner Bookshop")

    def test_every_page_is_shown(self):
        for page in Page.objects.all():
            with self.subTest(page=page.slug):
                response = self.client.get(page.get_absolute_url())
                self.assertContains(response, f"<h1>{page.title}</h1>", html=True)

    def test_paragraphs(self):
        self.assertContains(self.client.get("/pages/about/"), "<p>Come and see us.</p>", html=True)


class PageViewTests(ClearCacheMixin, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.draft = Page.objects.create(title="Jobs", slug="jobs", is_published=False)

    def test_draft_is_hidden(self):
        self.assertEqual(self.client.get("/pages/jobs/").status_code, 404)

    def test_staff_sees_drafts(self):
        self.client.force_login(User.objects.create_superuser("root", "root@example.com"))
        self.assertTemplateUsed(self.client.get("/pages/jobs/"), "pages/page.html")

    def test_body_is_escaped(self):
        self.draft.is_published = True
        self.draft.body = "<script>alert(1)</script>"
        self.draft.save()
        self.assertContains(self.client.get("/pages/jobs/"), "&lt;script&gt;")


class FooterTests(ClearCacheMixin, TestCase):
    template = Template("{% load pages_tags %}{% footer_links %}")

    def render(self):
        return self.template.render(Context())

    def test_links(self):
        html = self.render()
        self.assertInHTML('<a href="/pages/about/">About us</a>', html)
        self.assertNotIn("Opening hours", html)

    def test_cached(self):
        with self.assertNumQueries(1):
            self.render()
            self.render()

    def test_saving_a_page_forgets_the_links(self):
        self.render()
        Page.objects.get(slug="about").delete()
        self.assertNotIn("About us", self.render())

    def test_update_does_not_send_signals(self):
        self.render()
        Page.objects.filter(slug="about").update(in_footer=False)
        self.assertIn("About us", self.render())


class NavLinkTests(SimpleTestCase):
    def render(self, name, path="/"):
        template = Template("{% load pages_tags %}{% nav_link name 'Cart' %}")
        return template.render(Context({"name": name, "request": RequestFactory().get(path)}))

    def test_other_page(self):
        self.assertHTMLEqual(self.render("orders:cart"), '<a href="/orders/cart/">Cart</a>')

    def test_current_page(self):
        self.assertIn('aria-current="page"', self.render("orders:cart", "/orders/cart/"))

    def test_unknown_view(self):
        self.assertEqual(self.render("orders:nothing"), "")


class ShortenTests(SimpleTestCase):
    """The methods are added below."""


SHORTENED = {
    "short": ("Emma", 10, "Emma"),
    "exact": ("Persuasion", 10, "Persuasion"),
    "at_a_word": ("Sense and Sensibility", 12, "Sense and…"),
    "one_long_word": ("Frankenstein", 5, "Frank…"),
    "comma": ("Emma, a novel", 6, "Emma…"),
    "empty": ("", 3, ""),
}


def add_shorten_test(name, text, length, expected):
    def test(self):
        self.assertEqual(shorten(text, length), expected)

    test.__doc__ = f"{text!r} in {length} characters"
    setattr(ShortenTests, f"test_{name}", test)


for _name, _case in SHORTENED.items():
    add_shorten_test(_name, *_case)


class ContactFormTests(SimpleTestCase):
    data = {
        "name": "Ada",
        "email": "ada@example.com",
        "subject": "A question",
        "message": "Do you sell maps?",
    }

    def test_valid(self):
        self.assertTrue(ContactForm(self.data).is_valid())

    def test_robot(self):
        form = ContactForm({**self.data, "website": "http://spam.example"})
        self.assertFormError(form, "website", "Robots may not write to us.")

    def test_short_message(self):
        form = ContactForm({**self.data, "message": "  Hello     "})
        self.assertFormError(form, "message", "Please tell us a little more.")


@tag("email")
class ContactViewTests(TestCase):
    def post(self, **changes):
        data = {**ContactFormTests.data, **changes}
        return self.client.post(reverse("pages:contact"), data, follow=True)

    def test_message_is_stored_and_sent(self):
        self.assertContains(self.post(), "Thank you, we will write back soon.")
        self.assertEqual(str(ContactMessage.objects.get()), "A question (Ada)")
        (message,) = mail.outbox
        self.assertEqual(message.subject, "[contact] A question")
        self.assertEqual(message.reply_to, ["ada@example.com"])

    def test_header_injection(self):
        self.post(subject="Hello\nBcc: everybody@example.com")
        self.assertEqual([message.bcc for message in mail.outbox], [[]])

    def test_robots_send_nothing(self):
        self.post(website="http://spam.example")
        self.assertEqual(len(mail.outbox), 0)

    def test_outbox_is_empty_at_first(self):
        self.assertEqual(mail.outbox, [])


@skip("The blog is planned for next year.")
class BlogTests(TestCase):
    def test_list(self):
        self.assertEqual(self.client.get("/blog/").status_code, 200)

    def test_feed(self):
        self.assertEqual(self.client.get("/blog/feed/").status_code, 200)


class SettingCacheTests(ClearCacheMixin, TestCase):
    def test_saving_forgets(self):
        self.assertContains(self.client.get("/"), "Free delivery from £40")
        SiteSetting.objects.get(key="banner").delete()
        self.assertNotContains(self.client.get("/"), "Free delivery")

    def test_defaults(self):
        SiteSetting.objects.all().delete()
        cache.clear()
        self.assertContains(self.client.get("/"), "<title>Books – Bookshop</title>", html=True)

    def test_expiry(self):
        cache.set(SiteSetting.objects.cache_key, {"name": "Old name"})
        self.assertEqual(SiteSetting.objects.as_dict(), {"name": "Old name"})
        cache.touch(SiteSetting.objects.cache_key, 0.02)
        time.sleep(0.04)
        self.assertEqual(SiteSetting.objects.as_dict()["currency"], "GBP")


class PageSerializedTests(SerializedRollbackMixin, ClearCacheMixin, TransactionTestCase):
    serialized_rollback = True

    def test_pages_are_there(self):
        self.assertEqual(Page.objects.count(), 4)

    def test_pages_are_there_after_a_flush(self):
        Page.objects.all().delete()
        self.assertEqual(self.client.get("/pages/about/").status_code, 404)

    def test_settings_are_there(self):
        self.assertEqual(str(SiteSetting.objects.get(key="currency")), "currency = GBP")
