import inspect
import unittest
from typing import Any

from django.test.runner import _init_worker

from hotclub_worker.project import Project

from .support import SHOP, ProjectTestCase, Server, TemplateTestCase, script

RUNNERS = """
    import unittest
    from django.test import runner as stock

    class Plain(stock.DiscoverRunner):
        pass

    class Options(stock.DiscoverRunner):
        @classmethod
        def add_arguments(cls, parser):
            super().add_arguments(parser)
            parser.add_argument("--colour", default="none")

        def __init__(self, colour=None, **kwargs):
            super().__init__(**kwargs)
            self.colour = colour
            self.place = None
            self.seen = []

        def setup_test_environment(self, **kwargs):
            super().setup_test_environment(**kwargs)
            self.place = "made"
            self.added = 1

        def build_suite(self, *args, **kwargs):
            print("suite of", self.colour, self.place, self.added, self.parallel, self.interactive)
            return super().build_suite(*args, **kwargs)

    class Foreign:
        def __init__(self, **kwargs):
            pass

        def setup_test_environment(self):
            pass

        def run_tests(self, labels):
            return 0

    class RunTests(stock.DiscoverRunner):
        def run_tests(self, *args, **kwargs):
            return super().run_tests(*args, **kwargs)

    class RunSuite(stock.DiscoverRunner):
        def run_suite(self, suite, **kwargs):
            print("my own run_suite")
            return super().run_suite(suite, **kwargs)

    class Broken(stock.DiscoverRunner):
        def run_suite(self, suite, **kwargs):
            raise RuntimeError("no suite today")

    class TextRunner(unittest.TextTestRunner):
        def run(self, test):
            return super().run(test)

    class Text(stock.DiscoverRunner):
        test_runner = TextRunner

    class Result(unittest.TextTestResult):
        def addSuccess(self, test):
            print("my result")
            super().addSuccess(test)

    class Results(stock.DiscoverRunner):
        def get_resultclass(self):
            return Result

    class SuiteRuns(unittest.TestSuite):
        def run(self, result, debug=False):
            return super().run(result, debug)

    class Suite(stock.DiscoverRunner):
        test_suite = SuiteRuns

    class ParallelRun(stock.ParallelTestSuite):
        def run(self, result):
            return super().run(result)

    class Parallel(stock.DiscoverRunner):
        parallel_test_suite = ParallelRun

    def my_subsuite(args):
        print("my own subsuite")
        return stock._run_subsuite(args)

    class ParallelSubsuite(stock.ParallelTestSuite):
        run_subsuite = my_subsuite

    class Subsuite(stock.DiscoverRunner):
        parallel_test_suite = ParallelSubsuite

    class Remote(stock.RemoteTestRunner):
        pass

    class ParallelRemote(stock.ParallelTestSuite):
        runner_class = Remote

    class RemoteClass(stock.DiscoverRunner):
        parallel_test_suite = ParallelRemote

    def six(counter, initial_settings, serialized_contents, process_setup, process_setup_args,
            debug_mode):
        with counter.get_lock():
            counter.value += 1
            print("six", counter.value, initial_settings, process_setup_args)

    class ParallelSix(stock.ParallelTestSuite):
        init_worker = six

    class Six(stock.DiscoverRunner):
        parallel_test_suite = ParallelSix

    def seven(counter, initial_settings=None, serialized_contents=None, process_setup=None,
              process_setup_args=None, debug_mode=None, used_aliases=None):
        import inspect
        parent = stock._init_worker
        count = len(inspect.signature(parent).parameters)
        values = [counter, initial_settings, serialized_contents, process_setup, process_setup_args,
                  debug_mode, used_aliases]
        parent(*values[:count])
        print("seven", stock._worker_id, sorted(used_aliases or ["default"]))

    def prepare(*args):
        print("prepare", args)

    class ParallelSeven(stock.ParallelTestSuite):
        init_worker = seven
        process_setup = prepare
        process_setup_args = ("an argument",)

    class Seven(stock.DiscoverRunner):
        parallel_test_suite = ParallelSeven

    class ParallelAny(stock.ParallelTestSuite):
        @classmethod
        def init_worker(counter, *args):
            counter.value += 1
            print("any", counter.value, len(args))

    class Any(stock.DiscoverRunner):
        parallel_test_suite = ParallelAny
"""
FILES = {
    **SHOP,
    "conf.py": SHOP["conf.py"].rstrip() + "\n    import os\n"
    "    TEST_RUNNER = os.environ.get('APP_RUNNER', 'django.test.runner.DiscoverRunner')\n",
    "runners.py": RUNNERS,
    "shop/tests.py": """
        import os, unittest
        from django.test import TestCase, runner

        class T(TestCase):
            def test_it(self):
                import colorsys
                from django.utils import feedgenerator
                print("worker", runner._worker_id, os.environ["HOTCLUB_WORKER"])
    """,
}  # fmt: skip
RUNGS = {
    "django.test.runner.DiscoverRunner": ("stream", ""),
    "runners.Plain": ("stream", ""),
    "runners.Options": ("stream", ""),
    "runners.Results": ("stream", ""),
    "runners.Six": ("stream", ""),
    "runners.Foreign": ("cold", "runners.Foreign does not extend DiscoverRunner"),
    "runners.RunTests": ("cold", "runners.RunTests.run_tests"),
    "runners.Parallel": ("cold", "runners.ParallelRun.run"),
    "runners.Subsuite": ("replay", "runners.ParallelSubsuite.run_subsuite"),
    "runners.RemoteClass": ("replay", "runners.ParallelRemote.runner_class"),
    "runners.RunSuite": ("suite", "runners.RunSuite.run_suite"),
    "runners.Text": ("suite", "runners.TextRunner.run"),
    "runners.Suite": ("suite", "runners.SuiteRuns.run"),
}
# Boots with another runner in a process of its own, without the wire.
RUNG = """
    import json, os, sys
    os.chdir(sys.argv[1]); sys.path.insert(0, sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "conf"
    import django
    django.setup()
    from hotclub_worker.project import Project
    from django.core.management.commands.test import Command
    told = {}
    for name in sys.argv[2:]:
        options = {"testrunner": name, "interactive": False}
        project = Project(Command(), options, {"root": "/", "directory": "/", "key": "k"})
        told[name] = project.rung()
    print(json.dumps(told))
"""


