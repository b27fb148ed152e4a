"""Which functions of the project this process has called.

What a template depends on is told by this: the body of a function that was never called cannot
have had a part in it. From Python 3.12 on ``sys.monitoring`` tells of the first call of each
function, at no cost that can be measured; before, the C part of cProfile listens, which doubles
the time of a build: only a process does that for which nobody waits (``closely``). Where something
could escape them, the file, or everything, is unclear.
"""

import importlib.machinery
import os
import sys
import threading
from collections.abc import Iterator
from types import CodeType
from typing import Any, Optional

from hotclub_worker.reads import Recorder, own

_TOOL = 4  # of sys.monitoring's six; 0, 1, 2 and 5 have their owners
_FUNCTION = 0x1 | 0x2  # CO_OPTIMIZED and CO_NEWLOCALS: a function's, not a class body's


class Calls:
    """Watches the functions of all modules of the project that are imported from now on."""

    def __init__(self, root: str, recorder: Recorder) -> None:
        self._root = root
        self._recorder = recorder
        self._names: dict[int, tuple[str, str]] = {}  # by the id of the code: file and name
        self._codes: list[CodeType] = []  # kept, so that no id is given twice
        self._watched: set[str] = set()
        self._unclear: set[str] = set()
        self._called: dict[str, set[str]] = {}
        self._blind = False
        self._stopped = False
        self._loading = ""
        self._watcher: Any = _Monitoring(self) if sys.version_info >= (3, 12) else _Profiler(self)
        self._watch_loader()
        recorder.listen("compile", self._compiled)
        recorder.listen("code.__new__", self._constructed)
        recorder.listen("open", self._opened)
        recorder.listen("sys.setprofile", self._watcher.disturbed)

    def apps_begin(self) -> None:
        """Tells that the project's apps are imported next."""
        self._watcher.apps_begin()

    def take(self) -> dict[str, set[str]]:
        """The functions called since the last take, by file. A function counts under its name as
        ``__qualname__`` has it; one that stands in another counts as that one."""
        self.gather()
        called, self._called = self._called, {}
        return called

    def gather(self) -> None:
        """Keeps the names alone of what was called so far: what else the watcher has noted would be
        part of every fork."""
        self._watcher.take()

    def clear(self, path: str) -> bool:
        """Whether all calls of the functions of a file were seen."""
        return not self._blind and path in self._watched and path not in self._unclear

    def stop(self) -> None:
        """Ends the watch; what was seen stays known."""
        self._stopped = True
        self._watcher.stop()
        for event in ("compile", "code.__new__", "open", "sys.setprofile"):
            self._recorder.listen(event, None)

    def note(self, code: CodeType) -> None:
        known = self._names.get(id(code))
        if known is not None:
            if known[1]:
                self._called.setdefault(known[0], set()).add(known[1])
        elif not code.co_filename.startswith("<"):  # else its text came from somewhere that counts
            path = os.path.abspath(code.co_filename)
            if own(self._root, path):
                self._unclear.add(path)

    def blind(self) -> None:
        self._blind = True

    def all_unclear(self) -> None:
        """What is loaded so far may have been called without being seen."""
        self._unclear.update(self._watched)

    def _watch_loader(self) -> None:
        loader: Any = importlib.machinery.SourceFileLoader
        original = loader.get_code

        def get_code(this: Any, fullname: str) -> Optional[CodeType]:
            path = os.path.abspath(this.path)
            blind = self._stopped or self._blind or type(this) is not loader
            if blind or not own(self._root, path):
                unwatched: Optional[CodeType] = original(this, fullname)
                return unwatched
            self._watcher.own_begins()
            self._loading = path
            try:
                code: Optional[CodeType] = original(this, fullname)
            finally:
                self._loading = ""
            if code is not None:
                self._watch(path, code)
            return code

        loader.get_code = get_code

    def _watch(self, path: str, module: CodeType) -> None:
        self._watched.add(path)
        self._codes.append(module)
        self._names[id(module)] = (path, "")
        for code, name in _pieces(module, ""):
            self._names[id(code)] = (path, name)
            if name:
                self._watcher.watch(code)

    # What the audit hook tells.

    def _compiled(self, arguments: tuple[Any, ...]) -> None:
        path = self._own_path(arguments[1])
        if path and path != self._loading:
            self._unclear.add(path)

    def _constructed(self, arguments: tuple[Any, ...]) -> None:
        path = self._own_path(arguments[1])
        if path:
            self._unclear.add(path)

    def _opened(self, arguments: tuple[Any, ...]) -> None:
        path = self._own_path(arguments[0])
        # Whoever reads a source, other than to import it, may look at anything in it.
        if path and path.endswith(".py") and path != self._loading:
            self._unclear.add(path)

    def _own_path(self, name: Any) -> str:
        if not isinstance(name, (str, bytes)):
            return ""
        path = os.path.abspath(os.fsdecode(name))
        return path if own(self._root, path) else ""


