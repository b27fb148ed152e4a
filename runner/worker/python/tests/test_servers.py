"""Databases on a PostgreSQL server, with a stand-in for Hotclub's server (postgres.py)."""

import json
import os
import unittest
from types import SimpleNamespace
from typing import Any, Optional

from . import postgres
from .clones import Clones
from .support import SHOP, ProjectTestCase, Refusal, Server

APPS = """["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sites", "shop"]"""
CONF = SHOP["conf.py"].replace('["django.contrib.contenttypes", "shop"]', APPS)
TESTS = """
    import json, threading, unittest
    from django.db import connection, connections, transaction
    from django.test import SimpleTestCase, TestCase, TransactionTestCase
    from shop.models import Item

    class Say(unittest.TestCase):
        def test_names(self):
            print(json.dumps({alias: list(Item.objects.using(alias).values_list("name", flat=True))
                              for alias in connections}))

        def test_settings(self):
            from django.conf import settings
            print(json.dumps([connection.settings_dict["NAME"],
                              settings.DATABASES["default"]["NAME"],
                              connection.connection is not None]))

        def test_session(self):
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('work_mem'), to_regclass('pg_temp.scratch'),"
                               " current_user, count(*) FROM pg_locks WHERE locktype = 'advisory'")
                print(json.dumps(cursor.fetchone()))

    class Nothing(SimpleTestCase):
        def test_it(self):
            pass

    class Rolls(TestCase):
        def test_it(self):
            Item.objects.create(name="rolled back")

    class Commits(unittest.TestCase):
        def test_it(self):
            Item.objects.create(name="committed")

    class Copies(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.cursor.execute("INSERT INTO shop_item (name) VALUES ('behind Django')")

    class Aliases(unittest.TestCase):
        def test_it(self):
            other = connection.copy(alias="another")
            with other.cursor() as cursor:
                cursor.execute("INSERT INTO shop_item (name) VALUES ('by another alias')")
            other.close()

    class Elsewhere(unittest.TestCase):
        def test_it(self):
            with connection._nodb_cursor() as cursor:
                cursor.execute("SELECT 1")

    class Alters(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE more (x int)")

    class Marks(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("SET work_mem = '7MB'")
                cursor.execute("CREATE TEMP TABLE scratch (x int)")
                cursor.execute("SELECT pg_advisory_lock(7)")
                cursor.execute("SET ROLE pg_monitor")

    class Manual(unittest.TestCase):
        def test_it(self):
            transaction.set_autocommit(False)
            Item.objects.create(name="not committed")

    class Begins(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("INSERT INTO shop_item (name) VALUES ('left open')")

    class Enters(unittest.TestCase):
        def test_it(self):
            transaction.atomic().__enter__()
            Item.objects.create(name="left open")

    class Dies(unittest.TestCase):
        def test_it(self):
            import time
            Item.objects.create(name="committed")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                victim = cursor.fetchone()[0]
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [victim])
            other.close()

    class Threads(unittest.TestCase):
        def test_it(self):
            held = threading.Event()
            def hold():
                with transaction.atomic():
                    Item.objects.create(name="held")
                    held.set()
                    threading.Event().wait(30)
            Item.objects.create(name="committed")
            threading.Thread(target=hold, daemon=True).start()
            held.wait(10)
"""
MODULE = """
    import unittest
    from shop.models import Item
    from django.test import TestCase

    def setUpModule():
        Item.objects.create(name="of the module")

    class One(TestCase):
        def test_it(self):
            self.assertEqual(Item.objects.count(), 2)

    class Two(unittest.TestCase):
        def test_it(self):
            self.assertEqual(Item.objects.count(), 2)
            Item.objects.create(name="one more")
"""


def databases(more: str = "", others: str = "") -> str:
    return "    DATABASES = {'default': " + postgres.settings(more=more) + others + "}\n"


MIRROR = ", 'TEST': {'MIRROR': 'default'}"
REPLICA = f", 'replica': {postgres.settings(more=MIRROR)}"


