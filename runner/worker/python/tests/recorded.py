"""What a program reads, told by the program itself."""

import hashlib
import os
import unittest
from typing import Any, Optional

from .support import PARENT, script, temporary

PRELUDE = """
import json, os, sys
from hotclub_worker.reads import Recorder
recorder = Recorder(ignore={ignore!r})
os.chdir(sys.argv[1])
sys.path.remove("")
recorder.install()
recorder.drain()

def done(**more):
    entries = {{}}
    for entry in recorder.drain():
        assert entry[0] not in entries, entry
        entries[entry[0]] = entry
    print(json.dumps(dict(entries=entries, environment=recorder.environment(), **more)))
"""
OLD = 1_600_000_000
STDLIB = os.path.dirname(os.__file__)


def sha(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


class Recorded(unittest.TestCase):
    def setUp(self) -> None:
        manager = temporary()
        self.root = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)

    def record(
        self, code: str, *, born: Optional[dict[str, str]] = None, everything: bool = False
    ) -> dict[str, Any]:
        """What a program reads: by default only what is not of the standard library."""
        told = script(
            PRELUDE.format(ignore=str(PARENT)) + code + "\ndone()",
            str(self.root), PYTHONDONTWRITEBYTECODE="", **(born or {}),
        )  # fmt: skip
        self.environment: dict[str, str] = told["environment"]
        below = str(self.root) + os.sep
        entries = {
            path[len(below) :] if path.startswith(below) else path: entry[1:]
            for path, entry in told["entries"].items()
            if everything or not path.startswith(STDLIB)
        }
        self.changed: dict[str, int] = {name: entry.pop() for name, entry in entries.items()}
        return entries

    def age(self, *names: str) -> None:
        """Makes files look as if they had been written long ago."""
        for name in names:
            os.utime(self.root / name, (OLD, OLD))
