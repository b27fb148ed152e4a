"""What differs between the kinds of databases: one ``Kind`` for each of Django's vendors, in a
module of that name, which is loaded where a project has such a database."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from hotclub_worker.wire import JSON

# Settings of an alias as they were, to be put back.
Remembered = dict[str, Any]

UNATTACHED = "hotclub_unattached"


class Clone:
    """A database of this worker's own, at a place as the server describes it."""

    def __init__(self, connection: Any, place: JSON) -> None:
        self.connection = connection
        self.place = place
        self.followers: list[Any] = []  # connections that share or mirror it

    def suspect(self) -> bool:
        """Whether anything may have been committed since it was last clean, as far as can be told
        without asking anybody."""
        raise NotImplementedError

    def dirty(self) -> bool:
        """Whether anything has been committed since it was last clean."""
        raise NotImplementedError

    def accept(self) -> None:
        """Takes the present contents as clean."""
        raise NotImplementedError

    @contextmanager
    def only_read(self) -> Iterator[None]:
        """While Django reads all that it holds, and writes nothing."""
        yield

    def begin_reset(self) -> None:
        """Begins to put it back to what the template holds."""
        raise NotImplementedError

    def end_reset(self) -> bool:
        """Waits for that; whether there was anything to put back. Raises when it can't be."""
        raise NotImplementedError

    def revive(self) -> bool:
        """Sees to it that it can be reached, before a run begins; whether that took anything."""
        return False

    def lost(self) -> Optional[str]:
        """What a test did to the connection that the next class would suffer from, or None."""
        raise NotImplementedError

    def renew(self) -> None:
        """Lets go of what the session of the connection may hold."""


class Kind:
    """The kind of a backend that nobody here knows: its databases are only kept from harm."""

    # Methods of Django's DatabaseCreation by which a backend says that it clones in its own way.
    clones_by: tuple[str, ...] = ("_clone_test_db", "get_test_db_clone_settings",
                                  "setup_worker_connection")  # fmt: skip
    on_server = False  # a build leaves the database under the name of its place

    def remember(self, connection: Any) -> Remembered:
        """The settings that say which database an alias has."""
        return {"NAME": connection.settings_dict.get("NAME")}

    def recall(self, connection: Any, remembered: Remembered) -> None:
        connection.settings_dict.update(remembered)

    def guard(self, connection: Any) -> None:
        """Points an alias where no data of the developer's is."""
        try:
            name = connection.creation._get_test_db_name()
        except Exception:  # a backend without this notion has nothing to guard
            return
        connection.settings_dict["NAME"] = name

    def clonable(self, connection: Any, engines: list[str]) -> str:
        """ "" when the server can clone the database, else why not."""
        return f"databases of {connection.vendor} are not cloned yet"

    def overridden(self, connection: Any, base: Any) -> str:
        """Why a backend is none of Django's own as far as clones are concerned, or ""."""
        engine, kind = connection.settings_dict["ENGINE"], type(connection.creation)
        if not issubclass(kind, base):
            return f"its backend {engine} is not Django's own"
        for method in self.clones_by:
            if getattr(kind, method, None) is not getattr(base, method, None):
                return f"its backend {engine} overrides {method}"
        return ""

    def memory(self, connection: Any) -> bool:
        """Whether its test database lives in the memory of the process."""
        return False

    def server(self, connection: Any) -> dict[str, str]:
        """How to reach the server of the database: connection parameters, as text."""
        return {}

    def depends_on(self, connection: Any) -> list[str]:
        """What the schema depends on beyond migrations and common settings."""
        settings = connection.settings_dict
        return [f"server {self.version(connection)}", f"options {_stable(settings.get('OPTIONS'))}",
                f"test {_stable(settings.get('TEST'))}"]  # fmt: skip

    def version(self, connection: Any) -> str:
        return ""

    def attach(self, connection: Any, place: JSON, worker: Any) -> Clone:
        raise NotImplementedError

    def relations(self, connection: Any) -> tuple[list[str], dict[int, int]]:
        """The tables with rows of their own, and where the sequences stand, by a number that
        ``advance`` understands."""
        raise NotImplementedError

    def advance(self, connection: Any, sequences: dict[int, int]) -> None:
        """Puts sequences that stand lower where they stood: numbers do not come again."""
        raise NotImplementedError

    def before_build(self, connection: Any, place: JSON) -> None:
        """Sees to it that Django creates the database where the place wants it."""

    def after_build(self, connection: Any, place: JSON, remembered: Remembered) -> None:
        """Puts what Django has created into its place, where it is to stay."""


def _stable(value: Any) -> str:
    from hotclub_worker.facts import stable

    return stable(value)


_unknown = Kind()


def kind_of(connection: Any) -> Kind:
    if connection.vendor not in ("sqlite", "postgresql", "mysql", "oracle"):
        return _unknown
    kind: Kind = importlib.import_module(f"hotclub_worker.{connection.vendor}").KIND
    return kind


def really_close(connection: Any) -> None:
    """Closes also a database in memory, which Django keeps open on purpose, and a pool."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    if connection.connection is not None:
        BaseDatabaseWrapper.close(connection)
    if getattr(connection, "_connection_pools", None):  # asking makes one
        connection.close_pool()
