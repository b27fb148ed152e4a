"""Which lines of the project are executed, for runs that ask for it.

The measurement begins before anything of the project is imported and is part of every fork, so
that what a layer has executed counts in each worker as it does in one process of ``manage.py
test``. What a worker has executed is saved to a file; at the end of the run one of them puts all
files together.

``coverage`` does it where the project's environment has it, by the project's own settings of it:
it knows best what a statement and a branch is. See monitoring.py for the other way.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Optional, Protocol

from hotclub_worker.wire import JSON

# Of a directory: its tests. coverage reads "**/" as any folders, or none.
TESTS = ("**/tests/**", "**/tests.py", "**/test_*.py", "**/conftest.py")

# What coverage would warn of: it is said to nobody, but a project may make errors of warnings.
_QUIET = [
    "already-imported", "couldnt-parse", "dynamic-conflict", "include-ignored",
    "module-not-imported", "module-not-measured", "module-not-python", "no-ctracer",
    "no-data-collected", "no-sysmon", "no-sysmon-context", "trace-changed",
]  # fmt: skip


class Measurement(Protocol):
    """What measures in this process, from its making on."""

    def save(self, path: str) -> None:
        """Writes what was executed so far; the measurement goes on."""

    def report(self, paths: list[str]) -> JSON:
        """What some processes have executed together, of all files that count."""


class NotMeasured(Exception):
    """Why nothing can be measured, and what to do about it."""


def begin(params: JSON) -> Measurement:
    """Begins to measure; ``params`` are those of the boot. Raises NotMeasured."""
    wish, directory = params["coverage"], params["directory"]
    try:
        import coverage

        version: tuple[int, ...] = coverage.version_info[:2]
    except ImportError:
        version = ()
    if version >= (7, 0):
        return _Coverage(wish, [directory, params["root"]])
    if sys.version_info >= (3, 12):
        from hotclub_worker.monitoring import Monitoring

        return Monitoring(wish.get("sources") or [], directory)
    there = f"coverage {'.'.join(map(str, version))}" if version else "coverage"
    what = f"{there} is too old" if version else f"{there} is not installed"
    raise NotMeasured(
        f"{what} in {sys.executable}: pip install 'coverage>=7' there, or use Python 3.12 or "
        "newer, which can measure without it"
    )


class _Coverage:
    """By ``coverage``, told what ``coverage run`` would find in its settings."""

    def __init__(self, wish: JSON, places: list[str]) -> None:
        self._branches: bool = wish.get("branches", False)
        self._directory = places[0]
        self._sources = [self._named(source) for source in wish.get("sources") or []]
        self._settings = self._find_settings(places)
        with _inside(self._settings):
            self._coverage = self._make(None)
            try:
                self._coverage.start()
            except Exception as error:
                raise self._refused(error) from error

    def save(self, path: str) -> None:
        with open(path, "wb") as file:
            file.write(self._coverage.get_data().dumps())

    def report(self, paths: list[str]) -> JSON:
        import coverage

        whole, written = paths[0] + ".all", paths[0] + ".json"
        try:
            self._combine(paths, whole)
            with _inside(self._settings):
                combined = self._make(whole)
                combined.load()
                try:
                    combined.json_report(outfile=written, ignore_errors=True)
                except coverage.exceptions.NoDataError:
                    return self._told(combined, {})
                with open(written, "rb") as file:
                    return self._told(combined, json.load(file)["files"])
        finally:
            for path in (whole, written):
                with suppress(OSError):  # it is in the server's own folder, and goes with that
                    os.remove(path)

    def _named(self, source: str) -> str:
        """A folder by its place, a package by its name."""
        place_of(source, self._directory)
        path = os.path.join(self._directory, source)
        return path if os.path.isdir(path) else source

    def _find_settings(self, places: list[str]) -> str:
        """The directory whose settings hold, as if ``coverage run`` had been called there."""
        for place in places:
            with _inside(place):
                if self._make(None).config.config_file:
                    return place
        return places[0]

    def _make(self, data_file: Optional[str]) -> Any:
        import coverage

        try:
            made = coverage.Coverage(
                data_file=data_file, branch=self._branches or None, source=self._sources or None
            )
            if not made.get_option("run:source") and not made.get_option("run:include"):
                self._choose(made)
            self._keep_apart(made)
            if data_file is None:
                made.set_option("run:data_file", "none")  # a folder for one would be made
        except Exception as error:
            raise self._refused(error) from error
        return made

    def _refused(self, error: Exception) -> NotMeasured:
        return NotMeasured(
            f"coverage refuses to measure: {error}; its settings are in {self._directory}"
        )

    def _choose(self, made: Any) -> None:
        if _packages(made):
            return
        made.set_option("run:source", [self._directory])
        if not made.get_option("run:omit"):
            made.set_option("run:omit", [f"{self._directory}/{each}" for each in TESTS])

    def _keep_apart(self, made: Any) -> None:
        """Turns off what reaches beyond this process, or beyond the data that is wanted here."""
        threads = [
            name for name in made.get_option("run:concurrency") or [] if name != "multiprocessing"
        ]
        made.set_option("run:concurrency", threads or ["thread"])
        made.set_option(
            "run:disable_warnings", [*_QUIET, *(made.get_option("run:disable_warnings") or [])]
        )
        made.set_option("run:parallel", False)
        for option, value in (
            ("run:sigterm", False),
            ("run:patch", []),
            ("json:show_contexts", False),
        ):
            with suppress(Exception):  # this coverage may be older than the option
                made.set_option(option, value)

    def _combine(self, paths: list[str], whole: str) -> None:
        import coverage

        combined = coverage.CoverageData(basename=whole)
        for path in paths:
            part = coverage.CoverageData(no_disk=True)
            with open(path, "rb") as file:
                part.loads(file.read())
            combined.update(part)
        combined.write()

    def _told(self, combined: Any, files: JSON) -> JSON:
        import coverage

        told = [self._told_of(combined, name, found) for name, found in sorted(files.items())]
        return {"tool": f"coverage {coverage.__version__}", "files": told}

    def _told_of(self, combined: Any, name: str, found: JSON) -> JSON:
        summary, path = found["summary"], os.path.join(self._settings, name)
        executed = set(found["executed_lines"])
        if len(executed) != summary["covered_lines"]:
            # Some are of docstrings, or of what is excluded: no statements for coverage.
            executed.intersection_update(combined.analysis2(path)[1])
        told: JSON = {
            "file": path,
            "executed": summary["covered_lines"],
            "total": summary["num_statements"],
            "executedLines": ranges(executed),
            "missedLines": ranges(found["missing_lines"]),
        }
        if "num_branches" in summary:
            told["branchesExecuted"] = summary["covered_branches"]
            told["branchesTotal"] = summary["num_branches"]
            told["branches"] = [
                {"line": line, "to": to, "taken": taken}
                for taken, branches in (
                    (True, found.get("executed_branches", [])),
                    (False, found.get("missing_branches", [])),
                )
                for line, to in branches
            ]
        return told


def _packages(made: Any) -> Any:
    with suppress(Exception):  # as above
        return made.get_option("run:source_pkgs")
    return None


def place_of(source: str, directory: str) -> str:
    """The folder or file of a source: a folder, or a package, which is not imported for this."""
    path = os.path.join(directory, source)
    if os.path.isdir(path):
        return os.path.abspath(path)
    top, _, rest = source.partition(".")
    spec = importlib.util.find_spec(top)
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    if folders:
        found = os.path.join(folders[0], *rest.split(".")) if rest else folders[0]
        return os.path.abspath(found + ".py" if os.path.isfile(found + ".py") else found)
    if spec is None or not spec.origin:
        raise NotMeasured(f"{source} is neither a folder below {directory} nor a package")
    return os.path.abspath(spec.origin)


def ranges(lines: Iterable[int]) -> list[list[int]]:
    """Lines as pairs of the first and the last of those that follow each other."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and found[-1][1] == line - 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return found


@contextmanager
def _inside(directory: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)
