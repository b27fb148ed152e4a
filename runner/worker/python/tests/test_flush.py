"""A flush from an image leaves what Django's own flush leaves."""

import json
from typing import Any

from . import mariadb, postgres
from .support import SHOP, Server
from .test_servers import CONF, ServerTestCase, databases

TESTS = """
    import json, threading
    from django.conf import settings
    from django.contrib.auth.models import Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sites.models import SITE_CACHE, Site
    from django.core.management import call_command
    from django.db import connection
    from django.test import TransactionTestCase, override_settings
    from django.test.utils import CaptureQueriesContext
    from shop.models import Item, Tag

    highest = {}

    def cached():
        # All that is in there is what the database holds, by the same numbers.
        found = {}
        for using, by in ContentType.objects._cache.items():
            for key, content_type in by.items():
                if isinstance(key, tuple):
                    found[".".join([using, *key])] = (
                        ContentType.objects.using(using).filter(pk=content_type.pk).count())
        return found

    def state():
        kept = cached()
        with CaptureQueriesContext(connection) as queries:
            ContentType.objects.get_for_model(Item)
            ContentType.objects.get_for_model(User)
        fresh = {}
        # Numbers do not come again; those of MySQL do.
        for model in (Item, User, ContentType, Permission) * (connection.vendor != "mysql"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))",
                               [model._meta.db_table])
                number = cursor.fetchone()[0]
            fresh[model.__name__] = number > highest.get(model, 0)
            highest[model] = number
        return {
            "items": sorted(map(str, Item.objects.values_list("name", "tags__word"))),
            "users": sorted(map(str, User.objects.values_list("username", "groups__name"))),
            "types": sorted(map(str, ContentType.objects.values_list("app_label", "model"))),
            "permissions": sorted(map(str, Permission.objects.values_list(
                "content_type__app_label", "content_type__model", "codename", "name"))),
            "sites": sorted(map(str, Site.objects.values_list())),
            "site cache": sorted(map(str, SITE_CACHE)),
            "cache": kept, "queries": len(queries), "fresh": fresh,
            "tables": sorted(connection.introspection.table_names()),
        }

    class Base(TransactionTestCase):
        def work(self):
            print(json.dumps(state()))
            item = Item.objects.create(name=self.id())
            item.tags.add(Tag.objects.create(word="new"))
            user = User.objects.create_user(self._testMethodName)
            user.user_permissions.add(Permission.objects.order_by("codename").first())
            ContentType.objects.filter(model="tag").update(model="other")
            ContentType.objects.get_for_model(Item)
            Site.objects.update(domain="changed.example")
            Site.objects.get_or_create(pk=settings.SITE_ID, defaults={"domain": "this.example"})
            Site.objects.get_current()
            if not self.reset_sequences:
                Site.objects.create(domain="more.example", name="more")

        def test_1(self):
            self.work()

        def test_2(self):
            self.work()

        def test_3(self):
            self.work()

    class Plain(Base):
        pass

    class Serialized(Base):
        serialized_rollback = True

    class AfterMore(Serialized):
        @classmethod
        def setUpClass(cls):
            ContentType.objects.all().delete()
            ContentType.objects.clear_cache()
            Site.objects.update(name="before")
            Site.objects.get_current()
            super().setUpClass()

    class Resets(Base):
        reset_sequences = True

        def work(self):
            highest.clear()
            super().work()

    class OtherSite(Base):
        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            cls.enterClassContext(override_settings(SITE_ID=7)) if hasattr(
                cls, "enterClassContext") else None

    class Subset(Base):
        available_apps = ["django.contrib.contenttypes", "django.contrib.auth",
                          "django.contrib.sites"]

        def work(self):
            User.objects.create_user(self._testMethodName)
            print(json.dumps(sorted(User.objects.values_list("username"))))

    class Unusual(Base):
        def work(self):
            super().work()
            call_command("flush", verbosity=0, interactive=False)
            print(json.dumps(state()))

    class LeavesOpen(Base):
        def work(self):
            super().work()
            connection.close()

    class FlushesByItself(Base):
        def work(self):
            super().work()
            self._fixture_teardown()
            print(json.dumps(state()))

    class LooksAfterItsClass(Base):
        @classmethod
        def tearDownClass(cls):
            print(json.dumps(state()))
            super().tearDownClass()

    class LooksAfterEachTest(Base):
        def _post_teardown(self):
            super()._post_teardown()
            print(json.dumps(state()))

    class LooksInACleanup(Base):
        def work(self):
            super().work()
            if self._testMethodName == "test_3":
                self.addClassCleanup(lambda: print(json.dumps(state())))

    class LooksFromAThread(Base):
        def work(self):
            super().work()
            threading.Thread(target=threading.Event().wait, args=[5], daemon=True).start()
"""
TABLES = """
    from django.db import connection, models
    from shop.tests import Base

    class Extra(models.Model):
        word = models.CharField(max_length=9)

        class Meta:
            app_label = "shop"
            managed = True

    class CreatesTable(Base):
        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            with connection.schema_editor() as editor:
                editor.create_model(Extra)

        def work(self):
            super().work()
            Extra.objects.create(word="here")

    del Base
"""
MODELS = """
    from django.db import models

    class Tag(models.Model):
        word = models.CharField(max_length=20)

        class Meta:
            permissions = [("stick", "Can stick it on")]

    class Item(models.Model):
        name = models.CharField(max_length=80)
        tags = models.ManyToManyField(Tag)
"""
MIGRATION = """
    from django.db import migrations, models

    def load(apps, schema_editor):
        apps.get_model("shop", "Item").objects.create(name="migrated")

    class Migration(migrations.Migration):
        initial = True
        operations = [
            migrations.CreateModel("Tag", [
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("word", models.CharField(max_length=20)),
            ], options={"permissions": [("stick", "Can stick it on")]}),
            migrations.CreateModel("Item", [
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("tags", models.ManyToManyField("shop.Tag")),
            ]),
            migrations.RunPython(load),
        ]
"""
# Flushes as a test's teardown does.
ENDS = """
    import json
    from django.core.management import call_command
    from django.test import TransactionTestCase
    from shop.models import Item

    class Flushed(TransactionTestCase):
        def test_1(self):
            Item.objects.create(name="of a test")

        test_2 = test_3 = test_1

    def tearDownModule():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False,
                     allow_cascade=False, inhibit_post_migrate=False)
        print(json.dumps(Item.objects.count()))
"""
FILES = {
    **SHOP,
    "conf.py": CONF + databases() + "    SITE_ID = 1\n",
    "shop/models.py": MODELS,
    "shop/migrations/0001_initial.py": MIGRATION,
    "shop/tests.py": TESTS,
    "shop/tests_tables.py": TABLES,
    "shop/tests_ends.py": ENDS,
}
ALL = ("test_1", "test_2", "test_3")
# What the server is asked for, by one worker and the next. After the last test nothing is flushed.
FLUSHED = (
    "restore flushed missing", "capture flushed", "restore flushed", "restore",
    *["restore flushed"] * 2, "restore",
)  # fmt: skip
# The same where somebody may look at what the last test leaves.
LOOKED_AT = (
    "restore flushed missing", "capture flushed", *["restore flushed"] * 2, "restore",
    *["restore flushed"] * 3, "restore",
)  # fmt: skip
# The same with serialized_rollback: the rows are loaded into what the template holds and into what
# a flush left.
LOADED = (
    "restore rollbac missing", "capture rollbac", "restore flushed missing", "capture flushed",
    "restore rollbac missing", "capture rollbac", "restore flushed",
    "restore rollbac", "restore",
    "restore rollbac clean", *("restore flushed", "restore rollbac") * 2, "restore",
)  # fmt: skip
# The same where the loading is nothing to be kept.
NOT_LOADED = (
    "restore rollbac missing", "restore flushed missing", "capture flushed",
    "restore rollbac missing", "restore flushed", "restore",
    *("restore rollbac missing", "restore flushed") * 2, "restore",
)  # fmt: skip
# And where somebody may look at what the last test leaves.
NOT_LOADED_LOOKED_AT = (
    "restore rollbac missing", "restore flushed missing", "capture flushed",
    "restore rollbac missing", *["restore flushed"] * 2, "restore",
    "restore rollbac missing", "restore flushed",
    "restore rollbac missing", *["restore flushed"] * 2, "restore",
)  # fmt: skip


