"""The Django project in this process: its runner instance and what it overrides."""

import importlib
import inspect
import logging
import os
import sys
import threading
from typing import Any, Optional

from hotclub_worker.capture import Nowhere
from hotclub_worker.liveserver import end_promptly
from hotclub_worker.options import accept
from hotclub_worker.reads import installed, own
from hotclub_worker.regexes import compile_all
from hotclub_worker.urlconf import Urlconf
from hotclub_worker.wire import JSON


class Project:
    """The runner that ``manage.py test`` would have used, environment set up once."""

    def __init__(self, command: Any, options: dict[str, Any], params: JSON) -> None:
        self.command = command
        self.options = options
        self.root: str = params["root"]
        self.directory: str = params["directory"]
        self.key: str = params["key"]
        self.runner_class = self._runner_class(options)
        self.runner = self.runner_class(**_resolved(options))
        self._as_constructed = dict(vars(self.runner))
        self._parser: Any = None
        self._ready: Optional[tuple[list[str], Any]] = None
        self._urlconf = Urlconf()
        self._booted: set[str] = set()
        self._booted_models: set[tuple[str, str]] = set()

    def _runner_class(self, options: dict[str, Any]) -> Any:
        from django.conf import settings
        from django.test.utils import get_runner

        return get_runner(settings, options.get("testrunner"))

    def set_up(self) -> None:
        """Every worker goes through the project's own set-up, also where Django's spawned
        workers would only get the stock one."""
        self.runner.setup_test_environment()

    def tear_down(self) -> None:
        self.runner.teardown_test_environment()

    def runner_for(self, arguments: list[str]) -> Any:
        """A runner with the options of one run. What set-up methods left on the first instance
        is carried over, for runners that keep state there."""
        ready, self._ready = self._ready, None
        if ready is not None and ready[0] == arguments:
            return ready[1]
        return self._new_runner(arguments)

    def keep_ready(self, arguments: list[str], runner: Any = None) -> None:
        """Keeps a runner for the next who asks for one with these options: a new one, or the one
        that has built the suite, as Django runs a suite with the runner that has built it."""
        self._ready = (arguments, runner or self._new_runner(arguments))

    def _new_runner(self, arguments: list[str]) -> Any:
        runner = self.runner_class(**self.parsed(arguments))
        for name, value in vars(self.runner).items():
            if name not in self._as_constructed or self._as_constructed[name] is not value:
                setattr(runner, name, value)
        runner.parallel = 0  # the server deals the work; its size is no business of build_suite
        if getattr(runner, "logger", None) is None:
            runner.logger = _silent_logger()
        return runner

    def parsed(self, arguments: list[str]) -> dict[str, Any]:
        """All options, as ``Command.handle`` passes them on, of one run."""
        if self._parser is None:
            self._parser = self.command.create_parser("manage.py", "test")
        options = vars(self._parser.parse_args([*sys.argv[2:], *arguments]))
        accept(options.pop("args", ()), options)
        return _resolved({**self.options, **options})

    def prime(self, learned: list[str]) -> None:
        """Loads what nearly every test needs, so that no test waits for it: the URLconf with its
        views and the template engines by the system checks (which Django 6 runs in every worker
        for their side effects), the test client, and the modules that earlier workers imported
        from outside the project."""
        from django.core.management import call_command
        from django.template import engines

        self._urlconf.before()

        import django.test.client  # noqa: F401

        end_promptly()
        try:
            call_command("check", stdout=Nowhere(), stderr=Nowhere())
        except Exception:  # noqa: S110 - reported by check() when a run asks for it
            pass
        try:
            engines.all()
        except Exception:  # noqa: S110 - likewise
            pass
        self.import_outside(["ctypes", "resource", *learned])
        from django.apps import apps

        import hotclub_worker.collect
        import hotclub_worker.execute  # noqa: F401

        self._booted_models = {
            (label, name) for label, models in apps.all_models.items() for name in models
        }
        self._urlconf.remember()
        _index_urls()
        self.keep_ready([])  # with its parser it takes longer than a test
        self._booted = set(sys.modules)

    def prime_more(self, learned: list[str]) -> None:
        """Loads what tests were seen to need, and compiles what some will need. Nobody waits for
        it, as somebody may for ``prime``."""
        self.import_outside(learned)
        compile_all()

    def import_outside(self, modules: list[str]) -> None:
        for name in modules:
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except Exception:  # noqa: S112 - a module of a test's own world may not load here
                    continue
        self._booted = set(sys.modules)

    def models_of_tests(self) -> list[JSON]:
        """Modules that have defined models since the boot. Django imports all selected tests
        before it makes the databases: such models of apps without migrations get tables."""
        from django.apps import apps

        modules: dict[str, str] = {}
        for label, models in apps.all_models.items():
            for name, model in models.items():
                if (label, name) not in self._booted_models:
                    file = getattr(sys.modules.get(model.__module__), "__file__", None)
                    if file:
                        modules[model.__module__] = file
        return [{"module": module, "file": file} for module, file in modules.items()]

    def tests_loaded(self) -> None:
        """To be called when tests have been imported: Django loads the URLconf after them."""
        self._urlconf.renew_if_registered()

    def count_models(self) -> int:
        from django.apps import apps

        return sum(len(models) for models in apps.all_models.values())

    def import_models(self, modules: list[str]) -> None:
        for name in modules:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: S112 - its tests tell of it
                continue

    def imported_from_outside(self) -> list[str]:
        """Modules that tests have brought in and that are not the project's: worth having early."""
        found = []
        for name in set(sys.modules) - self._booted:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str) and installed(file) and "hotclub_worker" not in name:
                found.append(name)
        return sorted(found)

    def check(self, aliases: list[str]) -> Optional[str]:
        """Runs the runner's checks; returns what they complain about, or None."""
        from django.core.management.base import SystemCheckError

        if not hasattr(self.runner, "run_checks"):
            return None
        try:
            self.runner.run_checks(aliases)
        except SystemCheckError as error:
            return str(error)
        return None

    def take_slot(self, slot: int, forked: bool) -> None:
        """Makes this worker number ``slot`` (from 1) for everything that asks: Django's
        ``_worker_id`` and the hooks of a ``ParallelTestSuite`` subclass. Like Django, it calls
        ``process_setup`` only in workers that were not forked."""
        from django.test import runner as module

        module._worker_id = slot
        if getattr(self.runner, "parallel_test_suite", None) is None:
            return
        stock = module.ParallelTestSuite
        suite = parallel_suite(self.runner, [])
        prepare = plain(getattr(suite, "process_setup", None))
        if (
            not forked
            and prepare is not None
            and prepare is not getattr(stock, "process_setup", None)
        ):
            prepare(*getattr(suite, "process_setup_args", ()))
        initialise = plain(getattr(suite, "init_worker", None))
        if initialise is not None and initialise is not stock.init_worker:
            _initialise(initialise, slot)
            module._worker_id = slot

    def rung(self) -> tuple[str, str]:
        """The step of the fallback ladder on which this project stands, and the override that
        forced it there: stream, replay, own or cold."""
        from django.test import runner as stock

        kind, base = self.runner_class, stock.DiscoverRunner
        if not issubclass(kind, base):
            return "cold", f"{_name(kind)} does not extend DiscoverRunner"
        for method in ("run_tests",):
            if overridden(kind, base, method):
                return "cold", f"{_owner(kind, method)}.{method}"
        suite = kind.parallel_test_suite
        if overridden(suite, stock.ParallelTestSuite, "run"):
            return "cold", f"{_name(suite)}.run"
        if overridden(suite, stock.ParallelTestSuite, "run_subsuite"):
            return "replay", f"{_name(suite)}.run_subsuite"
        for hook in ("runner_class", "handle_event"):
            if overridden(suite, stock.ParallelTestSuite, hook):
                return "replay", f"{_name(suite)}.{hook}"
        import unittest

        if overridden(kind, base, "run_suite"):
            return "suite", f"{_owner(kind, 'run_suite')}.run_suite"
        if overridden(kind.test_runner, unittest.TextTestRunner, "run"):
            return "suite", f"{_name(kind.test_runner)}.run"
        if overridden(kind.test_suite, unittest.TestSuite, "run"):
            return "suite", f"{_name(kind.test_suite)}.run"
        return "stream", ""

    def report(self, phases: list[JSON], worker: Any) -> JSON:
        import django
        from django.conf import settings

        rung, reason = self.rung()
        return {
            "phases": phases,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "executable": sys.executable,
            "django": django.get_version(),
            "settings": settings.SETTINGS_MODULE if settings.configured else "",
            "rung": rung,
            "reason": reason,
            "judges": self.overrides("suite_result"),
            "tearsDown": self.overrides("teardown_test_environment"),
            "aliases": worker.databases.report(),
            "environment": worker.recorder.environment(),
            "unsafe": self.unsafe_to_fork(worker.databases),
        }

    def overrides(self, method: str) -> bool:
        """Whether the runner has a method of its own."""
        from django.test.runner import DiscoverRunner

        return overridden(self.runner_class, DiscoverRunner, method)

    def unsafe_to_fork(self, databases: Any) -> str:
        return _unsafe_to_fork(databases)

    def own(self, path: str) -> bool:
        """Whether a file is the project's, not the standard library's or a package's."""
        return own(self.root, path)


