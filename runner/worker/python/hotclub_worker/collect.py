"""Finds tests through the project's own ``build_suite`` and describes them for the server."""

import os
import sys
import traceback
import unittest
from collections.abc import Iterator
from typing import Any, Optional

from hotclub_worker.failure import import_message
from hotclub_worker.wire import JSON
from hotclub_worker.worker import Refused


def collect(project: Any, labels: list[str], arguments: list[str]) -> JSON:
    """The tests that ``manage.py test <arguments> <labels>`` would run, cut into units by class,
    in Django's order. Ids are relative to the project; the server completes them."""
    runner = project.runner_for(arguments)
    loading = Loading(runner)
    try:
        tests = loading.load(labels)
    except (RuntimeError, ValueError, TypeError) as error:
        if not _came_from_loader(error):
            raise
        # load_tests_for_label refuses a path to a file with an explanation (ticket 32532).
        raise Refused(str(error), usage=True) from error
    project.tests_loaded()
    project.keep_ready(arguments, runner)
    databases = name_databases(runner, loading.suite)
    return {
        "units": list(_units(project, runner, loading, tests)),
        "databases": sorted(databases),
        "seed": getattr(runner, "shuffle_seed", None),
        "failed": sum(is_failed_import(test) for test in tests),
        "models": project.models_of_tests(),
    }


def name_databases(runner: Any, suite: Any) -> dict[str, bool]:
    """The aliases that a suite needs, and which of them to serialize; the suite is told as
    ``DiscoverRunner.run_tests`` tells it."""
    if not hasattr(runner, "get_databases"):
        return {}
    databases: dict[str, bool] = runner.get_databases(suite)
    suite.serialized_aliases = {alias for alias, serialize in databases.items() if serialize}
    suite.used_aliases = set(databases)
    return databases


class Loading:
    """One way of loading: a runner with its options, and where each test came from."""

    def __init__(self, runner: Any) -> None:
        self.runner = runner
        self.labels: list[str] = []  # the latest
        self.suite: Any = None  # what build_suite made of them
        self._origin: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no later test gets the id() of an earlier one

    def load(self, labels: list[str]) -> list[Any]:
        loader = self.runner.test_loader
        original = loader.loadTestsFromModule
        by_project = vars(loader).get("loadTestsFromModule")

        def load_tests_from_module(module: Any, *args: Any, **kwargs: Any) -> Any:
            suite = original(module, *args, **kwargs)
            self._kept.append(suite)
            for test in flatten(suite):
                self._origin.setdefault(id(test), module.__name__)
            return suite

        loader.loadTestsFromModule = load_tests_from_module
        try:
            self.labels = labels
            self.suite = self.runner.build_suite(list(labels))
            return list(flatten(self.suite))
        finally:
            del loader.loadTestsFromModule
            if by_project is not None:
                loader.loadTestsFromModule = by_project

    def origin(self, test: Any) -> Optional[str]:
        """The module from which discovery got a test; not always the one of its class."""
        return self._origin.get(id(test))


def _came_from_loader(error: BaseException) -> bool:
    """Whether an error was raised by what looks labels up, not by what it imported."""
    from django.test import runner

    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code.co_filename in (runner.__file__, unittest.loader.__file__)


def flatten(suite: Any) -> Iterator[Any]:
    """The test cases of a suite of suites (``django.test.utils.iter_test_cases``, which raises
    on what merely quacks like a test)."""
    try:
        children = iter(suite)
    except TypeError:
        yield suite
        return
    for child in children:
        yield from flatten(child)


def names(tests: list[Any]) -> list[str]:
    """A name for each test that is unique among them and survives JSON: its id, numbered where
    that repeats."""
    seen: dict[str, int] = {}
    result = []
    for test in tests:
        name = _id(test).encode("utf-8", "backslashreplace").decode()
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


def _id(test: Any) -> str:
    try:
        return str(test.id())
    except Exception:
        kind = type(test)
        return f"{kind.__module__}.{kind.__qualname__}.{getattr(test, '_testMethodName', '')}"


def _units(project: Any, runner: Any, loading: Loading, tests: list[Any]) -> Iterator[JSON]:
    groups: dict[Any, JSON] = {}
    labels: dict[Any, set[str]] = {}
    for test, name in zip(tests, names(tests)):
        kind = type(test)
        origin = loading.origin(test)
        key = (kind, None if _addressable(kind) else origin)
        if key not in groups:
            groups[key] = _unit(runner, test, origin)
            labels[key] = set()
        groups[key]["tests"].append(_test(project, test, name, loading))
        labels[key].add(_label(test, origin))
    for key, unit in groups.items():
        unit["label"] = next(iter(labels[key])) if len(labels[key]) == 1 else key[1] or ""
        yield unit