class RungTests(ProjectTestCase):
    files = FILES

    def test_every_override(self) -> None:
        told = script(RUNG, str(self.layer.root), *RUNGS)
        self.assertEqual({name: tuple(rung) for name, rung in told.items()}, RUNGS)

    def test_the_report(self) -> None:
        self.assertEqual(self.report["rung"], "stream")
        self.assertEqual(self.report["settings"], "conf")
        self.assertEqual(
            self.report["aliases"], [{"alias": "default", "engine": "sqlite", "clonable": ""}]
        )
        self.assertEqual(self.report["environment"]["APP_RUNNER"], "")
        self.assertEqual(self.report["unsafe"], "")
        self.assertEqual(
            [phase["name"] for phase in self.report["phases"]],
            ["interpreter", "settings", "apps", "environment", "primed"],
        )


class WithRunner(TemplateTestCase):
    files = FILES
    runner = "Plain"

    @classmethod
    def enterProject(cls, files: dict[str, str], environment: Any = None) -> Server:
        return super().enterProject(files, {"APP_RUNNER": f"runners.{cls.runner}"})

    def run_it(self, **more: Any) -> str:
        verdicts = self.worker.run_all("shop.tests", **more)
        self.assertEqual([verdict["state"] for verdict in verdicts.values()], ["passed"], verdicts)
        return self.worker.printed()


