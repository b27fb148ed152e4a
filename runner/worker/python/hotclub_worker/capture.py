"""Where everything that tests print ends up: one file for each worker, appended to.

Messages carry offsets into the file; the server reads the slices, so large output never
travels through JSON and the last words of a killed worker are still there.
"""

import os
import sys
from typing import Optional


class Capture:
    """Descriptors 1 and 2 of this process, and a private copy to mend them from."""

    def __init__(self) -> None:
        self._own = os.dup(2)
        self._directory: Optional[str] = None

    def redirect(self, path: str) -> None:
        """Makes ``path`` the capture file, for a worker forked from a layer."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target in (1, 2, self._own):
            os.dup2(descriptor, target)
        os.close(descriptor)

    def offset(self) -> int:
        """Length of the file in bytes once all that was printed so far is in it."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (ValueError, OSError, AttributeError):
                pass  # closed, or replaced by something odd: mend() sees to the first
        return os.fstat(self._own).st_size

    def mend(self) -> None:
        """Repairs what a test closed, so that it costs nobody else."""
        for descriptor in (1, 2):
            try:
                os.fstat(descriptor)
            except OSError:
                os.dup2(self._own, descriptor)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None or getattr(stream, "closed", False):
                descriptor = 1 if name == "stdout" else 2
                fresh = open(  # noqa: SIM115 - lives as long as the process
                    descriptor, "w", buffering=1, errors="backslashreplace", closefd=False
                )
                setattr(sys, name, fresh)
                setattr(sys, f"__{name}__", fresh)

    def remember_directory(self) -> None:
        self._directory = os.getcwd()

    def return_to_directory(self) -> None:
        if self._directory is None:
            return
        try:
            if os.getcwd() == self._directory:
                return
        except OSError:
            pass  # the directory is gone
        os.chdir(self._directory)
