"""Databases on servers: Hotclub's server makes, watches and puts back the clones; the worker only
connects to them, and asks.

The clone of a worker stays under its name while the worker lives. What tests may have left in the
session of the connection goes with the session: a new one is cheap.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, Optional

from hotclub_worker import kinds
from hotclub_worker.kinds import UNATTACHED, Kind, Remembered, really_close
from hotclub_worker.wire import JSON, Declined


class Clone(kinds.Clone):
    """A database on a server that this worker alone uses. Nobody is asked about it while no cursor
    has been opened since it was last clean: Django does not clean up either after what passes by
    its cursors."""

    def __init__(self, connection: Any, place: JSON, kind: "Server", worker: Any) -> None:
        super().__init__(connection, place)
        self._kind = kind
        self._wire = worker.wire
        self._queries = worker.queries
        self._alias: str = connection.alias
        self._asked = ""
        kind.point(connection, place["clone"])
        # Before anything takes hold of the way to connect.
        _wait_for_room(type(connection), lambda: worker.wire.tell("crowded"))
        self._sessions = kind.sessions(connection)
        _connect(connection)
        self._clean: int = self._cursors()
        self._image, self._since = "", self._clean  # what it held when, "" being the template

    def _cursors(self) -> int:
        """How many cursors have been opened by which something in it may have been changed."""
        if self._kind.apart:
            return int(self._queries.cursors_of(self.place["clone"]))
        return int(self._queries.cursors)

    def ask(self, method: str, **params: Any) -> JSON:
        return self._answer(self._wire.ask(method, alias=self._alias, **params))

    def _answer(self, token: str) -> JSON:
        answer: JSON = self._wire.answer(token)
        if answer.get("replaced"):
            self._connect_anew()
        return answer

    def hold(self, image: str) -> None:
        """Notes what it holds now."""
        self._image, self._since = image, self._cursors()

    def held(self) -> Optional[str]:
        """The image that it holds for sure, as nobody has opened a cursor since; "" is the
        template. None when that can't be said."""
        return self._image if self._cursors() == self._since else None

    def recognise(self) -> Optional[str]:
        """A name for what it holds just now, by its rows. None when that can't be said."""
        self._settle()
        try:
            return str(self.ask("identify")["name"])
        except Declined:
            return None

    @contextmanager
    def only_read(self) -> Iterator[None]:
        before = self._cursors()
        yield
        opened = self._cursors()
        self._clean = opened if self._clean == before else self._clean
        self._since = opened if self._since == before else self._since

    def suspect(self) -> bool:
        return self._cursors() != self._clean

    def dirty(self) -> bool:
        if not self.suspect():
            return False
        self._settle()
        dirty = bool(self.ask("dirty")["dirty"])
        if not dirty:
            self._clean = self._cursors()
        return dirty

    def accept(self) -> None:
        self._settle()
        self.ask("accept")
        self._clean, self._since = self._cursors(), -1

    def begin_reset(self) -> None:
        self._settle()
        self._asked = self._wire.ask("restore", alias=self._alias, image="")

    def end_reset(self) -> bool:
        answer = self._answer(self._asked)
        self._clean = self._cursors()
        self.hold("")
        return not answer.get("clean")

    def revive(self) -> bool:
        """The server may have been restarted while the worker waited for a run: then the connection
        is dead, and the database may lack what was committed last."""
        if self.connection.connection is None or self.connection.is_usable():
            return False
        self._connect_anew()
        return True

    def _settle(self) -> None:
        """Sees to it that no session of ours is in a transaction, which would be waited for."""
        for connection in (self.connection, *self.followers):
            if connection.in_atomic_block:
                raise RuntimeError(f"a transaction on {connection.alias!r} was left open")
            if connection.connection is not None and (
                not connection.autocommit or self._kind.busy(connection.connection)
            ):
                really_close(connection)

    def _connect_anew(self) -> None:
        """The server has ended our sessions: it was restarted, or the database was made anew."""
        if self._sessions is not None:
            self._sessions.forget()
        for connection in (self.connection, *self.followers):
            was_open = connection.connection is not None
            really_close(connection)
            if was_open:
                connection.ensure_connection()

    def renew(self) -> None:
        for connection in (self.connection, *self.followers):
            if not connection.in_atomic_block:
                really_close(connection)

    def lost(self) -> Optional[str]:
        for connection in (self.connection, *self.followers):
            if connection.in_atomic_block:
                return "was left in a transaction"
        return None


# So many seconds a session of somebody's may take to end, where the server takes no more of them.
_PATIENCE = 3.0


def _wait_for_room(kind: Any, ask_for_room: Callable[[], None]) -> None:
    """Lets the connections of a backend wait where the server has too many: workers come and go,
    and Hotclub's server looks at the databases as well. It hears of those that wait, as tests may
    have more of them than one for each alias, and ends workers that only hold theirs ready."""
    original = kind.get_new_connection
    if getattr(original, "waits", False):
        return

    def get_new_connection(connection: Any, params: Any) -> Any:
        deadline, asked = monotonic() + _PATIENCE, False
        while True:
            try:
                return original(connection, params)
            except Exception as error:
                if not _is_crowded(error) or monotonic() > deadline:
                    raise
            if not asked:
                ask_for_room()
                asked = True
            sleep(0.05)

    waiting: Any = get_new_connection
    waiting.waits = True
    kind.get_new_connection = waiting


