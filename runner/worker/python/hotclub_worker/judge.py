"""Whether a run has failed is for the project's runner to say: ``suite_result`` is asked about
a result that holds what all workers together have found."""

import unittest
from typing import Any

from hotclub_worker.collect import Loading, name_databases, names
from hotclub_worker.result import result_of, text_runner_of
from hotclub_worker.wire import JSON


def judge(project: Any, params: JSON) -> JSON:
    """Asks the runner of a run about its verdicts and the errors of its classes and modules."""
    runner = project.runner_for(params["options"])
    loading = Loading(runner)
    tests = loading.load(params["labels"])
    name_databases(runner, loading.suite)
    result = result_of(text_runner_of(runner, lambda base: base))
    filling = _Filling(result, dict(zip(names(tests), tests)))
    for verdict in params["verdicts"]:
        filling.put(verdict)
    return {"failed": bool(runner.suite_result(loading.suite, result))}


class _Filling:
    """Puts verdicts into a result, where a serial run would have put them."""

    def __init__(self, result: Any, tests: dict[str, Any]) -> None:
        self._result = result
        self._tests = tests
        self._fixtures: set[tuple[str, str]] = set()  # told already: it blocked several tests

    def put(self, verdict: JSON) -> None:
        state, name = verdict["state"], verdict["test"]
        messages = verdict.get("messages") or []
        phase = messages[0].get("phase") if messages else ""
        if state in ("notRun", "cancelled"):
            return
        if phase in ("setUpClass", "setUpModule", "tearDownClass", "tearDownModule"):
            self._put_fixture(phase, name, messages)
            return
        test = self._tests.get(name) or _Named(name)
        self._result.testsRun += 1
        if state in ("failed", "errored"):
            kept = self._result.failures if state == "failed" else self._result.errors
            for message in messages:
                subtest = message.get("subtest")
                subject = _Named(f"{name} {subtest}") if subtest else test
                kept.append((subject, message["text"]))
        elif state == "skipped":
            self._result.skipped.append((test, verdict.get("reason", "")))
        elif state == "xfailed":
            self._result.expectedFailures.append((test, ""))
        elif state == "xpassed":
            self._result.unexpectedSuccesses.append(test)

    def _put_fixture(self, phase: str, name: str, messages: list[JSON]) -> None:
        owner = name.rpartition(".")[0] if phase == "setUpClass" else name
        if phase == "setUpModule":
            owner = owner.rpartition(".")[0].rpartition(".")[0]
        if (phase, owner) in self._fixtures:
            return
        self._fixtures.add((phase, owner))
        for message in messages:
            self._result.errors.append((_Named(f"{phase} ({owner})"), message["text"]))


class _Named(unittest.TestCase):
    """Stands for what has an id but is no test that could be loaded."""

    def __init__(self, name: str) -> None:
        super().__init__("id")
        self._name = name

    def id(self) -> str:
        return self._name

    def __str__(self) -> str:
        return self._name
