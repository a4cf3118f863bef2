"""What is too old, and how far a run was through with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, text, tuple_

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.auditing import CHECKPOINTS
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.alert import AlertKind
from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import EventId, OrganizationId, first_id
from solynk.core.retention import Kept, PastEvent, may_name_another

EVENT: Final = tables.events.c
KEY: Final = tuple(tables.event_keys.primary_key)
ENTRY: Final = tables.audit.c
SEAL: Final = tables.audit_seals.c
CHECKPOINT: Final = tables.audit_checkpoints.c
ALERT: Final = tables.alerts.c
ORGANIZATION: Final = tables.organizations.c
RECORD: Final = tables.retention.c
TABLES: Final = {Kept.EVENTS: tables.events, Kept.AUDIT: tables.audit}


@dataclass(frozen=True, slots=True)
class SqlPastEvents:
    transaction: Transaction

    async def page(
        self, before: datetime, *, after: EventId | None, limit: int
    ) -> Sequence[PastEvent]:
        past = select(EVENT.id, EVENT.organization, EVENT.status, EVENT.due_at).where(
            EVENT.id < first_id(before)
        )
        if after is not None:
            past = past.where(EVENT.id > after)
        rows = await self.transaction.rows(past.order_by(EVENT.id).limit(limit))
        return [PastEvent(row.id, row.organization, row.status, row.due_at) for row in rows]

    async def unsettled(self, since: datetime) -> Collection[str]:
        letters = select(ALERT.subject).where(
            ALERT.kind == AlertKind.DEAD_LETTER,
            ALERT.resolved_at.is_(None) | (ALERT.resolved_at >= since),
        )
        return {row[0] for row in await self.transaction.rows(letters)}

    async def let_go(self, events: Collection[EventId]) -> int:
        these = delete(tables.events).where(EVENT.id.in_(list(events)), EVENT.due_at.is_(None))
        names = (EVENT[it.key] for it in KEY)
        gone = await self.transaction.rows(these.returning(EVENT.source, *names))
        keys: list[Sequence[object]] = [row[1:] for row in gone if may_name_another(row[0])]
        if keys:
            forgotten = delete(tables.event_keys).where(tuple_(*KEY).in_(keys))
            await self.transaction.rows(forgotten.returning(*KEY))
        return len(gone)


@dataclass(frozen=True, slots=True)
class SqlPastEntries:
    transaction: Transaction

    async def owners(self, before: datetime) -> Sequence[OrganizationId | None]:
        owners = select(ENTRY.organization).where(ENTRY.id < first_id(before)).distinct()
        rows = await self.transaction.rows(owners)
        return sorted((row[0] for row in rows), key=lambda it: it or "")

    async def cut(self, organization: OrganizationId | None) -> Checkpoint | None:
        cuts = select(tables.audit_checkpoints).where(
            CHECKPOINT.organization == organization, text(tables.CUTS)
        )
        last = cuts.order_by(CHECKPOINT.seq.desc()).limit(1)
        return await CHECKPOINTS.first(self.transaction, last)

    async def let_go(
        self, organization: OrganizationId | None, before: datetime, limit: int
    ) -> int:
        cut = await self.cut(organization)
        if cut is None:
            return 0
        covered = and_(SEAL.entry == ENTRY.id, SEAL.seq <= cut.seq)
        oldest = select(ENTRY.id).join(tables.audit_seals, covered)
        going = oldest.where(_past(organization, before)).order_by(ENTRY.at, ENTRY.id).limit(limit)
        ids = [row[0] for row in await self.transaction.rows(going)]
        if not ids:
            return 0
        gone = delete(tables.audit).where(ENTRY.id.in_(ids)).returning(ENTRY.id)
        return len(await self.transaction.rows(gone))

    async def count(self, organization: OrganizationId | None, before: datetime) -> int:
        counted = select(func.count()).where(_past(organization, before))
        ((count,),) = await self.transaction.rows(counted.select_from(tables.audit))
        return int(count)


def _past(organization: OrganizationId | None, before: datetime) -> ColumnElement[bool]:
    """The id tells a month of it, so that PostgreSQL looks at no other one."""
    return and_(ENTRY.organization == organization, ENTRY.at < before, ENTRY.id < first_id(before))


@dataclass(frozen=True, slots=True)
class SqlRetentionRecord:
    transaction: Transaction

    async def held(self) -> Collection[OrganizationId]:
        held = select(ORGANIZATION.id).where(ORGANIZATION.legal_hold)
        return {OrganizationId(row[0]) for row in await self.transaction.rows(held)}

    async def reached(self, kind: Kept, upto: datetime) -> None:
        insert = self.transaction.insert(tables.retention).values(kind=kind, upto=upto)
        put = insert.on_conflict_do_update(
            index_elements=list(tables.retention.primary_key), set_={"upto": upto}
        )
        await self.transaction.row(put.returning(RECORD.kind))

    async def progress(self) -> Mapping[Kept, datetime]:
        rows = await self.transaction.rows(select(RECORD.kind, RECORD.upto))
        done: dict[Kept, datetime] = {row.kind: row.upto for row in rows}
        for kind, table in TABLES.items():
            if kind not in done:
                oldest = select(table.c.id).order_by(table.c.id).limit(1)
                row = await self.transaction.row(oldest)
                done |= {} if row is None else {kind: _time_of(row[0])}
        return done


def _time_of(name: str) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp((UUID(name).int >> 80) / 1000, UTC)
