"""The databases of this process.

Until a clone is attached every alias points at its test database's name, so that nothing that is
imported can reach the developer's own data. Names and settings follow Django
(``db/backends/base/creation.py``, ``test/utils.py``); where a clone comes from is the server's
business.
"""

import pathlib
import sqlite3
from time import monotonic
from typing import Any, Optional

from hotclub_worker.collect import name_databases
from hotclub_worker.reads import Recorder
from hotclub_worker.wire import JSON


class Databases:
    """All connections of the project, by alias."""

    def __init__(self, project: Any) -> None:
        from django.db import connections

        self._project = project
        self._connections = connections
        self._original: dict[str, str] = {}
        self._attached: dict[str, Clone] = {}
        self._own: Any = None

    def report(self) -> list[JSON]:
        return [
            {
                "alias": alias,
                "engine": self._connections[alias].vendor,
                "clonable": _clonable(self._connections[alias]),
            }
            for alias in self._connections
        ]

    def guard(self) -> None:
        """Points every alias away from the developer's data. Relational backends only: others
        keep their own idea of a test database."""
        for alias in self._connections:
            connection = self._connections[alias]
            name = connection.settings_dict.get("NAME")
            self._original[alias] = name
            try:
                test_name = connection.creation._get_test_db_name()
            except Exception:  # noqa: S112 - a backend without this notion has nothing to guard
                continue
            if connection.vendor == "sqlite" and not _in_memory(connection, test_name):
                # A file of this name may be there from an earlier --keepdb.
                test_name = f"file:hotclub_unattached_{alias}?mode=memory&cache=shared"
            connection.settings_dict["NAME"] = test_name

    def unguard(self, aliases: Optional[list[str]] = None) -> None:
        """Gives aliases, or all, the names back that the settings have."""
        for alias in self._original if aliases is None else aliases:
            connection = self._connections[alias]
            _really_close(connection)
            connection.settings_dict["NAME"] = self._original[alias]

    def close_all(self) -> None:
        for connection in self._connections.all():
            _really_close(connection)

    def open_aliases(self) -> list[str]:
        return [each.alias for each in self._connections.all() if each.connection is not None]

    def groups(self, aliases: Any) -> tuple[dict[str, list[str]], dict[str, str]]:
        """What stands behind aliases: for each database of its own the aliases that share it,
        the first of them leading, and the mirrors (``get_unique_databases_and_mirrors``)."""
        from django.test.utils import get_unique_databases_and_mirrors

        # Names decide which aliases share a database: the names that the settings have.
        guarded = {
            alias: self._connections[alias].settings_dict["NAME"] for alias in self._original
        }
        for alias, name in self._original.items():
            self._connections[alias].settings_dict["NAME"] = name
        try:
            unique, mirrors = get_unique_databases_and_mirrors(set(aliases))
        finally:
            for alias, name in guarded.items():
                self._connections[alias].settings_dict["NAME"] = name
        shared = {}
        for _, members in unique.values():
            ordered = sorted(members, key=lambda alias: (alias != "default", alias))
            shared[ordered[0]] = ordered
        return shared, dict(mirrors)

    def attach(self, clones: JSON) -> JSON:
        """Attaches clones by leading alias and lets the aliases that share or mirror them follow.
        Returns what each took in milliseconds."""
        from time import perf_counter

        took = {}
        for alias, place in clones.items():
            begun = perf_counter()
            connection = self._connections[alias]
            self.unguard([alias])
            self._attached[alias] = Clone(connection, place)
            took[alias] = round((perf_counter() - begun) * 1000, 3)
        shared, mirrors = self.groups(set(self._connections))
        for leader, members in shared.items():
            if leader in self._attached:
                for alias in members[1:]:
                    self._follow(alias, leader)
        for alias, leader in mirrors.items():
            leader = next((first for first, all_ in shared.items() if leader in all_), leader)
            if leader in self._attached:
                self._follow(alias, leader)
        if getattr(self._project.runner, "debug_sql", False):
            self.debug(True)
        return took

    def _follow(self, alias: str, leader: str) -> None:
        connection = self._connections[alias]
        _really_close(connection)
        connection.creation.set_as_test_mirror(self._connections[leader].settings_dict)

    def debug(self, on: bool) -> None:
        """Lets every connection keep its queries, as ``setup_databases(debug_sql=True)`` does."""
        for alias in self._connections:
            self._connections[alias].force_debug_cursor = on

    def dirty(self) -> list[str]:
        """The aliases whose clone holds something committed since it was last clean."""
        return [alias for alias, clone in self._attached.items() if clone.dirty()]

    def attached(self) -> list[str]:
        return list(self._attached)

    def accept(self) -> None:
        """Takes the present contents as clean, for rows that a module's set-up committed."""
        for clone in self._attached.values():
            clone.accept()

    def reset(self, aliases: list[str]) -> None:
        """Puts clones back to the migrated state. Raises when one can't be."""
        for alias in aliases:
            self._attached[alias].reset()
        if aliases:
            _forget_rows()

    def lost(self) -> Optional[str]:
        """Why a connection is of no use to the next class, or None."""
        for alias, clone in self._attached.items():
            problem = clone.lost()
            if problem is not None:
                return f"the connection of {alias!r} {problem}"
        return None

    def serialize(self, recorder: Recorder) -> None:
        """Keeps the contents for ``serialized_rollback`` as ``setup_databases`` does; a clone
        that is clean holds exactly what was serialized there."""
        from hotclub_worker import serialized

        # Models of tests are serialized as well, and not in every worker there are the same.
        shared = not self._project.models_of_tests()
        for alias, clone in self._attached.items():
            connection = self._connections[alias]
            if not hasattr(connection, "_test_serialized_contents"):
                recorder.disregard(clone.place.get("serialized") or "/")
                connection._test_serialized_contents = serialized.contents(
                    connection, clone.place if shared else {}
                )

    def build(self, places: list[JSON], models: list[str], worker: Any) -> JSON:
        """Creates the databases through the project's runner and writes each to its place. As in
        ``DiscoverRunner.run_tests``, the models that test modules define are there by then."""
        from hotclub_worker.inputs import Watch

        self._project.import_models(models)
        runner = self._builder()
        self.unguard()
        for place in places:
            if self._connections[place["alias"]].vendor == "sqlite" and not place["memory"]:
                # A database of that name may be somebody's --keepdb.
                for alias in place["aliases"]:
                    test = self._connections[alias].settings_dict["TEST"]
                    test["NAME"] = place["path"] + ".build"
        watch = Watch(worker)
        wanted = dict.fromkeys(self._with_dependencies(places), False)
        old_config = runner.setup_databases(aliases=wanted, serialized_aliases=set())
        try:
            for place in places:
                _write(self._connections[place["alias"]], place["path"])
        finally:
            runner.teardown_databases(old_config)
        return watch.inputs(models)

    def _builder(self) -> Any:
        """The runner, ready for ``setup_databases``: one of its own may look at what
        ``build_suite`` has found."""
        runner = self._project.runner
        if self._project.overrides("setup_databases"):
            name_databases(runner, runner.build_suite([]))
        return runner

    def _with_dependencies(self, places: list[JSON]) -> set[str]:
        """The aliases of some places and all that TEST["DEPENDENCIES"] says must be created
        before them; without these Django calls the dependencies circular."""
        waiting = [alias for place in places for alias in place["aliases"]]
        wanted: set[str] = set()
        while waiting:
            alias = waiting.pop()
            if alias in wanted or alias not in self._original:
                continue
            wanted.add(alias)
            test = self._connections[alias].settings_dict["TEST"]
            waiting.extend(test.get("DEPENDENCIES", ["default"]))
        return wanted

    def set_up_own(self, aliases: list[str]) -> JSON:
        """The step of the ladder on which the runner's own databases serve one worker."""
        runner = self._builder()
        self.unguard()
        config = runner.setup_databases(
            aliases=dict.fromkeys(aliases, True), serialized_aliases=set(aliases)
        )
        self._own = (runner, config)
        return {}

    def tear_down_own(self) -> None:
        if self._own is not None:
            runner, config = self._own
            self._own = None
            runner.teardown_databases(config)


