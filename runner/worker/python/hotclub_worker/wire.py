"""Newline-delimited JSON-RPC 2.0 between this process and its server.

The descriptors are private: what tests read from standard input or print anywhere never
touches them.
"""

import codecs
import errno
import json
import os
import socket
import sys
import time
from _thread import RLock
from os import _exit, getpid, read, write  # by name: tests patch those of the module
from typing import Any, Optional

JSON = dict[str, Any]


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate (an undecodable byte in a file name, say) has no place in JSON, so it is
    written as Python shows it; the doubled backslash is one in JSON."""
    assert isinstance(error, UnicodeEncodeError)
    part = error.object[error.start : error.end]
    return "".join(f"\\\\u{ord(character):04x}" for character in part), error.end


codecs.register_error("hotclub", _spell_out)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Declined(Exception):
    """The server could not do what the worker has asked for; its text is for people."""


class Wire:
    """One connection to the server. It belongs to the process that opened it: a child that
    a test forked and that strays back into the worker's code ends instead of speaking."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        self._owner = getpid()
        self._whole = RLock()  # one message at a time: threads of tests may have something to tell
        self._buffer = b""
        self._asked = 0
        self._kept: list[JSON] = []  # what came while an answer was waited for
        self._answers: dict[str, JSON] = {}

    @classmethod
    def over_standard_streams(cls) -> "Wire":
        """Takes the pipes that the process was born with out of everybody's reach: standard
        input becomes empty, standard output joins standard error (the capture file)."""
        reader, writer = os.dup(0), os.dup(1)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        os.dup2(2, 1)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(reader, os.O_BINARY)
            msvcrt.setmode(writer, os.O_BINARY)
        return cls(reader, writer)

    @classmethod
    def dial(cls, address: str) -> "Wire":
        """Connects a forked worker to the server's unix socket."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(address)
        descriptor = connection.detach()
        return cls(descriptor, descriptor)

    def close(self) -> None:
        for descriptor in {self._reader, self._writer} - {-1}:
            try:
                os.close(descriptor)
            except OSError:
                pass  # a test has closed it
        self._reader = self._writer = -1

    def send(self, message: JSON) -> None:
        if getpid() != self._owner:
            _exit(1)
        message["jsonrpc"] = "2.0"
        data = memoryview(_encode(message).encode("utf-8", "hotclub") + b"\n")
        try:
            with self._whole:
                while data:
                    data = data[write(self._writer, data) :]
        except OSError as error:
            if error.errno == errno.EBADF:
                time.sleep(5)  # a test has closed it; the server sees that, says so and ends us
            end_with_children()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def tell(self, method: str) -> None:
        """Notifies of what any thread may meet. A child that a test forked keeps silent."""
        if getpid() == self._owner:
            self.notify(method, {})

    def mine(self) -> bool:
        """Whether this process and thread may ask the server something."""
        import threading

        return getpid() == self._owner and threading.current_thread() is threading.main_thread()

    def ask(self, method: str, **params: Any) -> str:
        """Sends a request of the worker's own; what ``answer`` takes."""
        self._asked += 1
        token = f"w{self._asked}"
        self.send({"id": token, "method": method, "params": params})
        return token

    def answer(self, token: str) -> JSON:
        """Waits for the answer to a request. Raises Declined."""
        while token not in self._answers:
            message = self._next()
            if "method" in message:
                self._kept.append(message)
            else:
                self._answers[message["id"]] = message
        answer = self._answers.pop(token)
        if "error" in answer:
            raise Declined(answer["error"]["message"])
        result: JSON = answer.get("result") or {}
        return result

    def receive(self) -> JSON:
        """Waits for the next message. The end of the server is the end of the process."""
        return self._kept.pop(0) if self._kept else self._next()

    def _next(self) -> JSON:
        if getpid() != self._owner:
            _exit(1)
        while b"\n" not in self._buffer:
            try:
                chunk = read(self._reader, 1 << 16)
            except OSError:
                chunk = b""
            if not chunk:
                end_with_children()
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: JSON = json.loads(line)
        return message

    def receive_waiting(self) -> Optional[JSON]:
        """The next message if one has begun to arrive, else None, without waiting."""
        if self._kept or b"\n" in self._buffer or self._readable():
            return self.receive()
        return None

    def _readable(self) -> bool:
        if sys.platform == "win32":
            import _winapi
            import msvcrt

            try:
                return bool(_winapi.PeekNamedPipe(msvcrt.get_osfhandle(self._reader), 0)[0])
            except OSError:
                return True
        import select

        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(0))


def end_with_children() -> None:
    """Ends this process and, where it leads a process group of its own, all that it started."""
    if sys.platform != "win32" and os.getpgrp() == getpid():
        import signal

        os.killpg(0, signal.SIGKILL)
    _exit(0)