class FlushTestCase(ServerTestCase):
    files = FILES

    module = "shop.tests"
    plain: Server  # the same project with Django's own flush

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.plain = cls.enterProject(cls.files)
        cls.plain.boot(engines=[cls.engine], flush="django")

    def printed(self, name: str, *, flush: str, workers: int = 1) -> list[list[Any]]:
        """What the tests of a class print in each of some workers, one after the other."""
        all_ = []
        for _ in range(workers):
            self.begin(self.plain if flush == "django" else self.layer)
            verdicts = self.run_class(name, *ALL, module=self.module)
            self.assertEqual({each["state"] for each in verdicts.values()}, {"passed"}, verdicts)
            self.assertIsNone(self.report["problem"])
            text = self.worker.capture.read_text()
            all_.append([json.loads(line) for line in text.splitlines()])
        return all_

    def assertSame(self, name: str, *asked: str) -> None:
        (wanted,) = self.printed(name, flush="django")
        self.assertGreaterEqual(len(wanted), len(ALL))
        self.clones.taken()
        for got in self.printed(name, flush="images", workers=2):
            self.assertEqual(got, wanted)
        self.assertEqual(self.clones.taken(), list(asked))


@postgres.needed
class FlushTests(FlushTestCase):
    def test_as_django_does(self) -> None:
        """Case 27."""
        for name in ("Plain", "LeavesOpen", "OtherSite"):
            with self.subTest(name):
                self.setUp()
                self.assertSame(name, *FLUSHED)

    def test_who_looks_finds_it_flushed(self) -> None:
        for name in ("LooksAfterItsClass", "LooksAfterEachTest", "LooksFromAThread"):
            with self.subTest(name):
                self.setUp()
                self.assertSame(name, *LOOKED_AT)
        self.setUp()
        self.assertSame("LooksInACleanup", *LOOKED_AT)

    def test_who_flushes_at_the_end_of_a_module_finds_it_flushed(self) -> None:
        self.run_class("Flushed", *ALL, module="shop.tests_ends")
        self.worker.request("end")
        self.assertEqual(self.worker.capture.read_text(), "0\n")

    def test_who_flushes_in_a_test_finds_it_flushed(self) -> None:
        self.assertSame(
            "FlushesByItself", "restore flushed missing", "capture flushed",
            *["restore flushed"] * 4, "restore", *["restore flushed"] * 5, "restore",
        )  # fmt: skip

    def test_rows_that_are_loaded(self) -> None:
        self.assertSame("Serialized", *LOADED)

    def test_rows_that_are_loaded_into_what_a_class_has_made(self) -> None:
        first, *rest = LOADED
        again = rest.index("restore rollbac clean")
        rest[again : again + 1] = ["identify", "restore rollbac"]
        self.assertSame("AfterMore", "identify", first, *rest)

    def test_rows_that_are_loaded_into_who_knows_what(self) -> None:
        self.clones.cannot_identify = True
        kept = ("restore rollbac missing", "capture rollbac")
        self.assertSame(
            "AfterMore",
            "identify", "restore flushed missing", "capture flushed",
            *kept, "restore flushed", "restore rollbac", "restore",
            "identify", *["restore flushed", "restore rollbac"] * 2, "restore",
        )  # fmt: skip

    def test_resetting_sequences(self) -> None:
        self.assertSame("Resets", *FLUSHED)

    def test_what_is_left_to_django(self) -> None:
        self.assertSame("Subset", "restore", "restore")

    def test_a_table_more(self) -> None:
        self.module = "shop.tests_tables"
        wanted = ["restore flushed missing", "capture flushed", "restore"]
        self.assertSame("CreatesTable", *wanted * 2)

    def test_a_flush_of_the_tests_own(self) -> None:
        self.assertSame("Unusual", *FLUSHED)