def _unit(runner: Any, test: Any, origin: Optional[str]) -> JSON:
    from django.db import connections

    kind = type(test)
    databases = getattr(test, "databases", None) or set()
    if databases == "__all__":
        databases = set(connections)
    bins = (unittest.loader._FailedTest, *getattr(runner, "reorder_by", ()))  # type: ignore[attr-defined]
    place = next((i for i, each in enumerate(bins) if issubclass(kind, each)), len(bins))
    return {
        "module": origin or kind.__module__,
        "class": kind.__qualname__,
        "bin": place,
        "databases": sorted(databases),
        "tests": [],
    }


def _test(project: Any, test: Any, name: str, loading: Loading) -> JSON:
    kind = type(test)
    if is_failed_import(test) or _is_skipped_module(test):
        return _whole_module(project, test, name, loading.labels)
    origin = loading.origin(test)
    method = str(getattr(test, "_testMethodName", ""))
    home = kind.__module__
    if not _addressable(kind) or name != f"{kind.__module__}.{kind.__qualname__}.{method}":
        # A doctest, a generated class, a second instance: only its name tells it from others.
        method, home = name, origin or home
    file = getattr(sys.modules.get(home), "__file__", None) or ""
    return {
        "path": _relative(file, project.root) or home,
        "label": name,
        "class": kind.__qualname__,
        "name": method,
        "file": file,
        "line": _line(test),
        "tags": sorted(_tags(test)),
    }


def _whole_module(project: Any, test: Any, name: str, labels: list[str]) -> JSON:
    """A module that could not be loaded stands for itself, as a file where there is one."""
    dotted = str(getattr(test, "_testMethodName", name))
    failed: JSON = {"path": dotted, "label": name, "class": "", "name": "", "file": "", "line": 0}
    failed["tags"] = []
    if is_failed_import(test):
        text = str(getattr(test, "_exception", "")).strip()
        failed["error"] = text.rpartition("\n")[2] or dotted
        failed["message"] = import_message(project, text)
    for module in (dotted, *_ending_in(dotted, labels)):
        for base in (project.directory, project.root, *sys.path):
            path = os.path.join(base, *module.split("."))
            for file in (path + ".py", os.path.join(path, "__init__.py")):
                if os.path.isfile(file):
                    relative = _relative(file, project.root) or module
                    return {**failed, "path": relative, "file": file, "line": 1}
    return failed


def _ending_in(last: str, labels: list[str]) -> Iterator[str]:
    """The parts of labels up to some name: ``loadTestsFromName`` calls a module that it could not
    import by the last of its names only."""
    for label in labels:
        parts = label.split(".")
        if last in parts[1:]:
            yield ".".join(parts[: parts.index(last, 1) + 1])


def is_failed_import(test: Any) -> bool:
    return type(test).__name__ == "_FailedTest" and type(test).__module__ == "unittest.loader"


def _is_skipped_module(test: Any) -> bool:
    return type(test).__name__ == "ModuleSkipped" and type(test).__module__ == "unittest.loader"


def _addressable(kind: Any) -> bool:
    """Whether a loader finds the class again by its dotted name. Those of the standard library
    hold something else: a doctest, a function."""
    if kind.__module__ == "doctest" or kind.__module__.startswith("unittest."):
        return False
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind


def _label(test: Any, origin: Optional[str]) -> str:
    """The narrowest label that leads to a test: its class, or the module whose ``load_tests``
    made it, or "" for all that the run was asked for."""
    kind = type(test)
    module = sys.modules.get(origin or "")
    made = module is not None and hasattr(module, "load_tests")
    method = getattr(test, "_testMethodName", None)
    if _addressable(kind) and not made and isinstance(method, str) and hasattr(kind, method):
        return f"{kind.__module__}.{kind.__qualname__}"
    return origin or ""


def _method(test: Any) -> Any:
    return getattr(type(test), str(getattr(test, "_testMethodName", "")), None)


def _line(test: Any) -> int:
    function = _method(test)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return int(getattr(code, "co_firstlineno", 0))


def _tags(test: Any) -> set[str]:
    """Class and method tags together (``filter_tests_by_tags``)."""
    return set(getattr(test, "tags", ())) | set(getattr(_method(test), "tags", ()))


def _relative(file: str, root: str) -> str:
    if not file:
        return ""
    try:
        path = os.path.relpath(file, root)
    except ValueError:  # another drive
        return file.replace(os.sep, "/")
    return (file if path.startswith("..") else path).replace(os.sep, "/")
