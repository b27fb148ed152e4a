"""Hears what happens to the tests of a unit and tells the server."""

import traceback
import unittest
from time import perf_counter
from typing import Any, Optional

from hotclub_worker.collect import is_failed_import
from hotclub_worker.failure import look, message, shortened
from hotclub_worker.queries import QueryCounter
from hotclub_worker.result import Outcome
from hotclub_worker.wire import JSON

_FIXTURE_PHASES = ("setUpClass", "setUpModule", "tearDownClass", "tearDownModule")


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
        self._over: Any = None  # the test whose own code has run
        self._since = (0.0, 0, 0)
        self._fixture: Optional[Outcome] = None  # of setUpClass, where it failed or skipped
        self._module_fixture: Optional[Outcome] = None  # of setUpModule, for all its classes
        self._between: Optional[_Between] = None
        self._cancelled = False

    def expect(self, wanted: list[str], tests: list[Any]) -> None:
        self._index = {id(test): i for i, test in enumerate(tests)}
        self._ids = {_id(test): i for i, test in reversed(list(enumerate(tests)))}
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

    def cancel(self) -> None:
        self._cancelled = True

    def begin(self, test: Any) -> None:
        self._begin_at(self._index[id(test)])

    def stopped(self, test: Any) -> None:
        self._over = test

    def over(self, test: Any) -> bool:
        """Whether the test's own code has run, with its tearDown and its cleanups."""
        return self._over is test

    def _begin_at(self, index: int) -> None:
        self._running, self._over = index, None
        self._outcome = Outcome()
        offset = self._worker.capture.offset()
        self._worker.wire.notify("started", {"test": index, "output": offset})
        self._since = (perf_counter(), self._queries.total, offset)

    def entered(self, test: Any) -> None:
        """startTest on the steps of the ladder where only the result speaks to us."""
        position = self._position(test)
        if position is None or position == self._running:
            return  # a test within a test has no verdict of its own
        self.settle()
        self._begin_at(position)

    def settle(self) -> None:
        if self._running is not None:
            self._report(self._running)

    def _position(self, test: Any) -> Optional[int]:
        return self._index.get(id(test), self._ids.get(_id(test)))

    def look(self, err: Any) -> JSON:
        if self._worker.debugger is not None:
            self._worker.debugger.failed(err)
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
        elif phase is None and is_failed_import(test):
            phase = "import"
        told = None
        if sight is not None:
            told = message(sight, text, phase)
            if sql:
                told["sql"] = shortened(sql)
            if subtest:
                told["subtest"] = subtest
        outcome = self._outcome
        if phase in _FIXTURE_PHASES:
            if phase in ("tearDownClass", "tearDownModule"):
                self._class_errored(test, phase, state, told, reason)
                return
            outcome = self._new_fixture(phase, _inside(test))
        else:
            self.entered(test)  # Python 3.12.1 skips without startTest
            outcome = self._outcome
        outcome.worsen(state)
        if told is not None:
            outcome.messages.append(told)
        if reason is not None:
            outcome.reason = shortened(reason)

    def heard_part(self, test: Any, description: str, state: str) -> None:
        """The outcome of a subtest; what it is to its test is heard by itself."""
        self.entered(test)
        self._outcome.add_part(description, state)

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
        self._module_fixture = None
        for index in self.missing() if fixture is not None else ():
            self.begin(tests[index])
            self._inherit(fixture)
            self.finish(tests[index])

    def escaped(self, err: Any, result: Any) -> str:
        """An exception that unittest lets through. Returns the phase in which it came."""
        sight = self.look(err)
        if result is not None:
            text = result._exc_info_to_string(err, Missing(""))
        else:
            text = "".join(traceback.format_exception(*err))
        told = message(sight, text)
        phase: str = told["phase"]
        if self._between is not None:
            self._class_errored(None, self._between.phase, "errored", told, None)
            return phase
        outcome = self._outcome
        if phase in ("setUpClass", "setUpModule") or self._running is None:
            outcome = self._new_fixture(phase, "")
        outcome.worsen("errored")
        outcome.messages.append(told)
        return phase

    def _new_fixture(self, phase: str, name: str) -> Outcome:
        """The outcome of a fixture, which the tests under it will inherit."""
        outcome = Outcome()
        if phase == "setUpModule":
            self._module_fixture = outcome
        else:
            self._fixture = outcome
        return outcome

    def finish(self, test: Any) -> int:
        """Tells the verdict; answers the place of the test in its unit."""
        index = self._index[id(test)]
        self._report(index)
        return index

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
        if outcome.parts:
            report["subtests"] = outcome.parts
        if self._queries.total != queries:
            report["queries"] = self._queries.total - queries
        end = self._worker.capture.offset()
        if end != offset:
            report["output"] = [offset, end]
        self._worker.wire.notify("finished", report)
        self._done.add(index)
        self._running = None

    def between(self, kind: Any, phase: str) -> "_Between":
        return _Between(self, kind, phase)

    def _class_errored(
        self, holder: Any, phase: str, state: str, told: Any, reason: Optional[str]
    ) -> None:
        if state not in ("failed", "errored"):
            return
        between = self._between or _Between(self, None, phase)
        self._worker.wire.notify(
            "fixture",
            {
                **between.describe(),
                "phase": phase,
                "state": state,
                "messages": [told] if told else [],
                "output": [between.offset, self._worker.capture.offset()],
                **({"name": _inside(holder)} if holder is not None else {}),
            },
        )


class _Between:
    """The time between tests in which the fixtures of a class or module are torn down."""

    def __init__(self, listener: Listener, kind: Any, phase: str) -> None:
        self._listener = listener
        self._kind = kind
        self.phase = phase
        self.offset = listener._worker.capture.offset()

    def describe(self) -> JSON:
        module = getattr(self._kind, "__module__", "")
        name = module if self.phase == "tearDownModule" else _dotted(self._kind)
        return {"phase": self.phase, "name": name, "module": module}

    def __enter__(self) -> None:
        self._listener._between = self
        told = {**self.describe(), "output": self.offset}
        self._listener._worker.wire.notify("tearing", told)

    def __exit__(self, *_: Any) -> None:
        self._listener._between = None


class Missing(unittest.TestCase):
    """A test that was collected but is not there any more when its turn comes."""

    def __init__(self, name: str) -> None:
        super().__init__("gone")
        self._name = name

    def id(self) -> str:
        return self._name

    def gone(self) -> None:
        self.fail(f"{self._name} was collected but could not be loaded again to be run")


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
