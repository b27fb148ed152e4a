"""How a process becomes a worker: the project's own ``manage.py test``, stopped at the point
where Django would construct the test runner and run it.

``manage.py`` is executed, ``sys.argv`` looks as it does for a user, and Django itself finds the
command, parses the options and picks the runner's class (``core/management/commands/test.py``).
"""

import builtins
import importlib.abc
import importlib.machinery
import io
import os
import sys
import time
from types import ModuleType
from typing import Any, Callable, NoReturn, Optional

from hotclub_worker.failure import explained, named
from hotclub_worker.wire import JSON
from hotclub_worker.worker import Refused

Ready = Callable[[JSON], None]


class BootFailed(BaseException):
    """The project could not be started; ``data`` says in which phase and where. No
    ``except Exception`` around the call into Django, as some manage.py have, takes it."""

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.data = data


class Phases:
    """The named stretches of a boot with their durations in milliseconds."""

    def __init__(self, born: float) -> None:
        self.current = "interpreter"
        self.done: list[JSON] = []
        self._since = born

    def next(self, name: str) -> None:
        now = time.time()
        self.done.append({"name": self.current, "ms": round((now - self._since) * 1000, 3)})
        self.current, self._since = name, now


def boot(worker: Any, params: JSON, ready: Ready) -> NoReturn:
    """Boots the project and serves inside it; ``ready`` is called with the report and returns
    only when the server is gone. Raises BootFailed."""
    phases = Phases(worker.born)
    sys.argv = ["manage.py", "test", "--noinput", *params.get("arguments", [])]
    sys.path.insert(0, params["directory"])
    os.chdir(params["directory"])
    if params.get("coverage") is not None:
        phases.next("coverage")
        _measure(worker, params)
    phases.next("settings")
    # Before Python 3.12 listening takes time, so only those do it who have that time.
    if params.get("calls") and (params.get("closely") or sys.version_info >= (3, 12)):
        from hotclub_worker.calls import Calls

        worker.calls = Calls(params["root"], worker.recorder)
    _on_import(
        "django.core.management", lambda module: _intercept(module, worker, phases, ready, params)
    )
    manage: Optional[str] = params.get("manage")
    try:
        if manage:
            sys.argv[0] = os.path.relpath(manage)
            _run_as_main(manage)
        else:
            from django.core import management

            management.execute_from_command_line(sys.argv)
    except BootFailed:
        raise
    except Refused as refusal:
        raise BootFailed(str(refusal), **refusal.data) from refusal
    except BaseException as error:
        _fail(error, phases.current, params["directory"])
    raise BootFailed(
        f"{manage or 'Django'} ended without running the test command; "
        "does it call execute_from_command_line(sys.argv)?",
        phase=phases.current,
    )


def _measure(worker: Any, params: JSON) -> None:
    """Begins to measure what is executed, before anything of the project is."""
    from hotclub_worker import coverage

    try:
        worker.measurement = coverage.begin(params)
    except coverage.NotMeasured as error:
        raise BootFailed(str(error), phase="coverage") from error


def _run_as_main(path: str) -> None:
    """Runs a script as ``python path`` does: it is ``__main__`` from now on, for good."""
    main = ModuleType("__main__")
    main.__dict__.update(__file__=path, __cached__=None, __builtins__=builtins)
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    sys.modules["__main__"] = main
    with io.open_code(path) as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, main.__dict__)  # noqa: S102 - the project's own manage.py


# Whoever asked, in a shell or in an editor: all share the workers.
_ANOTHER = (
    "choose another interpreter with --python, an editor's setting hotclub.python or the key python"
)


def _fail(error: BaseException, phase: str, directory: str) -> NoReturn:
    """Says where the project broke: the innermost frame that is the project's own."""
    text = named(error)
    if isinstance(error, SystemExit):
        text = f"the project called exit({error.code!r}) while it started"
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    if (
        isinstance(error, ModuleNotFoundError)
        and error.name
        and f"{settings}.".startswith(f"{error.name}.")
    ):
        text += (
            f"; the settings module is {settings!r}: correct it in manage.py, "
            "DJANGO_SETTINGS_MODULE, --settings, an editor's hotclub.settings or the key settings"
        )
    elif isinstance(error, ModuleNotFoundError) and error.name == "django":
        text += f"; {sys.executable} has no Django: install it there, or {_ANOTHER}"
    raise BootFailed(text, phase=phase, **explained(error, directory)) from None


