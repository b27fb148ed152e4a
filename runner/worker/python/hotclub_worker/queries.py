"""Counts the SQL statements and cursors of this process, on all connections and in all threads."""

from collections import Counter
from typing import Any


class QueryCounter:
    """Wraps the methods through which every statement of Django, and every cursor, passes."""

    def __init__(self) -> None:
        self.total = 0
        self.cursors = 0  # a cursor can do more than execute statements, COPY for one
        self._of: Counter[Any] = Counter()

    def install(self) -> None:
        from django.db.backends.utils import CursorWrapper

        wrapper: Any = CursorWrapper
        for name in ("_execute", "_executemany"):
            setattr(wrapper, name, self._counted(getattr(wrapper, name)))
        wrapper.__init__ = self._opened(wrapper.__init__)

    def cursors_of(self, name: Any) -> int:
        """How many cursors connections to a database of this name opened, under any alias."""
        return self._of[name]

    def _opened(self, original: Any) -> Any:
        def opened(wrapper: Any, cursor: Any, db: Any) -> None:
            self.cursors += 1
            self._of[db.settings_dict.get("NAME")] += 1
            original(wrapper, cursor, db)

        return opened

    def _counted(self, original: Any) -> Any:
        def counted(cursor: Any, *args: Any) -> Any:
            self.total += 1
            return original(cursor, *args)

        return counted
