"""Runs units of tests and streams their verdicts.

The steps between tests are those of ``unittest.TestSuite.run``, through the same methods of the
project's own suite class, with one difference: the fixtures of a module outlive the unit, so that
``setUpModule`` runs once for each worker and module, and every class begins on the migrated state.
"""

import sys
import traceback
import unittest
import warnings
from time import perf_counter
from typing import Any, Optional

from hotclub_worker.collect import Loading, names
from hotclub_worker.failure import look, message
from hotclub_worker.queries import QueryCounter
from hotclub_worker.result import Outcome, streaming
from hotclub_worker.wire import JSON

_FIXTURE_PHASES = ("setUpClass", "setUpModule", "tearDownClass", "tearDownModule")


class Session:
    """This worker's part in one run."""

    def __init__(self, worker: Any, params: JSON) -> None:
        self._worker = worker
        self._project = worker.project
        self._databases = worker.databases
        self._labels: list[str] = params["labels"]
        self._rung: str = params.get("rung", "stream")
        self._runner = self._project.runner_for(params["options"])
        self._whole: Optional[dict[str, Any]] = None
        self._queries = worker.queries
        self._listener = Listener(worker, self._queries)
        self._module_committed = False
        self._databases.debug(bool(getattr(self._runner, "debug_sql", False)))
        self._suite = self._runner.test_suite()
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        self._result = None if self._rung in ("suite", "replay") else self._make_result()

    def _make_result(self) -> Any:
        runner = self._runner
        options = runner.get_test_runner_kwargs()
        base = options.get("resultclass") or getattr(
            runner.test_runner, "resultclass", unittest.TextTestResult
        )
        options["resultclass"] = streaming(base, self._listener)
        options["stream"] = _Nowhere()  # its dots are not the output of a test
        text_runner = runner.test_runner(**options)
        if text_runner.warnings:
            warnings.simplefilter(text_runner.warnings)  # as TextTestRunner.run does
        result = text_runner._makeResult()
        result.failfast = text_runner.failfast
        result.buffer = text_runner.buffer
        result.tb_locals = text_runner.tb_locals
        # As TestSuite.run marks its outermost call: nested calls leave the fixtures alone.
        result._testRunEntered = True
        unittest.registerResult(result)
        getattr(result, "startTestRun", lambda: None)()
        return result

    def run(self, params: JSON) -> JSON:
        """Runs the tests of one unit, named as ``collect`` named them."""
        begun = perf_counter()
        tests = self._load(params)
        self._listener.expect(params["tests"], tests)
        loaded = perf_counter()
        if params.get("serialize"):
            self._databases.serialize()
        if self._result is None:
            self._run_through_runner(tests)
        else:
            self._run_streaming(tests)
        stopped = self._listener.missing()
        problem = self._clean_up(keep_module=True)
        return {
            "loadMs": round((loaded - begun) * 1000, 3),
            "stopped": stopped,
            "problem": problem,
        }

    def end(self) -> JSON:
        if self._result is not None:
            self._leave_module()
            getattr(self._result, "stopTestRun", lambda: None)()
            unittest.removeResult(self._result)
        self._warnings.__exit__(None, None, None)
        return {"problem": self._clean_up(keep_module=False)}

    def _load(self, params: JSON) -> list[Any]:
        """The wanted tests, by the narrowest label that yields them all, in the wanted order."""
        wanted = params["tests"]
        found: dict[str, Any] = {}
        narrow = [[label] for label in dict.fromkeys(params["labels"]) if label]
        if self._whole is None and not self._selects_by_itself():
            for labels in narrow:
                found = self._by_name(labels)
                if all(name in found for name in wanted):
                    return [found[name] for name in wanted]
        if self._whole is None:
            self._whole = self._by_name(self._labels)
        return [self._whole.get(name) or found.get(name) or _Missing(name) for name in wanted]

    def _selects_by_itself(self) -> bool:
        """Runners that build suites in their own way may make something else of a class's label."""
        from django.test.runner import DiscoverRunner

        kind = type(self._runner)
        return any(
            getattr(kind, name) is not getattr(DiscoverRunner, name)
            for name in ("build_suite", "load_tests_for_label")
            if hasattr(DiscoverRunner, name)
        )

    def _by_name(self, labels: list[str]) -> dict[str, Any]:
        try:
            tests = Loading(self._runner).load(labels)
        except RuntimeError:  # a label that is a path in this directory as well
            return {}
        return dict(zip(names(tests), tests))

    def _run_streaming(self, tests: list[Any]) -> None:
        result: Any = self._result
        for test in tests:
            if result.shouldStop or self._listener.cancelled():
                break
            self._listener.begin(test)
            try:
                self._fixtures_for(test)
                if not self._listener.blocked(test, result):
                    test(result)
            except BaseException:  # SystemExit or KeyboardInterrupt out of a fixture
                self._listener.escaped(test, sys.exc_info(), result)
            self._listener.finish(test)
            self._worker.capture.mend()
        self._leave_class()

    def _fixtures_for(self, test: Any) -> None:
        suite, result = self._suite, self._result
        suite._tearDownPreviousClass(test, result)
        previous = suite._get_previous_module(result)
        if previous is not None and previous != type(test).__module__:
            self._leave_module()
        entering = suite._get_previous_module(result) is None
        suite._handleModuleFixture(test, result)
        if entering and self._databases.dirty():
            # Rows that setUpModule committed are there for every class of the module.
            self._databases.accept()
            self._module_committed = True
        suite._handleClassSetUp(test, result)
        result._previousTestClass = type(test)

    def _leave_class(self) -> None:
        """Tears the class down now instead of before the next: its rows must not wait."""
        result: Any = self._result
        kind = getattr(result, "_previousTestClass", None)
        if kind is None or issubclass(kind, _ModuleMark):
            return
        with self._listener.between(kind):
            try:
                self._suite._tearDownPreviousClass(None, result)
            except BaseException:
                self._listener.escaped(None, sys.exc_info(), result)
        # What stays is the module, whose fixtures go on.
        result._previousTestClass = type("Left", (_ModuleMark,), {"__module__": kind.__module__})

    def _leave_module(self) -> None:
        result: Any = self._result
        kind = getattr(result, "_previousTestClass", None)
        if kind is None:
            return
        with self._listener.between(kind):
            try:
                self._suite._handleModuleTearDown(result)
            except BaseException:
                self._listener.escaped(None, sys.exc_info(), result)
        result._previousTestClass = None
        result._moduleSetUpFailed = False
        if self._module_committed or self._databases.dirty():
            self._module_committed = False
            self._databases.reset(self._databases.attached())

    def _clean_up(self, keep_module: bool) -> Optional[str]:
        """Makes ready for the next unit; the reason why this worker can't take one, or None."""
        try:
            if keep_module and self._module_committed and self._databases.dirty():
                self._leave_module()
            self._databases.reset(self._databases.dirty())
            if not keep_module or not self._module_has_fixtures():
                self._worker.capture.return_to_directory()
            self._worker.capture.mend()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

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
            self._listener.escaped(None, sys.exc_info(), None)
        self._listener.settle()
        self._listener.blame_fixture(tests)


