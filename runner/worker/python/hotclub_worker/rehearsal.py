"""Goes once through what every test with a database goes through, while a worker waits for one.

Most of the time of a short test that comes first in its process is not the test's: pages of memory
that it shares with its layer are copied when they are touched, Python finds out what is worth being
specialised, the server's session reads its catalogs. Here Django and the driver do what they do for
any TestCase, with the table of migrations; nothing of the project's takes part, and nothing stays.
"""

import unittest
from contextlib import ExitStack
from typing import Any, Optional

from hotclub_worker.kinds import Clone


def rehearse(clones: dict[str, Clone]) -> Optional[str]:
    """Rehearses with the databases of a worker, by alias. It does no harm if that fails; the result
    is what went wrong, or None."""
    from django.db.migrations.recorder import MigrationRecorder
    from django.test import TestCase

    base: Any = TestCase

    class Rehearsal(base):  # type: ignore[misc]
        databases = set(clones)

        def test(self) -> None:
            for clone in clones.values():
                recorder = MigrationRecorder(clone.connection)
                if not recorder.has_table():
                    continue
                rows = recorder.migration_qs.filter(app="")
                rows.count()
                rows.order_by("-id").first()
                list(rows.filter(name__in=["a", "b"]).values_list("app", "name"))
                rows.update(name="")
                rows.delete()

    with ExitStack() as unchanged:
        for clone in clones.values():
            unchanged.enter_context(clone.only_read())
        result = unittest.TestSuite([Rehearsal("test")]).run(unittest.TestResult())
    for clone in clones.values():
        clone.connection.ensure_connection()
    return next((text for _, text in result.errors), None)