def _index_urls() -> None:
    """Has the URLconf know its names, which the first ``reverse`` of a process would wait for."""
    from django.urls import get_resolver

    try:
        get_resolver()._populate()
    except Exception:  # noqa: S110 - the first who asks for a name is told
        pass


def _resolved(options: dict[str, Any]) -> dict[str, Any]:
    """The options with ``--parallel`` decided, which is the server's part here."""
    return {**options, "parallel": 0}


def _silent_logger() -> logging.Logger:
    logger = logging.getLogger("hotclub.runner")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def _unsafe_to_fork(databases: Any) -> str:
    """Why this process must not be forked, or ""."""
    if not hasattr(os, "fork"):
        return "this platform has no fork"
    others = [
        thread.name for thread in threading.enumerate() if thread is not threading.main_thread()
    ]
    if others:
        return f"the project runs threads after it started: {', '.join(sorted(others))}"
    if sys.platform == "linux":
        count = len(os.listdir("/proc/self/task"))
        if count > 1:
            return f"the project runs {count - 1} native threads after it started"
    still_open = databases.open_aliases()
    if still_open:
        return f"connections are open after the start: {', '.join(still_open)}"
    return ""


def _initialise(hook: Any, slot: int) -> None:
    """Calls a project's own ``init_worker`` as a forked worker of Django's pool would be: the
    process is set up already, and the databases are attached by us, not by number."""
    import multiprocessing

    from django.db import connections
    from django.test.runner import _init_worker

    silenced = []
    start_method = multiprocessing.get_start_method
    replaced: Any = multiprocessing
    replaced.get_start_method = lambda allow_none=False: "fork"
    for connection in connections.all():
        creation = connection.creation
        silenced.append(creation)
        creation.setup_worker_connection = lambda *_args, **_kwargs: None
    arguments: tuple[Any, ...] = (_Counter(slot), None, {}, None, None, None, set(connections))
    try:
        hook(*arguments[: min(_positional(_init_worker), _positional(hook))])
    finally:
        replaced.get_start_method = start_method
        for creation in silenced:
            del creation.setup_worker_connection


