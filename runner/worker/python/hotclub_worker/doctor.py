"""What `hotclub doctor` asks of a project: which databases its settings name, and how they are
reached. Run as ``python doctor.py MANAGE``, MANAGE being the path of manage.py or empty; prints one
JSON object in the last line. Nothing but the settings is imported, and nobody is connected to.
"""

import json
import os
import sys
from typing import Any, NoReturn

JSON = dict[str, Any]


class _Reached(BaseException):
    """manage.py has come to the point where it calls Django."""


def main(manage: str) -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:  # not so under PYTHONSAFEPATH
        del sys.path[0]
    sys.path.insert(0, os.getcwd())
    try:
        if manage:
            _prepare(manage)
        sys.path.append(os.path.dirname(here))
        answer = {"databases": _databases(), "error": ""}
    except BaseException as error:
        answer = {"databases": [], "error": _told(error)}
    print("\n" + json.dumps(answer), flush=True)


def _prepare(manage: str) -> None:
    """Executes manage.py up to its call of Django: it says which settings are used."""
    import runpy

    from django.core import management

    def reached(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise _Reached

    management.execute_from_command_line = reached
    sys.argv = ["manage.py", "test", "--noinput"]
    try:
        runpy.run_path(manage, run_name="__main__")
    except _Reached:
        pass


def _databases() -> list[JSON]:
    from django.conf import settings

    return [_database(alias, settings.DATABASES[alias]) for alias in settings.DATABASES]


def _database(alias: str, configured: JSON) -> JSON:
    from django.db import connections

    from hotclub_worker.kinds import kind_of

    engine = str(configured.get("ENGINE", ""))
    found: JSON = {"alias": alias, "backend": engine, "vendor": "", "server": {}, "error": ""}
    found["mirror"] = str((configured.get("TEST") or {}).get("MIRROR") or "")
    try:
        connection = connections[alias]
        kind = kind_of(connection)
        found["vendor"] = connection.vendor
        found["server"] = kind.server(connection)
        found["why"] = kind.clonable(connection, ["postgresql", "mysql", "oracle"])
    except Exception as error:  # the driver is missing, or a setting makes no sense
        found["error"] = _told(error)
    return found


def _told(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__


if __name__ == "__main__":
    main(sys.argv[1])
