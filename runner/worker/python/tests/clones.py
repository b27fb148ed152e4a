"""A stand-in for what Hotclub's server does with the clones of a worker on a database server."""

import itertools
import os
from abc import ABC, abstractmethod
from typing import Any

from .support import JSON

# By table: what columns it has, and then its rows.
Contents = dict[str, list[Any]]


class Clones(ABC):
    """Clones of templates, each put back to an image when a worker asks."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.asked: list[tuple[str, JSON, JSON]] = []
        self.cannot_identify = False
        self.replaces = False  # rather than to put rows back
        self._clones: dict[str, tuple[str, str]] = {}  # by alias: clone, template
        self._made: list[str] = []
        self._images: dict[tuple[str, str], Contents] = {}
        self._marks: dict[tuple[str, str], dict[str, int]] = {}
        self._accepted: dict[str, Contents] = {}

    @abstractmethod
    def make(self, clone: str, template: str) -> None: ...

    @abstractmethod
    def remove(self, database: str) -> None: ...

    @abstractmethod
    def contents(self, database: str) -> Contents: ...

    @abstractmethod
    def sequences(self, database: str) -> dict[str, int]: ...

    @abstractmethod
    def set_sequences(self, clone: str, sequences: dict[str, int]) -> None: ...

    @abstractmethod
    def put_back(self, clone: str, tables: dict[str, list[Any]]) -> None:
        """Gives tables other rows, in place."""

    def lease(self, templates: dict[str, str]) -> dict[str, JSON]:
        """New clones by alias; what ``attach`` takes."""
        places = {}
        for alias, template in templates.items():
            clone = f"hcc_agent_{os.getpid()}_{next(self._numbers)}"
            self.make(clone, template)
            self._made.append(clone)
            self._clones[alias] = clone, template
            self._images[alias, ""] = self.contents(clone)
            self._marks[alias, ""] = self.sequences(clone)
            places[alias] = {"template": template, "clone": clone, "generation": "one"}
        return places

    def clone(self, alias: str = "default") -> str:
        return self._clones[alias][0]

    def drop(self) -> None:
        for clone in self._made:
            self.remove(clone)

    def taken(self) -> list[str]:
        """What has been asked since this was called last, in short."""
        asked, self.asked = self.asked, []
        return [
            " ".join([method, *filter(None, [params.get("image", "")[:7]])])
            + "".join(f" {name}" for name in ("clean", "dirty", "missing") if answer.get(name))
            for method, params, answer in asked
        ]

    def answer(self, method: str, params: JSON) -> JSON:
        alias, image = params["alias"], params.get("image", "")
        try:
            answer: JSON = getattr(self, "_" + method)(alias, image)
        except Exception as error:
            self.asked.append((method, params, {"error": str(error)}))
            raise
        self.asked.append((method, params, answer))
        return answer

    def _dirty(self, alias: str, _image: str) -> JSON:
        expected = self._accepted.get(alias, self._images[alias, ""])
        return {"dirty": self.contents(self.clone(alias)) != expected}

    def _accept(self, alias: str, _image: str) -> JSON:
        self._accepted[alias] = self.contents(self.clone(alias))
        return {}

    def _identify(self, alias: str, _image: str) -> JSON:
        if self.cannot_identify:
            raise RuntimeError("nobody can tell")
        return {"name": repr(sorted(self.contents(self.clone(alias)).items()))}

    def _capture(self, alias: str, image: str) -> JSON:
        if _shape(self.contents(self.clone(alias))) != _shape(self._images[alias, ""]):
            raise RuntimeError("the schema has changed")
        self._images.setdefault((alias, image), self.contents(self.clone(alias)))
        self._marks.setdefault((alias, image), self.sequences(self.clone(alias)))
        return {}

    def _restore(self, alias: str, image: str) -> JSON:
        clone, template = self._clones[alias]
        wanted = self._images.get((alias, image))
        if wanted is None:
            return {"missing": True}
        present = self.contents(clone)
        self._accepted.pop(alias, None)
        if present == wanted:
            clean = self.sequences(clone) == self._marks[alias, image]
            self._mark(alias, image)
            return {"clean": clean, "replaced": False, "why": "", "tables": 0}
        if _shape(present) != _shape(wanted) or self.replaces:
            if image:
                return {"missing": True}
            self.remove(clone)
            self.make(clone, template)
            return {"clean": False, "replaced": True, "why": "asked for", "tables": 0}
        changed = [table for table in wanted if wanted[table] != present[table]]
        self.put_back(clone, {table: wanted[table][1:] for table in changed})
        self._mark(alias, image)
        return {"clean": False, "replaced": False, "why": "", "tables": len(changed)}

    def _mark(self, alias: str, image: str) -> None:
        self.set_sequences(self.clone(alias), self._marks[alias, image])


def _shape(all_: Contents) -> dict[str, Any]:
    return {table: rows[0] for table, rows in all_.items()}