class ServerTestCase(ProjectTestCase):
    """A project on PostgreSQL whose layer can make clones there."""

    files = {
        **SHOP,
        "conf.py": f"{CONF}{databases(others=REPLICA)}    SITE_ID = 1\n",
        "shop/tests.py": TESTS,
        "shop/tests_module.py": MODULE,
    }
    there: Any = postgres
    engine = "postgresql"
    template = ""

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)
        cls.report = cls.layer.boot(engines=[cls.engine])
        cls.template = f"hcb_agent_{os.getpid()}_{cls.__name__.lower()}"
        cls.addClassCleanup(cls.there.drop, cls.template)
        cls.there.drop(cls.template)
        cls.build(cls.layer.fork())

    @classmethod
    def build(cls, builder: Server, path: str = "") -> Any:
        (schema,) = builder.request("schemas", aliases=["default"])["schemas"]
        place = {**schema, "path": path or cls.template, "label": json.dumps({"it's": "100%"})}
        return builder.request("build", places=[place], models=[])

    def setUp(self) -> None:
        self.clones: Clones = self.there.Clones()
        self.addCleanup(self.clones.drop)
        self.begin()

    def begin(self, layer: Optional[Server] = None) -> None:
        places = self.clones.lease({"default": self.template})
        self.worker = (layer or self.layer).fork()
        self.worker.answer = self.clones.answer
        self.worker.request("attach", slot=1, databases=places)
        self.worker.request("begin", labels=["shop"], options=[], rung="stream")

    def run_class(self, name: str, *tests: str, module: str = "shop.tests") -> dict[str, Any]:
        verdicts: dict[str, Any] = {}
        label = f"{module}.{name}"
        unit: dict[str, Any] = {"label": label, "module": module}
        unit["tests"] = [{"label": f"{label}.{test}"} for test in tests or ("test_it",)]
        self.report = self.worker.run_unit(unit, verdicts)
        return verdicts

    def states(self, *args: str, **kwargs: str) -> set[str]:
        return {verdict["state"] for verdict in self.run_class(*args, **kwargs).values()}

    def ask(self, test: str) -> Any:
        (verdict,) = self.run_class("Say", test).values()
        start, end = verdict["output"]
        return json.loads(self.worker.capture.read_bytes()[start:end])

    def names(self) -> Any:
        return self.ask("test_names")


@postgres.needed
class CloneTests(ServerTestCase):
    def test_what_is_clonable(self) -> None:
        told = {each["alias"]: each for each in type(self).report["aliases"]}
        self.assertEqual(
            told["default"], {"alias": "default", "engine": "postgresql", "clonable": ""}
        )
        self.assertEqual(type(self).report["unsafe"], "")

    def test_the_template_stays_labelled_and_alone(self) -> None:
        ((label,),) = postgres.query(
            "postgres",
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = '{self.template}'",
        )
        self.assertEqual(json.loads(label), {"it's": "100%"})
        sessions = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.template}'"
        self.assertEqual(postgres.query("postgres", sessions), [(0,)])
        rows = postgres.contents(self.template)
        self.assertEqual(rows["public.shop_item"][1:], ["(1,migrated)"])

    def test_names_follow(self) -> None:
        clone = self.clones.clone()
        self.assertEqual(self.ask("test_settings"), [clone, clone, True])
        self.assertEqual(self.names(), {"default": ["migrated"], "replica": ["migrated"]})

    def test_what_is_committed_goes(self) -> None:
        for name in ("Commits", "Copies", "Aliases", "Alters", "Manual", "Begins", "Dies"):
            for self.clones.replaces in (False, True):
                with self.subTest(name, replaces=self.clones.replaces):
                    self.assertEqual(self.states(name), {"passed"})
                    self.assertIsNone(self.report["problem"])
                    self.assertEqual(
                        self.names(), {"default": ["migrated"], "replica": ["migrated"]}
                    )

    def test_what_is_asked(self) -> None:
        for name, asked in (
            ("Nothing", []),
            ("Rolls", ["restore"]),
            ("Nothing", []),
            ("Elsewhere", []),
            ("Commits", ["restore"]),
            ("Alters", ["restore"]),
        ):
            self.states(name)
            self.assertEqual(self.clones.taken(), asked, name)

    def test_a_rehearsal_leaves_nothing(self) -> None:
        before = self.ask("test_session")
        self.clones.taken()
        self.assertIsNone(self.worker.request("rehearse")["problem"])
        self.assertEqual(self.states("Nothing"), {"passed"})
        self.assertEqual(self.clones.taken(), [])
        clone = self.clones.clone()
        self.assertEqual(self.ask("test_settings"), [clone, clone, True])
        self.assertEqual(self.ask("test_session"), before)
        self.assertEqual(postgres.contents(clone), postgres.contents(self.template))

    def test_a_rehearsal_that_fails_does_no_harm(self) -> None:
        clone = self.clones.clone()
        postgres.query(clone, "ALTER TABLE django_migrations RENAME COLUMN app TO application")
        self.assertIn("app", self.worker.request("rehearse")["problem"])
        self.assertEqual(self.names(), {"default": ["migrated"], "replica": ["migrated"]})

    def test_sessions_end_with_what_is_in_them(self) -> None:
        """Case 16: a setting, a temporary table, an advisory lock and a role go with the class."""
        before = self.ask("test_session")
        self.assertEqual(self.states("Marks"), {"passed"})
        self.assertIsNone(self.report["problem"])
        self.assertEqual(self.ask("test_session"), before)

    def test_what_cannot_be_mended(self) -> None:
        """Case 14: a thread was left in a transaction."""
        self.run_class("Enters")
        self.assertIn("a transaction on 'default' was left open", self.report["problem"])
        self.begin()
        self.run_class("Threads")
        self.assertIn("lock", self.report["problem"])

    def test_rows_of_a_module(self) -> None:
        self.assertEqual(self.states("One", module="shop.tests_module"), {"passed"})
        self.assertEqual(self.clones.taken(), ["dirty dirty", "accept", "dirty"])
        self.assertEqual(self.states("Two", module="shop.tests_module"), {"passed"})
        self.assertEqual(self.clones.taken(), ["dirty dirty", "restore"])
        self.assertEqual(self.states("One", module="shop.tests_module"), {"passed"})
        self.clones.taken()
        self.assertEqual(self.names()["default"], ["migrated"])
        self.assertEqual(self.clones.taken(), ["restore", "restore clean"])

    def test_a_server_that_says_no_is_a_problem(self) -> None:
        def refuse(method: str, params: Any) -> Any:
            raise RuntimeError("no room left")

        self.worker.answer = refuse
        self.states("Commits")
        self.assertIn("no room left", self.report["problem"])


