"""The inbox: messages as they came, and the numbers of our own reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Integer, bindparam, select, text, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records
from solynk.adapters.sqlalchemy.rounds import Place, Rounds, named
from solynk.adapters.sqlalchemy.statements import POSTGRESQL, Prepared, by
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId, OrganizationId
from solynk.ports.storage import DueEvent

EVENT: Final = tables.events.c
READ: Final = tables.reads.c

EVENTS: Final = Records(tables.events, Event)
ROUNDS: Final = Rounds(tables.events, "account", tables.DUE, told=("source", "account"))


DUE: Final = EVENT.due_at <= bindparam("at")
LONGEST: Final = (
    select(EVENT.id, EVENT.due_at, EVENT.source, EVENT.account)
    .where(DUE)
    .order_by(EVENT.due_at, EVENT.id)
)
OLDEST: Final = Prepared(LONGEST.limit(bindparam("limit", type_=Integer)))
FIRST: Final = Prepared(
    LONGEST.where(EVENT.source == bindparam("source"), EVENT.account == bindparam("account")).limit(
        1
    )
)
GET: Final = Prepared(by(tables.events, "id"))
LOCK: Final = Prepared(by(tables.events, "id").with_for_update(skip_locked=True))
WAITING: Final = Prepared(
    select(EVENT.id)
    .where(
        EVENT.organization == bindparam("organization"),
        EVENT.reference == bindparam("reference"),
        text(tables.UNMATCHED),
    )
    .order_by(EVENT.received_at, EVENT.id)
)
CHANGED: Final = tuple(it.key for it in EVENT if it.key not in {"id", "body"})
REPLACE: Final = Prepared(
    update(tables.events)
    .where(EVENT.id == bindparam("this", type_=EVENT.id.type))
    .values({it: bindparam(f"new_{it}", type_=EVENT[it].type) for it in CHANGED})
    .returning(EVENT.id)
)


@cache
def _shares(owners: int) -> Prepared:
    return Prepared(
        lambda dialect: ROUNDS.shares(owners, DUE, lateral=dialect.name == POSTGRESQL, lock=False)
    )


@dataclass(frozen=True, slots=True)
class SqlEvents:
    transaction: Transaction

    async def add(self, event: Event) -> bool:
        return await EVENTS.add(self.transaction, event)

    async def get(self, event: EventId) -> Event | None:
        return await EVENTS.first(self.transaction, GET, {"id": event})

    async def lock(self, event: EventId) -> Event | None:
        return await EVENTS.first(self.transaction, LOCK, {"id": event})

    async def put(self, event: Event) -> None:
        values = {f"new_{it}": getattr(event, it) for it in CHANGED}
        await self.transaction.answer(REPLACE, {"this": event.id, **values})


@dataclass(frozen=True, slots=True)
class SqlEventLists:
    transaction: Transaction
    place: Place

    async def due(self, at: datetime, limit: int) -> Sequence[DueEvent]:
        due = {row[0]: row for row in await self._in_rounds(at, self.place.room(limit))}
        for row in await self.transaction.answer(OLDEST, {"at": at, "limit": limit}):
            if len(due) < limit:
                due.setdefault(row[0], row)
        in_order = sorted(due.values(), key=lambda row: (row[1], row[0]))
        return [DueEvent(EventId(id_), source, account) for id_, _, source, account in in_order]

    async def first_due(self, source: str, account: str, at: datetime) -> EventId | None:
        its = {"at": at, "source": source, "account": account}
        return next((EventId(row[0]) for row in await self.transaction.answer(FIRST, its)), None)

    async def _in_rounds(self, at: datetime, room: int) -> Sequence[tuple[Any, ...]]:
        """An equal share for each account; what is left of the batch is for the longest due."""
        if room < 1:
            return []
        owners = await ROUNDS.owners(self.transaction, self.place, at, room)
        if not owners:
            return []
        share = {"at": at, "most": room // len(owners)}
        return await self.transaction.answer(_shares(len(owners)), share | named(owners))

    async def unmatched(self, organization: OrganizationId, reference: str) -> Sequence[EventId]:
        named_ = {"organization": organization, "reference": reference}
        return [EventId(row[0]) for row in await self.transaction.answer(WAITING, named_)]

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
