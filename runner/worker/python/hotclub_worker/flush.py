"""Serves the flush at the end of each test of a TransactionTestCase from an image: what the
database held after Django's own flush was kept by Hotclub's server once, and is put back from then
on.

That is the same only where the flush decides all that the database holds. So it is done for the
call that ``TransactionTestCase._fixture_teardown`` makes, where no table is left alone by it, and
where nothing but Django's own receivers of post_migrate adds rows afterwards. In all other cases,
and whenever the server can't, Django's own flush runs. Sequences go on as they do there. After the
last test of a class nothing is flushed at all, if nobody looks before the databases are put back.
"""

import hashlib
import importlib
from typing import Any, Optional

from hotclub_worker.images import Image, attended, listeners, live, path
from hotclub_worker.kinds import kind_of
from hotclub_worker.wire import JSON

# Receivers whose whole effect is rows that depend on models and settings; see ``_digest``.
_RECEIVERS = {
    "django.contrib.auth.management.create_permissions",
    "django.contrib.auth.management.rename_permissions_after_model_rename",
    "django.contrib.contenttypes.management.create_contenttypes",
    "django.contrib.sites.management.create_default_site",
}
_ROWS_OF = (("contenttypes", "ContentType"), ("auth", "Permission"), ("sites", "Site"))
# Tables without a model of the project's that the flush leaves alone and no test changes for good.
_LEFT_ALONE = {"django_migrations"}


def serve_from_images(worker: Any, databases: Any) -> None:
    """From now on the flush command is served from images where that is the same."""
    from django.core.management.commands.flush import Command

    command: Any = Command
    if command.handle.__module__ == __name__:
        return
    served = _Flush(worker, databases, command.handle)

    def handle(self: Any, **options: Any) -> None:
        served.handle(self, options)

    command.handle = handle


class _Flush:
    """What ``django.core.management.commands.flush`` does in this worker."""

    def __init__(self, worker: Any, databases: Any, original: Any) -> None:
        self._wire = worker.wire
        self._databases = databases
        self._original = original
        self._hopeless: set[str] = set()  # images that can't be captured
        self._registered = False
        self._models: tuple[Any, ...] = ()
        self._described = ""

    def handle(self, command: Any, options: JSON) -> None:
        if not self._serves(options):
            self._original(command, **options)
            return
        if self._databases.unseen():
            return
        image = self._image(options)
        if image is None:
            self._original(command, **options)
        elif image.restore():
            if not options.get("inhibit_post_migrate"):
                _fill_caches(options["database"])
            image.settle()
        else:
            self._original(command, **options)
            if image.capture():
                image.settle()

    def _serves(self, options: JSON) -> bool:
        """Whether a call is that of a test's teardown, and does no more than the flush."""
        alias = options.get("database")
        clone: Any = self._databases.clone_of(alias) if alias else None
        usual = (
            options.get("verbosity") == 0
            and options.get("interactive") is False
            and options.get("reset_sequences") is False
            and not options.get("allow_cascade")
        )
        if not usual or not attended(clone, self._wire):
            return False
        if not self._registered:
            register_receivers()
            self._registered = True
        return bool(options.get("inhibit_post_migrate")) or only_known_receivers()

    def _image(self, options: JSON) -> Optional[Image]:
        """The image for one call, None where more than what is flushed is there."""
        alias = options["database"]
        clone: Any = self._databases.clone_of(alias)
        connection = clone.connection
        inhibited = bool(options.get("inhibit_post_migrate"))
        tables, sequences = kind_of(connection).relations(connection)
        flushed = _flushed(connection, alias)
        if not flushed.issuperset(set(tables) - _LEFT_ALONE):
            return None
        digest = hashlib.sha256(self._description(inhibited, alias).encode())
        digest.update(repr(sorted(tables)).encode())
        name = f"flushed-{digest.hexdigest()[:32]}"
        return Image(name, clone, sequences, self._hopeless)

    def _description(self, inhibited: bool, alias: Any) -> str:
        """What the flush of an alias and the receivers of post_migrate depend on."""
        from django.apps import apps
        from django.conf import settings
        from django.db import router

        from hotclub_worker.facts import stable

        models = tuple(apps.get_models(include_auto_created=True))
        if models != self._models:
            self._models, self._described = models, _describe(models)
        lines = [alias, self._described, stable(router.routers)]
        if not inhibited:
            lines.append(stable(getattr(settings, "SITE_ID", None)))
            lines.append(repr([config.label for config in apps.get_app_configs()]))
            lines.extend(sorted(_receivers()))
        return "\n".join([str(inhibited), *lines])


def register_receivers() -> None:
    """As flush and migrate do: modules named ``management`` may connect to post_migrate."""
    from django.apps import apps

    for config in apps.get_app_configs():
        try:
            importlib.import_module(".management", config.name)
        except ImportError:
            pass


def _receivers() -> set[str]:
    from django.db.models.signals import post_migrate

    return {path(receiver) for receiver in live(post_migrate)}


def only_known_receivers() -> bool:
    """Whether all that happens after the flush is what Django's own receivers do, and nobody hears
    of the rows that they make."""
    from django.apps import apps
    from django.db.models import signals

    if not _receivers() <= _RECEIVERS:
        return False
    for label, name in _ROWS_OF:
        if not apps.is_installed(f"django.contrib.{label}"):
            continue
        model = apps.get_model(label, name)
        for signal in (signals.pre_init, signals.post_init, signals.pre_save, signals.post_save):
            heard = listeners(signal, model)
            if any(not each.startswith("django.contrib.sites.") for each in heard):
                return False
    return True


def _flushed(connection: Any, alias: Any) -> set[str]:
    """The tables that the flush of an alias empties (``django_table_names``)."""
    from django.apps import apps
    from django.db import router

    names = set()
    for config in apps.get_app_configs():
        for model in router.get_migratable_models(config, alias):
            if model._meta.managed:
                names.add(model._meta.db_table)
                names.update(
                    field.m2m_db_table()
                    for field in model._meta.local_many_to_many
                    if field.remote_field.through._meta.managed
                )
    return {connection.introspection.identifier_converter(name) for name in names}


def _describe(models: tuple[Any, ...]) -> str:
    lines = []
    for model in models:
        meta = model._meta
        lines.append(
            f"{meta.label} {meta.db_table} {meta.managed} {meta.proxy} {meta.default_permissions}"
            f" {list(meta.permissions)} {meta.verbose_name_raw}"
        )
    return "\n".join(lines)


def _fill_caches(alias: Any) -> None:
    """Leaves the caches of ContentType and Site as Django's receivers leave them. Those of the last
    app that has models decide: each app's empty the one and fill it with their own."""
    from django.apps import apps
    from django.conf import settings
    from django.db.models.signals import post_migrate

    configs = [config for config in apps.get_app_configs() if config.models_module is not None]
    last = max((i for i, config in enumerate(configs) if any(config.get_models())), default=0)
    for config in configs[last:]:
        post_migrate.send(
            sender=config, app_config=config, verbosity=0, interactive=False, using=alias
        )
    if apps.is_installed("django.contrib.sites"):
        from django.contrib.sites.models import SITE_CACHE

        SITE_CACHE.pop(getattr(settings, "SITE_ID", 1), None)