# SQLITE_BUSY and SQLITE_LOCKED, on which a backup would wait for ever; so many seconds it may.
_LOCKED = (5, 6)
_PATIENCE = 3.0


class Clone:
    """A SQLite database of this worker's own, in memory or in a file, and its template."""

    def __init__(self, connection: Any, place: JSON) -> None:
        from django.conf import settings

        self.place = place
        self._connection = connection
        self._template: str = place["template"]
        name = place["clone"] or connection.creation._get_test_db_name()
        settings.DATABASES[connection.alias]["NAME"] = name
        connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        self._copy()
        # A second connection sees by its data_version whether the first has committed anything;
        # what was rolled back does not move it (sqlite.org/pragma.html#pragma_data_version).
        uri = isinstance(name, str) and name.startswith("file:")
        self._observer = sqlite3.connect(
            name, uri=uri, isolation_level=None, check_same_thread=False
        )
        self._clean = self._version()

    def _copy(self) -> None:
        # immutable: a sealed template never changes, and its folder may be read-only.
        source = sqlite3.connect(
            pathlib.Path(self._template).as_uri() + "?mode=ro&immutable=1", uri=True
        )
        # Mapped pages need no copy in this process's heap, where it would stay.
        source.execute("PRAGMA mmap_size=1073741824")
        source.execute("PRAGMA cache_size=16")
        deadline = monotonic() + _PATIENCE

        def progress(status: int, _remaining: int, _total: int) -> None:
            if status in _LOCKED and monotonic() > deadline:
                raise RuntimeError(
                    f"the database of {self._connection.alias!r} is still in use by a connection "
                    "that a test left open"
                )

        try:
            source.backup(self._connection.connection, progress=progress, sleep=0.01)
        finally:
            source.close()

    def _version(self) -> int:
        version: int = self._observer.execute("PRAGMA data_version").fetchone()[0]
        return version

    def dirty(self) -> bool:
        return self._version() != self._clean

    def accept(self) -> None:
        self._clean = self._version()

    def lost(self) -> Optional[str]:
        """What a test did to the connection that the next class would suffer from, or None."""
        connection = self._connection
        if connection.connection is None:
            return None
        if not connection.get_autocommit():
            return "was left without autocommit"
        try:
            connection.connection.execute("SELECT 1")
            open_transaction = connection.in_atomic_block or connection.connection.in_transaction
        except sqlite3.Error as error:
            return f"was left unusable: {error}"
        return "was left in a transaction" if open_transaction else None

    def reset(self) -> None:
        connection = self._connection
        if connection.in_atomic_block:
            raise RuntimeError(f"a transaction on {connection.alias!r} was left open")
        connection.ensure_connection()
        self._copy()
        self._clean = self._version()


