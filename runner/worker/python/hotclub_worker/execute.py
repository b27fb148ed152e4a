"""Runs units of tests and streams their verdicts.

The steps between tests are those of ``unittest.TestSuite.run``, through the same methods of the
project's own suite class, with one difference: the fixtures of a module outlive the unit, so that
``setUpModule`` runs once for each worker and module, and every class begins on the migrated state.
"""

import importlib
import sys
import threading
import unittest
import warnings
from functools import partial
from typing import Any, Optional

from hotclub_worker.collect import Loading, names
from hotclub_worker.databases import always_seen
from hotclub_worker.listen import Listener, Missing
from hotclub_worker.result import result_of, streaming, text_runner_of
from hotclub_worker.surroundings import Surroundings
from hotclub_worker.wire import JSON


class Session:
    """This worker's part in one run."""

    def __init__(self, worker: Any, params: JSON) -> None:
        self._worker = worker
        self._project = worker.project
        self._databases = worker.databases
        self._labels: list[str] = params["labels"]
        self._rung: str = params.get("rung", "stream")
        self._project.import_models(params.get("models", []))
        self._runner = self._project.runner_for(params["options"])
        self._whole: Optional[dict[str, Any]] = None
        self._queries = worker.queries
        self._surroundings = Surroundings(worker.capture)
        self._listener = Listener(worker, self._queries)
        self._footprint = worker.footprint or _Unobserved()
        self._footprint.begin()
        self._module_committed = False
        self._owes_cleaning = False
        self._escape: Optional[str] = None  # what a test let out that unittest does not catch
        self._databases.revive()
        self._databases.debug(bool(getattr(self._runner, "debug_sql", False)))
        self._suite = self._runner.test_suite()
        self._result = None if self._rung in ("suite", "replay") else self._make_result()

    def _make_result(self) -> Any:
        text_runner = text_runner_of(self._runner, lambda base: streaming(base, self._listener))
        if text_runner.warnings:
            warnings.simplefilter(text_runner.warnings)  # as TextTestRunner.run does
        result = result_of(text_runner)
        # As TestSuite.run marks its outermost call: nested calls leave the fixtures alone.
        result._testRunEntered = True
        unittest.registerResult(result)
        getattr(result, "startTestRun", lambda: None)()
        return result

    def run(self, params: JSON) -> JSON:
        """Runs the tests of one unit, named as ``collect`` named them."""
        if self._owes_cleaning:
            problem = self._clean_up()
            if problem is not None:
                unrun = list(range(len(params["tests"])))
                return {"stopped": unrun, "problem": problem, "quiet": False}
        self._footprint.between()
        tests = self._load(params)
        self._project.tests_loaded()
        self._listener.expect(params["tests"], tests)
        if not self._may_run():
            return {"left": True}
        models = self._project.count_models()
        if any(getattr(test, "serialized_rollback", False) for test in tests):
            self._databases.serialize(self._worker.recorder)
        if self._result is None:
            self._run_through_runner(tests)
        else:
            self._run_streaming(tests)
        stopped = self._listener.missing()
        problem = self._clean_up(params.get("last", False)) or self._escape
        if problem is None and getattr(self._result, "shouldStop", False):
            problem = "a test told it to stop"
        if problem is None and self._project.count_models() != models:
            # They have no tables, but every deletion of a row that they refer to asks for them.
            problem = "a test defined models"
        report = {"stopped": stopped, "problem": problem, "quiet": self._ends_quietly()}
        footprint = self._footprint.report()
        return {**report, "footprint": footprint} if footprint else report

    def _may_run(self) -> bool:
        """Asks whether what was read just now is what the run is about: a file may have changed
        since it began."""
        if not self._worker.report_reads():
            return True
        self._worker.wire.notify("loaded", {})
        while True:
            method = self._worker.wire.receive().get("method")
            if method == "cancel":
                self._listener.cancel()
            elif method in ("go", "leave"):
                return bool(method == "go")

    def _ends_quietly(self) -> bool:
        """Whether the end of this part of the run can have nothing to say: no code of the project's
        is left to run in it."""
        result: Any = self._result
        if result is None or _defines(type(result), "stopTestRun"):
            return False
        kind = getattr(result, "_previousTestClass", None)
        module = sys.modules.get(getattr(kind, "__module__", ""))
        cleanups = getattr(unittest.case, "_module_cleanups", ())
        return not cleanups and not hasattr(module, "tearDownModule")

    def end(self) -> None:
        if self._result is not None:
            self._leave_module()
            getattr(self._result, "stopTestRun", lambda: None)()
            unittest.removeResult(self._result)

    def _load(self, params: JSON) -> list[Any]:
        """The wanted tests, by the narrowest label that yields them all, in the wanted order."""
        wanted = params["tests"]
        found: dict[str, Any] = {}
        narrow = [[label] for label in dict.fromkeys(params["labels"]) if label]
        if self._whole is None and not self._selects_by_itself():
            direct = self._by_class(params["labels"], wanted)
            if direct is not None:
                return direct
            for labels in narrow:
                found = self._by_name(labels)
                if all(name in found for name in wanted):
                    return [found[name] for name in wanted]
        if self._whole is None:
            self._whole = self._by_name(self._labels)
        return [self._whole.get(name) or found.get(name) or Missing(name) for name in wanted]

    def _selects_by_itself(self) -> bool:
        """Runners that build suites in their own way may make something else of a class's label."""
        from django.test.runner import DiscoverRunner

        kind = type(self._runner)
        return any(
            getattr(kind, name) is not getattr(DiscoverRunner, name)
            for name in ("build_suite", "load_tests_for_label")
            if hasattr(DiscoverRunner, name)
        )

    def _by_class(self, labels: list[str], wanted: list[str]) -> Optional[list[Any]]:
        """The tests of a class that stands under its dotted name, made as ``loadTestsFromTestCase``
        makes them: the search for what the name could mean takes longer than a short test."""
        label, origin = labels[0], labels[-1]
        plain = type(self._runner.test_loader) is unittest.TestLoader
        if not plain or not label.startswith(origin + "."):
            return None
        if not all(name.startswith(label + ".") and "#" not in name for name in wanted):
            return None
        try:
            kind: Any = importlib.import_module(origin)
            for part in label[len(origin) + 1 :].split("."):
                kind = getattr(kind, part)
            return [kind(name[len(label) + 1 :]) for name in wanted]
        except Exception:
            return None  # the loader tells in its own way what is wrong

    def _by_name(self, labels: list[str]) -> dict[str, Any]:
        try:
            tests = Loading(self._runner).load(labels)
        except RuntimeError:  # a label that is a path in this directory as well
            return {}
        return dict(zip(names(tests), tests))

    def _run_streaming(self, tests: list[Any]) -> None:
        result: Any = self._result
        self._leave_other_module(tests)
        for test in tests:
            if result.shouldStop or self._listener.cancelled():
                break
            self._databases.unseen = partial(self._ends_unseen, test, test is tests[-1])
            self._listener.begin(test)
            try:
                self._fixtures_for(test)
                if not self._listener.blocked(test, result):
                    self._footprint.enter_test(test)
                    test(result)
            except BaseException:
                self._escaped(test)
            self._footprint.leave(self._listener.finish(test))
            self._surroundings.mend()
        self._leave_class()
        self._databases.unseen = always_seen

    def _ends_unseen(self, test: Any, last: bool) -> bool:
        """Whether no more code of the project's runs before the databases are put back, as they are
        after the last test of a class."""
        kind = type(test)
        cleanups = getattr(kind, "_class_cleanups", ())
        return (
            last
            and self._listener.over(test)
            and not self._module_committed
            and not self._module_has_fixtures()
            and threading.active_count() == 1
            and all(_stock(getattr(kind, name, None)) for name in _AFTER_A_TEST)
            and all(_stock(cleanup[0]) for cleanup in cleanups)
        )

    def _escaped(self, test: Any) -> None:
        """SystemExit out of a fixture or KeyboardInterrupt, which would have ended Django's run.
        It passed by the tear-down of unittest and Django: after a test the rest of its class
        needs another worker; a class or module that was not set up has had its verdict."""
        result: Any = self._result
        error = sys.exc_info()
        phase = self._listener.escaped(error, result)
        self._escape = f"{getattr(error[0], '__name__', error[0])} came out of a test"
        if phase == "setUpModule":
            result._moduleSetUpFailed = True
        elif phase == "setUpClass":
            type(test)._classSetupFailed = True
        else:
            result.stop()
            return
        result._previousTestClass = type(test)
        self._listener.blocked(test, result)

    def _leave_other_module(self, tests: list[Any]) -> None:
        """Tears the previous module down before a test of another begins: it has no part in it."""
        previous = self._suite._get_previous_module(self._result)
        if previous is not None and all(type(test).__module__ != previous for test in tests):
            self._leave_module()

    def _fixtures_for(self, test: Any) -> None:
        suite: Any = self._suite
        result: Any = self._result
        another = getattr(result, "_previousTestClass", None) is not type(test)
        if another:
            self._footprint.back_to_class()
        suite._tearDownPreviousClass(test, result)
        previous = suite._get_previous_module(result)
        if previous is not None and previous != type(test).__module__:
            self._leave_module()
        entering = suite._get_previous_module(result) is None
        if entering:
            self._footprint.enter_module()
        suite._handleModuleFixture(test, result)
        if entering and self._databases.dirty():
            # Rows that setUpModule committed are there for every class of the module.
            self._databases.accept()
            self._module_committed = True
        if another:
            self._footprint.enter_class(type(test))
        suite._handleClassSetUp(test, result)
        result._previousTestClass = type(test)

    def _leave_class(self) -> None:
        """Tears the class down now instead of before the next: its rows must not wait."""
        result: Any = self._result
        kind = getattr(result, "_previousTestClass", None)
        if kind is None or issubclass(kind, _ModuleMark):
            return
        self._footprint.back_to_class()
        with self._listener.between(kind, "tearDownClass"):
            try:
                self._suite._tearDownPreviousClass(None, result)
            except BaseException:
                self._listener.escaped(sys.exc_info(), result)
        self._footprint.leave()
        # What stays is the module, whose fixtures go on.
        result._previousTestClass = type("Left", (_ModuleMark,), {"__module__": kind.__module__})

    def _leave_module(self) -> None:
        result: Any = self._result
        kind = getattr(result, "_previousTestClass", None)
        if kind is None:
            return
        self._footprint.between()  # its tests have been reported
        with self._listener.between(kind, "tearDownModule"):
            try:
                self._suite._handleModuleTearDown(result)
            except BaseException:
                self._listener.escaped(sys.exc_info(), result)
        result._previousTestClass = None
        result._moduleSetUpFailed = False
        self._surroundings.restore()
        if self._module_committed or self._databases.dirty():
            self._module_committed = False
            self._databases.reset(self._databases.attached())

    def _clean_up(self, last: bool = False) -> Optional[str]:
        """Makes ready for the next unit; the reason why this worker can't take one, or None. After
        the last one the databases are left to whoever gets them next: the server puts them back."""
        self._owes_cleaning = last
        try:
            if not last:
                self._put_back()
            if not self._module_has_fixtures():
                self._surroundings.restore()
            self._surroundings.mend_directory()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        lost = None if last else self._databases.lost()
        return lost or self._surroundings.lost()

    def _put_back(self) -> None:
        if self._module_committed and self._databases.dirty():
            self._leave_module()
        elif not self._module_committed:
            self._databases.clean()

    def _module_has_fixtures(self) -> bool:
        kind = getattr(self._result, "_previousTestClass", None)
        module = sys.modules.get(getattr(kind, "__module__", ""))
        return hasattr(module, "setUpModule")

    def _run_through_runner(self, tests: list[Any]) -> None:
        """The steps of the ladder on which the project's own code runs the tests of a unit."""
        from hotclub_worker.ladder import replay, run_suite

        step = replay if self._rung == "replay" else run_suite
        try:
            step(self._runner, tests, self._listener)
        except BaseException:
            self._listener.escaped(sys.exc_info(), None)
        self._listener.settle()
        self._listener.blame_fixture(tests)


