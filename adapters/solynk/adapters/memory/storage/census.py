"""How the whole installation is, in a few numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.alert import Alert, AlertKind
from solynk.core.command import Command, CommandStatus
from solynk.core.customer import Customer
from solynk.core.event import Event
from solynk.core.ids import AlertId, CommandId, CustomerId, EventId, OrganizationId
from solynk.ports.census import Queues, Waiting
from solynk.ports.storage import Lane


@dataclass(frozen=True, slots=True)
class InMemoryCensus:
    events: Rows[EventId, Event]
    commands: Rows[CommandId, Command]
    customers: Rows[tuple[OrganizationId, CustomerId], Customer]
    alerts: Rows[AlertId, Alert]
    lanes: Rows[str, Lane]

    async def queues(self, at: datetime, limit: int) -> Queues:
        commands = self.commands.where(
            lambda it: (
                it.status is CommandStatus.LEASED
                or (it.status is CommandStatus.READY and it.due_at <= at)
            )
        )
        return Queues(
            events=_waiting((it.due_at for it in self.events if _due(it.due_at, at)), limit),
            commands=_waiting((it.due_at for it in commands), limit),
            customers=_waiting((it.due_at for it in self.customers if _due(it.due_at, at)), limit),
        )

    async def open_alerts(self) -> Mapping[AlertKind, int]:
        return Counter(it.kind for it in self.alerts if it.resolved_at is None)

    async def open_breakers(self) -> Mapping[str, int]:
        return Counter(it.name.partition(":")[0] for it in self.lanes if it.open_until is not None)


def _due(due_at: datetime | None, at: datetime) -> bool:
    return due_at is not None and due_at <= at


def _waiting(due: Iterable[datetime | None], limit: int) -> Waiting:
    known = [it for it in due if it is not None]
    return Waiting(min(len(known), limit), min(known, default=None))
