"""PostgreSQL, with PostGIS and other backends on top of Django's own."""

import os
import select
from typing import Any, Optional

from hotclub_worker.kinds import really_close
from hotclub_worker.reuse import Reuse, reusable
from hotclub_worker.server import Server, plain
from hotclub_worker.wire import JSON

# Keywords of libpq, without those that decide what the statements of a session mean.
_PARAMETERS = (
    "host", "hostaddr", "port", "user", "password", "passfile", "dbname", "service",
    "connect_timeout", "application_name", "sslmode", "sslcert", "sslkey", "sslpassword",
    "sslrootcert", "sslcrl", "sslsni", "sslnegotiation", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "channel_binding", "require_auth", "requirepeer", "gssencmode",
    "krbsrvname", "gsslib", "target_session_attrs", "load_balance_hosts", "keepalives",
    "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
)  # fmt: skip
# libpq's variables for what the settings do not say (libpq-envars).
_VARIABLES = {
    "PGHOST": "host", "PGHOSTADDR": "hostaddr", "PGPORT": "port", "PGUSER": "user",
    "PGPASSWORD": "password", "PGPASSFILE": "passfile", "PGDATABASE": "dbname",
    "PGOPTIONS": "options", "PGSSLMODE": "sslmode",
    "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey", "PGSSLROOTCERT": "sslrootcert",
    "PGSSLCRL": "sslcrl", "PGSSLSNI": "sslsni", "PGREQUIREPEER": "requirepeer",
    "PGCHANNELBINDING": "channel_binding", "PGCONNECT_TIMEOUT": "connect_timeout",
    "PGTARGETSESSIONATTRS": "target_session_attrs",
}  # fmt: skip
_BESIDE_SERVICE = {"PGSERVICE": "service", "PGSERVICEFILE": "servicefile",
                   "PGPASSWORD": "password", "PGPASSFILE": "passfile"}  # fmt: skip
_IDLE = 0  # PQTRANS_IDLE

# Relations with contents of their own, but for partitions, whose contents are their parent's, and
# what belongs to an extension; with where its numbers stand for each sequence.
_RELATIONS = """
    SELECT c.oid, c.relkind, CASE WHEN pg_table_is_visible(c.oid) THEN c.relname
                                  ELSE n.nspname || '.' || c.relname END,
           CASE WHEN c.relkind = 'S' AND has_sequence_privilege(c.oid, 'SELECT')
                THEN pg_sequence_last_value(c.oid) END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'f', 'S') AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                       AND d.objid = c.oid AND d.deptype = 'e')
"""
_ADVANCE = """
    SELECT setval(s.oid, s.last)
      FROM unnest(CAST(%s AS oid[]), CAST(%s AS bigint[])) AS s (oid, last)
     WHERE coalesce(pg_sequence_last_value(s.oid), 0) < s.last
"""


class Postgresql(Server):
    apart = True
    # Which Python objects come out of a connection is no business of the schema either.
    parameters = (
        *_PARAMETERS,
        "pool",
        "server_side_binding",
        "prepare_threshold",
        "isolation_level",
    )

    def base(self) -> Any:
        from django.db.backends.postgresql.creation import DatabaseCreation

        return DatabaseCreation

    def server(self, connection: Any) -> dict[str, str]:
        params = connection.get_connection_params()
        found = plain(params, (*_PARAMETERS, "options"))
        variables: Any = _VARIABLES
        if found.get("service") or os.environ.get("PGSERVICE"):
            variables = _BESIDE_SERVICE  # the others come after what the service says
        for variable, keyword in variables.items():
            value = os.environ.get(variable)
            if value:
                found.setdefault(keyword, value)
        role = connection.settings_dict.get("OPTIONS", {}).get("assume_role")
        if role:
            found["role"] = str(role)
        return found

    def sessions(self, connection: Any) -> Optional[Reuse]:
        return Reuse(connection) if reusable(connection) else None

    def busy(self, raw: Any) -> bool:
        # What the server says without being asked is the end of the session, or a notification.
        return bool(raw.closed) or raw.info.transaction_status != _IDLE or readable(raw.fileno())

    def mark(self, connection: Any, name: str, label: str) -> None:
        text = "'" + label.replace("'", "''") + "'"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(name)} IS {text}")

    def take_over(self, connection: Any, name: str, place: JSON) -> None:
        creation, quote = connection.creation, connection.ops.quote_name
        suffix = creation._get_database_create_suffix(template=name)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quote(place['path'])} {suffix}")
        if place.get("label"):
            self.mark(connection, place["path"], place["label"])
        really_close(connection)

    def relations(self, connection: Any) -> tuple[list[str], dict[int, int]]:
        """The tables with rows of their own, and where the sequences stand by their oids."""
        tables, sequences = [], {}
        with connection.cursor() as cursor:
            cursor.execute(_RELATIONS)
            for oid, kind, name, last in cursor.fetchall():
                if kind not in ("S", b"S"):
                    tables.append(name)
                elif last is not None:
                    sequences[oid] = last
        return tables, sequences

    def advance(self, connection: Any, sequences: dict[int, int]) -> None:
        """Puts sequences that stand lower where they stood: numbers do not come again."""
        if sequences:
            with connection.cursor() as cursor:
                cursor.execute(_ADVANCE, [list(sequences), list(sequences.values())])


def readable(descriptor: int) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])


KIND = Postgresql()
