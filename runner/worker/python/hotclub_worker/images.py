"""Contents of a clone that Hotclub's server keeps when Django has made them, to put them back from
then on."""

import weakref
from collections.abc import Iterator
from typing import Any

from hotclub_worker.kinds import kind_of
from hotclub_worker.wire import Declined


class Image:
    """What a clone holds after one particular step of Django's."""

    def __init__(
        self, name: str, clone: Any, sequences: dict[int, int], hopeless: set[str]
    ) -> None:
        self._name = name
        self._clone = clone
        self._sequences = sequences  # where they stood before the step
        self._hopeless = hopeless  # images that can't be captured
        self._missing = False

    def restore(self) -> bool:
        """Whether the clone holds it now."""
        if self._name in self._hopeless:
            return False
        connection = self._clone.connection
        try:
            answer = self._clone.ask("restore", image=self._name)
        except Declined:
            return False  # it is in use, say, or the schema has changed
        if answer.get("missing"):
            self._missing = True
            return False
        if not answer.get("clean"):
            kind_of(connection).advance(connection, self._sequences)
        return True

    def capture(self) -> bool:
        """Keeps what Django has just left, if nobody has yet; whether it is kept."""
        if not self._missing:
            return False
        try:
            self._clone.ask("capture", image=self._name)
        except Declined:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        """Leaves the step to Django from now on."""
        self._hopeless.add(self._name)

    def settle(self) -> None:
        """Notes that this is what the clone holds, until a cursor is opened."""
        self._clone.hold(self._name)


def attended(clone: Any, wire: Any) -> bool:
    """Whether the contents of a clone can be put back just now: by its own worker, on the server,
    and outside of transactions."""
    if not hasattr(clone, "ask") or not wire.mine():
        return False
    connection = clone.connection
    return bool(connection.autocommit and not connection.in_atomic_block)


def live(signal: Any) -> Iterator[Any]:
    """The receivers of a signal that are there, whoever they listen to."""
    for entry in signal.receivers:
        receiver = entry[1]
        if isinstance(receiver, weakref.ReferenceType):
            receiver = receiver()
        if receiver is not None:
            yield receiver


def listeners(signal: Any, sender: Any) -> list[str]:
    """Where the receivers are defined that hear of a sender's signal."""
    found: Any = signal._live_receivers(sender=sender)
    # From Django 5.0 on two lists: of functions and of coroutines.
    lists = found if isinstance(found, tuple) else (found,)
    return [path(each) for some in lists for each in some]


def path(receiver: Any) -> str:
    return f"{getattr(receiver, '__module__', '')}.{getattr(receiver, '__qualname__', receiver)}"
