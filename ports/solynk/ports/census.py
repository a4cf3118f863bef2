"""How the whole installation is, in a few numbers, asked of the store that all processes share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from solynk.core.alert import AlertKind


class Waiting(Struct, frozen=True):
    """What is due and not done."""

    count: int = 0
    since: datetime | None = None
    """When the oldest of it became due; None where nothing waits."""


class Queues(Struct, frozen=True):
    events: Waiting
    commands: Waiting
    """Those that are ready and due, and those that a worker has leased."""
    customers: Waiting
    """Whose timer has come."""


class Census(Protocol):
    """Of all organizations together: numbers, never a person."""

    async def queues(self, at: datetime, limit: int) -> Queues:
        """What waits at `at`. Each queue is counted up to `limit`, from its oldest on."""
        ...

    async def open_alerts(self) -> Mapping[AlertKind, int]:
        """How many of each kind are open; a kind of which none is may be left out."""
        ...

    async def open_breakers(self) -> Mapping[str, int]:
        """How many lanes' breakers are open, by the first part of the lane's name: the vendor.

        A vendor with none may be left out. A breaker that may be tried is open still.
        """
        ...
