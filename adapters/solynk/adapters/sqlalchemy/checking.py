"""What is kept about somebody's access: one statement, asked often.

On PostgreSQL it is prepared on lines of its own, which are kept: to take one from the pool, to begin
and to commit cost ten times as much as the read. Whenever a line fails, the pool's way answers, and
tells what is wrong.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never, cast

from sqlalchemy import Engine, Select, and_, bindparam, event, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.bounded import OVER_WITHIN, bounded
from solynk.adapters.sqlalchemy.columns import Id
from solynk.adapters.sqlalchemy.errors import port_errors
from solynk.adapters.sqlalchemy.statements import POSTGRESQL, Prepared
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, CustomerId, OrganizationId
from solynk.core.instants import earliest
from solynk.ports.checking import KeptAccess, OfCustomer, OfPerson, Whose
from solynk.ports.errors import Unavailable

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

ACCESS: Final = tables.accesses.c
CHANNEL: Final = tables.channels.c
CUSTOMER: Final = tables.customers.c
IDENTITY: Final = tables.identities.c

LINES: Final = 4
"""While one waits for its answer the others are asked; the first alone, where nobody hurries."""
WITHIN: Final = OVER_WITHIN.total_seconds()

Kept: TypeAlias = Select[Any, Any, Any, Any, Any]
Values: TypeAlias = Mapping[str, str]
Row: TypeAlias = tuple[Any, ...]
"""Empty where nothing was found."""


def _kept() -> Kept:
    """Of every customer in the organization at the channel; an access there may not be."""
    at_channel = and_(
        CHANNEL.organization == CUSTOMER.organization,
        CHANNEL.id == bindparam("channel", type_=Id()),
    )
    access = and_(
        ACCESS.organization == CUSTOMER.organization,
        ACCESS.customer == CUSTOMER.id,
        ACCESS.channel == CHANNEL.id,
    )
    known = tables.customers.join(tables.channels, at_channel).outerjoin(tables.accesses, access)
    return (
        select(
            CUSTOMER.id,
            CUSTOMER.due_at,
            CUSTOMER.failing_since,
            ACCESS.desired,
            ACCESS.generation,
        )
        .select_from(known)
        .where(CUSTOMER.organization == bindparam("organization", type_=Id()))
    )


OF_CUSTOMER: Final = Prepared(_kept().where(CUSTOMER.id == bindparam("customer", type_=Id())))
OF_PERSON: Final = Prepared(
    _kept().where(
        IDENTITY.organization == CUSTOMER.organization,
        IDENTITY.customer == CUSTOMER.id,
        IDENTITY.platform == CHANNEL.platform,
        IDENTITY.person == bindparam("person"),
    )
)


@dataclass(frozen=True, slots=True)
class SqlAccessReader:
    engine: AsyncEngine
    lines: "tuple[Line, ...]"

    async def kept_access(
        self, organization: OrganizationId, channel: ChannelId, whose: Whose
    ) -> KeptAccess | None:
        values: dict[str, str] = {"organization": organization, "channel": channel}
        match whose:
            case OfCustomer():
                question, values["customer"] = OF_CUSTOMER, whose.customer
            case OfPerson():
                question, values["person"] = OF_PERSON, whose.person
            case _:
                assert_never(whose)
        row = None
        if self.lines:
            row = await min(self.lines, key=_waiting).asked(question, values)
        return _answer(await self._by_pool(question, values) if row is None else row)

    async def _by_pool(self, question: Prepared, values: Values) -> Row:
        with port_errors():
            async with bounded(), self.engine.begin() as connection:
                return next(iter(await Transaction(connection).answer(question, values)), ())


def access_reader_of(engine: AsyncEngine) -> SqlAccessReader:
    lines: tuple[Line, ...] = ()
    if engine.dialect.name == POSTGRESQL:
        lines = tuple(Line(engine) for _ in range(LINES))
    return SqlAccessReader(engine, lines)


def _waiting(line: "Line") -> int:
    return line.waiting


def _answer(row: Row) -> KeptAccess | None:
    if not row:
        return None
    customer, due_at, failing_since, desired, generation = row
    return KeptAccess(
        CustomerId(customer),
        desired or Desired.OUT,
        generation or 0,
        earliest((due_at, failing_since)),
    )


@dataclass(slots=True)
class Line:
    """A connection that no pool hands out, from the first question until the engine is disposed."""

    engine: AsyncEngine
    waiting: int = 0
    """Questions that were put and not answered."""
    _driver: "psycopg.AsyncConnection[Row] | None" = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        event.listen(self.engine.sync_engine, "engine_disposed", self._left)

    async def asked(self, question: Prepared, values: Values) -> Row | None:
        """The row, which is empty where there is none; None where the line failed.

        Raises:
            Unavailable: the database does not answer.
        """
        driver = self._driver
        self.waiting += 1
        try:
            async with asyncio.timeout(WITHIN):  # `bounded` costs more than the read's own half
                driver = driver or await self._opened()
                it = question.on(self.engine.dialect)
                text, bound = it.text.encode(), it.parameters(values)
                found = await driver.execute(text, bound, prepare=True)
                row = await found.fetchone()
                return () if row is None else it.row(row)
        except self.engine.dialect.loaded_dbapi.Error as fault:
            await self._drop(driver, fault)
            return None
        except TimeoutError as fault:
            await self._drop(driver, fault)
            raise Unavailable("database", "it does not answer") from fault
        finally:
            self.waiting -= 1

    async def _opened(self) -> "psycopg.AsyncConnection[Row]":
        async with self._opening:
            if self._driver is not None:
                return self._driver
            with port_errors():
                taken = await self.engine.raw_connection()
            driver = cast("psycopg.AsyncConnection[Row]", taken.driver_connection)
            taken.detach()
            await driver.set_autocommit(True)
            self._driver = driver
            return driver

    async def _drop(self, driver: "psycopg.AsyncConnection[Row] | None", fault: Exception) -> None:
        """Whoever else waited on it may have opened another one meanwhile."""
        if driver is not None and driver is self._driver:
            log.warning("a line of access checks failed: %s", type(fault).__name__)
            self._driver = None
            await driver.close()

    def _left(self, engine: Engine) -> None:
        del engine
        driver, self._driver = self._driver, None
        if driver is not None:
            await_only(driver.close())  # SQLAlchemy disposes where this is allowed
