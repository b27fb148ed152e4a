"""What this process has read: the ground on which the server calls it fresh or stale.

Python's audit hook sees every open and every directory listed; ``os.stat`` tells what was only
asked for; the import system is asked for the sources behind bytecode; ``os.environ`` is watched.
The first sight of a file counts, taken before it is read, so a change at any later moment shows
as a difference.
"""

import _collections_abc
import importlib.machinery
import importlib.util
import os
import stat
import sys
import time
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

try:
    from _sha1 import sha1  # type: ignore[import-not-found]  # without OpenSSL's start-up time
except ImportError:  # pragma: no cover - other builds of Python
    from hashlib import sha1

# A file written so shortly before it was read may be written again within the same tick of
# its file system's clock; its content decides then.
_RACY_NS = 2_000_000_000
_RACY_LIMIT = 16 << 20

_WRITING = os.O_WRONLY | os.O_RDWR
_SYSTEM = ("/proc/", "/dev/", "/sys/")
_stat = os.stat  # for what is read here: a program's own is watched
# Variables that C libraries read behind Python's back, always part of the environment.
_C_READS = ("PG", "LC_", "LANG", "TZ", "MYSQL", "ORACLE", "NLS_", "TNS_", "SSL_", "LD_")
# Variables that differ between any two terminals; code that walks over the whole
# environment (to hand it to a child) does not depend on them.
_TERMINAL = ("_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "WINDOWID", "HOTCLUB_WORKER")
_TERMINAL_PREFIXES = ("TERM", "COLORTERM", "SSH_", "VSCODE_", "XDG_SESSION", "TMUX", "GIT_")

# One file as the server stores it: path, kind, mtime in ns, size, inode, digest where racy, ctime
# in ns.
Entry = tuple[str, str, int, int, int, str, int]


def spelled(entry: Entry) -> Entry:
    """The entry as it travels: a path that is no text goes as its bytes in hexadecimal."""
    try:
        entry[0].encode()
    except UnicodeEncodeError:
        return ("\0" + os.fsencode(entry[0]).hex(), *entry[1:])
    return entry


class Recorder:
    """Collects what is read, in the order in which it is seen first."""

    def __init__(self, ignore: str) -> None:
        self._ignore = ignore + os.sep
        self._seen: set[str] = set()
        self._written: set[str] = set()
        self._pending: list[Entry] = []
        self._asked: set[str] = set()
        self._found: list[Entry] = []  # what became of asking
        self._environment: dict[str, Optional[str]] = {}
        self._whole_environment = False
        self._walked: list[Any] = []  # variables that a walk over all of them has yet to look up
        self._listeners: dict[str, Callable[[tuple[Any, ...]], None]] = {}
        self.written: set[str] = set()  # variables that the program has set or deleted
        self._guarded: frozenset[str] = frozenset()  # variables that somebody wants to hear of
        self._heard: Callable[[], None] = lambda: None
        self._looking: set[int] = set()  # threads whose hook is reading for itself just now
        self._told: Optional[tuple[int, Callable[[], object]]] = None
        self.footprint: Any = None  # hotclub_worker.footprint.Footprint, which hears of all as well

    def install(self) -> None:
        for module in list(sys.modules.values()):
            origin = getattr(module, "__file__", None)
            if isinstance(origin, str):
                self.file(origin)
        for finder in list(sys.path_importer_cache.values()):
            # What it has listed before us it does not list again.
            if getattr(finder, "_path_cache", None):
                self.directory(str(getattr(finder, "path", None) or "."), importing=True)
        self._watch_sources()
        self._watch_stat()
        self._watch_environment()
        sys.addaudithook(self._hook)

    def disregard(self, path: str) -> None:
        """Takes a file for none that the program depends on."""
        self._seen.add(os.path.abspath(path))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What this thread reads in the block, the program has no part in."""
        thread = get_ident()
        self._looking.add(thread)
        try:
            yield
        finally:
            self._looking.discard(thread)

    def tell(self, told: Optional[Callable[[], object]]) -> None:
        """Calls ``told`` after each file outside installed packages that this thread is about to
        read, until None is given."""
        self._told = None if told is None else (get_ident(), told)

    def drain(self) -> list[Entry]:
        """What has come since the last call. What was only asked for waits for the end of a boot:
        the project may still make it."""
        fresh, self._pending = self._pending, []
        if self._told is None:
            found, self._found = self._found, []
            fresh += [
                entry
                for entry in found
                if entry[0] not in self._written
                and (entry[1] == "absent" or entry[0] not in self._seen)
            ]
        return fresh

    def seen(self) -> list[str]:
        """All paths that were ever looked at."""
        return list(self._seen)

    def listen(self, event: str, listener: Optional[Callable[[tuple[Any, ...]], None]]) -> None:
        """Calls a listener with the arguments of each audit event of a name; None ends that."""
        if listener is not None:
            self._listeners[event] = listener
        else:
            self._listeners.pop(event, None)

    def forget_environment(self) -> dict[str, Optional[str]]:
        """The variables looked up so far; from now on they are noted anew."""
        read, self._environment = self._environment, {}
        return read

    def looked_up(self) -> list[str]:
        """The names of the variables looked up one by one, but for those that differ from terminal
        to terminal."""
        others = (*_TERMINAL_PREFIXES, *_C_READS, "HOTCLUB")
        return [
            name
            for name in self._environment
            if name not in _TERMINAL and not name.startswith(others)
        ]

    def environment(self) -> dict[str, str]:
        """The variables that were looked up, each with the digest of the value that the
        process was born with, "" for an absent one. Values themselves never leave."""
        read = dict(self._environment)
        for name in list(os.environ._data):  # type: ignore[attr-defined]
            text = os.fsdecode(name)
            if text.startswith(_C_READS) or (
                self._whole_environment
                and text not in _TERMINAL
                and not text.startswith(_TERMINAL_PREFIXES)
            ):
                read.setdefault(text, _peek(text))
        return {
            name: "" if value is None else digest_of_text(value)
            for name, value in read.items()
            if name not in _TERMINAL and not name.startswith("HOTCLUB")  # ours, not the client's
        }

    def born_with(self) -> dict[str, str]:
        """The digests of all variables that there were before anybody changed one."""
        born = {name: _peek(name) for name in map(os.fsdecode, os.environ._data)}  # type: ignore[attr-defined]
        born.update(self._environment)
        return {
            name: digest_of_text(value)
            for name, value in born.items()
            if value is not None and not name.startswith("HOTCLUB")
        }

    def file(self, path: str) -> None:
        """Notes a file that is about to be read."""
        path = os.path.abspath(path)
        if path in self._seen or path in self._written or path.startswith(_SYSTEM):
            return
        self._seen.add(path)
        if path.endswith(".pyc"):
            source = _source_of(path)
            if source is not None:
                self.file(source)
                return
        if path.startswith(self._ignore):
            return
        self._pending.append(_look(path))
        if self._told is not None and self._told[0] == get_ident() and not installed(path):
            self._told[1]()

    def directory(self, path: str, importing: bool) -> None:
        """Notes a directory that is about to be listed."""
        path = os.path.abspath(path)
        key = path + (os.sep if importing else "")
        if key in self._seen or (path + os.sep).startswith((*_SYSTEM, self._ignore)):
            return
        self._seen.add(key)
        self._pending.append(_look_into(path, importing))

    def asked(self, path: str, there: bool) -> None:
        """Notes that a program has asked whether there is something at a path."""
        if not path or get_ident() in self._looking:
            return  # nowhere, which is not the working directory, or nothing of the program's
        path = os.path.abspath(path)
        if path in self._seen or path in self._written or path in self._asked:
            return
        if (path + os.sep).startswith((*_SYSTEM, self._ignore)):
            return
        self._asked.add(path)
        if not there:
            self._seen.add(path)  # whoever reads it later reads what this one has missed
        self._found.append((path, "there" if there else "absent", 0, 0, 0, "", 0))

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        thread = get_ident()
        if thread in self._looking:
            return
        self._looking.add(thread)
        try:
            if event == "open":
                self._opened(*arguments)
            elif event in ("os.listdir", "os.scandir"):
                path = arguments[0]
                if isinstance(path, (str, bytes)) or path is None:
                    self._listed(os.fsdecode(path or "."))
            elif event == "os.mkdir":
                self._written.add(os.path.abspath(os.fsdecode(arguments[0])))
            elif event == "import" and isinstance(arguments[1], str):
                self.file(arguments[1])  # an extension module
            listener = self._listeners.get(event)
            if listener is not None:
                listener(arguments)
            if self.footprint is not None:
                self.footprint.heard(event, arguments)
        except Exception:  # noqa: S110
            pass  # the hook must never change what the program sees
        finally:
            self._looking.discard(thread)

    def _opened(self, path: Any, mode: Optional[str], flags: int) -> None:
        if not isinstance(path, (str, bytes)):
            return
        name = os.fsdecode(path)
        if flags & _WRITING if mode is None else ("r" not in mode or "+" in mode):
            self._written.add(os.path.abspath(name))
        else:
            self.file(name)
            if self.footprint is not None:
                self.footprint.opens(name, sys._getframe(2))

    def _listed(self, path: str) -> None:
        importing = _import_system_lists()
        self.directory(path, importing)
        if self.footprint is not None and not importing:
            self.footprint.lists(path, sys._getframe(2))

    def _watch_sources(self) -> None:
        """The loader looks at a source before it trusts the bytecode beside it; that look,
        not the later read, is the moment which counts."""
        loader = importlib.machinery.SourceFileLoader
        original = loader.path_stats
        note = self.file

        def path_stats(self: importlib.machinery.SourceFileLoader, path: str) -> Any:
            note(path)
            return original(self, path)

        loader.path_stats = path_stats  # type: ignore[method-assign]
        read = loader.get_data

        def get_data(self: importlib.machinery.SourceFileLoader, path: str) -> bytes:
            if path.endswith(".pyc") and _outdated(path, self.path):
                raise FileNotFoundError(path)  # it is written anew then
            return read(self, path)

        loader.get_data = get_data  # type: ignore[method-assign, assignment]

    def _watch_stat(self) -> None:
        """What asks whether there is a file, as ``os.path.exists`` and ``Path.is_file`` do, asks
        ``os.stat``, and leaves no other trace when there is none."""
        watched = _WatchedStat(self.asked)
        for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if _stat in able:
                able.add(watched)
        os.stat = watched

    def _watch_environment(self) -> None:
        recorder = self
        base: Any = type(os.environ)

        class Watched(base):  # type: ignore[misc]
            def __getitem__(self, key: Any) -> Any:
                if not recorder._walks_by(key):
                    recorder._variable(key)
                return super().__getitem__(key)

            def __setitem__(self, key: Any, value: Any) -> None:
                # Later look-ups see the program's own value; the input was this one.
                recorder._changes(key)
                super().__setitem__(key, value)

            def __delitem__(self, key: Any) -> None:
                recorder._changes(key)
                super().__delitem__(key)

            def __iter__(self) -> Iterator[Any]:
                keys = list(super().__iter__())
                if not _standard_library_walks():
                    recorder._whole_environment = True
                    recorder._heard()
                recorder._walked = keys[::-1]
                return iter(keys)

        os.environ.__class__ = Watched
        if hasattr(os, "environb"):
            os.environb.__class__ = Watched

    def replace_environment(self, variables: dict[str, str], absent: list[str]) -> None:
        """Changes variables as if the process had been born with them."""
        plain: Any = type(os.environ).__mro__[1]
        for name, value in variables.items():
            plain.__setitem__(os.environ, name, value)
        for name in absent:
            if _peek(name) is not None:
                plain.__delitem__(os.environ, name)

    @contextmanager
    def noticing(self, names: set[str], heard: Callable[[], None]) -> Iterator[None]:
        """Calls ``heard`` whenever one of some variables, or all there are, is looked up."""
        before = self._guarded, self._heard
        self._guarded, self._heard = frozenset(names), heard
        try:
            yield
        finally:
            self._guarded, self._heard = before

    def _variable(self, key: Any) -> None:
        if isinstance(key, (str, bytes)):
            name = os.fsdecode(key)
            if name in self._guarded:
                self._heard()
            if name not in self._environment:
                self._environment[name] = _peek(name)

    def _changes(self, key: Any) -> None:
        self._variable(key)
        if isinstance(key, (str, bytes)):
            self.written.add(os.fsdecode(key))

    def _walks_by(self, key: Any) -> bool:
        """Whether this look-up is a step of ``dict(os.environ)`` and the like, which take the
        variables one after another: that says nothing about this one."""
        walked = self._walked
        if walked and walked[-1] == key:
            walked.pop()
            return True
        self._walked = []
        return False


def own(root: str, path: str) -> bool:
    """Whether a file is of the project at ``root``, not an installed package's."""
    below = os.path.join(root, "")
    return path.startswith(below) and not installed(os.sep + path[len(below) :])


def installed(path: str) -> bool:
    """Whether a file belongs to the standard library or to an installed package."""
    places = ("site-packages", "dist-packages", f"{os.sep}lib{os.sep}python")
    return any(part in path for part in places) or path.startswith(_STDLIB)


class _WatchedStat:
    """``os.stat``, which tells what it finds. No function: pathlib keeps it in a class, before
    Python 3.11, where a function would become a method."""

    __slots__ = ("_note",)
    __name__ = "stat"
    __doc__ = _stat.__doc__

    def __init__(self, note: Callable[[str, bool], None]) -> None:
        self._note = note

    def __call__(self, path: Any, **how: Any) -> os.stat_result:
        try:
            status = _stat(path, **how)
        except (FileNotFoundError, NotADirectoryError):
            self._tell(path, how, False)
            raise
        self._tell(path, how, True)
        return status

    def _tell(self, path: Any, how: dict[str, Any], there: bool) -> None:
        if type(path) is not int and not how.get("dir_fd"):
            try:
                self._note(os.fsdecode(path), there)
            except Exception:  # noqa: S110
                pass  # a test may have patched what it takes; the program must see no difference


def _standard_library_walks() -> bool:
    """Whether it is the standard library that walks over the environment, as wsgiref.handlers does
    when it is imported: it copies it and depends on none of it."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename in _MAPPINGS:
        frame = frame.f_back
    name = frame.f_code.co_filename if frame is not None else ""
    return name.startswith(_STDLIB) and "-packages" not in name


_MAPPINGS = (os.__file__, _collections_abc.__file__, "<frozen os>", "<frozen _collections_abc>")
_STDLIB = os.path.dirname(os.__file__) + os.sep


def digest_of_text(text: str) -> str:
    return str(sha1(os.fsencode(text), usedforsecurity=False).hexdigest())


def _peek(name: str) -> Optional[str]:
    environment: Any = os.environ
    try:
        value = environment._data[environment.encodekey(name)]
    except (KeyError, TypeError, UnicodeError):
        return None
    text: str = environment.decodevalue(value)
    return text


def _source_of(bytecode: str) -> Optional[str]:
    try:
        source = importlib.util.source_from_cache(bytecode)
    except (ValueError, NotImplementedError):
        return None
    try:
        _stat(source)
    except OSError:
        return None
    return source


def _outdated(bytecode: str, source: str) -> bool:
    """Whether bytecode may be that of an earlier source, although Python would take it: that
    compares the second of the time stamp and the size. Who runs tests within that second, or has
    a clock that was set back, meets such. Packages are installed by tools that take care."""
    if installed(source):
        return False
    try:
        written, changed = _stat(bytecode).st_mtime_ns, _stat(source)
    except OSError:
        return False  # Python itself will see
    return written < max(changed.st_mtime_ns, _changed(changed)) + _RACY_NS


def _import_system_lists() -> bool:
    frame: Any = sys._getframe(3)
    return str(frame.f_code.co_filename).startswith("<frozen importlib")


def _inode(status: os.stat_result) -> int:
    """The number of a file, where the server can ask for it as well (pool/inode_*.go)."""
    return status.st_ino if os.name == "posix" else 0


def _changed(status: os.stat_result) -> int:
    """When the file or what is known of it changed last, by a clock that no program can set for
    it; on Windows, where there is none, 0."""
    return status.st_ctime_ns if os.name == "posix" else 0


def _look(path: str) -> Entry:
    try:
        status = _stat(path)
    except OSError:
        return (path, "absent", 0, 0, 0, "", 0)
    if stat.S_ISDIR(status.st_mode):
        return _look_into(path, importing=False)
    if not stat.S_ISREG(status.st_mode):
        return (path, "other", 0, 0, 0, "", 0)
    digest = ""
    if _racy(status) and status.st_size < _RACY_LIMIT:
        digest = _digest_of(path)
    modified, changed = status.st_mtime_ns, _changed(status)
    return (path, "file", modified, status.st_size, _inode(status), digest, changed)


def _racy(status: os.stat_result) -> bool:
    return time.time_ns() - status.st_mtime_ns < _RACY_NS


def _digest_of(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return ""  # nor can the program read it
    try:
        digest = sha1(usedforsecurity=False)
        while chunk := os.read(descriptor, 1 << 20):
            digest.update(chunk)
        return str(digest.hexdigest())
    finally:
        os.close(descriptor)


def _look_into(path: str, importing: bool) -> Entry:
    """A directory is its names: what an editor leaves beside a file while it saves does not
    count, and the import system only looks at what could be imported."""
    kind = "packages" if importing else "names"
    try:
        status = _stat(path)
    except OSError:
        return (path, "absent", 0, 0, 0, "", 0)
    try:
        names = os.listdir(path)
    except NotADirectoryError:
        return _look(path)
    except OSError:
        return (path, "other", 0, 0, 0, "", 0)  # there, but not for us to list
    digest = sha1(usedforsecurity=False)
    for name in sorted(os.fsencode(name) for name in names):
        if counts(name, importing):
            digest.update(name + b"\0")
    # Where the clock might not tell a later change, no time stamp is: then the names decide.
    modified = 0 if _racy(status) else status.st_mtime_ns
    told = str(digest.hexdigest())
    return (path, kind, modified, 0, _inode(status), told, _changed(status))


def counts(name: bytes, importing: bool) -> bool:
    """Whether a name in a directory is part of what a listing tells. The server has the same
    rule (freshness.go)."""
    if name == b"__pycache__" or name.endswith((b"~", b".swp", b".swx", b".swo", b".pyc")):
        return False
    if name.startswith((b".#", b"#", b".~")) or name == b"4913":
        return False
    if importing:
        return name.endswith((b".py", b".so", b".pyd")) or b"." not in name
    return True
