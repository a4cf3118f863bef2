"""How the whole installation is, in a few numbers, each from an index of what is due."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, TextClause, func, or_, select, text

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.alert import AlertKind
from solynk.core.command import CommandStatus
from solynk.ports.census import Queues, Waiting

EVENT: Final = tables.events.c
COMMAND: Final = tables.commands.c
CUSTOMER: Final = tables.customers.c
ALERT: Final = tables.alerts.c
LANE: Final = tables.lanes.c


@dataclass(frozen=True, slots=True)
class SqlCensus:
    transaction: Transaction

    async def queues(self, at: datetime, limit: int) -> Queues:
        claimable = text(tables.CLAIMABLE)
        leased = COMMAND.status == CommandStatus.LEASED
        return Queues(
            events=await self._waiting(EVENT.due_at, limit, EVENT.due_at <= at),
            commands=await self._waiting(
                COMMAND.due_at, limit, claimable, or_(leased, COMMAND.due_at <= at)
            ),
            customers=await self._waiting(CUSTOMER.due_at, limit, CUSTOMER.due_at <= at),
        )

    async def open_alerts(self) -> Mapping[AlertKind, int]:
        counted = (
            select(ALERT.kind, func.count()).where(ALERT.resolved_at.is_(None)).group_by(ALERT.kind)
        )
        rows: Sequence[Any] = await self.transaction.rows(counted)
        return dict(rows)

    async def open_breakers(self) -> Mapping[str, int]:
        names = await self.transaction.rows(select(LANE.name).where(LANE.open_until.is_not(None)))
        return Counter(str(row[0]).partition(":")[0] for row in names)

    async def _waiting(
        self, due_at: Column[Any], limit: int, *which: ColumnElement[bool] | TextClause
    ) -> Waiting:
        oldest = select(due_at).where(*which).order_by(due_at).limit(limit).subquery()
        when = oldest.c.due_at
        rows: Sequence[Any] = await self.transaction.rows(select(func.count(when), func.min(when)))
        ((count, since),) = rows
        return Waiting(count, since)
