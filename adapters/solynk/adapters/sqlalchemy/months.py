"""Months of events and audit entries: partitions on PostgreSQL, made ahead and dropped when empty.

A partition ends where the ids of the next month begin. What no month takes lies in a partition for
all the rest, so a month that was never made refuses nobody.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select, text

from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.ids import first_id
from solynk.core.retention import Kept

AHEAD: Final = 3
"""Months to come that there are, so that nobody notices a scheduler that stands for weeks."""
LOCK_WITHIN: Final = timedelta(milliseconds=50)
"""Whoever comes while we wait for a table waits behind us."""

_ENDS: Final = re.compile(r" TO \('([0-9a-f-]{36})'\)$")
_ADD: Final = text("SELECT solynk_add_part(:parent, :part, :low, :high)")
_PARTS: Final = text(
    "SELECT it.relname, pg_get_expr(it.relpartbound, it.oid) AS bounds"
    " FROM pg_inherits JOIN pg_class it ON it.oid = inhrelid"
    " WHERE inhparent = to_regclass(:parent)"
)
_PATIENCE: Final = text("SELECT set_config('lock_timeout', :milliseconds, true)")


@dataclass(frozen=True, slots=True)
class SqlMonths:
    transaction: Transaction

    async def make(self, at: datetime) -> Sequence[str]:
        if not self._has_months:
            return ()
        await self._wait_shortly()
        wanted = [(kind, it) for kind in Kept for it in _months(at, AHEAD + 1)]
        return [name for kind, it in wanted if (name := await self._add(kind, it)) is not None]

    async def past(self, kind: Kept, before: datetime) -> Sequence[str]:
        if not self._has_months:
            return ()
        rows = await self.transaction.rows(_PARTS, {"parent": kind.value})
        ends = {row.relname: found[1] for row in rows if (found := _ENDS.search(row.bounds))}
        past = [name for name, end in ends.items() if end <= first_id(before)]
        return sorted(past, key=lambda it: ends[it])

    async def drop(self, kind: Kept, month: str) -> bool:
        # Looked at before it is locked, since dead rows make that slow; the second look passes them.
        if not self._has_months or not await self._is_empty(month):
            return False
        await self._wait_shortly()
        quoted = self._quoted(month)
        # In the order in which everybody takes them: the whole, then its parts.
        await self._do(f"LOCK TABLE ONLY {kind.value}, {quoted} IN ACCESS EXCLUSIVE MODE")
        if not await self._is_empty(month):  # somebody's clock is months behind
            return False
        await self._do(f"ALTER TABLE {kind.value} DETACH PARTITION {quoted}")
        await self._do(f"DROP TABLE {quoted}")
        return True

    @property
    def _has_months(self) -> bool:
        return self.transaction.connection.dialect.name == "postgresql"

    async def _add(self, kind: Kept, month: datetime) -> str | None:
        part = f"{kind.value}_{month:%Y_%m}"
        low, high = first_id(month), first_id(next(_after(month)))
        way = {"parent": kind.value, "part": part, "low": low, "high": high}
        ((made,),) = await self.transaction.rows(_ADD, way)
        return part if made else None

    async def _is_empty(self, month: str) -> bool:
        # By the index, where a look marks what is dead for the next one.
        any_row = select(text("1")).select_from(text(self._quoted(month)))
        return await self.transaction.row(any_row.order_by(text("id")).limit(1)) is None

    async def _wait_shortly(self) -> None:
        length = str(int(LOCK_WITHIN.total_seconds() * 1000))
        await self.transaction.rows(_PATIENCE, {"milliseconds": length})

    async def _do(self, statement: str) -> None:
        await self.transaction.many(text(statement), [{}])

    def _quoted(self, name: str) -> str:
        return self.transaction.connection.dialect.identifier_preparer.quote(name)


def _months(at: datetime, count: int) -> Iterator[datetime]:
    """The first instant of the month of `at`, and of those after it."""
    month = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    yield month
    following = _after(month)
    for _ in range(count - 1):
        yield next(following)


def _after(month: datetime) -> Iterator[datetime]:
    while True:
        month = (month + timedelta(days=32)).replace(day=1)
        yield month
