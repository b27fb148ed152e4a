"""Counts the SQL statements of this process, on all connections and in all threads."""

from typing import Any


class QueryCounter:
    """Wraps the two methods through which every statement of Django passes."""

    def __init__(self) -> None:
        self.total = 0

    def install(self) -> None:
        from django.db.backends.utils import CursorWrapper

        wrapper: Any = CursorWrapper
        for name in ("_execute", "_executemany"):
            setattr(wrapper, name, self._counted(getattr(wrapper, name)))

    def _counted(self, original: Any) -> Any:
        def counted(cursor: Any, *args: Any) -> Any:
            self.total += 1
            return original(cursor, *args)

        return counted
