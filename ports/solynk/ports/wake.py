"""A hint that there is work. Never the truth: the database is the queue."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class WorkKind(StrEnum):
    EVENT = "event"
    COMMAND = "command"


class Work(Struct, frozen=True):
    """An id, and nothing else: whoever wakes reads the rest from the database."""

    kind: WorkKind
    id: str


class Waker(Protocol):
    async def wake(self, work: Work) -> None:
        """Tell some worker, soon. A lost, doubled or late hint is harmless.

        It never raises: a waker that cannot reach anybody leaves the work to the next poll.
        """
        ...
