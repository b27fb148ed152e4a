"""Where everything that tests print ends up: one file for each worker, appended to.

Messages carry offsets into the file; the server reads the slices, so large output never
travels through JSON and the last words of a killed worker are still there.
"""

import io
import os
import sys
from os import fstat  # by name: tests patch that of the module
from typing import Any

_STREAMS = ("stdin", "stdout", "stderr")


class Nowhere(io.TextIOBase):
    """Takes what is not the output of a test."""

    def write(self, text: str) -> int:
        return len(text)


class Capture:
    """Descriptors 0 to 2 of this process, and a private copy to mend them from."""

    def __init__(self) -> None:
        self.own = os.dup(2)
        self._streams: dict[str, Any] = {}

    def redirect(self, path: str) -> None:
        """Makes ``path`` the capture file, for a worker forked from a layer."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target in (1, 2, self.own):
            os.dup2(descriptor, target)
        os.close(descriptor)

    def offset(self) -> int:
        """Length of the file in bytes once all that was printed so far is in it. C code keeps
        nothing back: python -u has its streams unbuffered too."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # noqa: S110 - closed, which mend() sees to, or something odd
                pass
        return fstat(self.own).st_size

    def remember(self) -> None:
        """Takes the present streams as those to come back to."""
        self._streams = {name: getattr(sys, name) for name in _STREAMS}

    def mend(self) -> None:
        """Repairs what a test closed, so that it costs nobody else."""
        for descriptor in (0, 1, 2):
            try:
                fstat(descriptor)
            except OSError:
                self._reopen(descriptor)
        for descriptor, name in enumerate(_STREAMS):
            stream = getattr(sys, name)
            if stream is None or getattr(stream, "closed", False):
                fresh = open(  # noqa: SIM115 - lives as long as the process
                    descriptor,
                    "w" if descriptor else "r",
                    buffering=1,
                    errors="backslashreplace",
                    closefd=False,
                )
                setattr(sys, name, fresh)
                setattr(sys, f"__{name}__", fresh)
                self._streams[name] = fresh

    def restore(self) -> None:
        """Takes back also what a test replaced. Between classes only: one may replace streams
        for all its tests."""
        self.mend()
        for name, stream in self._streams.items():
            if not getattr(stream, "closed", False):
                setattr(sys, name, stream)
        for descriptor in (0, 1, 2):
            place = os.stat(os.devnull) if descriptor == 0 else fstat(self.own)
            if not os.path.samestat(fstat(descriptor), place):
                self._reopen(descriptor)

    def _reopen(self, descriptor: int) -> None:
        if descriptor:
            os.dup2(self.own, descriptor)
            return
        empty = os.open(os.devnull, os.O_RDONLY)
        if empty == descriptor:
            os.set_inheritable(descriptor, True)
            return
        os.dup2(empty, descriptor)
        os.close(empty)