def _forget_rows() -> None:
    """Empties the caches in which Django keeps rows across tests; their keys may differ now."""
    from django.apps import apps

    for label, model in (("contenttypes", "ContentType"), ("sites", "Site")):
        if apps.is_installed(f"django.contrib.{label}"):
            apps.get_model(label, model).objects.clear_cache()


def _write(connection: Any, path: str) -> None:
    connection.ensure_connection()
    target = sqlite3.connect(path)
    try:
        connection.connection.backup(target)
        # A copy of a database in WAL mode would ask for a -wal file beside each clone.
        target.execute("PRAGMA journal_mode=DELETE")
    finally:
        target.close()


def _clonable(connection: Any) -> str:
    """ "" when the server can clone this database, else why not."""
    if connection.vendor != "sqlite":
        return f"databases of {connection.vendor} are not cloned yet"
    from django.db.backends.sqlite3.creation import DatabaseCreation

    engine, kind = connection.settings_dict["ENGINE"], type(connection.creation)
    if not issubclass(kind, DatabaseCreation):
        return f"its backend {engine} is not Django's own"
    for method in ("_clone_test_db", "get_test_db_clone_settings", "setup_worker_connection"):
        if getattr(kind, method, None) is not getattr(DatabaseCreation, method, None):
            return f"its backend {engine} overrides {method}"
    return ""


def _in_memory(connection: Any, name: Optional[Any] = None) -> bool:
    creation = connection.creation
    result: bool = creation.is_in_memory_db(name or creation._get_test_db_name())
    return result


def _really_close(connection: Any) -> None:
    """Closes also a database in memory, which Django keeps open on purpose."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    if connection.connection is not None:
        BaseDatabaseWrapper.close(connection)
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def memory_of(connection: Any) -> bool:
    """Whether the test database of an alias lives in memory."""
    return connection.vendor == "sqlite" and _in_memory(connection)
