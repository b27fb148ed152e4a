"""Which lines are executed, by Python's own ``sys.monitoring``: for Python 3.12 and newer where the
project's environment has no ``coverage``.

Each line tells of itself once, so that it costs next to nothing. A statement counts by its first
line, docstrings are none, and what ``# pragma: no cover`` stands at is left out; more than that
``coverage`` would have to be asked. Ways from line to line are not told.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any, Optional

from hotclub_worker.coverage import NotMeasured, place_of, ranges
from hotclub_worker.reads import installed
from hotclub_worker.wire import JSON

_TOOL = 1  # sys.monitoring.COVERAGE_ID
_PRAGMA = re.compile(r"#\s*(pragma|PRAGMA)[:\s]?\s*(no|NO)\s*(cover|COVER)")


class Monitoring:
    """Of the files below some folders, or of some packages; of a whole directory but its tests
    where none are named."""

    def __init__(self, sources: list[str], directory: str) -> None:
        self._directory = directory
        self._places = [place_of(source, directory) for source in sources] or [directory]
        self._all = bool(sources)
        self._executed: dict[str, Optional[set[int]]] = {}  # None: the file does not count
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        try:
            monitoring.use_tool_id(_TOOL, "hotclub")
        except ValueError as error:
            other = monitoring.get_tool(_TOOL)
            raise NotMeasured(
                f"{other} measures in this process already; end that, or install coverage there"
            ) from error
        disable = monitoring.DISABLE

        def line(code: CodeType, number: int) -> Any:
            lines = self._lines_of(code.co_filename)
            if lines is not None:
                lines.add(number)
            return disable

        monitoring.register_callback(_TOOL, monitoring.events.LINE, line)
        monitoring.set_events(_TOOL, monitoring.events.LINE)

    def save(self, path: str) -> None:
        lines = {name: sorted(found) for name, found in self._executed.items() if found}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(lines, file)

    def report(self, paths: list[str]) -> JSON:
        executed: dict[str, set[int]] = {name: set() for name in self._files()}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                for name, lines in json.load(file).items():
                    executed.setdefault(os.path.abspath(name), set()).update(lines)
        told = [_told(name, executed[name]) for name in sorted(executed)]
        return {"tool": "sys.monitoring", "files": [each for each in told if each]}

    def _lines_of(self, name: str) -> Optional[set[int]]:
        try:
            return self._executed[name]
        except KeyError:
            counts = not name.startswith("<") and self._counts(os.path.abspath(name))
            self._executed[name] = set() if counts else None
            return self._executed[name]

    def _counts(self, path: str) -> bool:
        inside = any(path == place or path.startswith(place + os.sep) for place in self._places)
        if self._all or not inside:
            return inside
        below = path[len(self._directory) :]
        return not installed(below) and not _is_test(below)

    def _files(self) -> Iterator[str]:
        """The sources that count and could be imported, by the rule of ``coverage``: below a folder
        that was named, folders count that are packages."""
        for place in self._places:
            if os.path.isfile(place):
                yield place
            for folder, folders, files in os.walk(place):
                if folder != place and "__init__.py" not in files:
                    folders[:] = []
                    continue
                for name in files:
                    path = os.path.join(folder, name)
                    if name.endswith(".py") and self._counts(path):
                        yield path


def _is_test(below: str) -> bool:
    *folders, name = below.split(os.sep)
    return "tests" in folders or name in ("tests.py", "conftest.py") or name.startswith("test_")


def _told(path: str, executed: set[int]) -> Optional[JSON]:
    try:
        with open(path, "rb") as file:
            text = file.read()
        statements = _Statements(text, path)
    except (OSError, SyntaxError, ValueError):
        return None  # it is gone, or was never Python
    total = statements.begins_of(_lines(statements.code))
    found = statements.begins_of(executed) & total
    return {
        "file": path,
        "executed": len(found),
        "total": len(total),
        "executedLines": ranges(found),
        "missedLines": ranges(total - found),
    }


def _lines(code: CodeType) -> set[int]:
    """The lines that code can tell of."""
    table: Any = code  # which has it from Python 3.10 on
    lines = {line for _, _, line in table.co_lines() if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            lines |= _lines(constant)
    return lines


class _Statements:
    """Where the statements of a source begin."""

    def __init__(self, text: bytes, path: str) -> None:
        tree = ast.parse(text, path)
        self.code: CodeType = compile(text, path, "exec", dont_inherit=True)
        self._begins: dict[int, Optional[int]] = {}  # by each of its lines; None: it does not count
        lines = text.decode("utf-8", "replace").splitlines()
        self._excluded = {number for number, line in enumerate(lines, 1) if _PRAGMA.search(line)}
        self._enter(tree.body)

    def begins_of(self, lines: set[int]) -> set[int]:
        begins = (self._begins.get(line) for line in lines)
        return {begin for begin in begins if begin is not None}

    def _enter(self, body: list[Any]) -> None:
        for node in body:
            parts = [part for part in _bodies(node) if part]
            first = min(
                [node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]
            )
            last = (
                max(node.lineno, min(_first(part) for part in parts) - 1)
                if parts
                else node.end_lineno
            )
            counts = not _is_docstring(node)
            if self._excluded.intersection(range(first, last + 1)):
                counts, end = False, node.end_lineno
                if parts and not hasattr(node, "decorator_list"):
                    end = parts[0][-1].end_lineno  # what hangs on its other branches counts
                self._mark(first, end, None)
                parts = parts[1:] if end != node.end_lineno else []
            else:
                self._mark(first, last, first if counts else None)
            for part in parts:
                self._enter(part)

    def _mark(self, first: int, last: int, begin: Optional[int]) -> None:
        for line in range(first, last + 1):
            self._begins[line] = begin


def _bodies(node: Any) -> Iterator[list[Any]]:
    for name in ("body", "orelse", "finalbody"):
        part = getattr(node, name, None)
        if isinstance(part, list):
            yield part
    for name in ("handlers", "cases"):
        for each in getattr(node, name, []):
            yield [each] if name == "handlers" else each.body


def _first(body: list[Any]) -> int:
    node = body[0]
    decorators = getattr(node, "decorator_list", [])
    return min(int(each.lineno) for each in (node, *decorators))


def _is_docstring(node: Any) -> bool:
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant and isinstance(node.value.value, str)
