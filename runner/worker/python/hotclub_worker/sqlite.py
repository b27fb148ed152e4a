"""SQLite: a template is a file, a clone a file or a database in the worker's memory; the worker
copies the one to the other by itself."""

import pathlib
import sqlite3
from time import monotonic
from typing import Any, Optional

from hotclub_worker import kinds
from hotclub_worker.kinds import Kind, Remembered
from hotclub_worker.wire import JSON

# SQLITE_BUSY and SQLITE_LOCKED, on which a backup would wait for ever; so many seconds it may.
_LOCKED = (5, 6)
_PATIENCE = 3.0


class Clone(kinds.Clone):
    """A SQLite database of this worker's own, in memory or in a file, and its template."""

    def __init__(self, connection: Any, place: JSON) -> None:
        from django.conf import settings

        super().__init__(connection, place)
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
        mapped = source.execute("PRAGMA mmap_size=1073741824").fetchone()
        if not mapped or not mapped[0]:
            source.execute("PRAGMA cache_size=16")  # it reads the schema, and that takes more
        deadline = monotonic() + _PATIENCE

        def progress(status: int, _remaining: int, _total: int) -> None:
            if status in _LOCKED and monotonic() > deadline:
                raise RuntimeError(
                    f"the database of {self.connection.alias!r} is still in use by a connection "
                    "that a test left open"
                )

        try:
            source.backup(self.connection.connection, progress=progress, sleep=0.01)
        finally:
            source.close()

    def _version(self) -> int:
        version: int = self._observer.execute("PRAGMA data_version").fetchone()[0]
        return version

    def dirty(self) -> bool:
        return self._version() != self._clean

    suspect = dirty

    def accept(self) -> None:
        self._clean = self._version()

    def lost(self) -> Optional[str]:
        connection = self.connection
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

    def begin_reset(self) -> None:
        connection = self.connection
        if connection.in_atomic_block:
            raise RuntimeError(f"a transaction on {connection.alias!r} was left open")
        connection.ensure_connection()
        self._copy()
        self._clean = self._version()

    def end_reset(self) -> bool:
        return True


class Sqlite(Kind):
    def guard(self, connection: Any) -> None:
        super().guard(connection)
        if not _in_memory(connection, connection.settings_dict["NAME"]):
            # A file of this name may be there from an earlier --keepdb.
            name = f"file:{kinds.UNATTACHED}_{connection.alias}?mode=memory&cache=shared"
            connection.settings_dict["NAME"] = name

    def clonable(self, connection: Any, engines: list[str]) -> str:
        from django.db.backends.sqlite3.creation import DatabaseCreation

        return self.overridden(connection, DatabaseCreation)

    def memory(self, connection: Any) -> bool:
        return _in_memory(connection)

    def version(self, connection: Any) -> str:
        return str(connection.Database.sqlite_version)

    def attach(self, connection: Any, place: JSON, worker: Any) -> Clone:
        return Clone(connection, place)

    def before_build(self, connection: Any, place: JSON) -> None:
        if place.get("missing"):
            connection.settings_dict["TEST"]["NAME"] = place["path"]
        elif not place["memory"]:
            # A database of that name may be somebody's --keepdb.
            connection.settings_dict["TEST"]["NAME"] = place["path"] + ".build"

    def after_build(self, connection: Any, place: JSON, remembered: Remembered) -> None:
        connection.ensure_connection()
        if place.get("missing"):
            connection.cursor().execute("PRAGMA journal_mode=DELETE")
            return
        target = sqlite3.connect(place["path"])
        try:
            connection.connection.backup(target)
            # A copy of a database in WAL mode would ask for a -wal file beside each clone.
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()


KIND = Sqlite()


def _in_memory(connection: Any, name: Optional[Any] = None) -> bool:
    creation = connection.creation
    result: bool = creation.is_in_memory_db(name or creation._get_test_db_name())
    return result
