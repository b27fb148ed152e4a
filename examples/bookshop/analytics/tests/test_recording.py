from django.core.exceptions import MiddlewareNotUsed
from django.test import SimpleTestCase, TestCase, modify_settings, override_settings, tag

from analytics.middleware import PageViewMiddleware
from analytics.models import Channel, PageView, SearchTerm
from analytics.routers import AnalyticsRouter
from catalog.models import Book
from catalog.tests.factories import make_book


class RouterTests(SimpleTestCase):
    router = AnalyticsRouter()

    def test_models(self):
        for model, alias in [(PageView, "analytics"), (Book, None)]:
            with self.subTest(model.__name__):
                self.assertEqual(self.router.db_for_read(model), alias)
                self.assertEqual(self.router.db_for_write(model), alias)

    def test_migrate(self):
        for alias, app, allowed in [
            ("analytics", "analytics", True),
            ("default", "analytics", False),
            ("analytics", "catalog", False),
            ("default", "catalog", None),
        ]:
            with self.subTest(alias=alias, app=app):
                self.assertIs(self.router.allow_migrate(alias, app), allowed)

    def test_relations(self):
        self.assertFalse(self.router.allow_relation(PageView(), Book()))
        self.assertTrue(self.router.allow_relation(PageView(), Channel()))
        self.assertIsNone(self.router.allow_relation(Book(), Book()))

    def test_middleware_is_off(self):
        with self.assertRaises(MiddlewareNotUsed):
            PageViewMiddleware(lambda request: None)


@override_settings(ANALYTICS_ENABLED=True)
@modify_settings(MIDDLEWARE={"append": "analytics.middleware.PageViewMiddleware"})
class PageViewTests(TestCase):
    databases = {"default", "analytics"}

    def test_recorded(self):
        self.client.get("/genres/")
        view = PageView.objects.get()
        self.assertEqual(str(view), "200 /genres/")
        self.assertGreater(view.duration_ms, 0)

    def test_not_found(self):
        self.client.get("/books/unknown/")
        self.assertEqual(PageView.objects.get().status, 404)

    def test_search(self):
        for text in ["Emma", " emma ", "Persuasion"]:
            self.client.get("/", {"q": text})
        self.assertEqual(
            list(SearchTerm.objects.values_list("text", "count")), [("emma", 2), ("persuasion", 1)]
        )

    def test_channel(self):
        for referer, slug in [
            ("https://social.example/somebody", "social"),
            ("https://unknown.example/", None),
            ("http://testserver/", None),
        ]:
            with self.subTest(referer):
                self.client.get("/", headers={"referer": referer})
                channel = PageView.objects.latest("pk").channel
                self.assertEqual(channel and channel.slug, slug)

    def test_one_query_in_the_analytics_database(self):
        with self.assertNumQueries(1, using="analytics"):
            self.client.get("/genres/")


class ChannelDataTests(TestCase):
    databases = {"analytics"}

    def test_rows_of_the_migration(self):
        slugs = Channel.objects.values_list("slug", flat=True)
        self.assertEqual(list(slugs), ["newsletter", "search", "social"])

    def test_default_database_is_out_of_bounds(self):
        with self.assertRaisesMessage(AssertionError, "are not allowed in this test"):
            Book.objects.count()


class AnalyticsOffTests(TestCase):
    """Without the middleware no page needs the analytics database."""

    @classmethod
    def setUpTestData(cls):
        make_book("Emma", slug="emma")

    def test_pages(self):
        for path in ["/", "/genres/", "/books/emma/", "/orders/cart/"]:
            with self.subTest(path):
                self.assertEqual(self.client.get(path).status_code, 200)

    @tag("slow")
    def test_many_visitors(self):
        for _ in range(12):
            self.client.get("/?q=emma")
