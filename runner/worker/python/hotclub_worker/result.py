"""The project's result class, with a listener that hears every outcome as it happens."""

import sys
import unittest
from typing import Any, Callable, Optional

from hotclub_worker.capture import Nowhere
from hotclub_worker.failure import shortened

# From best to worst; a test's state is the worst of its outcomes.
_ORDER = ("passed", "skipped", "xfailed", "xpassed", "failed", "errored")
# So many subtests of one test are told, and so many characters of what describes them.
_PARTS, _PARTS_TEXT = 200, 20_000


class Outcome:
    """What has become of one test so far."""

    def __init__(self) -> None:
        self.state: Optional[str] = None
        self.messages: list[dict[str, Any]] = []
        self.reason: Optional[str] = None
        self.parts: list[dict[str, Any]] = []  # its subtests
        self._room = _PARTS_TEXT

    def worsen(self, state: str) -> None:
        if self.state is None or _ORDER.index(state) > _ORDER.index(self.state):
            self.state = state

    def add_part(self, description: str, state: str) -> None:
        self._room -= len(description)
        if len(self.parts) < _PARTS and self._room >= 0:
            self.parts.append({"description": description, "state": state})


def text_runner_of(runner: Any, wrap: Callable[[type], type]) -> Any:
    """The text runner that ``DiscoverRunner.run_suite`` makes, with a result class that ``wrap``
    makes of the project's."""
    options = runner.get_test_runner_kwargs()
    base = options.get("resultclass") or getattr(
        runner.test_runner, "resultclass", unittest.TextTestResult
    )
    options["resultclass"] = wrap(base)
    options["stream"] = Nowhere()  # its dots are not the output of a test
    return runner.test_runner(**options)


def result_of(text_runner: Any) -> Any:
    """A result as ``TextTestRunner.run`` prepares it."""
    result = text_runner._makeResult()
    result.failfast = text_runner.failfast
    result.buffer = text_runner.buffer
    result.tb_locals = text_runner.tb_locals
    return result


def streaming(base: type, listener: Any) -> type:
    """A subclass of ``base`` that tells ``listener`` what it is told, first to last. All that the
    class does itself stays as it is: it is asked for the formatted text afterwards."""

    class StreamingResult(base):  # type: ignore[misc]
        def startTest(self, test: Any) -> None:
            listener.entered(test)
            super().startTest(test)

        def addSuccess(self, test: Any) -> None:
            super().addSuccess(test)
            listener.heard(test, "passed")

        def addError(self, test: Any, err: Any) -> None:
            sight = listener.look(err)
            super().addError(test, err)
            text, sql = _last(self, self.errors, test, err)
            listener.heard(test, "errored", sight, text, sql=sql)

        def addFailure(self, test: Any, err: Any) -> None:
            sight = listener.look(err)
            super().addFailure(test, err)
            text, sql = _last(self, self.failures, test, err)
            listener.heard(test, "failed", sight, text, sql=sql)

        def addSkip(self, test: Any, reason: str) -> None:
            super().addSkip(test, reason)
            if type(test).__name__ == "_SubTest":
                listener.heard_part(test.test_case, _described(test), "skipped")
            listener.heard(test, "skipped", reason=str(reason))

        def addExpectedFailure(self, test: Any, err: Any) -> None:
            super().addExpectedFailure(test, err)
            listener.heard(test, "xfailed")

        def addUnexpectedSuccess(self, test: Any) -> None:
            super().addUnexpectedSuccess(test)
            listener.heard(test, "xpassed")

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            sight = listener.look(err) if err is not None else None
            super().addSubTest(test, subtest, err)
            description = _described(subtest)
            if err is None:
                listener.heard_part(test, description, "passed")
                return
            failed = issubclass(err[0], test.failureException)
            kept = self.failures if failed else self.errors
            text, sql = _last(self, kept, subtest, err)
            state = "failed" if failed else "errored"
            listener.heard_part(test, description, state)
            listener.heard(test, state, sight, text, sql=sql, subtest=description)

        def stopTest(self, test: Any) -> None:
            listener.stopped(test)
            if not (_shows_sql(base) and self.showAll):
                super().stopTest(test)
                return
            # Now it writes the SQL of each test, which is output of the test.
            result: Any = self
            quiet, result.stream = result.stream, _Output()
            try:
                super().stopTest(test)
            finally:
                result.stream = quiet

    StreamingResult.__name__ = base.__name__
    StreamingResult.__qualname__ = base.__qualname__
    return StreamingResult


def _shows_sql(base: type) -> bool:
    from django.test.runner import DebugSQLTextTestResult

    return issubclass(base, DebugSQLTextTestResult)


class _Output:
    """What a test prints, wherever that goes just now."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def writeln(self, text: str = "") -> None:
        self.write(text + "\n")


def _described(subtest: Any) -> str:
    try:
        return shortened(subtest._subDescription(), 1024)
    except Exception:
        return "(its parameters could not be formatted)"


def _last(result: Any, kept: Any, test: Any, err: Any) -> tuple[str, str]:
    """The text that the class formatted just now, and the SQL that DebugSQLTextTestResult put
    beside it. A class that keeps nothing is asked to format."""
    entry = kept[-1] if kept else None
    if entry is not None and entry[0] is test and isinstance(entry[1], str):
        return entry[1], str(entry[2]) if len(entry) > 2 else ""
    return str(result._exc_info_to_string(err, test)), ""
