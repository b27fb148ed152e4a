"""Serves the set-up of tests with ``serialized_rollback`` from an image.

``TransactionTestCase._fixture_setup`` loads the rows of the migrated database from a text before
each of their tests, row by row through the models. What the database holds after that is kept once
for each state in which it was before, and put back from then on. That state is known where nobody
has opened a cursor since it was an image or the template; else the server looks.

Receivers of the project's that listen to rows being loaded hear of them all the same. It is left to
Django where such a receiver uses a database, and where the loading takes numbers of sequences, as
triggers may.
"""

import hashlib
import json
from types import SimpleNamespace
from typing import Any, Optional

from hotclub_worker.images import Image, attended, listeners
from hotclub_worker.kinds import kind_of
from hotclub_worker.wire import JSON

# Receivers of Django's own whose effect is none but on the instance, or is made up for below.
_HARMLESS = ("django.contrib.sites.", "django.db.models.fields.files.")
_SITE = "sites.site"


def serve_rollbacks(worker: Any, databases: Any) -> None:
    """From now on ``deserialize_db_from_string`` is served from images where that is the same."""
    for alias in databases.attached():
        clone = databases.clone_of(alias)
        if hasattr(clone, "ask"):
            creation = clone.connection.creation
            served = _Loading(worker, clone, creation.deserialize_db_from_string)
            creation.deserialize_db_from_string = served.load


class _Loading:
    """``BaseDatabaseCreation.deserialize_db_from_string`` of one clone."""

    def __init__(self, worker: Any, clone: Any, original: Any) -> None:
        self._wire = worker.wire
        self._queries = worker.queries
        self._clone = clone
        self._original = original
        self._hopeless: set[str] = set()
        self._text = ""
        self._rows: _Rows = _Rows([], "")  # of the text

    def load(self, data: str) -> None:
        generation: str = self._clone.place.get("generation", "")
        if not generation or not attended(self._clone, self._wire):
            self._original(data)
            return
        kind, connection = kind_of(self._clone.connection), self._clone.connection
        if data != self._text:
            self._text, self._rows = data, _Rows(json.loads(data), connection.alias)
        receivers = self._rows.receivers()
        if receivers is None:
            self._original(data)
            return
        before = self._clone.held()
        if before is None:
            before = self._clone.recognise()
        if before is None:
            self._original(data)
            return
        told = {label for label, _ in receivers}
        there = self._rows.there(told)
        self._rows.forget_sites()
        _, sequences = kind.relations(connection)
        state = f"{generation}\n{before}\n{sorted(receivers)}\n{data}"
        digest = hashlib.sha256(state.encode()).hexdigest()
        image = Image(f"rollback-{digest[:32]}", self._clone, sequences, self._hopeless)
        ear = _Ear(told, self._queries, connection)
        if image.restore():
            with ear:
                self._rows.tell(told, there)
            kept = True
        else:
            with ear:
                self._original(data)
            if kind.relations(connection)[1] != sequences:
                ear.used = True
            kept = not ear.used and image.capture()
        if ear.used:
            image.give_up()
        elif kept:
            image.settle()


class _Rows:
    """The rows of a text."""

    def __init__(self, rows: list[JSON], alias: str) -> None:
        self._alias = alias
        self._rows = rows
        self._labels = {row["model"] for row in rows}

    def receivers(self) -> Optional[set[tuple[str, str]]]:
        """Who of the project's hears of rows that are loaded: pairs of a model's label and of where
        the receiver is defined. None where somebody hears of their relations as well."""
        from django.apps import apps
        from django.db.models import signals

        found: set[tuple[str, str]] = set()
        for label in self._labels:
            model: Any = apps.get_model(label)
            through = (field.remote_field.through for field in model._meta.many_to_many)
            if any(listeners(signals.m2m_changed, each) for each in through):
                return None
            for signal in _loading_signals():
                paths = listeners(signal, model)
                found.update((label, each) for each in paths if not each.startswith(_HARMLESS))
        return found

    def there(self, labels: set[str]) -> dict[str, set[Any]]:
        """The primary keys that the tables of some models hold already."""
        from django.apps import apps
        from django.db.models import QuerySet

        models = {label: apps.get_model(label) for label in labels}
        return {
            label: set(QuerySet(model, using=self._alias).values_list("pk", flat=True))
            for label, model in models.items()
        }

    def forget_sites(self) -> None:
        """As the receiver of ``pre_save`` of the sites framework does before a site is loaded."""
        if _SITE in self._labels:
            from django.contrib.sites.models import Site, clear_site_cache

            for row in self._rows:
                if row["model"] == _SITE:
                    instance = SimpleNamespace(pk=row["pk"])
                    clear_site_cache(Site, instance=instance, using=self._alias)

    def tell(self, labels: set[str], there: dict[str, set[Any]]) -> None:
        """Sends for the rows of some models what ``DeserializedObject.save`` sends, which is
        ``Model.save_base(raw=True)``."""
        from django.core import serializers
        from django.db import transaction
        from django.db.models import signals

        if not labels:
            return
        text = json.dumps([row for row in self._rows if row["model"] in labels])
        with transaction.atomic(using=self._alias):
            for loaded in serializers.deserialize("json", text, using=self._alias):
                instance: Any = loaded.object
                told = {"sender": type(instance), "instance": instance, "raw": True,
                        "using": self._alias, "update_fields": None}  # fmt: skip
                signals.pre_save.send(**told)
                instance._state.db, instance._state.adding = self._alias, False
                created = instance.pk not in there[instance._meta.label_lower]
                signals.post_save.send(created=created, **told)


class _Ear:
    """Finds out whether those who hear of rows of some models being loaded use a database: they may
    find something else in it when it holds all rows already."""

    def __init__(self, labels: set[str], queries: Any, connection: Any) -> None:
        self._labels = labels
        self._queries = queries
        self._connection = connection
        self._sends: list[Any] = []
        self.used = False

    def __enter__(self) -> None:
        self._sends = [signal.send for signal in _loading_signals()]
        for signal, send in zip(_loading_signals(), self._sends):
            signal.send = self._listening(send)

    def __exit__(self, *_: Any) -> None:
        for signal, send in zip(_loading_signals(), self._sends):
            signal.send = send

    def _listening(self, send: Any) -> Any:
        def listening(sender: Any, *args: Any, **kwargs: Any) -> Any:
            if sender._meta.label_lower not in self._labels:
                return send(sender, *args, **kwargs)
            before = self._use()
            try:
                return send(sender, *args, **kwargs)
            finally:
                self.used = self.used or self._use() != before

        return listening

    def _use(self) -> tuple[int, int]:
        return self._queries.cursors, len(self._connection.run_on_commit)


def _loading_signals() -> tuple[Any, ...]:
    from django.db.models import signals

    return signals.pre_init, signals.post_init, signals.pre_save, signals.post_save
