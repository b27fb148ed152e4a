"""A PostgreSQL server for tests, and a stand-in for what Hotclub's server does with clones."""

import contextlib
import itertools
import os
import unittest
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from .support import JSON

URL = os.environ.get("HOTCLUB_POSTGRES", "")

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


def settings(name: str = "shop", more: str = "") -> str:
    """An entry of DATABASES, as source."""
    entry = {"ENGINE": "django.db.backends.postgresql", "NAME": name, **parts()}
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


Contents = dict[str, list[Any]]


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


class Clones:
    """Clones of templates, each put back to an image when a worker asks."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.asked: list[tuple[str, JSON, JSON]] = []
        self.replaces = False  # rather than to put rows back
        self._clones: dict[str, tuple[str, str]] = {}  # by alias: clone, template
        self._images: dict[tuple[str, str], Contents] = {}
        self._marks: dict[tuple[str, str], dict[str, int]] = {}
        self._accepted: dict[str, Contents] = {}

    def lease(self, templates: dict[str, str]) -> dict[str, JSON]:
        """New clones by alias; what ``attach`` takes."""
        places = {}
        for alias, template in templates.items():
            clone = f"hcc_agent_{os.getpid()}_{next(self._numbers)}"
            query("postgres", f'CREATE DATABASE "{clone}" TEMPLATE "{template}"')
            self._clones[alias] = clone, template
            self._images[alias, ""] = contents(clone)
            self._marks[alias, ""] = sequences(clone)
            places[alias] = {"template": template, "clone": clone}
        return places

    def clone(self, alias: str = "default") -> str:
        return self._clones[alias][0]

    def drop(self) -> None:
        for clone, _ in self._clones.values():
            drop(clone)

    def taken(self) -> list[str]:
        """What has been asked since this was called last, in short."""
        asked, self.asked = self.asked, []
        return [
            " ".join([method, *filter(None, [params.get("image", "")[:7]])])
            + "".join(f" {name}" for name in ("clean", "dirty", "missing") if answer.get(name))
            for method, params, answer in asked
        ]

    def answer(self, method: str, params: JSON) -> JSON:
        alias, image = params["alias"], params.get("image", "")
        try:
            answer: JSON = getattr(self, "_" + method)(alias, image)
        except Exception as error:
            self.asked.append((method, params, {"error": str(error)}))
            raise
        self.asked.append((method, params, answer))
        return answer

    def _dirty(self, alias: str, _image: str) -> JSON:
        expected = self._accepted.get(alias, self._images[alias, ""])
        return {"dirty": contents(self.clone(alias)) != expected}

    def _accept(self, alias: str, _image: str) -> JSON:
        self._accepted[alias] = contents(self.clone(alias))
        return {}

    def _capture(self, alias: str, image: str) -> JSON:
        if _shape(contents(self.clone(alias))) != _shape(self._images[alias, ""]):
            raise RuntimeError("the schema has changed")
        self._images.setdefault((alias, image), contents(self.clone(alias)))
        self._marks.setdefault((alias, image), sequences(self.clone(alias)))
        return {}

    def _restore(self, alias: str, image: str) -> JSON:
        clone, template = self._clones[alias]
        wanted = self._images.get((alias, image))
        if wanted is None:
            return {"missing": True}
        present = contents(clone)
        self._accepted.pop(alias, None)
        if present == wanted:
            self._mark(alias, image)
            return {"clean": True, "replaced": False, "why": "", "tables": 0}
        if _shape(present) != _shape(wanted) or self.replaces:
            if image:
                return {"missing": True}
            drop(clone)
            query("postgres", f'CREATE DATABASE "{clone}" TEMPLATE "{template}"')
            return {"clean": False, "replaced": True, "why": "asked for", "tables": 0}
        changed = [table for table in wanted if wanted[table] != present[table]]
        with connected(clone) as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("BEGIN")
            for table in changed:
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(f"DELETE FROM {table}")
                for row in wanted[table][1:]:
                    cursor.execute(f"INSERT INTO {table} SELECT (%s::{table}).*", [row])
            cursor.execute("COMMIT")
        self._mark(alias, image)
        return {"clean": False, "replaced": False, "why": "", "tables": len(changed)}

    def _mark(self, alias: str, image: str) -> None:
        with connected(self.clone(alias)) as cursor:
            cursor.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
            for name, last in self._marks[alias, image].items():
                cursor.execute(f"SELECT setval('\"{name}\"', {last})")


def _shape(all_: Contents) -> dict[str, Any]:
    return {table: rows[0] for table, rows in all_.items()}
