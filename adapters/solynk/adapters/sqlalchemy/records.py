"""Our values in rows, and the two ways to put them.

Nothing here counts rows: a driver's row count says nothing after ON CONFLICT DO NOTHING, so each
statement returns what it wrote.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Executable,
    FromClause,
    Table,
    and_,
    bindparam,
    exists,
    select,
    text,
    update,
)

from solynk.adapters.sqlalchemy.statements import Answering, Prepared, Rows, given
from solynk.adapters.sqlalchemy.transaction import NONE, Insert, Parameters, Transaction, insert
from solynk.ports.errors import Conflict, Lost

S = TypeVar("S", bound=Struct)
Values = dict[str, Any]
Key = tuple[Any, ...]


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


@dataclass(frozen=True)
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
        values = dict(zip(self._columns, row, strict=True))
        return self.type(**self.from_columns(values))

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.table.c)

    async def first(
        self, at: Transaction, statement: Prepared | Executable, parameters: Parameters = NONE
    ) -> S | None:
        return next(iter(await self.all(at, statement, parameters)), None)

    async def all(
        self, at: Transaction, statement: Prepared | Executable, parameters: Parameters = NONE
    ) -> list[S]:
        if isinstance(statement, Prepared):
            return [self.value(row) for row in await at.answer(statement, parameters)]
        return [self.value(row) for row in await at.rows(statement, parameters)]

    async def add(self, at: Transaction, it: S) -> bool:
        """Insert; False, and nothing happens, where any unique key is taken."""
        return bool(await at.answer(self._insert_one, self.values(it)))

    async def add_all(self, at: Transaction, its: Iterable[S]) -> set[Key]:
        """The same for many, none of whose columns is of bytes; the primary keys of the inserted."""
        return await self._write(at, self._insert, [self.values(it) for it in its])

    async def put(self, at: Transaction, *its: S) -> None:
        """Insert, or replace the ones of these keys; they differ in their keys.

        A key that is taken is found without an error, for that would end PostgreSQL's transaction.

        Raises:
            Conflict: another row has one of the unique keys.
            Lost: it was taken at this very moment.
        """
        rows = [self.values(it) for it in its]
        if not self.uniques:
            await self._write(at, self._upsert, rows)
            return
        replaced = await self._write(at, self._update, rows)
        others = [row for row in rows if self._primary(row) not in replaced]
        inserted = await self._write(at, self._insert, others)
        for values in others:
            if self._primary(values) not in inserted:
                raise await self._conflict(at, values)

    async def _write(
        self, at: Transaction, statement: Prepared, rows: Sequence[Values]
    ) -> set[Key]:
        if not rows:
            return set()
        form = self._forms.get(at.dialect.name)
        if form is None:
            form = self._forms[at.dialect.name] = Rows(self.table, at.dialect)
        return set(await at.answer(statement, {"rows": form.encoded(rows)}))

    @cached_property
    def _forms(self) -> dict[str, Rows]:
        """Of rows that are given, for each database."""
        return {}

    def _primary(self, values: Values) -> Key:
        return tuple(values[column.key] for column in self.table.primary_key)

    @cached_property
    def _insert_one(self) -> Prepared:
        def built(dialect: Dialect) -> Answering:
            every = {key: bindparam(key, type_=self.table.c[key].type) for key in self._written}
            new = insert(self.table, dialect).values(every).on_conflict_do_nothing()
            return new.returning(*self.table.primary_key)

        return Prepared(built)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        """All columns but a number that the database gives."""
        number = self.table.autoincrement_column
        return tuple(it for it in self._columns if number is None or it != number.key)

    @cached_property
    def _insert(self) -> Prepared:
        def built(dialect: Dialect) -> Answering:
            new = self._from_given(dialect).on_conflict_do_nothing()
            return new.returning(*self.table.primary_key)

        return Prepared(built)

    @cached_property
    def _upsert(self) -> Prepared:
        def built(dialect: Dialect) -> Answering:
            new = self._from_given(dialect)
            changed = {it: new.excluded[it] for it in self._columns if it not in self._names}
            key = list(self.table.primary_key)
            return new.on_conflict_do_update(index_elements=key, set_=changed).returning(*key)

        return Prepared(built)

    @cached_property
    def _update(self) -> Prepared:
        def built(dialect: Dialect) -> Answering:
            rows = given(self.table, dialect)
            its = {it.key: rows.c[it.name] for it in self.table.c}
            other = self.table.alias("other")
            another = ~and_(*(other.c[name] == its[name] for name in self._names))
            taken = (exists().where(another, *_held(it, other, its)) for it in self.uniques)
            this = and_(*(self.table.c[name] == its[name] for name in self._names))
            changed = {name: it for name, it in its.items() if name not in self._names}
            replaced = update(self.table).where(this, *(~it for it in taken)).values(changed)
            return replaced.returning(*self.table.primary_key)

        return Prepared(built)

    def _from_given(self, dialect: Dialect) -> Insert:
        rows = given(self.table, dialect)
        # Without a WHERE, SQLite takes the ON of ON CONFLICT for that of a join.
        every = select(*(rows.c[it.name] for it in self.table.c)).where(text("true"))
        return insert(self.table, dialect).from_select(self._columns, every)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return self.key or tuple(column.key for column in self.table.primary_key)

    def _this(self, values: Values) -> ColumnElement[bool]:
        return and_(*(self.table.c[name] == values[name] for name in self._names))

    async def _conflict(self, at: Transaction, values: Values) -> Conflict | Lost:
        for unique in self.uniques:
            if not unique.applies(values):
                continue
            holder = select(self.table.c[unique.holder]).where(
                unique.row(self.table, values), ~self._this(values)
            )
            if (row := await at.row(holder)) is not None:
                return Conflict("database", unique.reason, holder=row[0])
        if self.key:
            return Conflict("database", f"the key is taken in {self.table.name}")
        return Lost("database", f"{self.table.name} changed at this moment")


def _held(
    unique: Unique, other: FromClause, its: Mapping[str, ColumnElement[Any]]
) -> Iterable[ColumnElement[bool]]:
    """Whether the other row has what is given under this unique key."""
    yield from (other.c[name] == its[name] for name in unique.columns)
    for name, wanted in (unique.when or {}).items():
        yield from (other.c[name] == wanted, its[name] == wanted)
