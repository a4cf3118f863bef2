"""Bringing a database to the tables of this version."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from solynk.adapters.sqlalchemy.errors import port_errors

MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 7_360_185_424_112_637
"""The key of an advisory lock of PostgreSQL: processes that start together migrate in turn."""


def settings(connection: Connection) -> Config:
    """For any of Alembic's commands, on a connection that is open already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Upgrade to `revision`, all of it or nothing. Harmless where it is there already.

    Raises:
        Unavailable: the database does not answer.
    """
    with port_errors():
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)


async def current_revision(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None is 'never migrated'."""
    with port_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(_revision)


async def pending_revisions(engine: AsyncEngine) -> list[str]:
    """The revisions that `migrate` would apply, oldest first."""
    current = await current_revision(engine)
    scripts = ScriptDirectory(str(MIGRATIONS))
    steps = scripts.iterate_revisions("head", current or "base")
    return [step.revision for step in steps][::-1]


async def is_current(connection: AsyncConnection) -> bool:
    return await connection.run_sync(_revision) == head()


@cache
def head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
    command.upgrade(settings(connection), revision)
