"""What a worker tells of what its tests have executed and used."""

import sys
import unittest
from typing import Any, Optional

from hotclub_worker.footprint import Footprint
from tests.support import JSON, SHOP, ProjectTestCase, Server

LIBRARY = """
    import functools
    import subprocess
    import sys
    import threading

    class Kept:
        @functools.cached_property
        def rate(self):
            return rate_of(1)

    KEPT = Kept()

    def at_import():
        return 1

    VALUE = at_import()

    def total(*numbers):
        return sum(add(number) for number in numbers)

    def add(number):
        def inner():
            return number
        return inner()

    def rate_of(number):
        return number

    @functools.lru_cache(maxsize=None)
    def remembered(number):
        return deep(number)

    def deep(number):
        return number

    def fails():
        raise ValueError("remembered by nobody")

    @functools.cache
    def forgotten():
        fails()

    def steps():
        yield 1
        yield add(2)

    def in_thread(target):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()

    def in_child():
        subprocess.run([sys.executable, "-c", ""], check=True)

    def documented():
        '''
        >>> 1 + 1
        2
        '''
"""
TESTS = """
    import doctest
    import unittest

    from django.test import SimpleTestCase
    from django.template.loader import get_template, render_to_string

    from shop import library

    def setUpModule():
        library.rate_of(0)

    class Base(SimpleTestCase):
        pass

    class CartTests(Base):
        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            library.deep(0)

        def test_total(self):
            self.assertEqual(library.total(1, 2), 3)

        def test_nothing(self):
            pass

        def test_remembered(self):
            library.deep(2)
            self.assertEqual(library.remembered(1), 1)

        def test_remembered_again(self):
            self.assertEqual(library.remembered(1), 1)

        def test_property(self):
            self.assertEqual(library.KEPT.rate, 1)

        def test_forgotten(self):
            with self.assertRaises(ValueError):
                library.forgotten()
            library.add(1)

        def test_steps(self):
            self.assertEqual(list(library.steps()), [1, 2])

        def test_thread(self):
            library.in_thread(library.documented)

        def test_child(self):
            library.in_child()

        def test_rendered(self):
            self.assertEqual(render_to_string("page.txt"), "base page")

        def test_found(self):
            get_template("base.txt")

        def test_lazy(self):
            from shop import late

            late.value()

        def test_file(self):
            import os
            with open(os.path.join(os.path.dirname(__file__), "data.txt")) as file:
                file.read()

    def load_tests(loader, tests, pattern):
        tests.addTests(doctest.DocTestSuite(library))
        return tests
"""
FILES = {
    **SHOP,
    "conf.py": SHOP["conf.py"].rstrip()
    + '\n    TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates",'
    + ' "APP_DIRS": True}]\n',
    "shop/models.py": "from shop import library\n",
    "shop/migrations/0001_initial.py": """
        from django.db import migrations

        class Migration(migrations.Migration):
            pass
    """,
    "shop/library.py": LIBRARY,
    "shop/late.py": "def value():\n    return 1\n",
    "shop/tests.py": TESTS,
    "shop/data.txt": "",
    "shop/templates/base.txt": "base {% block page %}{% endblock %}",
    "shop/templates/page.txt": '{% extends "base.txt" %}{% block page %}page{% endblock %}',
}  # fmt: skip


class BaseTests(unittest.TestCase):
    def test_a_base_is_taken_anew_only_when_there_is_news(self) -> None:
        footprint = Footprint("/project", "files")
        footprint.settle()
        base, token = footprint._base, footprint.token
        footprint.settle()
        self.assertIs(footprint._base, base, "a fork more has copied it")
        footprint.heard("import", ("made_up.module",))
        footprint.settle()
        self.assertNotEqual(footprint.token, token)
        self.assertIn("made_up.module", footprint.base()["missed"])
        self.assertTrue((base or {})["missed"] <= set(footprint.base()["missed"]))


class FootprintTestCase(ProjectTestCase):
    files = FILES
    depth = "auto"
    base: JSON
    units: dict[str, JSON]
    footprints: dict[str, JSON]
    ended: JSON
    verdicts: dict[str, JSON]

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)
        cls.report = cls.layer.boot(depth=cls.depth)
        worker = cls.layer.fork()
        worker.request("attach", slot=1, databases={})
        cls.run_tests(worker)

    @classmethod
    def run_tests(cls, worker: Server) -> None:
        units = worker.collect("shop.tests")
        worker.request("begin", labels=["shop.tests"], options=[], rung="stream")
        cls.base = worker.request("footprint")
        cls.verdicts = {}
        cls.units = {unit["class"]: unit for unit in units}
        cls.footprints = {
            unit["class"]: worker.run_unit(unit, cls.verdicts)["footprint"] for unit in units
        }
        cls.ended = worker.request("end")

    def marks(self, name: str, kind: str = "CartTests") -> list[JSON]:
        footprint, unit = self.footprints[kind], self.units[kind]
        places = dict(footprint["tests"])
        index = next(i for i, test in enumerate(unit["tests"]) if test["name"].endswith(name))
        return [footprint["marks"][place] for place in places[index]]

    def calls(self, name: str) -> set[str]:
        """The functions of the library that a test, its class and its module have called."""
        table = self.footprints["CartTests"]["table"]
        called = [table[f] for mark in self.marks(name) for f in mark.get("functions", [])]
        return {function for path, function in called if path.endswith("library.py")}

    def process(self, what: str) -> list[Any]:
        news = (each["process"] for each in self.footprints.values())
        return [*self.base.get(what, []), *(one for each in news for one in each.get(what, []))]

    def short(self, paths: Optional[list[str]]) -> set[str]:
        return {path[len(str(self.layer.root)) + 1 :] for path in paths or ()}


