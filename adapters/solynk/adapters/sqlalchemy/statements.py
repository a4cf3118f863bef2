"""Statements in SQLAlchemy's words that are compiled once, and carried out by the driver itself.

To build a statement, to find it among the compiled ones and to wrap its cursor costs several times
what the driver takes to carry it out. So what runs often is built once, with parameters. What may
concern any number of things takes them as one parameter, so that it is one statement all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    FromClause,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate
from sqlalchemy.types import TypeDecorator, TypeEngine

Processor: TypeAlias = Callable[[Any], Any] | None
Selected: TypeAlias = Select[*tuple[Any, ...]]
Answering: TypeAlias = Selected | ReturningInsert[Any] | ReturningUpdate[Any] | ReturningDelete[Any]
POSTGRESQL: Final = "postgresql"


class Prepared:
    """One statement that answers rows, for every database it is carried out on."""

    def __init__(self, statement: Answering | Callable[[Dialect], Answering]) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def on(self, dialect: Dialect) -> "Compiled":
        known = self._compiled.get(dialect.name)
        if known is None:
            it = self._statement(dialect) if callable(self._statement) else self._statement
            known = self._compiled[dialect.name] = Compiled(it, dialect)
        return known


class Compiled:
    """A statement as text, and how values go into it and come out."""

    def __init__(self, statement: Answering, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._order = compiled.positiontup
        self._binds = {name: into(it.type, dialect) for name, it in compiled.binds.items()}
        self._constants = {
            name: _through(self._binds[name], it.value)
            for name, it in compiled.binds.items()
            if not it.required
        }
        self._results: tuple[Processor, ...] = tuple(
            it.type.dialect_impl(dialect).result_processor(dialect, None)
            for it in statement.exported_columns
        )

    def parameters(self, values: Mapping[str, Any]) -> Mapping[str, Any] | Sequence[Any]:
        given = {name: _through(self._binds[name], it) for name, it in values.items()}
        every = {**self._constants, **given}
        return every if self._order is None else [every[name] for name in self._order]

    def row(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            it if process is None else process(it)
            for it, process in zip(row, self._results, strict=True)
        )


def into(it: TypeEngine[Any], dialect: Dialect) -> Processor:
    """What a value of this type goes through on its way to the driver."""
    return it.dialect_impl(dialect).bind_processor(dialect)


def _through(process: Processor, value: Any) -> Any:  # noqa: ANN401 - what a driver takes
    return value if process is None else process(value)


class Several(TypeDecorator[Sequence[Any]]):
    """Values of one type as one parameter: an array, or JSON where the database has no arrays."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.of) if dialect.name == POSTGRESQL else Text()

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - one of two forms
        values = list(value or ())
        if dialect.name == POSTGRESQL:
            return values
        process = into(self.of, dialect)
        return msgspec.json.encode([_through(process, it) for it in values]).decode()


def by(table: Table, *names: str) -> Select[Any]:
    """The rows whose columns of these names are what the parameters of the same names say."""
    return select(table).where(*(table.c[name] == bindparam(name) for name in names))


class AnyOf(ColumnElement[bool]):
    """Whether the column is one of the values of the parameter `name`, which is `Several`."""

    inherit_cache = False

    def __init__(self, its: ColumnElement[Any], name: str) -> None:
        self.type = Boolean()
        self.its = its
        self.values = bindparam(name, type_=Several(its.type))


@compiles(AnyOf, POSTGRESQL)
def _in_array(element: AnyOf, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return (
        f"{compiler.process(element.its, **how)} = ANY({compiler.process(element.values, **how)})"
    )


@compiles(AnyOf, "sqlite")
def _in_json(element: AnyOf, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 - the same
    listed = f"SELECT value FROM json_each({compiler.process(element.values, **how)})"  # noqa: S608 -- a parameter's place
    return f"{compiler.process(element.its, **how)} IN ({listed})"


def given(table: Table, dialect: Dialect) -> FromClause:
    """Rows as they are to be in the table, any number, from the one parameter `rows`."""
    rows = bindparam("rows", type_=Text())
    if dialect.name == POSTGRESQL:
        its = (column(it.name, it.type) for it in table.c)
        records = func.json_to_recordset(cast(rows, JSON)).table_valued(*its, name="given")
        return records.render_derived(name="given", with_types=True)
    each = func.json_each(rows).table_valued("value", name="each")
    its_values = (
        func.json_extract(each.c.value, literal_column(f"'$.{it.name}'")).label(it.name)
        for it in table.c
    )
    return select(*its_values).select_from(each).subquery("given")


class Rows:
    """What `given` takes."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        if any(isinstance(it.type, LargeBinary) for it in table.c):
            raise TypeError(f"{table.name} has bytes, which JSON has not")
        self._columns = [(it.key, it.name, into(it.type, dialect)) for it in table.c]

    def encoded(self, rows: Sequence[Mapping[str, Any]]) -> str:
        named = [
            {name: _through(process, row[key]) for key, name, process in self._columns}
            for row in rows
        ]
        return msgspec.json.encode(named).decode()
