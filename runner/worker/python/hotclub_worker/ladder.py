"""Steps of the fallback ladder below streaming, for projects that override more than Hotclub can
take over: their own code runs the tests of a unit, and what it reports is passed on."""

import unittest
from typing import Any

from hotclub_worker.capture import Nowhere
from hotclub_worker.result import streaming


def run_suite(runner: Any, tests: list[Any], listener: Any) -> None:
    """The project's ``run_suite`` or test runner class runs the unit; its result class is heard."""
    base = runner.get_resultclass() or getattr(
        runner.test_runner, "resultclass", unittest.TextTestResult
    )
    resultclass = streaming(base, listener)
    runner.get_resultclass = lambda: resultclass
    try:
        runner.run_suite(runner.test_suite(tests))
    finally:
        del runner.get_resultclass


def replay(runner: Any, tests: list[Any], listener: Any) -> None:
    """The project's ``ParallelTestSuite`` subclass runs the unit; its events are replayed when
    the unit is done, as Django's own parallel runner does (``ParallelTestSuite.run``)."""
    suite_class = runner.parallel_test_suite
    suite = runner.test_suite(tests)
    arguments = (suite_class.runner_class, 0, suite, runner.failfast, runner.buffer)
    run_subsuite = getattr(suite_class.run_subsuite, "__func__", suite_class.run_subsuite)
    _, events = run_subsuite(arguments)
    result = streaming(unittest.TextTestResult, listener)(_Line(), True, 0)
    for event in events:
        _replay_event(result, tests, event)


def _replay_event(result: Any, tests: list[Any], event: Any) -> None:
    """``ParallelTestSuite.handle_event``, with fixture errors put where they belong."""
    name, index, *arguments = event
    handler = getattr(result, name, None)
    if handler is None:
        return
    if index >= 0:
        handler(tests[index], *arguments)
        return
    # Before the first test: a fixture. Django names it from 5.2 on.
    named = arguments.pop(0) if name == "addError" and len(arguments) > 1 else ""
    kind = type(tests[0])
    holder = named or f"setUpClass ({kind.__module__}.{kind.__qualname__})"
    handler(unittest.suite._ErrorHolder(holder), *arguments)  # type: ignore[attr-defined]


class _Line(Nowhere):
    def writeln(self, text: str = "") -> None:
        pass
