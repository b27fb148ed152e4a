from typing import Any

from hotclub_worker.collect import flatten, names

from .support import SHOP, ProjectTestCase, Refusal

FILES = {
    **SHOP,
    "shop/tests/__init__.py": "",
    "shop/tests/test_plain.py": """
        import functools, unittest
        from django.test import SimpleTestCase, TestCase, TransactionTestCase, tag
        from .base import Base

        def wrapped(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        @tag("slow")
        class Tagged(SimpleTestCase):
            @tag("core")
            def test_one(self):
                pass

            @wrapped
            def test_two(self):
                pass

        class Commits(TransactionTestCase):
            databases = "__all__"

            def test_it(self):
                pass

        class Rolls(TestCase):
            def test_it(self):
                pass

        class Plain(unittest.TestCase):
            def test_it(self):
                pass

        class Inherits(Base, TestCase):
            pass

        class Outer:
            class Inner(unittest.TestCase):
                def test_it(self):
                    pass
    """,
    "shop/tests/base.py": """
        class Base:
            def test_inherited(self):
                pass
    """,
    "shop/tests/test_made.py": """
        import doctest, unittest

        def documented():
            '''
            >>> 1 + 1
            2
            '''

        def other():
            '''
            >>> 1 + 1
            3
            '''

        class Twice(unittest.TestCase):
            __eq__, __hash__ = object.__eq__, object.__hash__  # equal tests run once

            def __init__(self, method, number=0):
                super().__init__(method)
                self.number = number

            def test_it(self):
                self.assertLess(self.number, 2)

        def make(number):
            class Made(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(number, 0)
            return Made("test_it")

        def load_tests(loader, tests, pattern):
            import sys
            suite = unittest.TestSuite([Twice("test_it", 1), Twice("test_it", 2), make(0), make(1)])
            suite.addTests(doctest.DocTestSuite(sys.modules[__name__]))
            return suite
    """,
    "shop/tests/test_broken.py": "import nonexistent_module\n",
    "shop/tests/test_syntax.py": "def (:\n",
    "shop/tests/test_raises.py": "raise ValueError('from the module')\n",
    "other/__init__.py": "",
    "other/raises.py": "raise ValueError('from the module')\n",
}


