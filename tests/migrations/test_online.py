"""A migration gives way to those who work, and gets its turn all the same."""

import anyio
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy import schema
from solynk.adapters.sqlalchemy.schema import current_revision, head, migrate
from solynk.ports.errors import Lost

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("engine", ["postgresql"], indirect=True),
]

HELD = text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")


@pytest.fixture
async def old(engine: AsyncEngine) -> AsyncEngine:
    """Of no tables but that of the revisions, which a migration has to write."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
    return engine


async def test_a_table_that_is_held_is_asked_for_again(
    old: AsyncEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schema, "LOCK_WITHIN", schema.LOCK_WITHIN / 20)
    monkeypatch.setattr(schema, "PAUSE", schema.PAUSE / 20)

    async with anyio.create_task_group() as tasks, old.begin() as other:
        await other.execute(HELD)
        tasks.start_soon(migrate, old)
        while "trying again" not in caplog.text:  # noqa: ASYNC110 -- a log sets no event
            await anyio.sleep(0.01)

    assert await current_revision(old) == head()


async def test_a_table_that_is_held_throughout_is_left_and_nothing_is_changed(
    old: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LOCK_WITHIN", schema.LOCK_WITHIN / 20)
    monkeypatch.setattr(schema, "PAUSE", schema.PAUSE / 20)

    async with old.begin() as other:
        await other.execute(HELD)
        with pytest.raises(Lost):
            await migrate(old)

    assert await current_revision(old) is None


async def test_a_migration_waits_two_seconds_for_a_table_and_for_its_own_work_for_ever(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def look(config: Config, revision: str) -> None:
        del revision
        connection: Connection = config.attributes["connection"]
        names = ("lock_timeout", "statement_timeout")
        seen.append(tuple(str(connection.scalar(text(f"SHOW {it}"))) for it in names))

    monkeypatch.setattr(command, "upgrade", look)

    await migrate(engine)

    assert seen == [("2s", "0")]
