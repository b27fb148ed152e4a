"""Finds tests through the project's own ``build_suite`` and describes them for the server."""

import os
import sys
import unittest
from collections.abc import Iterator
from typing import Any, Optional

from hotclub_worker.wire import JSON
from hotclub_worker.worker import Refused


def collect(project: Any, labels: list[str], arguments: list[str]) -> JSON:
    """The tests that ``manage.py test <arguments> <labels>`` would run, cut into units by class,
    in Django's order. Ids are relative to the project; the server completes them."""
    try:
        runner = project.runner_for(arguments)
    except SystemExit as error:
        raise Refused("the project's test command does not take these options", usage=True) from error
    loading = Loading(runner)
    try:
        tests = loading.load(labels)
    except (RuntimeError, ValueError, TypeError) as error:
        # load_tests_for_label refuses a path to a file with an explanation (ticket 32532).
        raise Refused(str(error), usage=True) from error
    databases = runner._get_databases(tests) if hasattr(runner, "_get_databases") else {}
    return {
        "units": list(_units(project, runner, loading, tests)),
        "databases": sorted(databases),
        "seed": getattr(runner, "shuffle_seed", None),
        "failed": sum(_is_failed_import(test) for test in tests),
    }


class Loading:
    """One way of loading: a runner with its options, and where each test came from."""

    def __init__(self, runner: Any) -> None:
        self.runner = runner
        self._origin: dict[int, str] = {}

    def load(self, labels: list[str]) -> list[Any]:
        loader = self.runner.test_loader
        original = loader.loadTestsFromModule

        def load_tests_from_module(module: Any, *args: Any, **kwargs: Any) -> Any:
            suite = original(module, *args, **kwargs)
            for test in flatten(suite):
                self._origin.setdefault(id(test), module.__name__)
            return suite

        loader.loadTestsFromModule = load_tests_from_module
        try:
            return list(flatten(self.runner.build_suite(list(labels))))
        finally:
            del loader.loadTestsFromModule

    def origin(self, test: Any) -> Optional[str]:
        """The module from which discovery got a test; not always the one of its class."""
        return self._origin.get(id(test))


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
    """A name for each test that is unique among them: its id, numbered where that repeats."""
    seen: dict[str, int] = {}
    result = []
    for test in tests:
        name = test.id()
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


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
        groups[key]["tests"].append(_test(project, test, name, origin))
        labels[key].add(_label(test, origin))
    for key, unit in groups.items():
        unit["label"] = next(iter(labels[key])) if len(labels[key]) == 1 else key[1] or ""
        yield unit


def _unit(runner: Any, test: Any, origin: Optional[str]) -> JSON:
    from django.db import connections
    from django.test import TestCase, TransactionTestCase

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
        "commits": issubclass(kind, TransactionTestCase) and not issubclass(kind, TestCase),
        "tests": [],
    }


def _test(project: Any, test: Any, name: str, origin: Optional[str]) -> JSON:
    kind = type(test)
    if _is_failed_import(test):
        return _failed_import(project, test, name)
    method = getattr(test, "_testMethodName", None) or name.rpartition(".")[2]
    if not _addressable(kind):
        method = name
    module = sys.modules.get(kind.__module__ if _addressable(kind) else origin or kind.__module__)
    file = getattr(module, "__file__", None) or ""
    return {
        "path": _relative(file, project.root) or kind.__module__,
        "label": name,
        "class": kind.__qualname__,
        "name": method,
        "file": file,
        "line": _line(test, method),
        "tags": sorted(_tags(test, method)),
    }


def _failed_import(project: Any, test: Any, name: str) -> JSON:
    """A module that could not be loaded stands for itself, as a file where there is one."""
    dotted = str(getattr(test, "_testMethodName", name))
    failed: JSON = {"path": dotted, "label": name, "class": "", "name": "", "file": "", "line": 0}
    failed["tags"] = []
    failed["error"] = str(getattr(test, "_exception", "")).strip().rpartition("\n")[2] or dotted
    for base in (project.directory, project.root, *sys.path):
        path = os.path.join(base, *dotted.split("."))
        for file in (path + ".py", os.path.join(path, "__init__.py")):
            if os.path.isfile(file):
                relative = _relative(file, project.root) or dotted
                return {**failed, "path": relative, "file": file, "line": 1}
    return failed


def _is_failed_import(test: Any) -> bool:
    return type(test).__name__ == "_FailedTest" and type(test).__module__ == "unittest.loader"


def _addressable(kind: Any) -> bool:
    """Whether a loader finds the class again by its dotted name."""
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


def _line(test: Any, method: str) -> int:
    function = getattr(type(test), method, None)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return int(getattr(code, "co_firstlineno", 0))


def _tags(test: Any, method: str) -> set[str]:
    """Class and method tags together (``filter_tests_by_tags``)."""
    tags = set(getattr(test, "tags", ()))
    return tags | set(getattr(getattr(test, method, None), "tags", ()))


def _relative(file: str, root: str) -> str:
    if not file:
        return ""
    try:
        path = os.path.relpath(file, root)
    except ValueError:  # another drive
        return file.replace(os.sep, "/")
    return (file if path.startswith("..") else path).replace(os.sep, "/")