def _positional(hook: Any) -> int:
    """How many positional arguments a hook takes; Django's own takes what Django passes, and since
    5.1 that includes the aliases."""
    kinds = [parameter.kind for parameter in inspect.signature(hook).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return 7
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(kind in plain for kind in kinds)


class _Counter:
    """Stands for the shared counter (``multiprocessing.Value``) that numbers Django's workers;
    the next number drawn from it is the worker's slot."""

    def __init__(self, slot: int) -> None:
        self.value = slot - 1

    def get_lock(self) -> Any:
        return threading.Lock()


def parallel_suite(runner: Any, subsuites: list[Any]) -> Any:
    """An instance of the project's ``ParallelTestSuite``, made as ``build_suite`` makes it."""
    return runner.parallel_test_suite(
        subsuites, 1, runner.failfast, runner.debug_mode, runner.buffer
    )


def plain(hook: Any) -> Any:
    """The function that Django hands to its workers (``hook.__func__``)."""
    return getattr(hook, "__func__", hook)


def overridden(kind: Any, base: Any, name: str) -> bool:
    """Whether a class has its own idea of a method that this version of Django calls."""
    return hasattr(base, name) and getattr(kind, name, None) is not getattr(base, name)


def _owner(kind: Any, name: str) -> str:
    return next((_name(each) for each in kind.__mro__ if name in vars(each)), _name(kind))


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