@postgres.needed
class AwkwardNameTests(ServerTestCase):
    # More than 63 bytes, which is where PostgreSQL cuts a name, but fewer characters.
    awkward = 'Shöp "of" O\'Neil ' + "ä" * 30
    files = {
        **SHOP,
        "conf.py": CONF + databases(f", 'NAME': {awkward!r}"),
        "shop/tests.py": TESTS,
    }

    def test_clones_do_not_bear_it(self) -> None:
        """Case 11: a long name of a project's database, with capitals and quotes."""
        for name in ("Commits", "Alters"):
            self.assertEqual(self.states(name), {"passed"})
            self.assertIsNone(self.report["problem"])
            self.assertEqual(self.names(), {"default": ["migrated"]})
        clone = self.clones.clone()
        self.assertEqual(self.ask("test_settings")[:2], [clone, clone])
        self.assertEqual([name for name in postgres.databases() if "Sh" in name], [])


def pooling() -> bool:
    import importlib.util

    import django

    return django.VERSION >= (5, 1) and bool(importlib.util.find_spec("psycopg_pool"))


@postgres.needed
class PoolTests(ServerTestCase):
    """Connections from a pool of psycopg's."""

    files = {
        **SHOP,
        "conf.py": CONF + databases(", 'OPTIONS': {'pool': {'min_size': 2}}"),
        "shop/tests.py": TESTS,
    }

    @classmethod
    def setUpClass(cls) -> None:
        if not pooling():
            print("PoolTests: this needs Django 5.1 and psycopg_pool", flush=True)
            raise unittest.SkipTest("Django 5.1 and psycopg_pool are needed")
        super().setUpClass()

    def test_pooled_connections(self) -> None:
        self.assertEqual(type(self).report["unsafe"], "")
        for name in ("Commits", "Marks", "Begins", "Alters"):
            for self.clones.replaces in (False, True):
                self.assertEqual(self.states(name), {"passed"}, name)
                self.assertIsNone(self.report["problem"])
                self.assertEqual(self.names(), {"default": ["migrated"]})
        before = self.ask("test_session")
        self.states("Marks")
        self.assertEqual(self.ask("test_session"), before)


