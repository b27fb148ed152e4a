"""What each test has executed and used: the ground on which the server decides which tests an
edit can change (runner/affected).

On Python 3.12 and newer ``sys.monitoring`` tells the first call of each of the project's functions
in each test. Only the code of the project's own files is marked for it, so the standard library,
Django and every further call run as fast as ever. Older Pythons tell which files a process has
executed, no more.

A call counts for the test, class or module in whose time it came, and for all tests of the process
where its result may be kept: while a module is imported, below a function that remembers
(``functools.lru_cache``, a ``cached_property`` of the project's, what makes Django's lasting
objects), and in all the time between tests. What cannot be seen: a value that the project keeps in
a variable of its own, made in an earlier test of the process; a function whose code was replaced.
"""

import functools
import os
import sys
from _thread import get_ident
from typing import Any, Optional

from hotclub_worker.reads import installed
from hotclub_worker.wire import JSON

_FUNCTION = 0x2  # CO_NEWLOCALS: neither a module nor the body of a class
_RESUMED = (
    0x20 | 0x80 | 0x200
)  # generators and coroutines, which may outlive the test that began them
_TOOLS = (3,)  # of sys.monitoring's six; calls.py has 4, and 0, 1, 2 and 5 have their owners
# What a child process reads and executes is not seen.
_LEAVES = frozenset(
    (
        "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec",
        "os.spawn",
    )
)  # fmt: skip
# Django's makers of objects that last as long as the process.
_LASTING = (
    ("django.core.cache", "CacheHandler.create_connection"),
    ("django.core.files.storage.handler", "StorageHandler.create_storage"),
    ("django.db.utils", "ConnectionHandler.create_connection"),
    ("django.utils.functional", "SimpleLazyObject._setup"),
)

Key = tuple[str, str]  # path of a file, qualified name of an outermost function in it


class Mark:
    """What happened in one stretch of time."""

    def __init__(self) -> None:
        self.functions: set[Key] = set()
        self.templates: set[str] = set()
        self.touched: set[str] = set()  # files opened by name and directories listed
        self.modules: list[str] = []  # files that a class and its bases are from
        self.unknown = ""  # why not all can be known

    def told(self, table: dict[Key, int]) -> JSON:
        """As it travels: functions by their place in a table."""
        told: JSON = {}
        if self.functions:
            told["functions"] = [table.setdefault(key, len(table)) for key in self.functions]
        if self.templates:
            told["templates"] = sorted(self.templates)
        if self.touched:
            told["touched"] = sorted(self.touched)
        if self.modules:
            told["modules"] = self.modules
        if self.unknown:
            told["unknown"] = self.unknown
        return told


