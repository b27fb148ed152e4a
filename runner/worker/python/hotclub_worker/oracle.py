"""Oracle, where the database of an alias is a user: names tell nothing apart, users do."""

import base64
import hashlib
import hmac
from typing import Any

from hotclub_worker.kinds import Remembered, really_close
from hotclub_worker.server import Server
from hotclub_worker.wire import JSON

_LOGIN = ("USER", "PASSWORD", "SAVED_USER", "SAVED_PASSWORD")
_TEST = ("USER", "PASSWORD", "CREATE_USER", "CREATE_DB")
_SENT = (
    "PASSWORD", "CREATE_DB", "CREATE_USER", "TBLSPACE", "TBLSPACE_TMP", "DATAFILE", "DATAFILE_SIZE",
    "DATAFILE_EXTSIZE", "DATAFILE_MAXSIZE", "ORACLE_MANAGED_FILES",
)  # fmt: skip


class Oracle(Server):
    parameters = ("pool", "config_dir", "wallet_location", "wallet_password", "threaded")

    def base(self) -> Any:
        from django.db.backends.oracle.creation import DatabaseCreation

        return DatabaseCreation

    def remember(self, connection: Any) -> Remembered:
        settings = connection.settings_dict
        return {
            **{name: settings[name] for name in _LOGIN if name in settings},
            "TEST": {name: settings["TEST"][name] for name in _TEST if name in settings["TEST"]},
        }

    def recall(self, connection: Any, remembered: Remembered) -> None:
        from django.conf import settings

        for place in (connection.settings_dict, settings.DATABASES[connection.alias]):
            _put(place, remembered, _LOGIN)
            _put(place["TEST"], remembered["TEST"], _TEST)

    def guard(self, connection: Any) -> None:
        connection.settings_dict.update(USER="HOTCLUB_UNATTACHED", PASSWORD="-")  # noqa: S106

    def clonable(self, connection: Any, engines: list[str]) -> str:
        test = connection.settings_dict["TEST"]
        if connection.vendor in engines and test.get("CREATE_USER") is False:
            return "TEST CREATE_USER is False, so there can be one user only"
        if connection.vendor in engines and not (
            connection.settings_dict.get("PASSWORD") or test.get("PASSWORD")
        ):
            return "it has no PASSWORD of which those of test users could be made"
        return super().clonable(connection, engines)

    def server(self, connection: Any) -> dict[str, str]:
        settings = connection.settings_dict
        found = {"user": settings["USER"], "password": settings["PASSWORD"]}
        found["dsn"] = _dsn(settings)
        for name in _SENT:
            value = settings["TEST"].get(name)
            if value is not None:
                text = str(value).lower() if isinstance(value, bool) else str(value)
                found[f"test_{name.lower()}"] = text
        return {name: str(value) for name, value in found.items() if value}

    def point(self, connection: Any, name: str) -> None:
        really_close(connection)
        password = password_of(connection.settings_dict, name)
        connection.creation._switch_to_test_user({"user": name, "password": password})

    def before_build(self, connection: Any, place: JSON) -> None:
        test = connection.settings_dict["TEST"]
        test["PASSWORD"] = password_of(connection.settings_dict, place["path"])
        # The user is there, and empty: Django only has to switch to it.
        test.update(USER=place["path"], CREATE_USER=False, CREATE_DB=False)

    def after_build(self, connection: Any, place: JSON, remembered: Remembered) -> None:
        user = connection.settings_dict["USER"]
        really_close(connection)
        connection.creation._destroy_test_db = lambda *_args, **_kwargs: None
        if user == remembered["USER"]:
            raise self.not_ours("leaves the project's own user in place")
        if user != place["path"]:
            raise self.not_ours(f"made it for the user {user!r}")

    def relations(self, connection: Any) -> tuple[list[str], dict[int, int]]:
        with connection.cursor() as cursor:
            return connection.introspection.table_names(cursor), {}

    def advance(self, connection: Any, sequences: dict[int, int]) -> None:
        """Sequences begin again as the image has them."""


KIND = Oracle()


def password_of(settings: JSON, user: str) -> str:
    """The password of a user that Hotclub's server has made for an alias with these settings."""
    given = settings["TEST"].get("PASSWORD")
    if given:
        return str(given)
    message = b"hotclub oracle " + user.encode()
    digest = hmac.new(settings["PASSWORD"].encode(), message, hashlib.sha256).digest()
    return "Hc1" + base64.b32encode(digest).decode().lower()[:26]


def _dsn(settings: JSON) -> str:
    from django.db.backends.oracle.utils import dsn

    text = str(dsn(settings))
    try:
        import oracledb  # type: ignore[import-not-found,unused-ignore]

        directory = settings.get("OPTIONS", {}).get("config_dir")
        params = oracledb.ConnectParams(**({"config_dir": directory} if directory else {}))
        params.parse_connect_string(text)
        return str(params.get_connect_string())
    except Exception:  # not a name of tnsnames.ora, or cx_Oracle: it stays as it is
        return text


def _put(place: JSON, values: JSON, names: tuple[str, ...]) -> None:
    for name in names:
        if name in values:
            place[name] = values[name]
        else:
            place.pop(name, None)
