"""Databases on a MariaDB or MySQL server."""

import json
import unittest
from typing import Any

from . import mariadb
from .support import SHOP, ProjectTestCase
from .test_servers import CONF, ServerTestCase

TESTS = """
    import json, unittest
    from django.db import connection, transaction
    from django.test import SimpleTestCase, TestCase
    from shop.models import Item

    class Say(unittest.TestCase):
        def test_names(self):
            print(json.dumps(list(Item.objects.values_list("name", flat=True))))

        def test_session(self):
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@session.sort_buffer_size, IS_USED_LOCK('one') IS NULL")
                print(json.dumps(cursor.fetchone()))

    class Rolls(TestCase):
        def test_it(self):
            Item.objects.create(name="rolled back")

    class Nothing(SimpleTestCase):
        def test_it(self):
            pass

    class Commits(unittest.TestCase):
        def test_it(self):
            Item.objects.create(name="committed")

    class Alters(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE more (x int)")

    class Manual(unittest.TestCase):
        def test_it(self):
            transaction.set_autocommit(False)
            Item.objects.create(name="not committed")

    class Begins(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("INSERT INTO shop_item (name) VALUES ('left open')")

    class Marks(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION sort_buffer_size = 3000000")
                cursor.execute("SELECT GET_LOCK('one', 1)")
"""


@mariadb.needed
class MariadbTests(ServerTestCase):
    there = mariadb
    engine = "mysql"
    files = {
        **SHOP,
        "conf.py": f"{CONF}    DATABASES = {{'default': {mariadb.settings()}}}\n",
        "shop/tests.py": TESTS,
    }

    def test_what_is_committed_goes(self) -> None:
        for name in ("Commits", "Alters", "Manual", "Begins"):
            for self.clones.replaces in (False, True):
                with self.subTest(name, replaces=self.clones.replaces):
                    self.assertEqual(self.states(name), {"passed"})
                    self.assertIsNone(self.report["problem"])
                    self.assertEqual(self.names(), ["migrated"])

    def test_what_is_asked(self) -> None:
        for name, asked in (
            ("Nothing", []),
            ("Rolls", ["restore clean"]),
            ("Commits", ["restore"]),
            ("Nothing", []),
        ):
            self.states(name)
            self.assertEqual(self.clones.taken(), asked, name)

    def test_sessions_end_with_what_is_in_them(self) -> None:
        before = self.ask("test_session")
        self.assertEqual(self.states("Marks"), {"passed"})
        self.assertEqual(self.ask("test_session"), before)


class ParametersTests(ProjectTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        if mariadb.driver is None:
            print("ParametersTests of MySQL: mysqlclient is not installed", flush=True)
            raise unittest.SkipTest("mysqlclient is not installed")

    def schema(self, **entry: Any) -> Any:
        """What is told of a database at which there is nothing."""
        whole = {"ENGINE": "django.db.backends.mysql", "NAME": "shop", **entry}
        files = {**SHOP, "conf.py": f"{CONF}    DATABASES = {{'default': {whole!r}}}\n"}
        server = self.enterProject(files)
        server.boot(engines=["mysql"])
        answer = server.request("schemas", aliases=["default"])
        (schema,) = answer["schemas"]
        for told in (answer["facts"], server.taken("reads"), schema["key"]):
            self.assertNotIn("s3cret", json.dumps(told))
        server.close()
        return schema

    def test_parameters(self) -> None:
        options = {"init_command": "SET x", "ssl": {"ca": "/c", "key": "/k"}, "charset": "latin1"}
        one = self.schema(HOST="a.invalid", PORT="5", USER="u", PASSWORD="s3cret", OPTIONS=options)
        self.assertEqual(
            one["server"],
            {
                "host": "a.invalid", "port": "5", "user": "u", "password": "s3cret", "ssl_ca": "/c",
                "ssl_key": "/k", "init_command": "SET x", "charset": "latin1",
            },
        )  # fmt: skip
        del options["ssl"]
        other = self.schema(HOST="/run/socket", PASSWORD="another", OPTIONS=options)
        self.assertEqual(
            other["server"],
            {"unix_socket": "/run/socket", "password": "another", "init_command": "SET x",
             "charset": "latin1"},
        )  # fmt: skip
        self.assertEqual(one["key"], other["key"])
        options = {"read_default_file": "/f", "passwd": "s3cret", "init_command": "SET y"}
        third = self.schema(OPTIONS=options)
        self.assertEqual(
            third["server"],
            {"read_default_file": "/f", "password": "s3cret", "init_command": "SET y",
             "charset": "utf8mb4"},
        )  # fmt: skip
        self.assertNotEqual(third["key"], other["key"])
