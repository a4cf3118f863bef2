"""Bringing a database to the tables of this version."""

import asyncio
import logging
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from solynk.adapters.sqlalchemy.errors import port_errors
from solynk.ports.errors import Lost

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
TURN = 7_360_185_424_112_637
"""The key of an advisory lock of PostgreSQL: processes that start together migrate in turn."""
TURN_WITHIN: Final = timedelta(minutes=10)
LOCK_WITHIN: Final = timedelta(seconds=2)
"""A statement that waits for a table makes all others wait behind it, readers too."""
TRIES: Final = 5
PAUSE: Final = timedelta(seconds=1)


def settings(connection: Connection) -> Config:
    """For any of Alembic's commands, on a connection that is open already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Upgrade to `revision`, all of it or nothing. Harmless where it is there already, or further.

    A table that others hold is waited for shortly, and asked for again a little later: whoever
    comes meanwhile would wait behind us.

    Raises:
        Unavailable: the database does not answer.
        Lost: others held a table through every try.
    """
    for _ in range(TRIES - 1):
        try:
            await _try_to_migrate(engine, revision)
        except Lost as fault:
            log.warning("%s; trying again", fault)
            await asyncio.sleep(PAUSE.total_seconds())
        else:
            return
    await _try_to_migrate(engine, revision)


async def _try_to_migrate(engine: AsyncEngine, revision: str) -> None:
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
    """Whether this version can work on the tables: its own, or those of a version to come.

    Each version's migrations keep the tables usable for the version before, so that one process
    after the other can be brought to the new one.
    """
    revision = await connection.run_sync(_revision)
    return revision == head() or _is_to_come(revision)


@cache
def head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _is_to_come(revision: str | None) -> bool:
    """Only a later version can have made what this one does not know."""
    return revision is not None and revision not in known()


@cache
def known() -> frozenset[str]:
    return frozenset(it.revision for it in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        _wait_at_most(connection, lock=TURN_WITHIN, statement=TURN_WITHIN)
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        _wait_at_most(connection, lock=LOCK_WITHIN, statement=timedelta(0))
    if _is_to_come(_revision(connection)):
        log.warning("the tables are those of a later version, and stay so")
        return
    command.upgrade(settings(connection), revision)


def _wait_at_most(connection: Connection, *, lock: timedelta, statement: timedelta) -> None:
    """Nought is for as long as it takes: to fill an index of a large table takes its time."""
    for name, length in (("lock_timeout", lock), ("statement_timeout", statement)):
        value = str(int(length.total_seconds() * 1000))
        setting = text("SELECT set_config(:name, :value, true)")
        connection.execute(setting, {"name": name, "value": value})
