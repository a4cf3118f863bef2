"""Our values in rows, and the two ways to put them.

Nothing here counts rows: a driver's row count says nothing after ON CONFLICT DO NOTHING, so each
statement returns what it wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import (
    ColumnElement,
    Executable,
    FromClause,
    Table,
    Update,
    and_,
    exists,
    select,
    update,
)

from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.ports.errors import Conflict, Lost

S = TypeVar("S", bound=Struct)
Values = dict[str, Any]


def as_they_are(values: Values) -> Values:
    return values


@dataclass(frozen=True, slots=True)
class Unique:
    """These columns name one row, where `when` holds; `holder` says whose it is."""

    columns: tuple[str, ...]
    holder: str
    reason: str
    when: Mapping[str, Any] | None = None

    def applies(self, values: Values) -> bool:
        """NULLs are distinct, and a row may be outside of a partial index."""
        if any(values[name] is None for name in self.columns):
            return False
        return all(values[name] == wanted for name, wanted in (self.when or {}).items())

    def row(self, table: FromClause, values: Values) -> ColumnElement[bool]:
        wanted = {name: values[name] for name in self.columns} | dict(self.when or {})
        return and_(*(table.c[name] == value for name, value in wanted.items()))


@dataclass(frozen=True, slots=True)
class Records(Generic[S]):
    """The values of one type, in the rows of one table."""

    table: Table
    type: type[S]
    uniques: tuple[Unique, ...] = ()
    key: tuple[str, ...] = ()
    """What names one row; the table's primary key, where nothing is said."""
    into_columns: Callable[[Values], Values] = as_they_are
    from_columns: Callable[[Values], Values] = as_they_are

    def values(self, it: S) -> Values:
        return self.into_columns(asdict(it))

    def value(self, row: Sequence[Any]) -> S:
        values = {column.key: value for column, value in zip(self.table.c, row, strict=True)}
        return self.type(**self.from_columns(values))

    async def first(self, at: Transaction, statement: Executable) -> S | None:
        row = await at.row(statement)
        return None if row is None else self.value(row)

    async def all(
        self, at: Transaction, statement: Executable, parameters: Values | None = None
    ) -> list[S]:
        return [self.value(row) for row in await at.rows(statement, parameters)]

    async def add(self, at: Transaction, it: S) -> bool:
        """Insert; False, and nothing happens, where any unique key is taken."""
        statement = at.insert(self.table).values(self.values(it)).on_conflict_do_nothing()
        return await at.row(statement.returning(*self.table.primary_key)) is not None

    async def put(self, at: Transaction, it: S) -> None:
        """Insert, or replace the one of this key.

        A key that is taken is found without an error, for that would end PostgreSQL's transaction.

        Raises:
            Conflict: another row has one of the unique keys.
            Lost: it was taken at this very moment.
        """
        values = self.values(it)
        if not self.uniques:
            await self._upsert(at, values)
            return
        uniques = [unique for unique in self.uniques if unique.applies(values)]
        if await at.row(self._update(values, uniques)) is not None:
            return
        if not await self.add(at, it):
            raise await self._conflict(at, values, uniques)

    async def _upsert(self, at: Transaction, values: Values) -> None:
        key = list(self.table.primary_key)
        changed = {name: value for name, value in values.items() if name not in self._names()}
        insert = at.insert(self.table).values(values)
        replaced = insert.on_conflict_do_update(index_elements=key, set_=changed)
        await at.row(replaced.returning(*key))

    def _names(self) -> tuple[str, ...]:
        return self.key or tuple(column.key for column in self.table.primary_key)

    def _this(self, values: Values) -> ColumnElement[bool]:
        return and_(*(self.table.c[name] == values[name] for name in self._names()))

    def _update(self, values: Values, uniques: Sequence[Unique]) -> Update:
        other = self.table.alias("other")
        another = ~and_(*(other.c[name] == values[name] for name in self._names()))
        taken = (exists().where(it.row(other, values), another) for it in uniques)
        return (
            update(self.table)
            .where(self._this(values), *(~it for it in taken))
            .values(values)
            .returning(*self.table.primary_key)
        )

    async def _conflict(
        self, at: Transaction, values: Values, uniques: Sequence[Unique]
    ) -> Conflict | Lost:
        for unique in uniques:
            holder = select(self.table.c[unique.holder]).where(
                unique.row(self.table, values), ~self._this(values)
            )
            if (row := await at.row(holder)) is not None:
                return Conflict("database", unique.reason, holder=row[0])
        if self.key:
            return Conflict("database", f"the key is taken in {self.table.name}")
        return Lost("database", f"{self.table.name} changed at this moment")
