"""What the schema of a test database depends on.

The key covers all that is known before anything is migrated; what the building itself turned out
to depend on is in inputs.py. A template serves as long as both hold.
"""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from typing import Any, Optional

from hotclub_worker.facts import facts, stable
from hotclub_worker.wire import JSON

# Settings that migrations, syncdb, createcachetable or the receivers of post_migrate look at.
_SETTINGS = (
    "AUTH_USER_MODEL", "CACHES", "DATABASE_ROUTERS", "DEFAULT_AUTO_FIELD",
    "DEFAULT_INDEX_TABLESPACE", "DEFAULT_TABLESPACE", "FIXTURE_DIRS", "INSTALLED_APPS",
    "LANGUAGE_CODE", "MIGRATION_MODULES", "SITE_ID", "TEST_RUNNER", "TIME_ZONE", "USE_TZ",
)  # fmt: skip


def schemas(worker: Any, aliases: list[str]) -> JSON:
    """The databases behind some aliases: leading alias, engine, key, who shares it, how to reach
    its server; and the facts that a template may depend on."""
    from django.db import connections

    project = worker.project
    shared, mirrors = worker.databases.groups(set(connections))
    common = _common(project)
    steps = list(_steps())
    result = []
    for leader, members in shared.items():
        if leader not in aliases:
            continue
        connection = connections[leader]
        base = hashlib.sha256(common.encode())
        base.update(_database(worker.databases, connection, members).encode())
        key = base.copy()
        key.update("\n".join(f"{step} {digest}" for step, _, digest in steps).encode())
        result.append(
            {
                "alias": leader,
                "aliases": members,
                "engine": connection.vendor,
                "memory": worker.databases.memory(leader),
                "key": key.hexdigest(),
                "base": base.hexdigest(),
                "steps": {path: digest for _, path, digest in steps},
                "server": worker.databases.server(leader),
            }
        )
    return {"schemas": result, "mirrors": mirrors, "facts": facts(worker.recorder)}


def _common(project: Any) -> str:
    import django
    from django.conf import settings

    lines = [
        "hotclub 2",
        f"python {sys.version_info[:2]} django {django.get_version()}",
        f"runner {project.runner_class.__module__}.{project.runner_class.__qualname__}",
    ]
    source = file_of(project.runner_class.__module__)
    if source and project.own(source):
        lines.append(f"runner source {digest_of(source)}")
    for name in _SETTINGS:
        lines.append(f"{name}={stable(getattr(settings, name, None))}")
    lines.extend(_apps(project))
    return "\n".join(lines)


def _database(databases: Any, connection: Any, members: list[str]) -> str:
    lines = [f"aliases {members}", f"engine {connection.settings_dict['ENGINE']}"]
    return "\n".join([*lines, *databases.depends_on(connection.alias)])


def _apps(project: Any) -> Iterator[str]:
    """The apps, and the models of those without migrations."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    from_models = set(unmigrated())
    for app in apps.get_app_configs():
        module = MigrationLoader.migrations_module(app.label)[0]
        migrates = _folder_of(module) is not None
        yield f"app {app.label} {app.name} {module} {migrates}"
        if app in from_models:
            for module in sorted(defining(app)):
                source = file_of(module)
                if source and not project.own(source):  # else it is an input
                    yield f"{module} {digest_of(source)}"
            for model in app.get_models(include_auto_created=True):
                yield f"{model.__module__} {model._meta.label}"


def _steps() -> Iterator[tuple[str, str, str]]:
    """The migrations of all apps: what they are called, where they are, and a digest."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    for app in apps.get_app_configs():
        folder = _folder_of(MigrationLoader.migrations_module(app.label)[0])
        if folder is not None:
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    path = os.path.join(folder, name)
                    yield f"{app.label} {name}", path, digest_of(path)


def keyed(project: Any) -> Iterator[str]:
    """The project's own files whose contents are part of the key."""
    yield from (path for _, path, _ in _steps() if project.own(path))
    source = file_of(project.runner_class.__module__)
    if source and project.own(source):
        yield source


def unmigrated() -> list[Any]:
    """The apps whose tables are made from their models."""
    from django.apps import apps
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader

    tests = [connection.settings_dict["TEST"] for connection in connections.all()]
    all_migrate = all(test.get("MIGRATE", True) for test in tests)
    return [
        app
        for app in apps.get_app_configs()
        if not all_migrate or _folder_of(MigrationLoader.migrations_module(app.label)[0]) is None
    ]


def defining(app: Any) -> set[str]:
    """The modules that say what tables an app has: of its models, their bases, their fields."""
    kinds = set()
    for model in app.get_models(include_auto_created=True):
        kinds.update(model.__mro__)
        for field in model._meta.local_fields:
            kinds.update(type(field).__mro__)
    names = {kind.__module__ for kind in kinds}
    return {name for name in names if name.partition(".")[0] not in ("django", "builtins")}


def migration_packages() -> tuple[str, ...]:
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    names = (MigrationLoader.migrations_module(app.label)[0] for app in apps.get_app_configs())
    return tuple(f"{name}." for name in names if name)


def _folder_of(module: Optional[str]) -> Optional[str]:
    """The folder of a migrations package, found without importing it."""
    if not module:
        return None
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None  # a folder without __init__.py is no migrations package for Django either
    locations = spec.submodule_search_locations
    return next(iter(locations), None) if locations else None


def file_of(module: str) -> Optional[str]:
    origin = getattr(sys.modules.get(module), "__file__", None)
    return origin if isinstance(origin, str) else None


def digest_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return "absent"
