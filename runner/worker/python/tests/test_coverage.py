"""Coverage: what a worker says against what ``coverage run manage.py test`` says of the same."""

import json
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Optional

from tests.support import JSON, SHOP, TIMEOUT, ProjectTestCase, Refusal, Server, script

try:
    import coverage

    HAS: Optional[tuple[int, ...]] = coverage.version_info
except ImportError:
    HAS = None

needs_coverage = unittest.skipUnless(HAS, "there is no coverage here")
by_itself = unittest.skipIf(HAS or sys.version_info < (3, 12), "coverage measures, or nothing can")

FILES = {
    **SHOP,
    "shop/prices.py": '''
        """Prices.

        Of things."""

        TAX = {
            "books": 7,
            "tea": 19,
        }


        class Price:
            """One price."""

            def __init__(self, net):
                self.net = net

            def gross(self, kind):
                if kind in TAX:
                    return self.net + (
                        self.net * TAX[kind] // 100
                    )
                raise ValueError(kind)

            @property
            def cheap(self): return self.net < 5


        def loop(items):
            for item in items:
                if item:
                    print(item)
            else:
                print("done")


        def never():  # pragma: no cover
            if TAX:
                return 1


        try:
            import nothing_by_that_name
        except ImportError:
            nothing_by_that_name = None
        else:
            TAX.clear()

        if not TAX:  # pragma: no cover
            loop([])
        else:
            known = [kind for kind in TAX]
        ''',
    "shop/unused.py": '''
        def forgotten():
            return 1
        ''',
    "shop/tests.py": '''
        import threading
        from django.test import TestCase
        from shop import prices

        class PriceTests(TestCase):
            def test_gross(self):
                self.assertEqual(prices.Price(100).gross("books"), 107)

            def test_loop(self):
                prices.loop([0])

            def test_thread(self):
                cheap = []
                thread = threading.Thread(target=lambda: cheap.append(prices.Price(1).cheap))
                thread.start()
                thread.join()
                self.assertEqual(cheap, [True])
        ''',
}  # fmt: skip


def measured(layer: Server, *labels: str) -> JSON:
    """A run in one fork of a layer, with the databases built in another that is measured, too."""
    builder = layer.fork()
    schemas = builder.request("schemas", aliases=["default"])["schemas"]
    place = {**schemas[0], "path": str(layer.scratch / "template.db")}
    builder.request("build", places=[place], models=[])
    built, ran = str(layer.scratch / "built.cov"), str(layer.scratch / "ran.cov")
    builder.request("measured", path=built)
    worker = layer.fork()
    clone = "" if place["memory"] else place["path"] + ".clone"
    worker.request(
        "attach", slot=1, databases={"default": {"template": place["path"], "clone": clone}}
    )
    worker.request("check", aliases=["default"])
    verdicts = worker.run_all(*labels)
    assert {each["state"] for each in verdicts.values()} == {"passed"}, verdicts
    worker.request("measured", path=ran)
    return layer.fork().request("coverage", paths=[ran, built])


REPORT = """
import coverage, json, sys

data = coverage.Coverage(data_file=sys.argv[1])
data.load()
data.json_report(outfile=sys.argv[2])
with open(sys.argv[2]) as file:
    files = json.load(file)["files"]
for name in files:
    _, statements, _, missing, _ = data.analysis2(name)
    files[name]["executed_lines"] = sorted(set(statements) - set(missing))
print(json.dumps(files))
"""


def serial(root: Path, *options: str) -> dict[str, Any]:
    """What coverage says of ``coverage run manage.py test``."""
    scratch = root.parent / "s"
    data, report = str(scratch / "serial.cov"), str(scratch / "serial.json")
    output = ""
    for command in (
        ["-m", "coverage", "run", f"--data-file={data}", *options, "manage.py", "test"],
        ["-c", REPORT, data, report],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=root, capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        output = done.stdout
        assert done.returncode == 0, output + done.stderr
    files: dict[str, Any] = json.loads(output)
    return files


def lines(ranges: list[list[int]]) -> list[int]:
    return [line for first, last in ranges for line in range(first, last + 1)]


class CoverageTestCase(ProjectTestCase):
    files = FILES
    wish: JSON = {}
    coverage: JSON

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)
        cls.report = cls.layer.boot(coverage=cls.wish)
        cls.coverage = measured(cls.layer, "shop")

    def by_name(self) -> dict[str, JSON]:
        root = str(self.layer.root) + "/"
        return {each["file"][len(root) :]: each for each in self.coverage["files"]}

    def assertAsSerial(self, *options: str) -> None:
        """Holds every file against what coverage says of a plain run."""
        expected, got = serial(self.layer.root, *options), self.by_name()
        self.assertEqual(sorted(got), sorted(expected))
        for name, wanted in expected.items():
            summary = wanted["summary"]
            with self.subTest(name):
                self.assertEqual(lines(got[name]["executedLines"]), wanted["executed_lines"])
                self.assertEqual(lines(got[name]["missedLines"]), wanted["missing_lines"])
                self.assertEqual(got[name]["executed"], summary["covered_lines"])
                self.assertEqual(got[name]["total"], summary["num_statements"])
                self.assertEqual(got[name].get("branchesTotal", 0), summary.get("num_branches", 0))
                branches = [
                    [b["line"], b["to"]] for b in got[name].get("branches", []) if b["taken"]
                ]
                self.assertEqual(sorted(branches), sorted(wanted.get("executed_branches", [])))