class Listener:
    """Hears what happens to the tests of a unit and tells the server."""

    def __init__(self, worker: Any, queries: QueryCounter) -> None:
        self._worker = worker
        self._queries = queries
        self._index: dict[int, int] = {}
        self._ids: dict[str, int] = {}
        self._done: set[int] = set()
        self._outcome = Outcome()
        self._running: Optional[int] = None
        self._since = (0.0, 0, 0)
        self._fixture: Optional[Outcome] = None  # of setUpClass, where it failed or skipped
        self._module_fixture: Optional[Outcome] = None  # of setUpModule, for all its classes
        self._between: Optional[tuple[Any, int]] = None
        self._cancelled = False

    def expect(self, wanted: list[str], tests: list[Any]) -> None:
        self._index = {id(test): i for i, test in enumerate(tests)}
        self._ids = {test.id(): i for i, test in reversed(list(enumerate(tests)))}
        self._done = set()
        self._fixture = None
        self._cancelled = False
        self._wanted = wanted

    def missing(self) -> list[int]:
        """Tests that were not begun: the run was stopped before their turn."""
        return [i for i in range(len(self._wanted)) if i not in self._done]

    def cancelled(self) -> bool:
        """Whether the server has asked to stop; looked at between tests."""
        if not self._cancelled:
            waiting = self._worker.wire.receive_waiting()
            self._cancelled = waiting is not None and waiting.get("method") == "cancel"
        return self._cancelled

    def begin(self, test: Any) -> None:
        self._running = self._index[id(test)]
        self._outcome = Outcome()
        self._worker.wire.notify("started", {"test": self._running})
        self._since = (perf_counter(), self._queries.total, self._worker.capture.offset())

    def entered(self, test: Any) -> None:
        """startTest on the steps of the ladder where only the result speaks to us."""
        if self._running is None and self._position(test) is not None:
            self._index[id(test)] = self._ids.get(test.id(), 0)
            self.begin(test)
        elif self._running is not None and self._running != self._position(test):
            self.settle()
            self.entered(test)

    def settle(self) -> None:
        if self._running is not None:
            self._report(self._running)

    def _position(self, test: Any) -> Optional[int]:
        return self._index.get(id(test), self._ids.get(_id(test)))

    def look(self, err: Any) -> JSON:
        return look(self._worker.project, err)

    def heard(
        self,
        test: Any,
        state: str,
        sight: Optional[JSON] = None,
        text: str = "",
        sql: str = "",
        subtest: str = "",
        reason: Optional[str] = None,
    ) -> None:
        """One outcome. A pseudo-test such as ``setUpClass (shop.tests.CartTests)`` is a fixture."""
        phase = _fixture_phase(test)
        if phase is None and subtest:
            phase = "subtest"
        told = None
        if sight is not None:
            told = message(sight, text, phase)
            if sql:
                told["sql"] = sql
            if subtest:
                told["subtest"] = subtest
        outcome = self._outcome
        if phase in _FIXTURE_PHASES:
            if phase in ("tearDownClass", "tearDownModule"):
                self._class_errored(test, phase, state, told, reason)
                return
            outcome = Outcome()
            if phase == "setUpModule":
                self._module_fixture = outcome
            else:
                self._fixture = outcome
        elif self._running is None:
            self.entered(test)
            outcome = self._outcome
        outcome.worsen(state)
        if told is not None:
            outcome.messages.append(told)
        if reason is not None:
            outcome.reason = reason

    def blocked(self, test: Any, result: Any) -> bool:
        """Whether a fixture of the test's class or module failed or skipped; then that is the
        verdict of every test under it."""
        if getattr(result, "_moduleSetUpFailed", False):
            self._inherit(self._module_fixture)
            return True
        if getattr(type(test), "_classSetupFailed", False):
            self._inherit(self._fixture)
            return True
        return False

    def _inherit(self, fixture: Optional[Outcome]) -> None:
        if fixture is not None:
            self._outcome.worsen(fixture.state or "errored")
            self._outcome.messages = list(fixture.messages)
            self._outcome.reason = fixture.reason

    def blame_fixture(self, tests: list[Any]) -> None:
        """Gives the tests that never began the verdict of the fixture that kept them from it."""
        fixture = self._fixture or self._module_fixture
        for index in self.missing() if fixture is not None else ():
            self.begin(tests[index])
            self._inherit(fixture)
            self.finish(tests[index])

    def escaped(self, test: Any, err: Any, result: Any) -> None:
        """An exception that unittest lets through, which would have ended Django's run."""
        sight = self.look(err)
        if result is not None:
            text = result._exc_info_to_string(err, _Missing(""))
        else:
            text = "".join(traceback.format_exception(*err))
        told = message(sight, text)
        if self._between is not None:
            self._class_errored(None, "tearDownClass", "errored", told, None)
            return
        self._outcome.worsen("errored")
        self._outcome.messages.append(told)

    def finish(self, test: Any) -> None:
        self._report(self._index[id(test)])

    def _report(self, index: int) -> None:
        begun, queries, offset = self._since
        elapsed = perf_counter() - begun
        outcome = self._outcome
        if outcome.state is None:
            outcome.state = "errored"
            outcome.messages.append({"text": "the test ended without a verdict", "phase": "call"})
        report: JSON = {"test": index, "state": outcome.state, "ms": round(elapsed * 1000, 3)}
        if outcome.messages:
            report["messages"] = outcome.messages
        if outcome.reason is not None:
            report["reason"] = outcome.reason
        if self._queries.total != queries:
            report["queries"] = self._queries.total - queries
        end = self._worker.capture.offset()
        if end != offset:
            report["output"] = [offset, end]
        self._worker.wire.notify("finished", report)
        self._done.add(index)
        self._running = None

    def between(self, kind: Any) -> "_Between":
        return _Between(self, kind)

    def _class_errored(
        self, holder: Any, phase: str, state: str, told: Any, reason: Optional[str]
    ) -> None:
        if state not in ("failed", "errored"):
            return
        kind, offset = self._between or (None, self._worker.capture.offset())
        self._worker.wire.notify(
            "fixture",
            {
                "phase": phase,
                "name": _inside(holder) if holder is not None else _dotted(kind),
                "module": getattr(kind, "__module__", None),
                "state": state,
                "messages": [told] if told else [],
                "output": [offset, self._worker.capture.offset()],
            },
        )


