"""Events on their way in. Those that arrive together are committed together.

A commit costs the same for one event as for many, and more than anything else about an event. So
while one is under way, whatever comes waits for the next: nobody waits longer than for two.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.bounded import CLOSES_WITHIN, bounded
from solynk.adapters.sqlalchemy.errors import port_errors
from solynk.core.event import Event
from solynk.ports.errors import PortError, Unavailable

TOGETHER: Final = 32
"""Events in one commit: PostgreSQL prepares a statement for each number that occurs."""


@dataclass(frozen=True, slots=True)
class Arrival:
    event: Event
    kept: "asyncio.Future[bool]"

    @property
    def key(self) -> tuple[str, str, bool, str]:
        it = self.event
        return it.source, it.account, it.livemode, it.external_id

    def answer(self, *, new: bool) -> None:
        if not self.kept.done():  # whoever asked may have gone
            self.kept.set_result(new)

    def fail(self, fault: Exception) -> None:
        if not self.kept.done():
            self.kept.set_exception(fault)


class Insertion:
    """One INSERT for many events, written by hand: to compile it costs more than to carry it out."""

    def __init__(self, dialect: Dialect) -> None:
        columns = list(tables.events.c)
        self._values = attrgetter(*(it.key for it in columns))
        self._processors = [it.type.dialect_impl(dialect).bind_processor(dialect) for it in columns]
        names = ", ".join(it.name for it in columns)
        place = "?" if dialect.paramstyle == "qmark" else "%s"
        self._row = f"({', '.join([place] * len(columns))})"
        self._insert = f"INSERT INTO events ({names}) VALUES "  # noqa: S608 -- names of our own
        self.statement = cache(self._statement)

    def _statement(self, many: int) -> str:
        rows = ", ".join([self._row] * many)
        return f"{self._insert}{rows} ON CONFLICT DO NOTHING RETURNING id"

    def parameters(self, events: Iterable[Event]) -> tuple[Any, ...]:
        return tuple(
            value if process is None else process(value)
            for event in events
            for value, process in zip(self._values(event), self._processors, strict=True)
        )


@dataclass(slots=True)
class Inbox:
    """`holds` keeps the connection while there is more to write, where others have their own."""

    engine: AsyncEngine
    holds: bool
    insertion: Insertion
    _waiting: deque[Arrival] = field(default_factory=deque[Arrival])
    _alone: deque[Arrival] = field(default_factory=deque[Arrival])
    """Of a batch that was refused: one of them may have spoilt it for the others."""
    _writing: "asyncio.Task[None] | None" = None

    async def keep(self, event: Event) -> bool:
        arrival = Arrival(event, asyncio.get_running_loop().create_future())
        self._waiting.append(arrival)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await arrival.kept

    async def _write(self) -> None:
        while batch := self._next():
            try:
                with port_errors():
                    async with self._connected() as connection:
                        while batch:
                            await self._commit(connection, batch)
                            batch = self._next() if self.holds else []
            except Exception as fault:  # noqa: BLE001 -- whoever asked is told
                self._set_aside(batch, fault)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        """Each step has an end, since the whole has none: it lasts while there is work."""
        async with bounded():
            connection = await self.engine.connect()
        try:
            yield connection
        finally:
            async with bounded(CLOSES_WITHIN):
                await connection.close()

    def _next(self) -> list[Arrival]:
        if self._alone:
            return [self._alone.popleft()]
        batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        # In one order everywhere: two processes that were told the same never deadlock.
        return sorted(batch, key=lambda it: it.key)

    async def _commit(self, connection: AsyncConnection, batch: Sequence[Arrival]) -> None:
        statement = self.insertion.statement(len(batch))
        values = self.insertion.parameters(it.event for it in batch)
        async with bounded():
            rows = (await connection.exec_driver_sql(statement, values)).all()
            await connection.commit()
        new = {str(UUID(str(row[0]))) for row in rows}
        for it in batch:
            it.answer(new=it.event.id in new)

    def _set_aside(self, batch: Sequence[Arrival], fault: Exception) -> None:
        """Nobody waits for a database that is gone longer than for one attempt."""
        if isinstance(fault, Unavailable):
            for it in (*batch, *self._alone, *self._waiting):
                it.fail(fault)
            self._alone.clear()
            self._waiting.clear()
        elif isinstance(fault, PortError) and len(batch) > 1:
            self._alone.extend(batch)
        else:
            for it in batch:
                it.fail(fault)


def inbox_of(engine: AsyncEngine) -> Inbox:
    insertion = Insertion(engine.dialect)
    if engine.dialect.name == "postgresql":
        # One statement is a transaction by itself.
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        return Inbox(alone, holds=True, insertion=insertion)
    return Inbox(engine, holds=False, insertion=insertion)
