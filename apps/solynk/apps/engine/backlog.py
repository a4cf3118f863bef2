"""How much waits to be done now: for metrics, and for whoever waits until it is quiet."""

from typing import Final

from msgspec import Struct

from solynk.apps.engine.wiring import Wiring
from solynk.core.command import CommandStatus

COUNTED: Final = 1000
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
        events = await tx.event_lists.due(at, COUNTED)
        ready = await tx.queue.all(None, status=CommandStatus.READY, limit=COUNTED)
        leased = await tx.queue.all(None, status=CommandStatus.LEASED, limit=COUNTED)
        customers = await tx.due_customers.due(at, COUNTED)
    due = sum(it.due_at <= at for it in ready)
    return Backlog(len(events), due + len(leased), len(customers))