class _Between:
    """The time between tests in which the fixtures of a class or module are torn down."""

    def __init__(self, listener: Listener, kind: Any) -> None:
        self._listener = listener
        self._kind = kind

    def __enter__(self) -> None:
        offset = self._listener._worker.capture.offset()
        self._listener._between = (self._kind, offset)

    def __exit__(self, *_: Any) -> None:
        self._listener._between = None


class _ModuleMark:
    """Stands in ``_previousTestClass`` for a class already torn down, of a module still set up."""

    @classmethod
    def tearDownClass(cls) -> None:
        pass

    @classmethod
    def doClassCleanups(cls) -> None:
        pass

    tearDown_exceptions: tuple[()] = ()


class _Missing(unittest.TestCase):
    """A test that was collected but is not there any more when its turn comes."""

    def __init__(self, name: str) -> None:
        super().__init__("gone")
        self._name = name

    def id(self) -> str:
        return self._name

    def gone(self) -> None:
        self.fail(f"{self._name} was collected but could not be loaded again to be run")


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def _id(test: Any) -> str:
    try:
        return str(test.id())
    except Exception:
        return ""


def _fixture_phase(test: Any) -> Optional[str]:
    """The phase of unittest's ``_ErrorHolder``, whose description is "setUpClass (name)"."""
    if type(test).__name__ != "_ErrorHolder":
        return None
    return str(getattr(test, "description", "")).partition(" ")[0]


def _inside(holder: Any) -> str:
    return str(getattr(holder, "description", "")).partition("(")[2].rstrip(")")


def _dotted(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}" if kind is not None else ""
