"""Serves the set-up of tests with ``serialized_rollback`` from an image.

``TransactionTestCase._fixture_setup`` loads the rows of the migrated database from a text before
each of their tests, row by row through the models. What the database holds after that is kept once
for each state in which it was before, and put back from then on, where that state is known: nobody
has opened a cursor since it was an image or the template. It is left to Django where somebody
listens to the loading of rows, and where the loading takes numbers of sequences, as triggers may.
"""

import hashlib
import json
from typing import Any, Optional

from hotclub_worker.images import Image, attended, listeners
from hotclub_worker.kinds import kind_of
from hotclub_worker.wire import JSON

# Receivers of Django's own whose effect is none but on the instance, or is made up for below.
_HARMLESS = ("django.contrib.sites.", "django.db.models.fields.files.")


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
        self._clone = clone
        self._original = original
        self._hopeless: set[str] = set()
        self._text = ""
        self._rows: _Rows = _Rows([])  # of the text

    def load(self, data: str) -> None:
        before: Optional[str] = self._clone.held()
        generation: str = self._clone.place.get("generation", "")
        if before is None or not generation or not attended(self._clone, self._wire):
            self._original(data)
            return
        if data != self._text:
            self._text, self._rows = data, _Rows(json.loads(data))
        if self._rows.heard():
            self._original(data)
            return
        kind, connection = kind_of(self._clone.connection), self._clone.connection
        _, sequences = kind.relations(connection)
        digest = hashlib.sha256(f"{generation}\n{before}\n{data}".encode()).hexdigest()
        image = Image(f"rollback-{digest[:32]}", self._clone, sequences, self._hopeless)
        if image.restore():
            self._rows.forget_sites(before)
            image.settle()
            return
        self._original(data)
        if kind.relations(connection)[1] != sequences:
            image.give_up()
        elif image.capture():
            image.settle()


class _Rows:
    """The rows of a text, as far as it matters who they are."""

    def __init__(self, rows: list[JSON]) -> None:
        self._labels = sorted({row["model"] for row in rows})
        self._sites = [row for row in rows if row["model"] == "sites.site"]

    def heard(self) -> bool:
        """Whether somebody hears of rows that are loaded."""
        from django.apps import apps
        from django.db.models import signals

        for label in self._labels:
            model: Any = apps.get_model(label)
            through = (field.remote_field.through for field in model._meta.many_to_many)
            if any(listeners(signals.m2m_changed, each) for each in through):
                return True
            if not all(
                receiver.startswith(_HARMLESS)
                for signal in (
                    signals.pre_init, signals.post_init, signals.pre_save, signals.post_save
                )
                for receiver in listeners(signal, model)
            ):  # fmt: skip
                return True
        return False

    def forget_sites(self, before: str) -> None:
        """As ``clear_site_cache`` does before each site is saved: the template has them already."""
        if self._sites:
            from django.contrib.sites.models import SITE_CACHE

            for row in self._sites:
                SITE_CACHE.pop(row["pk"], None)
                if not before:
                    SITE_CACHE.pop(row["fields"]["domain"], None)