def _pieces(code: CodeType, prefix: str, outermost: str = "") -> Iterator[tuple[CodeType, str]]:
    """All code objects in one, each with the name of the outermost function that it is of, "" for
    those whose text is the module's level: class bodies, lambdas, comprehensions, annotations."""
    for each in code.co_consts:
        if not isinstance(each, CodeType):
            continue
        name, below, inner = outermost, "", outermost
        if not outermost and each.co_name.startswith("<generic parameters of"):
            below = prefix
        elif not outermost and each.co_flags & _FUNCTION != _FUNCTION:
            below = f"{prefix}{each.co_name}."
        elif not outermost and not each.co_name.startswith(("<", "__annotate__")):
            name = inner = prefix + each.co_name
        yield each, name
        yield from _pieces(each, below, inner)


class _Monitoring:
    """sys.monitoring, with events on the project's functions alone."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        try:
            self._monitoring.use_tool_id(_TOOL, "hotclub")
        except ValueError:
            calls.blind()
            self._monitoring = None
            return
        note, disable = calls.note, self._monitoring.DISABLE

        def started(code: CodeType, _offset: int) -> Any:
            note(code)
            return disable

        self._monitoring.register_callback(_TOOL, self._monitoring.events.PY_START, started)

    def apps_begin(self) -> None:
        pass

    own_begins = apps_begin

    def watch(self, code: CodeType) -> None:
        if self._monitoring is not None:
            self._monitoring.set_local_events(_TOOL, code, self._monitoring.events.PY_START)

    def take(self) -> None:
        if self._monitoring is not None:
            self._monitoring.restart_events()

    def disturbed(self, _arguments: tuple[Any, ...]) -> None:
        pass  # it sees all threads

    def stop(self) -> None:
        if self._monitoring is not None:
            events = self._monitoring.events
            self._monitoring.register_callback(_TOOL, events.PY_START, None)


class _Profiler:
    """The profiler, from the first module of an app on: before, there is nothing of the project to
    be called but what manage.py and the settings define, which is unclear for good."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._profiler: Any = None
        self._begun = False
        self._switching = False

    def apps_begin(self) -> None:
        self._begun = True

    def own_begins(self) -> None:
        if not self._begun or self._profiler is not None:
            return
        self._calls.all_unclear()
        try:
            from _lsprof import Profiler
        except ImportError:
            self._calls.blind()
            return
        self._profiler = Profiler(builtins=False, subcalls=False)
        threading.setprofile(_leave)  # the profiler hears nothing of other threads
        self._switch(True)

    def watch(self, code: CodeType) -> None:
        pass

    def take(self) -> None:
        if self._profiler is None:
            self._calls.all_unclear()
            return
        if sys.getprofile() is not self._profiler:
            self._calls.blind()
        self._switch(False)
        for entry in self._profiler.getstats():
            if isinstance(entry.code, CodeType):
                self._calls.note(entry.code)
        self._profiler.clear()
        self._switch(True)

    def disturbed(self, _arguments: tuple[Any, ...]) -> None:
        if not self._switching:
            self._calls.blind()

    def stop(self) -> None:
        """Keeps what was noted: to free it, a fork would have to take all of it over first."""
        if self._profiler is not None:
            self._switch(False)
            threading.setprofile(None)  # type: ignore[arg-type,unused-ignore]

    def _switch(self, on: bool) -> None:
        self._switching = True
        if on:
            self._profiler.enable()
        else:
            self._profiler.disable()
        self._switching = False


def _leave(_frame: Any, _event: str, _argument: Any) -> None:
    """What a new thread starts with: setting it was noticed, that is all it is for."""
    sys.setprofile(None)