@postgres.needed
class UnattachedTests(ServerTestCase):
    def test_imports_reach_no_database(self) -> None:
        own = f"test_{postgres.NAME}"  # of an earlier --keepdb
        postgres.drop(own)
        postgres.query("postgres", f"CREATE DATABASE {own} TEMPLATE {self.template}")
        self.addCleanup(postgres.drop, own)
        (self.layer.root / "shop/tests_import.py").write_text(
            "from django.db import connection\nfrom shop.models import Item\nimport unittest\n"
            "try:\n    Item.objects.create(name='at import')\n"
            "except Exception as error:\n    print(error)\n"
            "class T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
        )
        worker = self.layer.fork()
        worker.request("attach", slot=1, databases={})
        self.assertEqual(len(worker.collect("shop.tests_import")), 1)
        self.assertIn('"hotclub_unattached" does not exist', worker.printed())
        self.assertEqual(
            postgres.contents(own)["public.shop_item"],
            postgres.contents(self.template)["public.shop_item"],
        )

    def test_a_build_that_fails_leaves_its_label(self) -> None:
        broken = self.layer.root / "shop/migrations/0002_broken.py"
        broken.write_text("from django.db import migrations\n"
                          "class Migration(migrations.Migration):\n"
                          "    dependencies = [('shop', '0001_initial')]\n"
                          "    operations = [migrations.RunSQL('nonsense')]\n")  # fmt: skip
        self.addCleanup(broken.unlink)
        path = self.template + "_x"
        self.addCleanup(postgres.drop, path)
        with self.assertRaises(Refusal) as caught:
            self.build(self.layer.fork(), path)
        self.assertIn("nonsense", str(caught.exception))
        labels = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
        ((label,),) = postgres.query("postgres", f"{labels}'{path}'")
        self.assertEqual(json.loads(label), {"it's": "100%"})


RUNNER = """
    from django.db import connections
    from django.test.runner import DiscoverRunner

    class Renaming(DiscoverRunner):
        def setup_databases(self, **kwargs):
            test = connections["default"].settings_dict["TEST"]
            test["NAME"] = "THEIRS"
            return super().setup_databases(**kwargs)

    class NoDatabase(DiscoverRunner):
        def setup_databases(self, **kwargs):
            return []

        def teardown_databases(self, old_config, **kwargs):
            pass

    class Adding(DiscoverRunner):
        def setup_databases(self, **kwargs):
            config = super().setup_databases(**kwargs)
            from shop.models import Item
            Item.objects.create(name="by the runner")
            return config

        def teardown_databases(self, old_config, **kwargs):
            print("torn down")
            super().teardown_databases(old_config, **kwargs)
"""


THEIRS = f"hotclub_agent_{os.getpid()}_theirs"


@postgres.needed
class RunnerTests(ProjectTestCase):
    def boot(self, runner: str) -> Server:
        files = {**SHOP, "conf.py": CONF + databases() + f"    TEST_RUNNER = 'runner.{runner}'\n"}
        server = self.enterProject({**files, "runner.py": RUNNER.replace("THEIRS", THEIRS)})
        server.boot(engines=["postgresql"])
        self.path = f"hcb_agent_{os.getpid()}_{runner.lower()}"
        self.addCleanup(postgres.drop, self.path)
        postgres.drop(self.path)
        return server

    def test_databases_under_another_name_are_taken_over(self) -> None:
        postgres.drop(THEIRS)
        server = self.boot("Renaming")
        ServerTestCase.build(server.fork(), self.path)
        items = postgres.contents(self.path)["public.shop_item"]
        self.assertEqual(items[1:], ["(1,migrated)"])
        self.assertNotIn(THEIRS, postgres.databases())

    def test_the_projects_own_database_is_not_copied(self) -> None:
        server = self.boot("NoDatabase")
        with self.assertRaises(Refusal) as caught:
            ServerTestCase.build(server.fork(), self.path)
        self.assertEqual(caught.exception.data["rung"], "own")
        self.assertNotIn(self.path, postgres.databases())

    def test_what_a_runner_adds_and_tears_down(self) -> None:
        server = self.boot("Adding")
        builder = server.fork()
        ServerTestCase.build(builder, self.path)
        items = postgres.contents(self.path)["public.shop_item"]
        self.assertEqual(items[1:], ["(1,migrated)", '(2,"by the runner")'])
        self.assertIn("torn down", builder.printed())


