"""The inbox: messages as they came, and the numbers of our own reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Integer, Row, Select, bindparam, select, text, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.rounds import Place, Rounds, named
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId, OrganizationId

EVENT: Final = tables.events.c
READ: Final = tables.reads.c

EVENTS: Final = Records(tables.events, Event)
ROUNDS: Final = Rounds(tables.events, "account", tables.DUE)


DUE: Final = EVENT.due_at <= bindparam("at")
LONGEST: Final = select(EVENT.id, EVENT.due_at).where(DUE).order_by(EVENT.due_at, EVENT.id)
OLDEST: Final = LONGEST.limit(bindparam("limit", type_=Integer))
FIRST: Final = LONGEST.where(
    EVENT.source == bindparam("source"), EVENT.account == bindparam("account")
).limit(1)


@cache
def _shares(owners: int, *, postgresql: bool) -> Select[Any, Any]:
    return ROUNDS.shares(owners, DUE, lateral=postgresql, lock=False)


@dataclass(frozen=True, slots=True)
class SqlEvents:
    transaction: Transaction

    async def add(self, event: Event) -> bool:
        return await EVENTS.add(self.transaction, event)

    async def get(self, event: EventId) -> Event | None:
        return await EVENTS.first(self.transaction, select(tables.events).where(EVENT.id == event))

    async def lock(self, event: EventId) -> Event | None:
        known = select(tables.events).where(EVENT.id == event)
        return await EVENTS.first(self.transaction, known.with_for_update(skip_locked=True))

    async def put(self, event: Event) -> None:
        values = EVENTS.values(event)
        del values["body"]
        replaced = update(tables.events).where(EVENT.id == event.id).values(values)
        await self.transaction.row(replaced.returning(EVENT.id))


@dataclass(frozen=True, slots=True)
class SqlEventLists:
    transaction: Transaction
    place: Place

    async def due(self, at: datetime, limit: int) -> Sequence[EventId]:
        due = {row.id: row.due_at for row in await self._in_rounds(at, self.place.room(limit))}
        for row in await self.transaction.rows(OLDEST, {"at": at, "limit": limit}):
            if len(due) < limit:
                due.setdefault(row.id, row.due_at)
        return sorted(map(EventId, due), key=lambda it: (due[it], it))

    async def first_due(self, source: str, account: str, at: datetime) -> EventId | None:
        its = {"at": at, "source": source, "account": account}
        return next((EventId(row.id) for row in await self.transaction.rows(FIRST, its)), None)

    async def _in_rounds(self, at: datetime, room: int) -> Sequence[Row[Any]]:
        """An equal share for each account; what is left of the batch is for the longest due."""
        if room < 1:
            return []
        owners = await ROUNDS.owners(self.transaction, self.place, at, room)
        if not owners:
            return []
        postgresql = self.transaction.connection.dialect.name == "postgresql"
        shares = _shares(len(owners), postgresql=postgresql)
        share = {"at": at, "most": room // len(owners)}
        return await self.transaction.rows(shares, share | named(owners))

    async def unmatched(self, organization: OrganizationId, reference: str) -> Sequence[EventId]:
        waiting = select(EVENT.id).where(
            EVENT.organization == organization,
            EVENT.reference == reference,
            text(tables.UNMATCHED),
        )
        rows = await self.transaction.rows(waiting.order_by(EVENT.received_at, EVENT.id))
        return [EventId(row[0]) for row in rows]

    async def all(
        self,
        organization: OrganizationId | None,
        *,
        status: EventStatus | None = None,
        sources: Collection[str] = (),
        before: EventId | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        page = select(tables.events).where(EVENT.organization == organization)
        if status is not None:
            page = page.where(EVENT.status == status)
        if sources:
            page = page.where(EVENT.source.in_(sources))
        if before is not None:
            page = page.where(EVENT.id < before)
        return await EVENTS.all(self.transaction, page.order_by(EVENT.id.desc()).limit(limit))


@dataclass(frozen=True, slots=True)
class SqlReads:
    transaction: Transaction

    async def next_number(self, source: str, account: str, object_id: str) -> int:
        insert = self.transaction.insert(tables.reads)
        first = insert.values(source=source, account=account, object=object_id, number=1)
        number = first.on_conflict_do_update(
            index_elements=list(tables.reads.primary_key), set_={"number": READ.number + 1}
        ).returning(READ.number)
        ((it,),) = await self.transaction.rows(number)
        return int(it)
