"""Lets a session of PostgreSQL outlive the closing of its connection between tests.

Django closes all connections after each test of a TransactionTestCase and at the end of each class.
A new session costs as much as a small test: a process of the server's, a login, empty caches of the
catalogs. So where Django closes there, the session is cleared (DISCARD ALL: settings, roles, locks,
temporary tables, prepared statements, LISTEN) and kept for the next connect with the same
parameters, which gets a new connection object of the driver's around it. The old object is closed,
as everybody who holds it sees. Whoever else closes a connection, a test for instance, closes it.

Only psycopg 3 can put a session into another object.
"""

import os
import sys
from contextlib import suppress
from typing import Any, Optional

from hotclub_worker.wire import JSON

# What Connection.connect sets on the object; the other parameters say whom to connect to.
_OF_THE_OBJECT = ("autocommit", "row_factory", "cursor_factory", "prepare_threshold", "context")
# From so many rows on the server looks at its counters instead, and they are exact only when the
# worker's session is gone (manyRows in dbclone/postgres).
_LARGE = b"SELECT FROM pg_class WHERE relkind IN ('r', 'm') AND reltuples >= 20000 LIMIT 1"
# close, as it is and as async_unsafe wraps it, stands between Django's teardown and _close.
_DEPTH = 4


class Reuse:
    """The sessions of one connection of Django's, of the thread that attached it."""

    def __init__(self, connection: Any) -> None:
        from django.test import TestCase, TransactionTestCase

        self._connection = connection
        self._process = os.getpid()
        self._params: JSON = {}  # of the session that is open
        self._idle: Any = None  # a libpq connection that was closed between tests
        self._worth: Optional[bool] = None
        teardowns = (TestCase.__dict__["tearDownClass"], TransactionTestCase._post_teardown)
        self._teardowns = {getattr(each, "__func__", each).__code__ for each in teardowns}
        self._close = connection._close
        self._get_new_connection = connection.get_new_connection
        connection._close = self.close
        connection.get_new_connection = self.get_new_connection

    def get_new_connection(self, params: JSON) -> Any:
        """``DatabaseWrapper.get_new_connection``."""
        idle, self._idle = self._idle, None
        if idle is not None:
            if _target(params) == _target(self._params) and _is_quiet(idle):
                return _object(idle, params)
            _finish(idle)
        self._params = dict(params)
        return self._get_new_connection(params)

    def close(self) -> Any:
        """``DatabaseWrapper._close``."""
        raw = self._connection.connection
        if raw is not None and self._between_tests() and self._clear(raw):
            self.forget()
            self._idle = raw.pgconn
            raw.pgconn = _closed()
            return None
        return self._close()

    def forget(self) -> None:
        """Ends a session that waits: its database is another one now, or the server was away."""
        idle, self._idle = self._idle, None
        if idle is not None and os.getpid() == self._process:
            _finish(idle)

    def _between_tests(self) -> bool:
        if os.getpid() != self._process:
            return False
        frame: Any = sys._getframe(2)
        for _ in range(_DEPTH):
            if frame is None:
                return False
            if frame.f_code in self._teardowns:
                return True
            frame = frame.f_back
        return False

    def _clear(self, raw: Any) -> bool:
        """Whether nothing of what was done in a session is left in it."""
        from psycopg.pq import ExecStatus, TransactionStatus

        pgconn = raw.pgconn
        if raw.closed or pgconn.transaction_status != TransactionStatus.IDLE:
            return False
        try:
            if self._worth is None:
                self._worth = not pgconn.exec_(_LARGE).ntuples
            done = pgconn.exec_(b"DISCARD ALL") if self._worth else None
        except Exception:
            return False  # it is broken
        return done is not None and done.status == ExecStatus.COMMAND_OK


def reusable(connection: Any) -> bool:
    """Whether sessions of a connection can outlive its objects: psycopg 3, without a pool, and
    Django's own backend, none on top of it that does more when it connects."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    options = connection.settings_dict.get("OPTIONS", {})
    return (
        type(connection) is DatabaseWrapper
        and connection.Database.__name__ == "psycopg"
        and not options.get("pool")
        and "isolation_level" not in options
    )


def _target(params: JSON) -> JSON:
    return {name: value for name, value in params.items() if name not in _OF_THE_OBJECT}


def _object(pgconn: Any, params: JSON) -> Any:
    """A connection as ``psycopg.Connection.connect`` makes it when it has connected."""
    import psycopg
    from psycopg.adapt import AdaptersMap

    fresh: Any = psycopg.Connection(pgconn)
    fresh._autocommit = bool(params.get("autocommit", False))
    for name in ("row_factory", "cursor_factory"):
        if params.get(name):
            setattr(fresh, name, params[name])
    context = params.get("context")
    if context is not None:
        fresh._adapters = AdaptersMap(context.adapters)
    fresh.prepare_threshold = params.get("prepare_threshold", fresh.prepare_threshold)
    return fresh


def _closed() -> Any:
    from psycopg import pq

    return pq.PGconn(None) if pq.__impl__ == "python" else pq.PGconn()  # type: ignore[call-arg, arg-type, unused-ignore]


def _is_quiet(pgconn: Any) -> bool:
    """Whether the server has said nothing: it would be that the session has ended."""
    from psycopg.pq import TransactionStatus

    from hotclub_worker.postgresql import readable

    idle = pgconn.transaction_status == TransactionStatus.IDLE
    return bool(idle and not readable(pgconn.socket))


def _finish(pgconn: Any) -> None:
    with suppress(Exception):  # it has ended already
        pgconn.finish()
