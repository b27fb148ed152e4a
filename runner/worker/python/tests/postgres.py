"""A PostgreSQL server for tests."""

import contextlib
import os
import unittest
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from . import clones
from .clones import Contents

URL = os.environ.get("HOTCLUB_POSTGRES", "")

NAME = f"shop_{os.getpid()}"  # of the project's own database, which never is there

driver: Any = None
for _name in ("psycopg", "psycopg2"):
    with contextlib.suppress(ImportError):
        driver = driver or __import__(_name)

_REASON = "there is no PostgreSQL: HOTCLUB_POSTGRES has no URL of one, or no driver is installed"


def needed(kind: Any) -> Any:
    """Skips a class of tests where there is no server, and says so."""
    if URL and driver is not None:
        return kind
    print(f"{kind.__name__}: {_REASON}", flush=True)
    return unittest.skip(_REASON)(kind)


def parts() -> dict[str, str]:
    url = urlsplit(URL)
    found = {"HOST": url.hostname, "PORT": url.port, "USER": url.username, "PASSWORD": url.password}
    return {name: str(value or "") for name, value in found.items()}


def settings(more: str = "") -> str:
    """An entry of DATABASES, as source."""
    entry = {"ENGINE": "django.db.backends.postgresql", "NAME": NAME, **parts()}
    return repr(entry)[:-1] + more + "}"


@contextlib.contextmanager
def connected(database: str) -> Iterator[Any]:
    """A cursor that commits at once."""
    at = parts()
    connection = driver.connect(
        dbname=database, host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"]
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def query(database: str, statement: str) -> list[tuple[Any, ...]]:
    with connected(database) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def drop(database: str) -> None:
    query("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def databases() -> set[str]:
    return {name for (name,) in query("postgres", "SELECT datname FROM pg_database")}


def contents(database: str) -> Contents:
    """All rows of all tables in order, and what tables and columns there are."""
    found: Contents = {}
    with connected(database) as cursor:
        cursor.execute(
            "SELECT table_schema || '.' || table_name, array_agg(column_name || ' ' || data_type"
            " ORDER BY ordinal_position)::text FROM information_schema.columns JOIN"
            " information_schema.tables USING (table_schema, table_name) WHERE table_type ="
            " 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1"
        )
        for table, columns in cursor.fetchall():
            found[table] = [columns]
        for table in found:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table].extend(row for (row,) in cursor.fetchall())
    return found


def sequences(database: str) -> dict[str, int]:
    rows = query(
        database,
        "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL",
    )
    return {str(name): int(last) for name, last in rows}


class Clones(clones.Clones):
    def make(self, clone: str, template: str) -> None:
        query("postgres", f'CREATE DATABASE "{clone}" TEMPLATE "{template}"')

    def remove(self, database: str) -> None:
        drop(database)

    def contents(self, database: str) -> Contents:
        return contents(database)

    def sequences(self, database: str) -> dict[str, int]:
        return sequences(database)

    def put_back(self, clone: str, tables: dict[str, list[Any]]) -> None:
        with connected(clone) as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("BEGIN")
            for table, rows in tables.items():
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(f"DELETE FROM {table}")
                for row in rows:
                    cursor.execute(f"INSERT INTO {table} SELECT (%s::{table}).*", [row])
            cursor.execute("COMMIT")

    def set_sequences(self, clone: str, sequences: dict[str, int]) -> None:
        with connected(clone) as cursor:
            cursor.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
            for name, last in sequences.items():
                cursor.execute(f"SELECT setval('\"{name}\"', {last})")