_OLDEST = (4, 2)


def _check_version() -> None:
    import django

    if django.VERSION[:2] < _OLDEST:
        raise BootFailed(
            f"Django {django.get_version()} is too old, Hotclub knows Django "
            f"{'.'.join(map(str, _OLDEST))} and later; upgrade it, or {_ANOTHER}"
        )


def _intercept(module: Any, worker: Any, phases: Phases, ready: Ready, params: JSON) -> None:
    """Lets Django's command line hand the test command to us, whichever way it is called."""
    _check_version()
    kind = module.ManagementUtility
    execute = kind.execute

    def executing(utility: Any) -> None:
        import django

        setup, fetch = django.setup, utility.fetch_command

        def timed_setup(*args: Any, **kwargs: Any) -> None:
            phases.next("apps")
            if worker.calls is not None:
                worker.calls.apps_begin()
            setup(*args, **kwargs)
            django.setup = setup

        def fetch_command(name: str) -> Any:
            if phases.current == "settings":
                _settings_failed(utility, phases, params)
            phases.next("environment")
            command = fetch(name)
            if name == "test":
                kind.execute = execute  # tests call commands as well
                _take_over(command, worker, phases, ready, params)
            return command

        django.setup = timed_setup
        utility.fetch_command = fetch_command
        execute(utility)

    kind.execute = executing


def _settings_failed(utility: Any, phases: Phases, params: JSON) -> None:
    """Django postpones a failed import of the settings; here it is the end."""
    error = getattr(utility, "settings_exception", None)
    if error is not None:
        _fail(error, phases.current, params["directory"])


def _take_over(command: Any, worker: Any, phases: Phases, ready: Ready, params: JSON) -> None:
    from django.core.management.commands import test as stock

    if not isinstance(command, stock.Command) or not _reaches(command, stock.Command):
        kind = type(command)
        raise BootFailed(
            f"the test command of this project, {kind.__module__}.{kind.__qualname__}, "
            "does not extend Django's",
            phase=phases.current,
            rung="cold",
        )

    original = stock.Command.handle

    from hotclub_worker.options import accept, strict

    create_parser = command.create_parser
    command.create_parser = lambda *args, **kwargs: strict(create_parser(*args, **kwargs))

    def handle(self: Any, *labels: str, **options: Any) -> None:
        accept(labels, options)
        from hotclub_worker.databases import Databases
        from hotclub_worker.project import Project

        stock.Command.handle = original
        worker.project = Project(self, options, params)
        worker.databases = Databases(worker.project, params)
        worker.project.set_up()
        worker.databases.guard()
        worker.queries.install()
        phases.next("primed")
        worker.project.prime(params.get("prime", []))
        worker.databases.prime()
        worker.databases.close_all()
        phases.next("")
        ready(worker.project.report(phases.done, worker))

    stock.Command.handle = handle


def _reaches(command: Any, stock: Any) -> bool:
    """Whether each ``handle`` above the stock one goes on to the next. One that does not would
    run the tests by itself."""
    for kind in type(command).__mro__[: type(command).__mro__.index(stock)]:
        handle = vars(kind).get("handle")
        code = getattr(handle, "__code__", None)
        if code is not None and not {"super", "handle"} & set(code.co_names):
            return False
    return True


def _on_import(name: str, patch: Callable[[Any], None]) -> None:
    """Calls ``patch`` with a module right after its import, without importing it earlier than
    the project does: whatever manage.py does before it keeps its place."""
    if name in sys.modules:
        patch(sys.modules[name])
        return

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(
            self, fullname: str, path: Any, target: Optional[ModuleType] = None
        ) -> Optional[importlib.machinery.ModuleSpec]:
            if fullname != name:
                return None
            spec = importlib.machinery.PathFinder.find_spec(fullname, path)
            if spec is None or spec.loader is None:
                return spec
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                    patch(module)

            loader.exec_module = exec_module
            return spec

    sys.meta_path.insert(0, Finder())
