"""When a test database may be made from an older one, by the migrations that this lacks.

``migrate`` would do that with any of them, as ``manage.py test --keepdb`` does. But a database that
was migrated in two goes can differ from one made afresh: in the ids of content types and
permissions, which ``post_migrate`` makes in the order of the apps, and in all that code of a
migration's own, or a receiver of ``post_migrate``, does, which then finds other rows than in an
empty database. What changes columns, indexes and constraints is the same in both. What makes,
removes or names models is, if content types and permissions go first, as all of them come from
``post_migrate`` and nothing refers to them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hotclub_worker.kinds import really_close
from hotclub_worker.wire import JSON

# What a build notes with its databases when all content types and permissions in them were made by
# post_migrate, and nothing else was.
TYPES_OF_POST_MIGRATE = "content types and permissions are those of post_migrate"

# Of django.db.migrations.operations.
_COLUMNS = {
    "AddConstraint", "AddField", "AddIndex", "AlterConstraint", "AlterField", "AlterIndexTogether",
    "AlterModelTable", "AlterModelTableComment", "AlterOrderWithRespectTo", "AlterUniqueTogether",
    "RemoveConstraint", "RemoveField", "RemoveIndex", "RenameField", "RenameIndex",
}  # fmt: skip
_MODELS = {"AlterModelManagers", "AlterModelOptions", "CreateModel", "DeleteModel", "RenameModel"}
_TYPES = ("auth_permission", "django_content_type")  # in the order in which they can go


def begun(connection: Any, place: JSON) -> bool:
    """Whether the migrations that the older database at a place lacks make of it what all of them
    make of an empty one; readies it for them."""
    from hotclub_worker.flush import only_known_receivers, register_receivers

    operations = _operations(place["missing"])
    if not operations <= _COLUMNS | _MODELS:
        return False
    register_receivers()
    if not only_known_receivers():
        return False
    if operations <= _COLUMNS:
        return True
    return place.get("note") == TYPES_OF_POST_MIGRATE and _forget_types(connection, place["path"])


@contextmanager
def noted() -> Iterator[JSON]:
    """Finds out what can be noted with the databases that are migrated meanwhile."""
    from django.core.management.commands import migrate
    from django.db import connections

    from hotclub_worker.flush import only_known_receivers

    original = migrate.emit_post_migrate_signal
    found = {"note": ""}
    seen: list[bool] = []

    def emit(verbosity: Any, interactive: Any, db: Any, **kwargs: Any) -> None:
        seen.append(only_known_receivers() and not any(_rows(connections[db])))
        original(verbosity, interactive, db, **kwargs)

    migrate.emit_post_migrate_signal = emit
    try:
        yield found
    finally:
        migrate.emit_post_migrate_signal = original
        found["note"] = TYPES_OF_POST_MIGRATE if seen and all(seen) else ""


def _operations(missing: list[str]) -> set[str]:
    """The names of Django's operations in the migrations of some files, with others for what is
    none of Django's."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    by_file = {}
    for migration in loader.disk_migrations.values():
        source = getattr(sys.modules.get(type(migration).__module__), "__file__", None) or ""
        by_file[os.path.realpath(source)] = migration
    names = set()
    for path in missing:
        migration = by_file.get(os.path.realpath(path))
        if migration is None or migration.replaces or migration.run_before:
            return {"none that is known"}
        for operation in migration.operations:
            kind = type(operation)
            own = kind.__module__.startswith("django.db.migrations.operations.")
            names.add(kind.__name__ if own else kind.__module__)
    return names


def _rows(connection: Any) -> Iterator[bool]:
    """Whether each of the tables of types that are there has rows."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in _TYPES:
            if table in tables:
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)}")  # noqa: S608
                yield cursor.fetchone() is not None


def _forget_types(connection: Any, name: str) -> bool:
    """Empties the tables of types in a database, unless rows of others refer to them."""
    from django.core.management.color import no_style
    from django.db import Error, transaction

    really_close(connection)
    configured = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        tables = set(connection.introspection.table_names()).intersection(_TYPES)
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for table in _TYPES:
                if table in tables:
                    cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
            connection.check_constraints()
        sequences = [{"table": table, "column": "id"} for table in sorted(tables)]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_by_name_sql(no_style(), sequences):
                cursor.execute(statement)
        return True
    except Error:
        return False  # what refers to them keeps them
    finally:
        really_close(connection)
        connection.settings_dict["NAME"] = configured
