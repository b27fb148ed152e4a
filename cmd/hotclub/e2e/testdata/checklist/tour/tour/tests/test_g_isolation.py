"""Section G of the checklist: what one test may know of another."""

import asyncio
import unittest
import urllib.request

from django.conf import settings
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, connections, reset_queries, transaction
from django.test import (
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    override_settings,
    skipIfDBFeature,
    skipUnlessDBFeature,
)
from django.test.runner import RemoteTestResult
from django.test.signals import setting_changed

from tour.models import Book, Shelf


class Item60(TestCase):
    databases = ["default", "filed"]

    def test_a_rolled_back(self):
        self.assertFalse(Shelf.objects.exists())
        Shelf.objects.create(name="gone after the test")
        Shelf.objects.using("filed").create(name="gone after the test")

    def test_b_rolled_back(self):
        self.test_a_rolled_back()
        self.assertFalse(Shelf.objects.using("filed").exclude(name__startswith="gone").exists())

    def test_atomic_on_each_alias(self):
        for alias in self.databases:
            self.assertTrue(connections[alias].in_atomic_block)

    def test_savepoints_work(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Book.objects.create(pk=1, title="twice")
        self.assertEqual(Book.objects.count(), 1)

    def test_constraints_are_checked_at_the_end(self):
        # An error of this test: its row refers to nothing.
        Book.objects.create(title="lost", shelf_id=404)


class Item61(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.shelf = Shelf.objects.create(name="made once")
        cls.names = [cls.shelf]

    def test_a_changes_its_copy(self):
        self.assertIs(self.names[0], self.shelf)
        self.shelf.name = "changed"
        self.names.append("more")

    def test_b_has_a_copy_of_its_own(self):
        self.assertEqual((self.shelf.name, len(self.names)), ("made once", 1))


class Item62(TransactionTestCase):
    reset_sequences = True
    available_apps = ["tour"]

    def test_a_flushes(self):
        self.assertEqual(Shelf.objects.create(name="first").pk, 1)

    def test_b_flushed_and_reset(self):
        self.assertEqual(Shelf.objects.create(name="first").pk, 1)
        self.assertFalse(Shelf.objects.filter(name="gone").exists())


class Item62Fixtures(TransactionTestCase):
    fixtures = ["shelves.json"]

    def test_fixtures(self):
        self.assertEqual(Shelf.objects.get().name, "from a fixture")

    def test_on_commit_runs(self):
        called = []
        with transaction.atomic():
            transaction.on_commit(lambda: called.append(True))
        self.assertEqual(called, [True])


class Item64(StaticLiveServerTestCase):
    def fetch(self, path):
        with urllib.request.urlopen(self.live_server_url + path) as answer:
            return answer.read().decode()

    def test_server_shares_the_database(self):
        Book.objects.all().delete()
        Book.objects.create(title="one")
        Book.objects.create(title="two")
        self.assertIn("2 books", self.fetch("/"))

    def test_static_files(self):
        self.assertEqual(self.fetch("/static/hello.txt"), "hello\n")

    def test_host_and_port(self):
        self.assertIn("localhost", settings.ALLOWED_HOSTS)
        self.assertNotEqual(self.server_thread.port, 0)


class Item65(SimpleTestCase):
    async def test_async(self):
        await asyncio.sleep(0)
        self.assertTrue(asyncio.get_running_loop().is_running())

    async def test_async_failing(self):
        await asyncio.sleep(0)
        self.fail("in a coroutine")

    def test_debug_raises(self):
        class Raises(SimpleTestCase):
            def runTest(self):
                raise LookupError("let through")

        with self.assertRaises(LookupError):
            Raises().debug()


class Item65Features(TestCase):
    @skipUnlessDBFeature("has_native_uuid_field")
    def test_skipped_by_a_feature(self):
        self.fail()

    @skipIfDBFeature("supports_transactions")
    def test_skipped_for_a_feature(self):
        self.fail()

    @skipUnlessDBFeature("supports_transactions")
    def test_not_skipped(self):
        pass


class Item66(TestCase):
    def _starts_clean(self):
        self.assertEqual(mail.outbox, [])
        self.assertFalse(hasattr(self.client, "marked"))
        self.assertEqual(len(connection.queries_log), 0)
        self.client.marked = True
        mail.send_mail("subject", "body", "from@example.com", ["to@example.com"])
        with self.assertNumQueries(1):
            self.assertContains(self.client.get("/"), "1 books")

    test_a = test_b = _starts_clean

    def test_templates_of_a_response(self):
        self.assertTemplateUsed(self.client.get("/"), "tour/index.html")

    def test_settings_signal(self):
        heard = []

        def hear(*, setting, enter, **kwargs):
            heard.append((setting, enter))

        setting_changed.connect(hear)
        self.addCleanup(setting_changed.disconnect, hear)
        cache.set("key", "value")
        with override_settings(CACHES=settings.CACHES, TOUR="x"):
            self.assertIsNone(cache.get("key") if settings.TOUR != "x" else None)
        self.assertEqual(heard, [("CACHES", True), ("TOUR", True), ("CACHES", False), ("TOUR", False)])

    def test_queries_can_be_counted(self):
        reset_queries()
        with self.assertNumQueries(2):
            Book.objects.count()
            Shelf.objects.count()


class Item67(unittest.TestCase):
    def test_state_for_pickling(self):
        state = SimpleTestCase("run").__getstate__()
        self.assertIn("_testMethodName", state)

    def test_shape_of_events(self):
        result = RemoteTestResult()
        result.startTest(self)
        self.assertEqual(result.events, [("startTest", 0)])