class SlotTests(WithRunner):
    def test_the_number_is_known(self) -> None:
        worker = self.worker = self.layer.fork()
        worker.request("attach", slot=7, databases=self.templates)
        self.assertIn("worker 7 7\n", self.run_it())

    def test_what_tests_import_from_outside_is_learned(self) -> None:
        self.run_it()
        learned = self.worker.ended["imported"]
        self.assertIn("colorsys", learned)
        self.assertIn("django.utils.feedgenerator", learned)
        self.assertEqual([name for name in learned if "shop" in name or "hotclub" in name], [])
        self.assertNotIn("resource", learned)  # what we need ourselves is there
        unsafe = self.layer.request("prime", modules=[*learned, "no_such_module"])["unsafe"]
        self.assertEqual(unsafe, "")
        self.worker = self.fork(self.templates)
        self.run_it()
        self.assertEqual(self.worker.ended["imported"], [])


class SixTests(WithRunner):
    runner = "Six"

    def test_hook_of_six_arguments(self) -> None:
        self.assertIn("six 1 None None\n", self.worker.printed())
        self.assertIn("worker 1 1\n", self.run_it())


class SevenTests(WithRunner):
    runner = "Seven"

    def test_hook_of_seven_arguments_that_calls_djangos(self) -> None:
        worker = self.worker = self.layer.fork()
        worker.request("attach", slot=3, databases=self.templates)
        self.assertIn("seven 3 ['default']\n", worker.printed())
        self.assertNotIn("prepare", worker.printed())  # a fork is prepared already
        self.assertIn("worker 3 3\n", self.run_it())

    def test_a_spawned_worker_is_prepared(self) -> None:
        worker = self.enterProject(FILES)
        worker.boot()
        worker.request("attach", slot=2, databases=self.templates)
        self.assertIn("prepare ('an argument',)\nseven 2", worker.printed())


class AnyTests(WithRunner):
    runner = "Any"

    def test_hook_of_any_arguments(self) -> None:
        given = len(inspect.signature(_init_worker).parameters) - 1
        self.assertIn(f"any 1 {given}\n", self.worker.printed())


class OptionsTests(WithRunner):
    runner = "Options"

    def test_options_and_what_set_up_left(self) -> None:
        self.run_it(options=("--colour", "red"))
        self.assertIn("suite of red made 1 0 False\n", self.worker.printed())
        self.run_it()
        self.assertIn("suite of none made 1 0 False\n", self.worker.printed())


class RunSuiteTests(WithRunner):
    runner = "RunSuite"

    def test_its_own_code_runs(self) -> None:
        self.assertIn("my own run_suite", self.run_it(rung="suite"))


class BrokenTests(WithRunner):
    runner = "Broken"

    def test_every_test_is_told_of_it(self) -> None:
        verdicts = self.worker.run_all("shop.tests", rung="suite")
        ((state, summary),) = [(v["state"], v["messages"][0]["summary"]) for v in verdicts.values()]
        self.assertEqual((state, summary), ("errored", "RuntimeError: no suite today"))


class SubsuiteTests(WithRunner):
    runner = "Subsuite"

    def test_its_own_code_runs(self) -> None:
        self.assertIn("my own subsuite", self.run_it(rung="replay"))


class ResultsTests(WithRunner):
    runner = "Results"

    def test_its_own_result_is_heard(self) -> None:
        self.assertIn("my result", self.run_it())


class OwnTests(ProjectTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        pass

    def test_which_files_are_the_projects(self) -> None:
        for root in ("/home/me/shop", "/usr/lib/python-shop/site-packages/demo"):
            project: Any = Project.__new__(Project)
            project.root = root
            for path, own in (
                (f"{root}/shop/models.py", True),
                (f"{root}/.venv/lib/python3.12/site-packages/x.py", False),
                (f"{root}/.venv/lib/python3.12/json.py", False),
                (f"{root}-other/x.py", False),
                ("/elsewhere/x.py", False),
                (str(unittest.__file__), False),
            ):
                self.assertIs(project.own(path), own, path)