# What runs of a class once a test's own code has, from the flush of its databases on.
_AFTER_A_TEST = ("__call__", "_post_teardown", "_fixture_teardown", "tearDownClass",
                 "doClassCleanups")  # fmt: skip


def _stock(function: Any) -> bool:
    module = getattr(function, "__module__", None) or ""
    return module.startswith(("unittest.", "django."))


class _ModuleMark:
    """Stands in ``_previousTestClass`` for a class already torn down, of a module still set up."""

    @classmethod
    def tearDownClass(cls) -> None:
        pass

    @classmethod
    def doClassCleanups(cls) -> None:
        pass

    tearDown_exceptions: tuple[()] = ()


class _Unobserved:
    """Stands for a ``hotclub_worker.footprint.Footprint`` where none is wanted."""

    def between(self) -> None:
        pass

    begin = enter_module = back_to_class = between

    def enter_class(self, kind: Any) -> None:
        pass

    enter_test = enter_class

    def leave(self, test: Optional[int] = None) -> None:
        pass

    def report(self) -> Optional[JSON]:
        return None


def _defines(kind: type, method: str) -> bool:
    """Whether a class of the project's own brings a method that unittest's classes have."""
    return any(
        method in vars(each)
        for each in kind.__mro__
        if not each.__module__.startswith(("unittest.", "django.test.", "hotclub_worker."))
    )
