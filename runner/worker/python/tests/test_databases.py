import contextlib
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from .support import SHOP, ProjectTestCase, Refusal, Server, TemplateTestCase

# Asks a worker things that no request tells, through a module of tests.
PROBE = """
    import json, sys, unittest
    from urllib.request import urlopen
    from django.db import connection, connections, transaction
    from django.test import LiveServerTestCase
    from shop.models import Item

    def names(alias):
        try:
            return list(Item.objects.using(alias).values_list("name", flat=True))
        except Exception as error:
            return type(error).__name__

    def kept_names(alias):
        rows = sys.kept[alias].execute("SELECT name FROM shop_item")
        return [name for (name,) in rows]

    class Say(unittest.TestCase):
        def test_names(self):
            print(json.dumps({alias: names(alias) for alias in connections}))

        def test_settings(self):
            from django.conf import settings
            places = {alias: [connections[alias].settings_dict, settings.DATABASES[alias]]
                      for alias in connections}
            print(json.dumps({alias: [str(place["NAME"]) for place in both]
                              for alias, both in places.items()}))

        def test_kept(self):
            print(json.dumps({alias: kept_names(alias) for alias in sys.kept}))

    class Commit(unittest.TestCase):
        alias = "default"

        def test_it(self):
            Item.objects.using(self.alias).create(name="committed")

    class CommitMirror(Commit):
        alias = "replica"

    class CommitOther(Commit):
        alias = "other"

    class Roll(unittest.TestCase):
        def test_it(self):
            for alias in connections:
                try:
                    with transaction.atomic(using=alias):
                        Item.objects.using(alias).create(name="rolled back")
                        raise KeyError
                except Exception:
                    pass

    class Sql(unittest.TestCase):
        def test_it(self):
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE more (x)")

    class Holds(unittest.TestCase):
        alias = "default"

        def test_it(self):
            import sqlite3
            from hotclub_worker import sqlite
            sqlite._PATIENCE = 0.3  # nobody lets go of it
            Item.objects.using(self.alias).create(name="committed")
            name = str(connections[self.alias].settings_dict["NAME"])
            sys.held = sqlite3.connect(name, uri=name.startswith("file:"), timeout=1)
            sys.held.execute("BEGIN")
            sys.held.execute("SELECT * FROM shop_item").fetchone()

    class HoldsFile(Holds):
        alias = "other"

    class Keeps(unittest.TestCase):
        def test_it(self):
            import sqlite3
            sys.kept = {}
            for alias in ("default", "other"):
                Item.objects.using(alias).create(name="committed")
                name = str(connections[alias].settings_dict["NAME"])
                sys.kept[alias] = sqlite3.connect(name, uri=name.startswith("file:"))
                self.assertEqual(kept_names(alias), ["migrated", "committed"])

    class CommitsAgain(unittest.TestCase):
        def test_it(self):
            for alias in sys.kept:
                Item.objects.using(alias).create(name="again")
                self.assertEqual(kept_names(alias), ["migrated", "again"])

    class Closes(unittest.TestCase):
        def test_it(self):
            Item.objects.create(name="committed")
            connection.close()

    class Live(LiveServerTestCase):
        def test_it(self):
            for count in (2, 3):
                with urlopen(self.live_server_url + "/add") as answer:
                    self.assertEqual(json.load(answer), count)
            self.assertEqual(names("default"), ["migrated", "served", "served"])
"""
URLS = """
    from django.http import JsonResponse
    from django.urls import path

    def add(request):
        from shop.models import Item

        Item.objects.create(name="served")
        return JsonResponse(Item.objects.count(), safe=False)

    urlpatterns = [path("add", add)]
"""
MEMORY = """
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "real.sqlite3"},
        "same": {"ENGINE": "django.db.backends.sqlite3", "NAME": "real.sqlite3",
                 "TEST": {"NAME": "one-file.sqlite3"}},
        "also": {"ENGINE": "django.db.backends.sqlite3", "NAME": "real.sqlite3",
                 "TEST": {"NAME": "one-file.sqlite3"}},
        "replica": {"ENGINE": "django.db.backends.sqlite3", "NAME": "replica.sqlite3",
                    "TEST": {"MIRROR": "default"}},
        "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": "other.sqlite3",
                  "OPTIONS": {"timeout": 0.3},
                  "TEST": {"NAME": "other-file.sqlite3", "DEPENDENCIES": ["same"]}},
    }
    ROOT_URLCONF = "urls"
    STATIC_URL = "/static/"
    MEDIA_URL = "/media/"
"""


def settings(more: str) -> str:
    lines = [line.strip() for line in SHOP["conf.py"].strip().splitlines()]
    return "\n".join(lines) + "\n" + "\n".join(line[4:] for line in more.strip("\n").splitlines())