class ParametersTests(ProjectTestCase):
    """None of these makes a connection: there is nothing at these hosts."""

    def schema(self, entry: str, **environment: str) -> Any:
        """What is told of a database that the settings describe."""
        if postgres.driver is None:
            self.skipTest("no driver for PostgreSQL is installed")
        files = {**SHOP, "conf.py": CONF + f"    DATABASES = {{'default': {entry}}}\n"}
        server = self.enterProject(files, environment)
        server.boot(engines=["postgresql"])
        answer = server.request("schemas", aliases=["default"])
        told = [json.dumps(each) for each in (answer["facts"], server.taken("reads"))]
        server.close()
        (schema,) = answer["schemas"]
        self.assertNotIn("s3cret", "".join([*told, schema["key"]]))
        return schema, answer["facts"]

    def entry(self, **more: Any) -> str:
        return repr({"ENGINE": "django.db.backends.postgresql", "NAME": "shop", **more})

    @classmethod
    def setUpClass(cls) -> None:
        pass

    def test_plain(self) -> None:
        common = {"assume_role": "r", "isolation_level": 3, "options": "-c search_path=a"}
        account: dict[str, Any] = {"USER": "u", "PASSWORD": "s3cret"}
        options = {"sslmode": "require", **common}
        one, _ = self.schema(self.entry(HOST="a.invalid", PORT="5", OPTIONS=options, **account))
        self.assertEqual(
            one["server"],
            {
                "host": "a.invalid", "port": "5", "user": "u", "password": "s3cret", "role": "r",
                "dbname": "shop", "sslmode": "require", "options": "-c search_path=a",
            },
        )  # fmt: skip
        account["PASSWORD"] = "another"
        other, _ = self.schema(self.entry(HOST="b.invalid", PORT=6, OPTIONS=common, **account))
        self.assertEqual(one["key"], other["key"])
        third, _ = self.schema(self.entry(OPTIONS={"options": "-c search_path=b"}))
        self.assertNotEqual(one["key"], third["key"])

    def test_the_password_is_no_fact(self) -> None:
        found = [
            self.schema(self.entry(HOST="nowhere.invalid", PASSWORD=password), PGPASSWORD=password)[
                1
            ]
            for password in ("s3cret", "another")
        ]
        self.assertEqual(found[0], found[1])

    def test_variables_and_services(self) -> None:
        schema, _ = self.schema(
            self.entry(HOST="h"), PGHOST="other", PGPORT="7", PGPASSWORD="s3cret"
        )
        self.assertEqual(
            schema["server"], {"host": "h", "port": "7", "password": "s3cret", "dbname": "shop"}
        )
        schema, _ = self.schema(
            self.entry(NAME="", OPTIONS={"service": "one", "passfile": "p"}),
            PGSERVICEFILE="/f",
            PGHOST="x",
        )
        self.assertEqual(schema["server"], {"service": "one", "passfile": "p", "servicefile": "/f"})

    def test_not_on_this_server(self) -> None:
        if postgres.driver is None:
            self.skipTest("no driver for PostgreSQL is installed")
        entry = self.entry(HOST="nowhere.invalid")
        files = {**SHOP, "conf.py": CONF + f"    DATABASES = {{'default': {entry}}}\n"}
        report = self.enterProject(files).boot()
        (alias,) = report["aliases"]
        self.assertEqual(alias["clonable"], "databases of postgresql are not cloned yet")


class CrowdTests(unittest.TestCase):
    def test_waiting_for_room(self) -> None:
        from hotclub_worker.server import _wait_for_room

        class Backend:
            refusals = [
                "FATAL:  sorry, too many clients already",
                "FATAL:  remaining connection slots are reserved for superusers",
                "(1040, 'Too many connections')",
            ]

            def get_new_connection(self, params: str) -> str:
                if self.refusals:
                    raise OSError(self.refusals.pop())
                return params

        asked: list[str] = []
        _wait_for_room(Backend, lambda: asked.append("for room"))
        once = Backend.get_new_connection
        _wait_for_room(Backend, lambda: asked.append("by another"))
        self.assertIs(Backend.get_new_connection, once)
        self.assertEqual(Backend().get_new_connection("there"), "there")
        self.assertEqual(asked, ["for room"])  # once, however often it was refused
        Backend.refusals.append("password authentication failed")
        with self.assertRaisesRegex(OSError, "password"):
            Backend().get_new_connection("there")

    def test_sessions_that_are_kept_wait_as_well(self) -> None:
        """What takes hold of a connection's way to connect has the one that waits."""
        from hotclub_worker.server import Clone

        class Backend:
            alias = "default"
            refusals = ["FATAL:  sorry, too many clients already"]

            def get_new_connection(self, _: str) -> None:
                if self.refusals:
                    raise OSError(self.refusals.pop())

            def ensure_connection(self) -> None:
                self.get_new_connection("there")

        def keep(connection: Any) -> None:
            connection.get_new_connection = connection.get_new_connection

        kind: Any = SimpleNamespace(point=lambda *_: None, sessions=keep, apart=False)
        told: list[str] = []
        wire = SimpleNamespace(tell=told.append)
        worker = SimpleNamespace(wire=wire, queries=SimpleNamespace(cursors=0))
        Clone(Backend(), {"clone": "hcc_x", "template": "hct_x"}, kind, worker)
        self.assertEqual(Backend.refusals, [])
        self.assertEqual(told, ["crowded"])