@needs_coverage
class LineTests(CoverageTestCase):
    def test_the_same_as_coverage_run(self) -> None:
        self.assertAsSerial("--source=.", "--omit=shop/tests.py")
        self.assertRegex(self.coverage["tool"], r"^coverage 7\.")

    def test_tests_do_not_count(self) -> None:
        self.assertNotIn("shop/tests.py", self.by_name())
        self.assertEqual(self.by_name()["shop/unused.py"]["executed"], 0)
        migration = self.by_name()["shop/migrations/0001_initial.py"]
        self.assertEqual(migration["missedLines"], [])

    def test_nothing_is_left_in_the_project(self) -> None:
        names = [path.name for path in self.layer.root.iterdir()]
        self.assertEqual([name for name in names if name.startswith(".coverage")], [])


@needs_coverage
class BranchTests(CoverageTestCase):
    wish = {"branches": True}

    def test_the_same_as_coverage_run(self) -> None:
        self.assertAsSerial("--branch", "--source=.", "--omit=shop/tests.py")
        prices = self.by_name()["shop/prices.py"]
        self.assertLess(prices["branchesExecuted"], prices["branchesTotal"])


@needs_coverage
class OwnSettingsTests(CoverageTestCase):
    """Of the project, which are not those of the defaults in anything."""

    files = {
        **FILES,
        ".coveragerc": """
            [run]
            branch = True
            source = shop
            omit = shop/unused.py
            parallel = True
            concurrency = multiprocessing,thread
            data_file = somewhere/else
            sigterm = True
            relative_files = True

            [report]
            exclude_lines =
                raise ValueError
        """,
    }

    def test_they_hold(self) -> None:
        names = set(self.by_name())
        self.assertIn("shop/tests.py", names)
        self.assertTrue(names.isdisjoint({"shop/unused.py", "manage.py", "conf.py"}), names)
        prices = self.by_name()["shop/prices.py"]
        text = (self.layer.root / "shop/prices.py").read_text().splitlines()
        self.assertEqual(
            [text[line - 1].strip() for line in lines(prices["missedLines"])],
            [
                "print(item)",
                "if TAX:",
                "return 1",
                "TAX.clear()",
                "loop([])",
            ],  # no pragma holds now
        )
        self.assertTrue(prices["branchesTotal"])
        self.assertFalse((self.layer.root / "somewhere").exists())


@needs_coverage
class BadSettingsTests(ProjectTestCase):
    files = {**FILES, ".coveragerc": "[run]\nbranch = perhaps\n"}

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)

    def test_refused(self) -> None:
        with self.assertRaisesRegex(Refusal, "perhaps.*its settings are in ") as refusal:
            self.layer.boot(coverage={})
        self.assertEqual(refusal.exception.data["phase"], "coverage")


class PackageTests(CoverageTestCase):
    wish = {"sources": ["shop.migrations", "shop/migrations"]}

    @classmethod
    def setUpClass(cls) -> None:
        if not HAS and sys.version_info < (3, 12):
            raise unittest.SkipTest("nothing can measure here")
        super().setUpClass()

    def test_only_these_count(self) -> None:
        names = ["shop/migrations/0001_initial.py", "shop/migrations/__init__.py"]
        self.assertEqual(list(self.by_name()), names)


class SourceTests(ProjectTestCase):
    files = FILES

    @classmethod
    def setUpClass(cls) -> None:
        if not HAS and sys.version_info < (3, 12):
            raise unittest.SkipTest("nothing can measure here")
        cls.layer = cls.enterProject(cls.files)

    def test_refused(self) -> None:
        with self.assertRaisesRegex(Refusal, "^shops is neither a folder below .* nor a package"):
            self.layer.boot(coverage={"sources": ["shop", "shops"]})


@by_itself
class MonitoringTests(CoverageTestCase):
    def test_the_lines(self) -> None:
        self.assertEqual(self.coverage["tool"], "sys.monitoring")
        found = self.by_name()
        self.assertNotIn("shop/tests.py", found)
        prices = found["shop/prices.py"]
        missed = lines(prices["missedLines"])
        text = (self.layer.root / "shop/prices.py").read_text().splitlines()
        self.assertEqual(
            [text[line - 1].strip() for line in missed],
            ["raise ValueError(kind)", "print(item)", "TAX.clear()"],
        )
        self.assertEqual(prices["total"] - prices["executed"], 3)
        self.assertNotIn("branches", prices)
        self.assertEqual(found["shop/migrations/0001_initial.py"]["missedLines"], [])
        self.assertEqual(found["shop/unused.py"]["missedLines"], [[1, 2]])

    def test_another_that_measures(self) -> None:
        told = script(
            """
            import json, sys
            sys.monitoring.use_tool_id(1, "somebody")
            from hotclub_worker.coverage import NotMeasured, begin
            try:
                begin({"coverage": {}, "directory": "/", "root": "/"})
            except NotMeasured as error:
                print(json.dumps(str(error)))
            """
        )
        self.assertIn("somebody measures in this process already", told)


@unittest.skipIf(HAS or sys.version_info >= (3, 12), "something can measure here")
class NothingTests(ProjectTestCase):
    files = FILES

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)

    def test_the_remedy(self) -> None:
        with self.assertRaisesRegex(
            Refusal, "coverage is not installed in .*pip install"
        ) as refusal:
            self.layer.boot(coverage={})
        self.assertEqual(refusal.exception.data["phase"], "coverage")
