"""What all tests of a process share and any of them may change: put back between classes, or
found to be beyond that."""

import os
import sys
from typing import Optional

from hotclub_worker.capture import Capture

# How children of tests are known to be ours; whatever else the environment holds is the tests'.
_MARKS = ("HOTCLUB", "HOTCLUB_SERVER", "HOTCLUB_WORKER")


class Surroundings:
    """The working directory, the standard streams, the limits and so on of this process, as they
    were when its part in a run began."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._directory = os.getcwd()
        self._limits = _limits()
        self._recursion = sys.getrecursionlimit()
        self._marks = {name: os.environ[name] for name in _MARKS if name in os.environ}
        capture.remember()

    def mend(self) -> None:
        """After each test: repairs what is of no use to anybody."""
        self._capture.mend()

    def mend_directory(self) -> None:
        """Leaves a working directory that is gone, which also a module may not keep."""
        try:
            os.getcwd()
        except OSError:
            os.chdir(self._directory)

    def restore(self) -> None:
        """Between classes whose module has no fixtures that may have made changes on purpose."""
        self._capture.restore()
        os.chdir(self._directory)
        os.environ.update(self._marks)
        sys.setrecursionlimit(self._recursion)

    def lost(self) -> Optional[str]:
        """What was changed and can't be put back, or None."""
        return "a test changed the limits of the process" if _limits() != self._limits else None


def _limits() -> list[tuple[int, int]]:
    if sys.platform == "win32":
        return []
    import resource

    return [
        resource.getrlimit(getattr(resource, name)) for name in _LIMITS if hasattr(resource, name)
    ]


_LIMITS = (
    "RLIMIT_NOFILE",
    "RLIMIT_AS",
    "RLIMIT_DATA",
    "RLIMIT_STACK",
    "RLIMIT_FSIZE",
    "RLIMIT_NPROC",
    "RLIMIT_CPU",
)