class CollectTests(ProjectTestCase):
    files = FILES

    def setUp(self) -> None:
        self.worker = self.fork()

    def units(self, *labels: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        return {unit["class"]: unit for unit in self.worker.collect(*labels, options=options)}

    def test_units_in_djangos_order(self) -> None:
        units = self.units("shop.tests.test_plain")
        self.assertEqual(
            {name: (unit["bin"], unit["databases"]) for name, unit in units.items()},
            {
                "Rolls": (1, ["default"]),
                "Inherits": (1, ["default"]),
                "Tagged": (2, []),
                "Commits": (2, ["default"]),
                "Plain": (3, []),
            },
        )
        self.assertEqual(sorted(units.values(), key=lambda unit: unit["bin"]), list(units.values()))

    def test_a_test_is_told_by_place_and_name(self) -> None:
        one, two = self.units("shop.tests.test_plain")["Tagged"]["tests"]
        self.assertEqual(
            one,
            {
                "path": "shop/tests/test_plain.py",
                "label": "shop.tests.test_plain.Tagged.test_one",
                "class": "Tagged",
                "name": "test_one",
                "file": str(self.layer.root / "shop/tests/test_plain.py"),
                "line": one["line"],
                "tags": ["core", "slow"],
            },
        )
        text = (self.layer.root / "shop/tests/test_plain.py").read_text().splitlines()
        self.assertIn("core", text[one["line"] - 1])  # where the decorators begin
        self.assertEqual(two["tags"], ["slow"])
        self.assertIn("wrapped", text[two["line"] - 1])

    def test_inherited_tests(self) -> None:
        unit = self.units("shop.tests.test_plain")["Inherits"]
        (test,) = unit["tests"]
        self.assertEqual(
            (test["path"], test["name"]), ("shop/tests/test_plain.py", "test_inherited")
        )
        self.assertEqual(unit["label"], "shop.tests.test_plain.Inherits")

    def test_options_select(self) -> None:
        def chosen(*options: str) -> list[str]:
            units = self.units("shop.tests.test_plain", options=options)
            return sorted(test["name"] for unit in units.values() for test in unit["tests"])

        self.assertEqual(chosen("--tag", "core"), ["test_one"])
        self.assertEqual(chosen("--tag", "slow", "--exclude-tag", "core"), ["test_two"])
        self.assertEqual(chosen("-k", "inherit"), ["test_inherited"])
        self.assertEqual(len(chosen()), 6)

    def test_what_load_tests_makes(self) -> None:
        units = self.units("shop.tests.test_made")
        path = "shop/tests/test_made.py"
        for unit in units.values():
            self.assertEqual(unit["label"], "shop.tests.test_made", unit)
        identities = [
            (t["path"], t["class"], t["name"]) for u in units.values() for t in u["tests"]
        ]
        self.assertEqual(len(identities), len(set(identities)))
        module = "shop.tests.test_made"
        self.assertEqual(
            {(test["path"], test["name"]) for test in units["Twice"]["tests"]},
            {(path, "test_it"), (path, f"{module}.Twice.test_it#2")},
        )
        doctests = {test["label"]: test["path"] for test in units["DocTestCase"]["tests"]}
        self.assertEqual(doctests, {f"{module}.documented": path, f"{module}.other": path})

    def test_what_load_tests_makes_runs(self) -> None:
        verdicts = self.worker.run_all("shop.tests.test_made")
        states = {
            name.rpartition("test_made.")[2]: verdict["state"] for name, verdict in verdicts.items()
        }
        self.assertEqual(
            states,
            {
                "Twice.test_it": "passed",
                "Twice.test_it#2": "failed",
                "make.<locals>.Made.test_it": "passed",
                "make.<locals>.Made.test_it#2": "failed",
                "documented": "passed",
                "other": "failed",
            },
        )

    def test_modules_that_do_not_load(self) -> None:
        answer = self.worker.request("collect", labels=["shop"], options=[])
        self.assertEqual(answer["failed"], 3)
        unit = answer["units"][0]
        self.assertEqual((unit["class"], unit["bin"]), ("_FailedTest", 0))
        errors = {test["path"]: (test["error"], test["line"]) for test in unit["tests"]}
        self.assertEqual(
            errors["shop/tests/test_broken.py"],
            ("ModuleNotFoundError: No module named 'nonexistent_module'", 1),
        )
        self.assertIn("SyntaxError", errors["shop/tests/test_syntax.py"][0])
        self.assertEqual(errors["shop/tests/test_raises.py"][0], "ValueError: from the module")
        verdicts = self.worker.run_all("shop")
        failed = [name for name, verdict in verdicts.items() if name.startswith("unittest.loader")]
        self.assertEqual(len(failed), 3)
        self.assertEqual({verdicts[name]["state"] for name in failed}, {"errored"})

    def test_a_label_that_leads_nowhere(self) -> None:
        answer = self.worker.request("collect", labels=["shop.nothing"], options=[])
        (test,) = answer["units"][0]["tests"]
        self.assertEqual((test["file"], answer["failed"]), ("", 1))
        self.assertIn("nothing", test["error"])

    def test_a_path_is_refused_with_djangos_words(self) -> None:
        with self.assertRaises(Refusal) as caught:
            self.worker.collect("shop/tests/test_plain.py")
        self.assertTrue(caught.exception.data["usage"])

    def test_an_unknown_option_is_refused(self) -> None:
        with self.assertRaises(Refusal) as caught:
            self.worker.collect(options=("--no-such-option",))
        self.assertTrue(caught.exception.data["usage"])
        self.assertEqual(len(self.units("shop.tests.test_plain")), 5)

    def test_an_error_of_a_module_is_no_fault_of_the_caller(self) -> None:
        with self.assertRaises(Refusal) as caught:
            self.worker.collect("other.raises")
        self.assertNotIn("usage", caught.exception.data)
        self.assertIn("other/raises.py", caught.exception.data["traceback"])

    def test_shuffled_and_reversed(self) -> None:
        answer = self.worker.request(
            "collect", labels=["shop.tests.test_plain"], options=["--shuffle=3"]
        )
        self.assertEqual(answer["seed"], 3)
        forth = list(self.units("shop.tests.test_plain", options=("-k", "Commits", "-k", "Tagged")))
        back = list(
            self.units(
                "shop.tests.test_plain", options=("-k", "Commits", "-k", "Tagged", "--reverse")
            )
        )
        self.assertEqual(back, forth[::-1])


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    def id(self) -> str:
        return self.name


class NameTests(ProjectTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        pass

    def test_names_are_unique(self) -> None:
        tests = [Named(name) for name in ("a", "b", "a", "a", "x\udcff")]
        self.assertEqual(names(tests), ["a", "b", "a#2", "a#3", "x\\udcff"])

    def test_suites_of_suites(self) -> None:
        one, two = Named("1"), Named("2")
        self.assertEqual(list(flatten([[one], [[], [two]]])), [one, two])