class FilesTests(FootprintTestCase):
    """Holds on every Python."""

    def test_verdicts_stand(self) -> None:
        self.assertEqual({v["state"] for v in self.verdicts.values()}, {"passed"})

    def test_files_executed(self) -> None:
        self.assertIn("shop/library.py", self.short(self.base["executed"]))
        self.assertIn("shop/tests.py", self.short(self.process("executed")))
        self.assertEqual(self.short(self.process("late")), {"shop/late.py"})

    def test_modules_of_a_class(self) -> None:
        modules = [self.short(mark.get("modules")) for mark in self.marks("test_total")]
        self.assertIn({"shop/tests.py"}, modules)

    def test_files_opened(self) -> None:
        self.assertIn("shop/data.txt", self.short(self.process("opened")))
        touched = [self.short(mark.get("touched")) for mark in self.marks("test_file")]
        self.assertIn({"shop/data.txt"}, touched)

    def test_child_is_unknown(self) -> None:
        self.assertTrue(any(mark.get("unknown") for mark in self.marks("test_child")))
        self.assertFalse(any(mark.get("unknown") for mark in self.marks("test_total")))

    def test_search_for_tests_lists_nothing(self) -> None:
        self.assertNotIn("shop", self.short(self.process("listed")))

    def test_depth(self) -> None:
        seen = {footprint["functions"] for footprint in self.footprints.values()}
        self.assertEqual(seen, {sys.version_info >= (3, 12)})


@unittest.skipIf(sys.version_info < (3, 12), "sys.monitoring came with Python 3.12")
class FunctionsTests(FootprintTestCase):
    fixtures = frozenset({"rate_of", "deep"})  # what setUpModule and setUpClass call

    def test_calls(self) -> None:
        self.assertEqual(self.calls("test_total"), {"total", "add", *self.fixtures})
        self.assertEqual(self.calls("test_nothing"), self.fixtures)

    def test_each_test_is_seen_anew(self) -> None:
        self.assertIn("add", self.calls("test_total"))
        self.assertIn("add", self.calls("test_forgotten"))

    def test_generators_and_threads(self) -> None:
        self.assertTrue({"steps", "add"} <= self.calls("test_steps"))
        self.assertTrue({"in_thread", "documented"} <= self.calls("test_thread"))

    def test_what_is_remembered_counts_for_all(self) -> None:
        """Also where the function below had been called by the same test before."""
        kept = {name for path, name in self.process("functions") if path.endswith("library.py")}
        self.assertTrue({"remembered", "deep", "Kept.rate", "rate_of", "at_import"} <= kept, kept)
        self.assertIn("fails", kept)
        self.assertFalse({"total", "steps", "documented", "in_child"} & kept, kept)

    def test_memory_ends_with_an_exception(self) -> None:
        kept = {name for path, name in self.process("functions") if path.endswith("library.py")}
        self.assertNotIn("add", kept)

    def test_templates(self) -> None:
        used = {path for mark in self.marks("test_rendered") for path in mark.get("templates", [])}
        self.assertEqual(
            self.short(list(used)), {"shop/templates/page.txt", "shop/templates/base.txt"}
        )
        used = {path for mark in self.marks("test_found") for path in mark.get("templates", [])}
        self.assertEqual(self.short(list(used)), {"shop/templates/base.txt"})
        self.assertFalse(any(mark.get("templates") for mark in self.marks("test_total")))

    def test_doctest_depends_on_its_text(self) -> None:
        kind = next(name for name in self.units if "DocTest" in name)
        touched = [self.short(mark.get("touched")) for mark in self.marks("documented", kind)]
        self.assertTrue(any("shop/library.py" in paths for paths in touched), touched)


class OffTests(FootprintTestCase):
    depth = "off"
    reports: list[JSON]

    @classmethod
    def run_tests(cls, worker: Server) -> None:
        worker.run_all("shop.tests.CartTests")
        cls.reports = [*worker.reports, worker.ended]

    def test_nothing_is_told(self) -> None:
        self.assertFalse(any("footprint" in report for report in self.reports))
