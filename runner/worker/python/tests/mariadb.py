"""A MariaDB or MySQL server for tests."""

import contextlib
import os
import unittest
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from . import clones
from .clones import Contents

URL = os.environ.get("HOTCLUB_MYSQL", "")

NAME = f"shop_{os.getpid()}"  # of the project's own database, which never is there

driver: Any = None
with contextlib.suppress(ImportError):
    driver = __import__("MySQLdb")

_REASON = "there is no MariaDB: HOTCLUB_MYSQL has no URL of one, or mysqlclient is not installed"


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
    entry = {"ENGINE": "django.db.backends.mysql", "NAME": NAME, **parts()}
    return repr(entry)[:-1] + more + "}"


@contextlib.contextmanager
def connected(database: str = "") -> Iterator[Any]:
    at = parts()
    connection = driver.connect(
        host=at["HOST"], port=int(at["PORT"]), user=at["USER"], password=at["PASSWORD"],
        autocommit=True, charset="utf8mb4", **({"database": database} if database else {})
    )  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_wait_timeout = 2, innodb_lock_wait_timeout = 2")
            cursor.execute("SET foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
            yield cursor
    finally:
        connection.close()


def drop(database: str) -> None:
    with connected() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{database}`")


def tables(cursor: Any) -> list[str]:
    cursor.execute("SHOW TABLES")
    return [name for (name,) in cursor.fetchall()]


class Clones(clones.Clones):
    def make(self, clone: str, template: str) -> None:
        with connected(template) as cursor:
            cursor.execute(f"CREATE DATABASE `{clone}`")
            for table in tables(cursor):
                cursor.execute(f"SHOW CREATE TABLE `{table}`")
                statement = cursor.fetchone()[1]
                cursor.execute(f"USE `{clone}`")
                cursor.execute(statement)
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{template}`.`{table}`")
                cursor.execute(f"USE `{template}`")

    def remove(self, database: str) -> None:
        drop(database)

    def contents(self, database: str) -> Contents:
        found: Contents = {}
        with connected(database) as cursor:
            for table in tables(cursor):
                cursor.execute(f"SHOW COLUMNS FROM `{table}`")
                found[table] = [repr(cursor.fetchall())]
                cursor.execute(f"SELECT * FROM `{table}` ORDER BY 1")
                found[table].extend(cursor.fetchall())
        return found

    def sequences(self, database: str) -> dict[str, int]:
        return {}

    def put_back(self, clone: str, tables: dict[str, list[Any]]) -> None:
        with connected(clone) as cursor:
            cursor.execute("BEGIN")
            for table, rows in tables.items():
                cursor.execute(f"DELETE FROM `{table}`")
                for row in rows:
                    places = ", ".join(["%s"] * len(row))
                    cursor.execute(f"INSERT INTO `{table}` VALUES ({places})", row)
            cursor.execute("COMMIT")

    def set_sequences(self, clone: str, sequences: dict[str, int]) -> None:
        pass
