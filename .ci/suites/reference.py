"""Records the verdicts of a serial ``manage.py test``.

    python reference.py OUT.json -- manage.py test [arguments]

manage.py is run in this process, as ``python manage.py test`` would run it
from the same directory, and every outcome that reaches a unittest result is
noted beside what the result does with it. Nothing of Hotclub is used, so that
its verdicts can be compared with these.

OUT.json holds an object of these members::

    exit      the exit status (which is also that of this program)
    tests     {id: {"state", "count", "reason", "subtests": {id: state}}}
    fixtures  {"setUpClass (module.Class)": state}
    suite     {"python", "django", "argv", "seconds"}

A state is one of passed, skipped, xfailed, xpassed, failed, errored, and that
of a test is the worst of its outcomes in this order, subtests included; it is
"unknown" when there was none (the run was broken off). count tells how often
a test with this id was started. reason is that of the skip, or the type and
message of the error, of the worst outcome; not there when empty. Subtests are
there only when the test has some; their ids hold their parameters, which may
differ from run to run (a time, a UUID), so compare their states only. Tests
are in the order in which they ran.

Needs only the standard library; Python 3.9 or later.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
import traceback
import types
import unittest
from collections.abc import Callable
from typing import Any

STATES = ("unknown", "passed", "skipped", "xfailed", "xpassed", "failed", "errored")


class Recorder:
    """Notes what the unittest result of the running suite is told."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self.fixtures: dict[str, str] = {}
        # The result a test is running for. Other results used meanwhile are
        # the test's own: of suites it runs to test something about unittest.
        self.active: unittest.TestResult | None = None
        # More than 0 within a method of the result: what such a method calls
        # in turn, by super() or directly, is the same event.
        self.depth = 0

    def patch(self) -> None:
        """Has the result classes of unittest tell this recorder.

        Subclasses, made later, tell it too: by super(), or because they leave
        the method alone. Methods of TestResult and TextTestResult are patched
        alike as a subclass may skip the latter.
        """
        events: dict[str, Callable[..., None]] = {
            "startTest": self.start,
            "stopTest": self.stop,
            "addSuccess": functools.partial(self.outcome, "passed"),
            "addSkip": functools.partial(self.outcome, "skipped"),
            "addExpectedFailure": functools.partial(self.outcome, "xfailed"),
            "addUnexpectedSuccess": functools.partial(self.outcome, "xpassed"),
            "addFailure": functools.partial(self.outcome, "failed"),
            "addError": functools.partial(self.outcome, "errored"),
            "addSubTest": self.subtest,
        }
        for owner in (unittest.TestResult, unittest.TextTestResult):
            for name, note in events.items():
                if name in vars(owner):
                    setattr(owner, name, self.wrap(vars(owner)[name], note))

    def wrap(self, method: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        @functools.wraps(method)
        def wrapper(result: unittest.TestResult, *args: Any, **kwargs: Any) -> Any:
            if self.depth == 0 and (self.active is None or self.active is result):
                note(result, *args, **kwargs)
            self.depth += 1
            try:
                return method(result, *args, **kwargs)
            finally:
                self.depth -= 1

        return wrapper

    def start(self, result: unittest.TestResult, test: Any) -> None:
        self.active = result
        self.test(test.id())["count"] += 1

    def stop(self, result: unittest.TestResult, test: Any) -> None:
        self.active = None

    def outcome(
        self, state: str, result: unittest.TestResult, test: Any, detail: Any = None
    ) -> None:
        reason = reason_of(detail)
        if self.active is None and type(test).__name__ == "_ErrorHolder":
            self.fixtures[test.id()] = worse(self.fixtures.get(test.id(), "unknown"), state)
            return
        parent = getattr(test, "test_case", None)
        if isinstance(parent, unittest.TestCase):
            # self.skipTest() within self.subTest().
            self.note_subtest(parent, test, state, reason)
        else:
            self.note(test.id(), state, reason)

    def subtest(self, result: unittest.TestResult, test: Any, subtest: Any, error: Any) -> None:
        state = "passed"
        if error is not None:
            state = "failed" if issubclass(error[0], test.failureException) else "errored"
        self.note_subtest(test, subtest, state, reason_of(error))

    def note_subtest(self, test: Any, subtest: Any, state: str, reason: str) -> None:
        subtests = self.test(test.id()).setdefault("subtests", {})
        subtests[subtest.id()] = worse(subtests.get(subtest.id(), "unknown"), state)
        if state != "passed":
            self.note(test.id(), state, reason)

    def note(self, name: str, state: str, reason: str) -> None:
        entry = self.test(name)
        if worse(entry["state"], state) != entry["state"]:
            entry["state"] = state
            entry.pop("reason", None)
            if reason:
                entry["reason"] = reason

    def test(self, name: str) -> dict[str, Any]:
        return self.tests.setdefault(name, {"state": "unknown", "count": 0})


def worse(one: str, other: str) -> str:
    return max(one, other, key=STATES.index)


def reason_of(detail: Any) -> str:
    """The reason of a skip (a string), or the type and message of an exc_info."""
    if isinstance(detail, tuple):
        try:
            return traceback.format_exception_only(detail[0], detail[1])[-1].strip()
        except Exception:  # noqa: BLE001 (a __str__ may raise anything)
            return str(detail[0])
    return "" if detail is None else str(detail)


def run_script(path: str) -> int:
    """Runs a script as the interpreter would, and returns its exit status."""
    path = os.path.abspath(path)
    sys.path[0] = os.path.dirname(path)
    # Not runpy.run_path, which would leave an absolute sys.argv[0].
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
        exec(code, main.__dict__)  # noqa: S102
    except SystemExit as exit:
        if exit.code is None or isinstance(exit.code, int):
            return exit.code or 0
        print(exit.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        return 1
    return 0


def main() -> int:
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        print("usage: reference.py OUT.json -- manage.py test [arguments]", file=sys.stderr)
        return 2
    out = os.path.abspath(sys.argv[1])
    del sys.argv[:3]
    argv = list(sys.argv)
    recorder = Recorder()
    recorder.patch()
    # Not time.monotonic(): time-machine, once a test used it, has that tell
    # the time of day.
    start = time.perf_counter()
    status = run_script(sys.argv[0])
    seconds = time.perf_counter() - start
    django: Any = sys.modules.get("django")
    record = {
        "exit": status,
        "tests": recorder.tests,
        "fixtures": recorder.fixtures,
        "suite": {
            "python": sys.version.split()[0],
            "django": django.get_version() if django else None,
            "argv": argv,
            "seconds": round(seconds, 3),
        },
    }
    with open(out + ".new", "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")
    os.replace(out + ".new", out)
    return status


if __name__ == "__main__":
    sys.exit(main())
