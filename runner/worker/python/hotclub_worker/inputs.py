"""What a finished build depended on beyond the key of its schema.

Data files and directories that it read count by content. A source counts by its module's level and
by the functions in it that this process has called, before the build (what a module computes when
it is imported) or in it. Which sources: those that migrations and whatever was called in the build
import, on and on; where code can reach modules by their names, all that are loaded. When nobody
listened to what was called, all that are loaded count, whole.
"""

import os
import sys
import weakref
from collections.abc import Container, Iterator
from types import ModuleType
from typing import Any, Optional

from hotclub_worker.fingerprint import (
    defining,
    file_of,
    keyed,
    migration_packages,
    unmigrated,
)
from hotclub_worker.mentions import Everything, Mentions
from hotclub_worker.wire import JSON

Called = dict[str, set[str]]


class Watch:
    """Watches one build, from its construction to ``inputs``."""

    def __init__(self, worker: Any) -> None:
        self._project = worker.project
        self._recorder = worker.recorder
        self._calls = worker.calls
        self._recorder.drain()  # what was read before is no reading of the build
        self._environment = self._recorder.forget_environment()
        self._before: Called = self._calls.take() if self._calls is not None else {}
        self._settings: set[str] = set()
        _watch_settings(self._settings)

    def inputs(self, models: list[str]) -> JSON:
        """Everything the build depended on: files, names of facts, and the files that are part of
        the key. ``models`` are modules of tests that were imported for their models."""
        during: Called = {}
        if self._calls is not None:
            during = self._calls.take()
            self._calls.stop()  # from here on it is we who read sources
        called = {path: set(names) for path, names in self._before.items()}
        for path, names in during.items():
            called.setdefault(path, set()).update(names)
        files = {path: self._whole(path) for path in self._data()}
        sources = _Sources(self._project, None if self._calls is None else called, set(during))
        sources.follow(models)
        for path in sources.files:
            files[path] = self._source(path, called)
        facts = {f"setting {name}" for name in self._settings}
        facts.update(f"environment {name}" for name in self._recorder.looked_up())
        facts.update(f"environment {name}" for name in self._environment if name in sources.words)
        facts.update(f"setting {word}" for word in sources.words if _is_setting(word))
        return {
            "inputs": [files[path] for path in sorted(files)],
            "facts": sorted(facts),
            "keyed": sorted(keyed(self._project)),
            "coarse": self._calls is None,
        }

    def _data(self) -> Iterator[str]:
        """What is no source: read in the build, or before, when a module may have kept it."""
        for entry in self._recorder.drain():
            if entry[1] in ("file", "names", "absent") and self._is_data(entry[0]):
                yield entry[0]
        for path in self._recorder.seen():
            if self._is_data(path) and os.path.isfile(path):
                yield path

    def _is_data(self, path: str) -> bool:
        # Bytecode stands for its source; pkgutil lists also the folder of it.
        no_data = (".py", ".pyc", ".so", ".pyd", ".sqlite3", os.sep + "__pycache__")
        return not path.endswith(no_data) and bool(self._project.own(path))

    def _whole(self, path: str) -> JSON:
        return {"path": path, "whole": True, "functions": []}

    def _source(self, path: str, called: Called) -> JSON:
        if self._calls is None or not self._calls.clear(path):
            return self._whole(path)
        return {"path": path, "whole": False, "functions": sorted(called.get(path, ()))}


class _Sources:
    """The project's sources on which the build depended."""

    def __init__(self, project: Any, called: Optional[Called], during: set[str]) -> None:
        self.files: set[str] = set()
        self.words: set[str] = set()
        self._project = project
        self._called = called  # None: any function may have been
        self._during = during  # files with functions that were called in the build
        self._waiting: list[str] = []
        self._visited: set[str] = set()
        self._migrations = migration_packages()

    def follow(self, models: list[str]) -> None:
        self._add(models)
        self._add(name for name in list(sys.modules) if name.startswith(self._migrations))
        everything = self._called is None
        self._add(name for name, path in self._loaded() if everything or path in self._during)
        for app in unmigrated():
            self._add(defining(app))
        for function in _receivers():
            module = getattr(function, "__module__", "") or ""
            self._add([module])
            if not module.startswith("django.") and not self._is_own(module):
                self._add_models()  # it may look at any
        while self._waiting:
            self._visit(self._waiting.pop())

    def _visit(self, name: str) -> None:
        module = sys.modules.get(name)
        source = file_of(name)
        if not isinstance(module, ModuleType) or not source:
            return
        migrates = name.startswith(self._migrations)
        if not migrates and not self._project.own(source):
            return
        if not migrates:  # the key has them
            self.files.add(source)
        called: Container[str] = Everything()
        if self._called is not None and not migrates:
            called = self._called.get(source, set())
        mentions = Mentions(module, called)
        self.words |= mentions.words
        self._add(mentions.modules())
        if mentions.any_model:
            self._add_models()
        if mentions.anything:
            self._add(name for name, _ in self._loaded())

    def _add(self, names: Any) -> None:
        for name in names:
            if name not in self._visited:
                self._visited.add(name)
                self._waiting.append(name)

    def _add_models(self) -> None:
        from django.apps import apps

        for app in apps.get_app_configs():
            self._add(defining(app))

    def _loaded(self) -> Iterator[tuple[str, str]]:
        """The project's modules."""
        for name in list(sys.modules):
            source = file_of(name)
            if source and self._project.own(source):
                yield name, source

    def _is_own(self, module: str) -> bool:
        source = file_of(module)
        return bool(source and self._project.own(source))


def _receivers() -> Iterator[Any]:
    from django.db.models import signals

    for signal in (signals.pre_migrate, signals.post_migrate):
        for entry in signal.receivers:
            function = entry[1]
            if isinstance(function, weakref.ref):
                function = function()
            if function is not None:
                yield function


def _is_setting(word: str) -> bool:
    from django.conf import settings

    return word.isidentifier() and word.isupper() and hasattr(settings, word)


def _watch_settings(read: set[str]) -> None:
    """Notes the settings that are read from now on by others than Django; those that it reads
    while it migrates are part of the key."""
    import django
    from django.conf import settings

    home = os.path.dirname(django.__file__) + os.sep
    kind: Any = type(settings)

    class Watched(kind):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            if name.isupper() and not sys._getframe(1).f_code.co_filename.startswith(home):
                read.add(name)
            return super().__getattribute__(name)

    # Django finds its translations beside the module that the settings say they are of.
    Watched.__module__, Watched.__name__, Watched.__qualname__ = (
        kind.__module__,
        kind.__name__,
        kind.__qualname__,
    )
    # A lazy object passes on what is done to its attributes, its class among them.
    object.__dict__["__class__"].__set__(settings, Watched)
