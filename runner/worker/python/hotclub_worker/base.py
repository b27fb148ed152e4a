"""The lowest layer: a process that has imported what a project imports from outside itself, and
nothing of the project. Projects boot in forks of it, so that an edit costs the project's own
imports alone.

Only modules belong there that come out the same without the project: those that look at settings,
at the app registry, at variables that the project sets or for modules of the project while they
are imported are named, for another attempt without them. Whether the rest came out the same is
held against a process that booted without a base: see ``survey``.
"""

import gc
import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FunctionType, ModuleType
from typing import Any, Callable, Optional

from hotclub_worker.reads import Recorder, installed
from hotclub_worker.regexes import compile_all
from hotclub_worker.wire import JSON

Taint = Callable[[], None]

_SETTINGS = "DJANGO_SETTINGS_MODULE"


def load(recorder: Recorder, params: JSON) -> JSON:
    """Imports ``modules`` in order. ``apart`` in the answer names those that must not be here,
    beyond those that are known to be ``apart``; the process is of no more use if there are any.

    ``directory`` is the project's, ``arguments`` are those of the test command, ``written`` the
    variables that the project sets itself while it boots. A ``trial`` also names who imports one of
    those that are apart; the process is of no more use then in any case.
    """
    os.chdir(params["directory"])
    sys.argv = ["manage.py", "test", "--noinput", *params["arguments"]]
    apart = set(params["apart"])

    def taint() -> None:
        apart.update(_being_imported())

    project = _ProjectModules(params["directory"], taint)
    born_with = os.environ.get(_SETTINGS)
    recorder.replace_environment({}, [_SETTINGS])
    sys.meta_path.insert(0, project)
    importers = _importers_of(apart, taint) if params["trial"] else nullcontext()
    with recorder.noticing({*params["written"], _SETTINGS}, taint), importers:
        _import_all(params["modules"], apart, taint)
    sys.meta_path.remove(project)
    compile_all()
    if born_with is not None:
        recorder.replace_environment({_SETTINGS: born_with}, [])
    for path in project.absent:
        recorder.file(path)  # should it appear, something here would have found it
    gc.collect()
    gc.freeze()
    return {"apart": sorted(apart - set(params["apart"]))}


def _import_all(modules: list[str], apart: set[str], taint: Taint) -> None:
    threads = _threads()
    with _django_watched(modules, taint):
        for name in modules:
            if name in sys.modules:
                continue
            try:
                importlib.import_module(name)
            except BaseException:
                apart.add(name)
            count = _threads()
            if count > threads:
                apart.add(name)  # what has threads can't be forked
                threads = count


def survey(recorder: Recorder) -> JSON:
    """What a booted process has imported from outside the project, in order, each with a digest of
    what its names stand for: functions, classes, what these consist of, and short constants. A
    module that a project has patched, or that took what it found patched, has another digest."""
    modules = [
        [name, _surface(module)]
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and _from_outside(name, module)
    ]
    return {"modules": modules, "written": sorted(recorder.written)}


def _from_outside(name: str, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    ours = name == "__main__" or name.partition(".")[0] == "hotclub_worker"
    return isinstance(file, str) and installed(file) and not ours


def _surface(module: ModuleType) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    # Of the standard library nothing depends on a project, but what is left of loops over sets does
    # on the process (tokenize).
    shown = _shown if "-packages" in (module.__file__ or "") else _kind
    for name, value in sorted(vars(module).items()):
        if type(value) is ModuleType and value.__name__ == f"{module.__name__}.{name}":
            continue  # it only tells that somebody has imported that
        digest.update(f"{name}={shown(value)}\n".encode("utf-8", "backslashreplace"))
        if issubclass(type(value), type) and value.__module__ == module.__name__:
            for attribute, part in sorted(vars(value).items()):
                if type(part) in (FunctionType, staticmethod, classmethod):
                    digest.update(f".{attribute}={_kind(part)}\n".encode())
    return digest.hexdigest()[:16]


def _shown(value: Any) -> str:
    kind = type(value)
    if value is None or kind is bool:
        return repr(value)
    if kind is str and len(value) < 200:
        return "".join(sorted(value))  # joined out of a set, it has another order in each process
    return _kind(value)


def _kind(value: Any) -> str:
    """By type() alone: isinstance would wake up lazy objects."""
    if type(value) in (staticmethod, classmethod):
        value = value.__func__
    kind: Any = type(value)
    if kind is FunctionType or issubclass(kind, type):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{kind.__module__}.{kind.__qualname__}"


def _being_imported() -> Iterator[str]:
    """The modules whose code is being executed, from the innermost outwards."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if frame.f_code.co_name == "<module>" and name != "__main__":
            yield name
        frame = frame.f_back


@contextmanager
def _importers_of(apart: set[str], taint: Taint) -> Iterator[None]:
    """Notes who imports what is noted already: without it they could not be here either. Modules
    may keep the function that does it (logging.config does)."""
    import builtins

    place: Any = builtins
    original = place.__import__

    def importing(
        name: str, globals_: Any = None, locals_: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        module = original(name, globals_, locals_, fromlist, level)
        if apart:
            package = (globals_ or {}).get("__package__") or ""
            full = importlib.util.resolve_name("." * level + name, package) if level else name
            if full in apart or any(f"{full}.{part}" in apart for part in fromlist or ()):
                taint()
        return module

    place.__import__ = importing
    try:
        yield
    finally:
        place.__import__ = original


class _ProjectModules:
    """A finder that finds nothing: it notes who asks for a module that the project has, and the
    names that it has not."""

    def __init__(self, directory: str, taint: Taint) -> None:
        self._directory = directory
        self._taint = taint
        self.absent: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if path is not None:
            return
        place = os.path.join(self._directory, name)
        for candidate in (place + ".py", place):
            if os.path.lexists(candidate):
                self._taint()
            else:
                self.absent.append(candidate)


@contextmanager
def _django_watched(modules: list[str], taint: Taint) -> Iterator[None]:
    """Notes who looks at the settings or at the app registry, neither of which is ready here."""
    if "django.conf" not in modules:
        yield
        return
    from django.apps.registry import Apps, apps
    from django.conf import LazySettings

    plain: Any = Apps

    class Watched(plain):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            if name in ("ready", "apps_ready", "models_ready"):
                taint()
            return super().__getattribute__(name)

    kind: Any = LazySettings
    original = {name: vars(kind)[name] for name in ("_setup", "configure", "configured")}

    def _setup(self: Any, name: Optional[str] = None) -> Any:
        taint()
        return original["_setup"](self, name)

    def configure(self: Any, *args: Any, **kwargs: Any) -> Any:
        taint()
        return original["configure"](self, *args, **kwargs)

    def configured(self: Any) -> Any:
        # Where a receiver is connected, DEBUG only decides whether it is looked at more closely.
        if sys._getframe(2).f_globals.get("__name__") != "django.dispatch.dispatcher":
            taint()
        return original["configured"].fget(self)

    registry: Any = apps
    registry.__class__ = Watched
    kind._setup, kind.configure, kind.configured = _setup, configure, property(configured)
    try:
        yield
    finally:
        registry.__class__ = Apps
        for name, value in original.items():
            setattr(kind, name, value)


def _threads() -> int:
    return len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
