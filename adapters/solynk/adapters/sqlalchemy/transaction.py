"""A transaction, its errors translated where they arise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from solynk.adapters.sqlalchemy.errors import port_errors

Insert: TypeAlias = postgresql.Insert | sqlite.Insert


@dataclass(frozen=True, slots=True)
class Transaction:
    connection: AsyncConnection

    def insert(self, table: Table) -> Insert:
        """The INSERT of this database, for only that knows ON CONFLICT."""
        if self.connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def rows(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        with port_errors():
            return (await self.connection.execute(statement, parameters)).all()

    async def row(self, statement: Executable) -> Row[Any] | None:
        with port_errors():
            return (await self.connection.execute(statement)).first()

    async def many(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """The same statement for each of these; nothing is answered."""
        if values:
            with port_errors():
                await self.connection.execute(statement, list(values))
