"""When a test database may be made from an older one, by the migrations that this lacks.

``migrate`` would do that with any of them, as ``manage.py test --keepdb`` does. But a database that
was migrated in two goes can differ from one made afresh: in the ids of content types and
permissions, which ``post_migrate`` makes in the order of the apps, and in all that code of a
migration's own does, which then finds other rows than in an empty database. Only what changes
columns, indexes and constraints is the same in both.
"""

import os
from typing import Any

# Of django.db.migrations.operations; what makes, removes or names models is not among them.
_SAME = {
    "AddConstraint", "AddField", "AddIndex", "AlterConstraint", "AlterField", "AlterIndexTogether",
    "AlterModelTable", "AlterModelTableComment", "AlterOrderWithRespectTo", "AlterUniqueTogether",
    "RemoveConstraint", "RemoveField", "RemoveIndex", "RenameField", "RenameIndex",
}  # fmt: skip


def same_as_afresh(missing: list[str]) -> bool:
    """Whether the migrations in some files leave the same database whenever they are applied."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    by_file = {}
    for migration in loader.disk_migrations.values():
        source = getattr(_module_of(migration), "__file__", None) or ""
        by_file[os.path.realpath(source)] = migration
    return all(_plain(by_file.get(os.path.realpath(path))) for path in missing)


def _module_of(migration: Any) -> Any:
    import sys

    return sys.modules.get(type(migration).__module__)


def _plain(migration: Any) -> bool:
    if migration is None or migration.replaces or migration.run_before:
        return False
    return all(
        type(operation).__module__.startswith("django.db.migrations.operations.")
        and type(operation).__name__ in _SAME
        for operation in migration.operations
    )
