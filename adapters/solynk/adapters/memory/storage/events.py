"""The inbox: messages as they came, and the numbers of our own reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from solynk.adapters.memory.storage.rows import Rows, in_rounds
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId, OrganizationId
from solynk.ports.storage import DueEvent

EventRows = Rows[EventId, Event]
Key = tuple[str, str, bool, str]
KeyRows = Rows[Key, EventId]


@dataclass(frozen=True, slots=True)
class InMemoryEvents:
    rows: EventRows
    keys: KeyRows
    """Of every event that ever came, also of a provider's that were let go."""

    async def add(self, event: Event) -> bool:
        if self.rows.get(event.id) is not None or self.keys.get(key_of(event)) is not None:
            return False
        self.keys.put(key_of(event), event.id)
        self.rows.put(event.id, event)
        return True

    async def get(self, event: EventId) -> Event | None:
        return self.rows.get(event)

    async def lock(self, event: EventId) -> Event | None:
        return self.rows.get(event)

    async def put(self, event: Event) -> None:
        known = self.rows.get(event.id)
        if known is not None:
            self.rows.put(event.id, replace(event, body=known.body))


def key_of(event: Event) -> Key:
    return event.source, event.account, event.livemode, event.external_id


def _since(event: Event) -> tuple[datetime, EventId]:
    """Of events that are due."""
    return event.due_at or event.received_at, event.id


@dataclass(frozen=True, slots=True)
class InMemoryEventLists:
    rows: EventRows

    async def due(self, at: datetime, limit: int) -> Sequence[DueEvent]:
        chosen = in_rounds(self._due(at), lambda it: it.account)[:limit]
        return [DueEvent(it.id, it.source, it.account) for it in sorted(chosen, key=_since)]

    async def first_due(self, source: str, account: str, at: datetime) -> EventId | None:
        its = (it.id for it in self._due(at) if (it.source, it.account) == (source, account))
        return next(its, None)

    def _due(self, at: datetime) -> list[Event]:
        due = self.rows.where(lambda it: it.due_at is not None and it.due_at <= at)
        return sorted(due, key=_since)

    async def unmatched(self, organization: OrganizationId, reference: str) -> Sequence[EventId]:
        waiting = self.rows.where(
            lambda it: (
                it.status is EventStatus.UNMATCHED
                and (it.organization, it.reference) == (organization, reference)
            )
        )
        return [it.id for it in sorted(waiting, key=lambda it: (it.received_at, it.id))]

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: EventStatus | None = None,
        sources: Collection[str] = (),
        before: EventId | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        found = self.rows.where(
            lambda it: (
                it.organization == organization
                and status in {None, it.status}
                and (not sources or it.source in sources)
                and (before is None or it.id < before)
            )
        )
        return sorted(found, key=lambda it: it.id, reverse=True)[:limit]


@dataclass(frozen=True, slots=True)
class InMemoryReads:
    rows: Rows[tuple[str, str, str], int]

    async def next_number(self, source: str, account: str, object_id: str) -> int:
        key = (source, account, object_id)
        number = (self.rows.get(key) or 0) + 1
        self.rows.put(key, number)
        return number
