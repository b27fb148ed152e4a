"""The lowest step of the ladder, and ``--cold``: ``manage.py test`` as it is, in a fresh process,
with nothing of ours in its way but a listener on unittest's result class."""

import unittest
from typing import Any

from hotclub_worker.wire import JSON


def run_cold(worker: Any, params: JSON) -> JSON:
    """Runs the project's ``run_tests`` and streams what its results are told."""
    from hotclub_worker.execute import Listener
    from hotclub_worker.result import streaming

    project = worker.project
    runner = project.runner_class(**{**project.options, **_parsed(project, params["options"])})
    listener = _ColdListener(Listener(worker, worker.queries), params["tests"])
    original = unittest.TextTestRunner._makeResult

    def make_result(self: Any) -> Any:
        self.resultclass = streaming(self.resultclass, listener)
        return original(self)

    unittest.TextTestRunner._makeResult = make_result  # type: ignore[method-assign]
    project.tear_down()  # run_tests sets its environment up by itself
    worker.databases._unguard(worker.databases._original)
    try:
        failures = runner.run_tests(params["labels"])
    except SystemExit as error:
        failures = error.code
    finally:
        unittest.TextTestRunner._makeResult = original  # type: ignore[method-assign]
    listener.settle()
    return {"failed": bool(failures), "stopped": listener.missing()}


def _parsed(project: Any, arguments: list[str]) -> JSON:
    options = vars(project.command.create_parser("manage.py", "test").parse_args(arguments))
    options.pop("args", None)
    return {**options, "interactive": False, "parallel": 0}


class _ColdListener:
    """A listener that learns the tests as they come."""

    def __init__(self, listener: Any, wanted: list[str]) -> None:
        self._listener = listener
        self._listener.expect(wanted, [])
        self._listener._ids = {name: i for i, name in enumerate(wanted)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

