"""How much waits to be done now: for metrics, and for whoever waits until it is quiet."""

from typing import Final

from msgspec import Struct

from solynk.apps.engine.wiring import Wiring

COUNTED: Final = 10_000
"""Nobody needs to know more exactly how long a long queue is."""


class Backlog(Struct, frozen=True):
    """Counts of what is due now, each `COUNTED` at most."""

    events: int
    commands: int
    customers: int

    @property
    def quiet(self) -> bool:
        return not (self.events or self.commands or self.customers)


async def backlog(w: Wiring) -> Backlog:
    """Raises Unavailable where the storage can not be asked."""
    at = await w.clock.now()
    async with w.store.begin() as tx:
        queues = await tx.census.queues(at, COUNTED)
    return Backlog(queues.events.count, queues.commands.count, queues.customers.count)
