"""The lowest step of the ladder, and ``--cold``: ``manage.py test`` as it is, in a fresh process,
with nothing of ours in its way but a listener on unittest's result class."""

import unittest
from typing import Any

from hotclub_worker.listen import Listener
from hotclub_worker.result import Outcome, streaming
from hotclub_worker.wire import JSON


def run_cold(worker: Any, params: JSON) -> JSON:
    """Runs the project's ``run_tests`` and streams what its results are told."""
    project = worker.project
    runner = project.runner_class(**{**project.parsed(params["options"]), "interactive": False})
    listener = ColdListener(worker, params["tests"])
    original = unittest.TextTestRunner._makeResult

    def make_result(self: Any) -> Any:
        self.resultclass = streaming(self.resultclass, listener)
        return original(self)

    unittest.TextTestRunner._makeResult = make_result  # type: ignore[method-assign]
    project.tear_down()  # run_tests sets its environment up by itself
    worker.databases.unguard()
    try:
        failures = runner.run_tests(params["labels"])
    except SystemExit as error:
        failures = error.code
    finally:
        unittest.TextTestRunner._makeResult = original  # type: ignore[method-assign]
    listener.settle()
    listener.blame_fixtures()
    return {"failed": bool(failures), "stopped": listener.missing()}


class ColdListener(Listener):
    """A listener that learns the tests as they come."""

    def __init__(self, worker: Any, wanted: list[str]) -> None:
        super().__init__(worker, worker.queries)
        self.expect(wanted, [])
        self._ids = {name: i for i, name in enumerate(wanted)}
        self._fixtures: dict[str, Outcome] = {}

    def _new_fixture(self, phase: str, name: str) -> Outcome:
        self.settle()  # the test before it is over
        self._fixtures[name] = super()._new_fixture(phase, name)
        return self._fixtures[name]

    def blame_fixtures(self) -> None:
        """Gives the tests under a fixture that failed or skipped its verdict."""
        for name, fixture in self._fixtures.items():
            for index in self.missing():
                if self._wanted[index].startswith(name + "."):
                    self._begin_at(index)
                    self._inherit(fixture)
                    self.settle()