@postgres.needed
class ReceiverTests(FlushTestCase):
    files = {
        **FILES,
        "shop/management.py": """
            from django.db.models.signals import post_migrate

            def more(sender, using, **kwargs):
                from shop.models import Item
                Item.objects.using(using).create(name=f"for {sender.label}")

            post_migrate.connect(more)
        """,
    }

    def test_receivers_of_the_project_run(self) -> None:
        self.assertSame("Plain", "restore", "restore")


@postgres.needed
class ListenerTests(FlushTestCase):
    files = {
        **FILES,
        "shop/models.py": MODELS
        + """
    from django.db.models.signals import post_save

    def heard(sender, instance, created, using, **kwargs):
        if created and sender._meta.label == "sites.Site":
            Item.objects.using(using).create(name=f"for {instance}")

    post_save.connect(heard)
""",
    }

    def test_who_listens_to_rows_hears_of_them(self) -> None:
        self.assertSame("Plain", "restore", "restore")

    def test_also_of_those_that_are_loaded(self) -> None:
        self.assertSame("Serialized", *NOT_LOADED)


@postgres.needed
class QuietListenerTests(FlushTestCase):
    files = {
        **FILES,
        "shop/models.py": MODELS
        + """
    from django.db.models.signals import post_init, post_save, pre_save

    log = []

    def hear(signal, sender, instance, **kwargs):
        state = instance._state
        log.append([
            kwargs.get("created"), kwargs.get("raw"), kwargs.get("using"), str(instance.pk),
            state.adding, state.db, kwargs.get("update_fields"),
            [post_init, pre_save, post_save].index(signal),
        ])
        if signal is post_save and hear.asks:
            sender.objects.count()

    hear.asks = False
    for signal in (post_init, pre_save, post_save):
        signal.connect(hear, sender=Item)
        signal.connect(hear, sender="contenttypes.ContentType")
""",
        "shop/tests.py": TESTS
        + """
    from shop.models import hear, log

    class Hears(TransactionTestCase):
        serialized_rollback = True

        @classmethod
        def setUpClass(cls):
            log.clear()
            super().setUpClass()

        def work(self):
            print(json.dumps(log))
            print(json.dumps(sorted(Item.objects.values_list("pk", "name"))))
            Item.objects.all().delete()
            log.clear()

        test_1 = test_2 = test_3 = lambda self: self.work()

    class Asks(Hears):
        @classmethod
        def setUpClass(cls):
            hear.asks = True
            super().setUpClass()

        @classmethod
        def tearDownClass(cls):
            super().tearDownClass()
            hear.asks = False
""",
    }

    def test_who_uses_no_database_hears_as_ever(self) -> None:
        self.assertSame("Hears", *LOADED)

    def test_who_asks_is_served_by_django(self) -> None:
        self.assertSame("Asks", *NOT_LOADED_LOOKED_AT)


@postgres.needed
class OtherTableTests(FlushTestCase):
    files = {
        **FILES,
        "shop/migrations/0002_more.py": """
            from django.db import migrations

            class Migration(migrations.Migration):
                dependencies = [("shop", "0001_initial")]
                operations = [migrations.RunSQL("CREATE TABLE beside (x int)")]
        """,
    }

    def test_a_table_that_the_flush_leaves_alone(self) -> None:
        self.assertSame("Plain", "restore", "restore")


@mariadb.needed
class MariadbFlushTests(FlushTestCase):
    there = mariadb
    engine = "mysql"
    files = {
        **FILES,
        "conf.py": f"{CONF}    DATABASES = {{'default': {mariadb.settings()}}}\n    SITE_ID = 1\n",
    }

    def test_as_django_does(self) -> None:
        """Case 27."""
        self.assertSame("Plain", *FLUSHED)
