"""MySQL and MariaDB."""

from typing import Any

from hotclub_worker.server import Server, plain

_PARAMETERS = (
    "host", "port", "unix_socket", "user", "password", "read_default_file", "read_default_group",
    "ssl_mode", "connect_timeout",
)  # fmt: skip


class Mysql(Server):
    clones_by = (*Server.clones_by, "_clone_db")
    parameters = (
        *_PARAMETERS, "passwd", "db", "database", "ssl", "isolation_level", "read_timeout",
        "write_timeout", "compress", "conv", "cursorclass", "local_infile",
    )  # fmt: skip

    def base(self) -> Any:
        from django.db.backends.mysql.creation import DatabaseCreation

        return DatabaseCreation

    def server(self, connection: Any) -> dict[str, str]:
        params = connection.get_connection_params()
        if params.get("passwd"):  # an older name of the same
            params.setdefault("password", params["passwd"])
        found = plain(params, (*_PARAMETERS, "charset", "init_command", "sql_mode"))
        ssl = params.get("ssl")
        if isinstance(ssl, dict):
            certificates = plain(ssl, ("ca", "cert", "key", "capath", "cipher"))
            found.update({f"ssl_{name}": value for name, value in certificates.items()})
        elif ssl:
            found.setdefault("ssl_mode", "REQUIRED")
        return found

    def busy(self, raw: Any) -> bool:
        return not getattr(raw, "open", True)

    def relations(self, connection: Any) -> tuple[list[str], dict[int, int]]:
        with connection.cursor() as cursor:
            return connection.introspection.table_names(cursor), {}

    def advance(self, connection: Any, sequences: dict[int, int]) -> None:
        """The numbers of a table are part of it, and begin again as the image has them."""


KIND = Mysql()