class Footprint:
    """The observer of one process. ``depth`` is "functions", "files" or "off"."""

    def __init__(self, root: str, depth: str) -> None:
        self._root = os.path.join(root, "")
        self.depth = depth
        self._events: Any = sys.monitoring if depth == "functions" else None  # type: ignore[attr-defined,unused-ignore]
        self._tool = 0
        self._own: dict[str, bool] = {}
        self._keys: dict[int, Key] = {}  # by id() of a code object, which is kept
        self._kept: list[Any] = []
        self._remembering: set[int] = set()
        self._fired: list[Any] = []  # code objects whose next call would not be told
        # The thread, the frame by id() and the code below which all is kept.
        self._memory: Optional[tuple[int, int, Any]] = None
        # What counts for all tests of the process.
        self._process = Mark()
        self._executed: set[str] = set()  # files, while no test ran
        self._late: set[str] = set()  # files, while one ran
        self._opened: set[str] = set()  # files by name, other than by an import or as a template
        self._loaded: set[str] = set()  # templates
        self._schema: set[str] = set()  # files that the schema of the databases depends on
        self._listed: set[str] = set()
        self._imported: set[str] = set()  # modules that were asked for
        self._watches_django = False
        self._patched: list[tuple[Any, str, Any]] = []
        self._rendering = 0  # id() of the code that renders every template
        self._born = f"{os.getpid()}.{id(self)}"
        self._base: Optional[dict[str, set[Any]]] = None
        self._settled: list[int] = []  # the sizes when the base was taken
        self._told_of: dict[str, set[Any]] = {}  # the base and what has been reported since
        self.token = ""
        # The unit that is run.
        self._module = Mark()
        self._class = Mark()
        self._current = self._process
        self._marks: list[Mark] = []
        self._tests: list[tuple[int, list[int]]] = []

    def install(self) -> None:
        if self._events is None:
            return
        for tool in _TOOLS:
            try:
                self._events.use_tool_id(tool, "hotclub")
            except ValueError:
                continue
            self._tool = tool
            break
        else:
            self._events, self.depth = None, "files"
            return
        events = self._events.events
        self._events.register_callback(self._tool, events.PY_START, self._starts)
        self._events.register_callback(self._tool, events.PY_RESUME, self._starts)
        self._events.register_callback(self._tool, events.PY_RETURN, self._returns)
        self._remembering_already()
        self.watch_memory()

    def uninstall(self) -> None:
        """Ends the observation for good."""
        self._leave_memory()
        if self._events is not None:
            events = self._events.events
            for event in (events.PY_START, events.PY_RESUME, events.PY_RETURN):
                self._events.register_callback(self._tool, event, None)
            self._events.free_tool_id(self._tool)

    # The time of a process is cut into stretches.

    def settle(self) -> None:
        """All that has happened so far is what forks of this process have in common."""
        self._leave_memory()
        sizes = self._sizes()
        if sizes == self._settled:
            return  # to go through all names again would copy the memory that earlier forks share
        self._settled = sizes
        self._base = {name: set(value) for name, value in self._lasting().items()}
        self.token = ".".join([self._born, *(str(len(value)) for value in self._base.values())])
        self._arm()

    def begin(self) -> None:
        """A part in a run begins: the first report tells all that has come since the base."""
        self._told_of = {name: set(value) for name, value in (self._base or {}).items()}
        self._marks, self._tests = [], []
        self.between()

    def base(self) -> JSON:
        """What has happened up to the last ``settle``."""
        return {"token": self.token, **self._told(self._base or {}, {})}

    def between(self) -> None:
        """What comes next, loading tests say, counts for all tests of the process."""
        self._enter(self._process)

    def enter_module(self) -> None:
        self._module = Mark()
        self._enter(self._module)

    def enter_class(self, kind: type) -> None:
        self._class = Mark()
        files = (
            getattr(sys.modules.get(each.__module__), "__file__", None) for each in kind.__mro__
        )
        self._class.modules = [file for file in dict.fromkeys(files) if file and self._is_own(file)]
        self._enter(self._class)

    def enter_test(self, test: Any) -> None:
        mark = Mark()
        # A doctest depends on docstrings of functions that it need not call.
        text = getattr(getattr(test, "_dt_test", None), "filename", None)
        if isinstance(text, str) and self._is_own(os.path.abspath(text)):
            mark.touched.add(os.path.abspath(text))
        self._enter(mark)

    def leave(self, test: Optional[int] = None) -> None:
        """Ends a stretch; ``test`` is the place of the test in its unit whose time it was."""
        if test is not None:
            scopes = (self._module, self._class, self._current)
            self._tests.append(
                (test, [self._place(mark) for mark in scopes if mark is not self._process])
            )
        self._current = self._process
        self._memory = None

    def back_to_class(self) -> None:
        """What comes next, the end of the class, counts for its tests."""
        self._enter(self._class)

    def report(self) -> JSON:
        """What has come since the last report."""
        table: dict[Key, int] = {}
        marks = [mark.told(table) for mark in self._marks]
        news = {name: value - self._told_of[name] for name, value in self._lasting().items()}
        for name, value in news.items():
            self._told_of[name] |= value
        told = {
            "functions": self._events is not None,
            "process": self._told(news, table),
            "marks": marks,
            "tests": self._tests,
        }
        told["table"] = list(table)
        self._marks, self._tests = [], []
        return told

    def _enter(self, mark: Mark) -> None:
        self._current = mark
        self._memory = None
        self._rearm()

    def _rearm(self) -> None:
        """Lets each function's next call be told. ``restart_events`` would have every function of
        Django's be looked at anew."""
        fired, self._fired = self._fired, []
        for code in fired:
            self._events.set_local_events(self._tool, code, 0)
            self._mark(code)

    def _place(self, mark: Mark) -> int:
        for place in range(len(self._marks) - 1, -1, -1):
            if self._marks[place] is mark:
                return place
        self._marks.append(mark)
        return len(self._marks) - 1

    def _growing(self) -> dict[str, set[Any]]:
        return {
            "functions": self._process.functions, "templates": self._process.templates,
            "executed": self._executed, "late": self._late, "opened": self._opened,
            "loaded": self._loaded, "listed": self._listed,
            "schema": self._schema, "touched": self._process.touched,
        }  # fmt: skip

    def _lasting(self) -> dict[str, set[Any]]:
        return {**self._growing(), "missed": self._missed()}

    def _sizes(self) -> list[int]:
        """Of all that _lasting is made of, where names only ever come."""
        sets = self._growing().values()
        return [*(len(value) for value in sets), len(self._imported), len(sys.modules)]

    def _missed(self) -> set[str]:
        """Names that were asked for and are not there, and all that a new file could stand
        before in ``sys.path``."""
        missed = {name for name in self._imported if "." not in name or name not in sys.modules}
        if self._base is None:
            missed.update(name for name in list(sys.modules) if "." not in name)
        else:
            missed |= self._base["missed"]
        return missed

    def _told(self, lasting: dict[str, set[Any]], table: dict[Key, int]) -> JSON:
        told = {name: sorted(value) for name, value in lasting.items() if value}
        if "functions" in told:
            told["functions"] = [list(key) for key in told["functions"]]
        return told

    # What Python's audit hook tells (reads.py).

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "exec":
            self._executes(arguments[0])
        elif event == "import":
            self._imported.add(arguments[0])
            if self._patched and not self._watches_django:
                self._watch_django()
        elif event in _LEAVES and self._current is not self._process:
            self._current.unknown = "it started another process"

    def opens(self, path: str, caller: Any) -> None:
        """A file is opened for reading by the code of a frame."""
        if path.startswith("<") or caller is None:
            return  # linecache looks for the lines of a code without a file
        path = os.path.abspath(path)
        if not self._is_own(path):
            return
        by = caller.f_code.co_filename
        if by.startswith("<frozen importlib"):
            return
        module = str(caller.f_globals.get("__name__"))
        if module.startswith("hotclub_worker."):
            if module == "hotclub_worker.fingerprint":
                self._schema.add(path)
            return
        if path.endswith(".py") and by.endswith(("tokenize.py", "linecache.py")):
            return  # lines for a traceback
        if path not in self._opened and caller.f_code.co_name == "get_contents" and (
            by.endswith(os.path.join("django", "template", "loaders", "filesystem.py"))
        ):  # fmt: skip
            if self._events is not None:
                self._loaded.add(path)
            return
        self._opened.add(path)
        self._current.touched.add(path)

    def lists(self, path: str, caller: Any) -> None:
        """A directory is listed. What the search for tests sees shows in the tests it finds."""
        if caller is not None and caller.f_code.co_filename.endswith(
            os.path.join("unittest", "loader.py")
        ):
            return
        path = os.path.abspath(path)
        self._listed.add(path)
        self._current.touched.add(path)

    def _executes(self, code: Any) -> None:
        """A module of the project is about to be executed: marks its functions."""
        if getattr(code, "co_name", "") != "<module>":
            return
        path = os.path.abspath(code.co_filename)
        if not path.endswith(".py") or not self._is_own(path):
            return
        (self._executed if self._current is self._process else self._late).add(path)
        if self._events is None:
            return
        self._kept.append(code)
        self._remembering.add(id(code))
        self._mark(code)
        self._walk(code, path, "")

    def _walk(self, code: Any, path: str, prefix: str) -> None:
        """Gives each code object the name of the outermost function that it is part of."""
        for inner in code.co_consts:
            if not hasattr(inner, "co_consts"):
                continue
            name = inner.co_name
            if name.startswith("<generic parameters"):
                self._walk(inner, path, prefix)
            elif not inner.co_flags & _FUNCTION:
                self._walk(inner, path, f"{prefix}{name}.")
            elif name != "__annotate__":
                # A lambda out here is text of the module itself; functions in it are too.
                self._name(inner, (path, "" if name[:1] == "<" else prefix + name))

    def _name(self, code: Any, key: Key) -> None:
        if key[1]:
            self._keys[id(code)] = key
            self._mark(code)
        for inner in code.co_consts:
            if hasattr(inner, "co_consts"):
                self._name(inner, key)

    def _mark(self, code: Any) -> None:
        events = self._events.events
        wanted = events.PY_START
        if code.co_flags & _RESUMED:
            wanted |= events.PY_RESUME
        self._events.set_local_events(self._tool, code, wanted)

    def _is_own(self, path: str) -> bool:
        own = self._own.get(path)
        if own is None:
            own = path.startswith(self._root) and not installed(os.sep + path[len(self._root) :])
            self._own[path] = own
        return own

    # What sys.monitoring tells.

    def _starts(self, code: Any, _offset: int) -> Any:
        identity = id(code)
        if identity == self._rendering:
            frame = sys._getframe(1)
            origin = getattr(frame.f_locals.get("self"), "origin", None)
            self._uses(getattr(origin, "name", None), frame)
            return None
        key = self._keys.get(identity)
        current = self._current
        if key is not None:
            current.functions.add(key)
        remembers = identity in self._remembering
        if current is not self._process and (remembers or self._memory is not None):
            kept = self._below_memory(sys._getframe(1))
            if remembers and not kept:
                self._memory = (get_ident(), id(sys._getframe(1)), code)
                self._rearm()
                kept = True
            if kept and key is not None:
                self._process.functions.add(key)
        if remembers:
            return None
        self._fired.append(code)
        return self._events.DISABLE

    def _below_memory(self, frame: Any) -> bool:
        """Whether a frame belongs to a call whose result is kept. While there is one, what other
        threads call counts as called by it."""
        if self._memory is None:
            return False
        thread, identity, code = self._memory
        if thread != get_ident():
            frame = sys._current_frames().get(thread)
        while frame is not None and (id(frame) != identity or frame.f_code is not code):
            frame = frame.f_back
        if frame is None:
            self._memory = None
        return self._memory is not None

    def _returns(self, _code: Any, _offset: int, found: Any) -> None:
        """``Engine.find_template`` has found one."""
        if isinstance(found, tuple) and len(found) == 2:
            self._uses(getattr(found[1], "name", None), sys._getframe(1))

    def _uses(self, name: Any, frame: Any) -> None:
        if isinstance(name, str) and name in self._loaded:
            self._current.templates.add(name)
            if self._below_memory(frame):
                self._process.templates.add(name)

    # Where results are kept.

    def watch_memory(self) -> None:
        """Notes the functions that remember as they are made, until ``settle``: what is asked of
        a layer then must look as it does without us."""
        if self._events is None or self._patched:
            return
        module: Any = functools
        made = module._lru_cache_wrapper
        keeps = self._keeps

        class Remembering(type):
            """Stands for the C type of what ``lru_cache`` returns."""

            def __call__(self, function: Any, *arguments: Any) -> Any:
                keeps(function)
                return made(function, *arguments)

            def __instancecheck__(self, instance: Any) -> bool:
                return isinstance(instance, made)

        self._patch(functools, "_lru_cache_wrapper", Remembering("_lru_cache_wrapper", (), {}))
        self._watch_property(functools.cached_property)
        self._watch_django()

    def _patch(self, holder: Any, name: str, value: Any) -> None:
        self._patched.append((holder, name, getattr(holder, name)))
        setattr(holder, name, value)

    def _leave_memory(self) -> None:
        for holder, name, original in reversed(self._patched):
            setattr(holder, name, original)
        self._patched = []
        self._watches_django = False

    def _watch_property(self, kind: Any) -> None:
        footprint = self
        init = kind.__init__

        @functools.wraps(init)
        def __init__(self: Any, func: Any, *arguments: Any, **keywords: Any) -> None:
            code = getattr(func, "__code__", None)
            if code is not None and footprint._is_own(os.path.abspath(code.co_filename)):
                footprint._keeps(func)
            init(self, func, *arguments, **keywords)

        self._patch(kind, "__init__", __init__)

    def _watch_django(self) -> None:
        kind = _find("django.utils.functional", "cached_property")
        if kind is not None and not self._watches_django:
            self._watches_django = True
            self._watch_property(kind)

    def _remembering_already(self) -> None:
        """Marks what was made before anybody noted it: by the process that this was forked from."""
        made: Any = functools._lru_cache_wrapper
        for module in list(sys.modules.values()):
            for value in list(getattr(module, "__dict__", {}).values()):
                kind = type(value)  # isinstance would wake up lazy objects
                if issubclass(kind, type):
                    for part in list(vars(value).values()):
                        if type(part) is made:
                            self._keeps(part.__wrapped__)
                elif kind is made:
                    self._keeps(value.__wrapped__)

    def _keeps(self, function: Any) -> None:
        code = getattr(function, "__code__", None)
        if code is not None:
            self._kept.append(code)
            self._remembering.add(id(code))
            self._mark(code)

    def _arm(self) -> None:
        """Marks what Django has loaded by now."""
        if self._events is None:
            return
        for module, path in _LASTING:
            self._keeps(_find(module, path))
        finds = _find("django.template.engine", "Engine.find_template")
        if finds is not None:
            self._events.set_local_events(self._tool, finds.__code__, self._events.events.PY_RETURN)
        renders = getattr(_find("django.template.base", "Template._render"), "__code__", None)
        if renders is not None:
            self._rendering = id(renders)
            self._remembering.add(id(renders))
            self._kept.append(renders)
            self._mark(renders)


def _find(module: str, path: str) -> Any:
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def depth_of(asked: str) -> str:
    """The depth that this Python can give at no cost worth speaking of."""
    if asked == "off":
        return asked
    return "functions" if asked != "files" and sys.version_info >= (3, 12) else "files"
