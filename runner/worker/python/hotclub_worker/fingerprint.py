"""What the schema of a test database depends on.

The key covers all that is known before anything is migrated; the inputs name the files that the
building itself turned out to read. A template serves as long as both hold.
"""

import ast
import hashlib
import importlib.util
import os
import re
import sys
import weakref
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Optional

from hotclub_worker.databases import memory_of
from hotclub_worker.reads import Recorder
from hotclub_worker.wire import JSON

# Settings that migrations, syncdb, createcachetable or the receivers of post_migrate look at.
_SETTINGS = (
    "AUTH_USER_MODEL", "CACHES", "DATABASE_ROUTERS", "DEFAULT_AUTO_FIELD",
    "DEFAULT_INDEX_TABLESPACE", "DEFAULT_TABLESPACE", "FIXTURE_DIRS", "INSTALLED_APPS",
    "LANGUAGE_CODE", "MIGRATION_MODULES", "SITE_ID", "TEST_RUNNER", "TIME_ZONE", "USE_TZ",
)  # fmt: skip
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def schemas(project: Any, databases: Any, aliases: list[str]) -> JSON:
    """The databases behind some aliases: leading alias, engine, key, who shares it."""
    from django.db import connections

    shared, mirrors = databases.groups(set(connections))
    common = _common(project)
    result = []
    for leader, members in shared.items():
        if leader not in aliases:
            continue
        connection = connections[leader]
        digest = hashlib.sha256(common.encode())
        digest.update(_database(connection, members).encode())
        result.append(
            {
                "alias": leader,
                "aliases": members,
                "engine": connection.vendor,
                "memory": memory_of(connection),
                "key": digest.hexdigest(),
            }
        )
    return {"schemas": result, "mirrors": mirrors}


def inputs(project: Any, recorder: Recorder) -> list[str]:
    """Files that the finished build depends on beyond the key: what it read that is the project's
    own, the project's modules that migrations import, and the receivers of its signals."""
    paths = {
        entry[0]
        for entry in recorder.drain()
        if entry[1] == "file" and project.own(entry[0]) and not entry[0].endswith(".sqlite3")
    }
    packages = _migration_packages()
    for name, module in list(sys.modules.items()):
        if name.startswith(packages) and isinstance(module, ModuleType):
            paths.update(_imports_of(module, project))
    paths.update(_receivers(project))
    return sorted(paths)


def _common(project: Any) -> str:
    import django
    from django.conf import settings

    lines = [
        "hotclub 1",
        f"python {sys.version_info[:2]} django {django.get_version()}",
        f"runner {project.runner_class.__module__}.{project.runner_class.__qualname__}",
    ]
    source = _file_of(project.runner_class.__module__)
    if source and project.own(source):
        lines.append(f"runner source {_digest(source)}")
    for name in _SETTINGS:
        lines.append(f"{name}={_stable(getattr(settings, name, None))}")
    lines.extend(_apps(project))
    return "\n".join(lines)


def _database(connection: Any, members: list[str]) -> str:
    settings = connection.settings_dict
    lines = [f"aliases {members}", f"engine {settings['ENGINE']}", f"server {_server(connection)}"]
    lines.append(f"options {_stable(settings.get('OPTIONS'))}")
    lines.append(f"test {_stable(settings.get('TEST'))}")
    return "\n".join(lines)


def _server(connection: Any) -> str:
    if connection.vendor == "sqlite":
        return str(connection.Database.sqlite_version)
    return ""


def _apps(project: Any) -> Iterator[str]:
    """For each app its migrations by content, or for one without migrations its models."""
    from django.apps import apps
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader

    tests = [connection.settings_dict["TEST"] for connection in connections.all()]
    all_migrate = all(test.get("MIGRATE", True) for test in tests)
    for app in apps.get_app_configs():
        module = MigrationLoader.migrations_module(app.label)[0]
        folder = _folder_of(module)
        yield f"app {app.label} {app.name} {module}"
        if folder is not None:
            for name in sorted(os.listdir(folder)):
                if name.endswith(".py"):
                    yield f"{name} {_digest(os.path.join(folder, name))}"
        if folder is None or not all_migrate:
            for module in sorted(_defining(app)):
                source = _file_of(module)
                if source:
                    yield f"{module} {_digest(source)}"


def _defining(app: Any) -> set[str]:
    """The modules that say what tables an app has: of its models, their bases, their fields."""
    kinds = set()
    for model in app.get_models(include_auto_created=True):
        kinds.update(model.__mro__)
        for field in model._meta.local_fields:
            kinds.update(type(field).__mro__)
    names = {kind.__module__ for kind in kinds}
    return {name for name in names if name.partition(".")[0] not in ("django", "builtins")}


def _migration_packages() -> tuple[str, ...]:
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


def _file_of(module: str) -> Optional[str]:
    origin = getattr(sys.modules.get(module), "__file__", None)
    return origin if isinstance(origin, str) else None


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return "absent"


def _stable(value: Any) -> str:
    """A representation that is the same in the next process."""
    if isinstance(value, dict):
        pairs = sorted((str(key), _stable(each)) for key, each in value.items())
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(_stable(each) for each in value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_stable(each) for each in value) + "]"
    return _ADDRESS.sub("", repr(value))


def _imports_of(migration: ModuleType, project: Any) -> set[str]:
    """The project's files that a migration reaches through import statements, transitively.
    Those in functions count in the migration itself only: it is what was executed."""
    found: set[str] = set()
    waiting = [migration]
    visited = {migration.__name__}
    while waiting:
        module = waiting.pop()
        for name in _imported(module, in_functions=module is migration):
            if name in visited or name not in sys.modules:
                continue
            visited.add(name)
            source = _file_of(name)
            if source and project.own(source):
                found.add(source)
                waiting.append(sys.modules[name])
    return found


def _imported(module: ModuleType, in_functions: bool) -> Iterator[str]:
    """Names that may be modules in the import statements of a module."""
    try:
        with open(_file_of(module.__name__) or "", "rb") as file:
            waiting: list[ast.AST] = [ast.parse(file.read())]
    except (OSError, SyntaxError, ValueError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            try:
                package = importlib.util.resolve_name(package, module.__package__)
            except (ImportError, ValueError):
                continue
            yield package
            yield from (f"{package}.{alias.name}" for alias in node.names)
        elif in_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _receivers(project: Any) -> set[str]:
    from django.db.models import signals

    found = set()
    for signal in (signals.pre_migrate, signals.post_migrate):
        for entry in signal.receivers:
            function = entry[1]
            if isinstance(function, weakref.ref):
                function = function()
            source = _file_of(getattr(function, "__module__", "") or "")
            if source and project.own(source):
                found.add(source)
    return found