class DatabasesTestCase(TemplateTestCase):
    files = {**SHOP, "conf.py": settings(MEMORY), "urls.py": URLS, "shop/tests.py": PROBE}
    aliases = ("default", "same", "also", "other")

    def setUp(self) -> None:
        # A clone in a file is a worker's own.
        self.places = {
            alias: {**place, "clone": place["clone"] and f"{place['clone']}-{self.id()}"}
            for alias, place in self.templates.items()
        }
        self.worker = self.fork(self.places)
        self.worker.request("begin", labels=["shop.tests"], options=[], rung="stream")

    def run_class(self, name: str, *tests: str, last: bool = False) -> dict[str, Any]:
        verdicts: dict[str, Any] = {}
        label = f"shop.tests.{name}"
        unit: dict[str, Any] = {"label": label, "module": "shop.tests"}
        unit["tests"] = [{"label": f"{label}.{test}"} for test in tests or ("test_it",)]
        self.report = self.worker.run_unit(unit, verdicts, last)
        return verdicts

    def ask(self, test: str) -> Any:
        (verdict,) = self.run_class("Say", test).values()
        start, end = verdict["output"]
        return json.loads(self.worker.capture.read_bytes()[start:end])


class AttachTests(DatabasesTestCase):
    def test_what_stands_behind_aliases(self) -> None:
        answer = self.worker.request("schemas", aliases=list(self.aliases))
        got = {
            schema["alias"]: (schema["aliases"], schema["memory"]) for schema in answer["schemas"]
        }
        self.assertEqual(
            got,
            {
                "default": (["default"], True),
                "also": (["also", "same"], False),
                "other": (["other"], False),
            },
        )
        self.assertEqual(answer["mirrors"], {"replica": "default"})

    def test_templates_hold_what_was_migrated(self) -> None:
        for place in self.templates.values():
            with contextlib.closing(sqlite3.connect(place["template"])) as connection:
                names = connection.execute("SELECT name FROM shop_item").fetchall()
            self.assertEqual(names, [("migrated",)])

    def test_every_alias_sees_a_clone(self) -> None:
        migrated = {a: ["migrated"] for a in ("default", "same", "also", "replica", "other")}
        self.assertEqual(self.ask("test_names"), migrated)

    def test_names_follow(self) -> None:
        names = self.ask("test_settings")
        memory = "file:memorydb_default?mode=memory&cache=shared"
        file, other = self.places["also"]["clone"], self.places["other"]["clone"]
        self.assertEqual(
            names,
            {
                "default": [memory] * 2, "replica": [memory] * 2,
                "also": [file] * 2, "same": [file] * 2, "other": [other] * 2,
            },
        )  # fmt: skip

    def test_the_real_database_is_never_made(self) -> None:
        self.run_class("Commit")
        found = [path.name for path in self.layer.root.glob("*sqlite3*")]
        self.assertEqual(found, [])

    def test_without_a_clone_there_is_nothing(self) -> None:
        self.worker = self.fork({"other": self.places["other"]})
        self.worker.request("begin", labels=["shop.tests"], options=[], rung="stream")
        names = self.ask("test_names")
        self.assertEqual(names["other"], ["migrated"])
        self.assertEqual(names["default"], "OperationalError")
        self.assertEqual(list(self.layer.root.glob("*sqlite3*")), [])