def _is_crowded(error: Exception) -> bool:
    """The drivers tell it by a text only: PostgreSQL 53300, MySQL 1040 and 1203, ORA-00018."""
    words = r"too many|max_user_connections|connection slots|ORA-0001[89]|more than .* connections"
    return bool(re.search(words, str(error), re.IGNORECASE))


def _connect(connection: Any) -> None:
    try:
        connection.ensure_connection()
    except Exception as error:
        if _is_crowded(error):
            raise _crowded(connection, error) from error
        raise


def _crowded(connection: Any, error: Exception) -> Exception:
    from hotclub_worker.worker import Refused

    return Refused(
        f"the server of database {connection.alias!r} has no connection left "
        f"({str(error).strip().splitlines()[0]}); run with fewer workers (-n, and the key "
        "spare-workers), end what else is connected to it, or raise max_connections there",
        crowded=True,
    )


class Server(Kind):
    """What the kinds of servers have in common."""

    on_server = True
    apart = False  # no statement reaches another database than that of its connection
    parameters: tuple[str, ...] = ()  # names of connection parameters, on which no schema depends

    def guard(self, connection: Any) -> None:
        # Not the name of the test database: that of an earlier --keepdb may be there.
        connection.settings_dict["NAME"] = UNATTACHED

    def base(self) -> Any:
        """Django's own DatabaseCreation for this kind."""
        raise NotImplementedError

    def clonable(self, connection: Any, engines: list[str]) -> str:
        if connection.vendor not in engines:
            return f"databases of {connection.vendor} are not cloned yet"
        return self.overridden(connection, self.base())

    def depends_on(self, connection: Any) -> list[str]:
        settings = connection.settings_dict
        schema = dict(settings, OPTIONS=_without(settings.get("OPTIONS"), self.parameters))
        schema["TEST"] = _without(settings.get("TEST"), ("PASSWORD",))
        return super().depends_on(_Settings(schema))

    def sessions(self, connection: Any) -> Any:
        """What lets the session of a connection outlive it between tests, or None."""
        return None

    def busy(self, raw: Any) -> bool:
        """Whether a connection of the driver's is in a transaction, or broken."""
        return False

    def point(self, connection: Any, name: str) -> None:
        """Makes a database the one of an alias."""
        from django.conf import settings

        really_close(connection)
        settings.DATABASES[connection.alias]["NAME"] = name
        connection.settings_dict["NAME"] = name

    def attach(self, connection: Any, place: JSON, worker: Any) -> Clone:
        return Clone(connection, place, self, worker)

    def before_build(self, connection: Any, place: JSON) -> None:
        connection.settings_dict["TEST"]["NAME"] = place["path"]
        label = place.get("label")
        if label and connection.alias == place["alias"]:
            creation = connection.creation
            create = creation._create_test_db

            def create_marked(*args: Any, **kwargs: Any) -> Any:
                name = create(*args, **kwargs)
                self.mark(connection, name, label)
                return name

            creation._create_test_db = create_marked

    def after_build(self, connection: Any, place: JSON, remembered: Remembered) -> None:
        name = connection.settings_dict["NAME"]
        really_close(connection)
        if name == place["path"]:
            # Whatever the runner tears down: the database stays.
            connection.creation._destroy_test_db = lambda *_args, **_kwargs: None
        elif name == remembered["NAME"]:
            raise self.not_ours("leaves the project's own database in place")
        else:
            self.take_over(connection, name, place)

    def mark(self, connection: Any, name: str, label: str) -> None:
        """Labels a database that has just been created, so that it can be told whose it is."""

    def take_over(self, connection: Any, name: str, place: JSON) -> None:
        """Copies a database that the project's runner has named in its own way to its place."""
        raise self.not_ours(f"made it under the name {name!r}")

    def not_ours(self, what: str) -> Exception:
        """A refusal that makes the project's runner set up its databases for one worker."""
        from hotclub_worker.worker import Refused

        return Refused(
            f"setup_databases of the project's test runner {what}",
            rung="own",
        )


class _Settings:
    """A connection as far as ``Kind.depends_on`` looks at it."""

    def __init__(self, settings_dict: JSON) -> None:
        self.settings_dict = settings_dict


def _without(settings: Any, names: tuple[str, ...]) -> Any:
    if not isinstance(settings, dict):
        return settings
    return {name: value for name, value in settings.items() if name not in names}


def plain(params: JSON, names: tuple[str, ...]) -> dict[str, str]:
    """Those of some connection parameters that are text or numbers, as text."""
    found = {}
    for name in names:
        value = params.get(name)
        if isinstance(value, bool):
            found[name] = str(int(value))
        elif isinstance(value, (str, int)) and str(value):
            found[name] = str(value)
        elif isinstance(value, os.PathLike):
            found[name] = os.fspath(value)
    return found
