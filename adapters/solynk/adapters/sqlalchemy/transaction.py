"""A transaction, its errors translated where they arise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import PoolProxiedConnection

from solynk.adapters.sqlalchemy.errors import port_errors
from solynk.adapters.sqlalchemy.statements import POSTGRESQL, Prepared

Insert: TypeAlias = postgresql.Insert | sqlite.Insert
Parameters: TypeAlias = Mapping[str, Any]
NONE: Parameters = {}


def insert(table: Table, dialect: Dialect) -> Insert:
    """The INSERT of this database, for only that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect.name == POSTGRESQL else sqlite.insert(table)


@dataclass(frozen=True, slots=True)
class Transaction:
    connection: AsyncConnection

    @property
    def dialect(self) -> Dialect:
        return self.connection.dialect

    def insert(self, table: Table) -> Insert:
        return insert(table, self.dialect)

    async def rows(
        self, statement: Executable, parameters: Parameters = NONE
    ) -> Sequence[Row[Any]]:
        with port_errors():
            return (await self.connection.execute(statement, parameters)).all()

    async def row(self, statement: Executable) -> Row[Any] | None:
        with port_errors():
            return (await self.connection.execute(statement)).first()

    async def answer(
        self, statement: Prepared, parameters: Parameters = NONE
    ) -> list[tuple[Any, ...]]:
        """The same by the driver itself."""
        it = statement.on(self.dialect)
        with port_errors():
            rows = await self._carried_out(it.text, it.parameters(parameters))
        return [it.row(row) for row in rows]

    async def many(self, statement: Executable, values: Sequence[Parameters]) -> None:
        """The same statement for each of these; nothing is answered."""
        if values:
            with port_errors():
                await self.connection.execute(statement, list(values))

    async def _carried_out(
        self, text: str, parameters: Parameters | Sequence[Any]
    ) -> Sequence[Sequence[Any]]:
        pooled = _open(self.connection)
        driver: Any = pooled.driver_connection
        rows: Sequence[Sequence[Any]]
        try:
            if self.dialect.name == POSTGRESQL:
                rows = await (await driver.execute(text, parameters)).fetchall()
            else:
                rows = list(await driver.execute_fetchall(text, parameters))
        except self.dialect.loaded_dbapi.Error as error:
            gone = self.dialect.is_disconnect(error, pooled.dbapi_connection, None)
            if gone:
                await self.connection.invalidate(error)
            raise DBAPIError.instance(
                None, None, error, self.dialect.loaded_dbapi.Error, connection_invalidated=gone
            ) from error
        return rows


def _open(connection: AsyncConnection) -> PoolProxiedConnection:
    if connection.sync_connection is None:
        raise ResourceClosedError("the transaction is over")
    return connection.sync_connection.connection