class ResetTests(DatabasesTestCase):
    def test_what_is_committed_goes(self) -> None:
        for name in ("Commit", "CommitMirror", "CommitOther", "Sql", "Closes"):
            with self.subTest(name):
                (verdict,) = self.run_class(name).values()
                self.assertEqual(verdict["state"], "passed", verdict)
                self.assertIsNone(self.report["problem"])
                self.assertEqual(set(map(tuple, self.ask("test_names").values())), {("migrated",)})

    def test_a_connection_that_is_left_reads_what_was_put_back(self) -> None:
        """Case 43: it has pages in its cache, and is served no stale rows from there, though what
        is committed next would bring the counter of changes to where it was."""
        for _ in range(2):
            for name in ("Keeps", "CommitsAgain"):
                verdicts = self.run_class(name)
                self.assertEqual({v["state"] for v in verdicts.values()}, {"passed"}, verdicts)
                self.assertIsNone(self.report["problem"])
            self.assertEqual(
                self.ask("test_kept"), {"default": ["migrated"], "other": ["migrated"]}
            )

    def test_threads_of_a_live_server_are_in_the_same_memory(self) -> None:
        """Case 45: so they read and write what the test does, and what they write goes."""
        for _ in range(2):
            verdicts = self.run_class("Live")
            self.assertEqual({v["state"] for v in verdicts.values()}, {"passed"}, verdicts)
            self.assertIsNone(self.report["problem"])
            self.assertEqual(self.ask("test_names")["default"], ["migrated"])

    def test_a_second_commit_is_seen_too(self) -> None:
        for _ in range(3):
            self.run_class("CommitOther")
            self.assertEqual(self.ask("test_names")["other"], ["migrated"])

    def test_the_last_unit_leaves_what_is_committed_until_another_comes(self) -> None:
        clone = self.places["other"]["clone"]
        for _ in range(2):
            self.run_class("CommitOther", last=True)
            self.assertIsNone(self.report["problem"])
            with contextlib.closing(sqlite3.connect(clone)) as connection:
                (count,) = connection.execute("SELECT count(*) FROM shop_item").fetchone()
            self.assertGreater(count, 1)
            self.assertEqual(self.ask("test_names")["other"], ["migrated"])

    def test_what_the_last_unit_left_may_not_be_put_back(self) -> None:
        self.run_class("HoldsFile", last=True)
        self.assertIsNone(self.report["problem"])
        verdicts = self.run_class("Say", "test_names")
        self.assertRegex(self.report["problem"], "still in use|locked")
        self.assertEqual((verdicts, self.report["stopped"]), ({}, [0]))

    def test_what_is_rolled_back_costs_no_reset(self) -> None:
        clone = self.places["other"]["clone"]
        before = Path(clone).stat().st_mtime_ns
        self.run_class("Roll")
        self.assertEqual(Path(clone).stat().st_mtime_ns, before)
        self.run_class("CommitOther")
        self.assertNotEqual(Path(clone).stat().st_mtime_ns, before)

    def test_a_database_that_stays_locked_is_a_problem_not_a_hang(self) -> None:
        """Case 43: a connection is left in the middle of reading."""
        timer = threading.Timer(30, self.layer.close)
        timer.start()
        self.addCleanup(timer.cancel)
        for name in ("Holds", "HoldsFile"):
            self.run_class(name)
            self.assertRegex(self.report["problem"], "still in use|locked")
            self.worker = self.fork({a: {**p, "clone": p["clone"] and p["clone"] + name}
                                     for a, p in self.places.items()})  # fmt: skip
            self.worker.request("begin", labels=["shop.tests"], options=[], rung="stream")

    def test_clones_of_two_workers_are_apart(self) -> None:
        clones = {alias: {**place, "clone": place["clone"] and place["clone"] + "-2"}
                  for alias, place in self.places.items()}  # fmt: skip
        first, second = self.worker, self.fork(clones)
        second.request("begin", labels=["shop.tests"], options=[], rung="stream")
        connection = sqlite3.connect(self.places["other"]["clone"])
        self.addCleanup(connection.close)
        connection.execute("INSERT INTO shop_item (name) VALUES ('theirs')")
        connection.commit()
        self.assertEqual(self.ask("test_names")["other"], ["migrated", "theirs"])
        self.worker = second
        self.assertEqual(self.ask("test_names")["other"], ["migrated"])
        self.worker = first


class BuildTests(ProjectTestCase):
    def test_a_migration_that_fails_is_told(self) -> None:
        worker = self.fork()
        (self.layer.root / "shop/migrations/0002_broken.py").write_text(
            "raise ValueError('broken')\n"
        )
        with self.assertRaises(Refusal) as caught:
            worker.request("schemas", aliases=["default"])
            place = {
                "alias": "default",
                "aliases": ["default"],
                "memory": True,
                "path": "/nowhere/x",
            }
            worker.request("build", places=[place], models=[])
        self.assertEqual(str(caught.exception), "ValueError: broken")

    def test_own_databases(self) -> None:
        (self.layer.root / "shop/migrations/0002_broken.py").unlink(missing_ok=True)
        (self.layer.root / "shop/tests_own.py").write_text(
            "from django.test import TestCase\nfrom shop.models import Item\n"
            "class T(TestCase):\n    def test_it(self):\n"
            "        self.assertEqual(Item.objects.get().name, 'migrated')\n"
        )
        worker = self.layer.fork()
        worker.request("own", slot=2, aliases=["default"])
        states = {v["state"] for v in worker.run_all("shop.tests_own").values()}
        self.assertEqual(states, {"passed"})
        worker.request("disown")
        worker.request("disown")


class GuardTests(ProjectTestCase):
    files = {
        **SHOP,
        "shop/tests.py": PROBE,
        "shop/apps.py": """
            from django.apps import AppConfig

            class ShopConfig(AppConfig):
                name = "shop"

                def ready(self):
                    import sys
                    sys.at_ready = True
        """,
    }

    def test_imports_cannot_reach_real_data(self) -> None:
        root = self.layer.root
        (root / "shop/tests_import.py").write_text(
            "from django.db import connection\nimport unittest\n"
            "with connection.cursor() as cursor:\n    cursor.execute('CREATE TABLE oops (x)')\n"
            "class T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
        )
        worker: Server = self.fork()
        self.assertEqual(len(worker.collect("shop.tests_import")), 1)
        self.assertFalse((root / "real.sqlite3").exists())
        self.assertEqual(list(root.glob("*sqlite3*")), [])
