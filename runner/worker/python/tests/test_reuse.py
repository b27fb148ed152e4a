"""Sessions of PostgreSQL that outlive the closing of their connections between tests."""

import json
import unittest
from typing import Any

from . import postgres
from .support import SHOP
from .test_servers import CONF, ServerTestCase, databases

TESTS = """
    import json, os, unittest
    from django.db import connection
    from django.test import TestCase, TransactionTestCase
    from shop.models import Item

    seen = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), current_setting('work_mem'), current_user,"
                           " to_regclass('pg_temp.scratch')::text,"
                           " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                           "    AND pid = pg_backend_pid()),"
                           " (SELECT count(*) FROM pg_prepared_statements),"
                           " (SELECT count(*) FROM pg_listening_channels()),"
                           " current_setting('timezone'), current_setting('application_name')")
            commits = connection.connection.autocommit or connection.in_atomic_block
            kind = type(connection.connection.cursor()).__name__
            return [*cursor.fetchone(), *handlers(), commits, kind]

    def handlers():
        raw = connection.connection
        lists = [getattr(raw, f"_{kind}_handlers", ()) for kind in ("notice", "notify")]
        return [*map(len, lists), repr(getattr(raw, "prepare_threshold", ""))]

    class Looks(TestCase):
        def test_one(self):
            print(json.dumps(look()))

    class Commits(TransactionTestCase):
        def test_one(self):
            print(json.dumps(look()))

        def test_two(self):
            print(json.dumps(look()))

    class Stains(TestCase):
        def test_one(self):
            with connection.cursor() as cursor:
                cursor.execute("SET work_mem = '7MB'")
                cursor.execute("SET application_name = 'stained'")
                cursor.execute("SELECT pg_advisory_lock(7)")
                cursor.execute("PREPARE mine AS SELECT 1")
                cursor.execute("SELECT set_config('hotclub.mine', 'yes', false)")
                cursor.execute("CREATE TEMP TABLE scratch (x int)")
                cursor.execute("LISTEN news")
            raw = connection.connection
            if hasattr(raw, "add_notify_handler"):
                raw.add_notify_handler(print)
                raw.add_notice_handler(print)
                raw.prepare_threshold = 1
            seen.append(raw)

    class Holds(TestCase):
        def test_one(self):
            print(json.dumps(bool(seen[-1].closed)))

    class Closes(TransactionTestCase):
        def test_one(self):
            first = look()[0]
            connection.close()
            print(json.dumps(first == look()[0]))

    class Writes(TestCase):
        @classmethod
        def setUpClass(cls):
            Item.objects.create(name="committed")
            super().setUpClass()

        def test_one(self):
            pass
"""


class SessionTestCase(ServerTestCase):
    files = {**SHOP, "conf.py": f"{CONF}{databases()}", "shop/tests.py": TESTS}

    def said(self, name: str, *tests: str) -> list[Any]:
        verdicts = self.run_class(name, *(tests or ("test_one",)))
        self.assertEqual({each["state"] for each in verdicts.values()}, {"passed"})
        self.assertIsNone(self.report["problem"])
        printed = self.worker.capture.read_bytes()
        slices = (printed[slice(*each.get("output", (0, 0)))] for each in verdicts.values())
        return [json.loads(each) for each in slices if each.strip()]


@postgres.needed
class ReuseTests(SessionTestCase):
    def reuses(self) -> bool:
        return bool(postgres.driver.__name__ == "psycopg")

    def test_a_session_serves_the_next_class_and_test(self) -> None:
        (first,) = self.said("Looks")
        rest = [*self.said("Looks"), *self.said("Commits", "test_one", "test_two"),
                *self.said("Looks")]  # fmt: skip
        self.assertEqual(self.reuses(), {one[0] for one in rest} == {first[0]})
        self.assertEqual({tuple(one[1:]) for one in rest}, {tuple(first[1:])})

    def test_nothing_is_left_in_it(self) -> None:
        (before,) = self.said("Looks")
        self.said("Stains")
        (after,) = self.said("Looks")
        self.assertEqual(self.reuses(), before[0] == after[0])
        self.assertEqual(before[1:], after[1:])

    def test_the_object_is_closed_for_who_holds_it(self) -> None:
        self.said("Stains")
        self.assertEqual(self.said("Holds"), [True])

    def test_who_closes_gets_a_new_session(self) -> None:
        self.assertEqual(self.said("Closes"), [False])

    def test_one_that_the_server_has_ended_is_not_used(self) -> None:
        (first,) = self.said("Looks")
        postgres.query("postgres", f"SELECT pg_terminate_backend({first[0]}, 5000)")
        (second,) = self.said("Looks")
        self.assertNotEqual(first[0], second[0])

    def test_a_database_that_is_made_anew(self) -> None:
        (first,) = self.said("Looks")
        self.clones.replaces = True
        self.said("Writes")
        (second,) = self.said("Looks")
        self.assertNotEqual(first[0], second[0])


@postgres.needed
class LargeTests(SessionTestCase):
    """Counters of tables with many rows are exact only without a session of the worker's."""

    files = {
        **SessionTestCase.files,
        "shop/migrations/0002_many.py": """
            from django.db import migrations

            class Migration(migrations.Migration):
                atomic = False
                dependencies = [("shop", "0001_initial")]
                operations = [migrations.RunSQL(
                    "CREATE TABLE many AS SELECT generate_series(1, 20000) AS x"
                ), migrations.RunSQL("ANALYZE many")]
        """,
    }

    def test_every_class_has_its_own(self) -> None:
        (first,) = self.said("Looks")
        (second,) = self.said("Looks")
        self.assertNotEqual(first[0], second[0])


if __name__ == "__main__":
    unittest.main()
