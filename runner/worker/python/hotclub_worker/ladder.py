"""Steps of the fallback ladder below streaming, for projects that override more than Hotclub can
take over: their own code runs the tests of a unit, and what it reports is passed on."""

import unittest
from typing import Any

from hotclub_worker.collect import name_databases
from hotclub_worker.project import overridden, parallel_suite, plain
from hotclub_worker.result import result_of, streaming, text_runner_of


def run_suite(runner: Any, tests: list[Any], listener: Any) -> None:
    """The project's ``run_suite`` or test runner class runs the unit; its result class is heard."""
    base = runner.get_resultclass() or getattr(
        runner.test_runner, "resultclass", unittest.TextTestResult
    )
    resultclass = streaming(base, listener)
    runner.get_resultclass = lambda: resultclass
    suite = runner.test_suite(tests)
    name_databases(runner, suite)
    try:
        runner.run_suite(suite)
    finally:
        del runner.get_resultclass


def replay(runner: Any, tests: list[Any], listener: Any) -> None:
    """The project's ``ParallelTestSuite`` subclass runs the unit; its events are replayed when
    the unit is done, as Django's own parallel runner does (``ParallelTestSuite.run``)."""
    from django.test.runner import ParallelTestSuite, RemoteTestResult

    # Its events stay in this process, where a traceback need not be pickled.
    RemoteTestResult._confirm_picklable = lambda self, obj: None
    suite = parallel_suite(runner, [runner.test_suite(tests)])
    name_databases(runner, suite)
    arguments = (suite.runner_class, 0, suite.subsuites[0], runner.failfast, runner.buffer)
    _, events = plain(suite.run_subsuite)(arguments)
    result = result_of(text_runner_of(runner, lambda base: streaming(base, listener)))
    result.buffer = False  # as ParallelTestSuite.run has it: what is replayed prints nothing
    handle = _replay_event
    if overridden(type(suite), ParallelTestSuite, "handle_event"):
        handle = suite.handle_event
    for event in events:
        handle(result, tests, event)


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
