import re

import anyio
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.schema import (
    current_revision,
    head,
    migrate,
    pending_revisions,
    settings,
)
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.adapters.sqlalchemy.tables import metadata
from solynk.ports.errors import Unavailable


def down(connection: Connection) -> None:
    command.downgrade(settings(connection), "base")


def differences(connection: Connection) -> list[object]:
    parts = parts_of_tables(connection)

    def is_whole(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name not in parts

    options = {"compare_type": True, "include_name": is_whole}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - parts_of_tables(connection)


def parts_of_tables(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set()
    return set(connection.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits")))


@pytest.mark.anyio
async def test_the_migrations_lead_up_and_down_and_up_again(engine: AsyncEngine) -> None:
    tables = set(metadata.tables)

    await migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(table_names) == tables | {"alembic_version"}

    async with engine.begin() as connection:
        await connection.run_sync(down)
    async with engine.connect() as connection:
        assert await connection.run_sync(table_names) == {"alembic_version"}

    await migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(table_names) == tables | {"alembic_version"}


@pytest.mark.anyio
async def test_the_migrations_make_the_very_tables_that_the_store_uses(
    engine: AsyncEngine,
) -> None:
    await migrate(engine)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.anyio
async def test_a_table_that_differs_is_found(engine: AsyncEngine) -> None:
    await migrate(engine)

    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE plans DROP COLUMN name"))
        await connection.execute(text("DROP INDEX ix_commands_subject"))

    async with engine.connect() as connection:
        assert len(await connection.run_sync(differences)) == 2


@pytest.mark.anyio
async def test_partial_indexes_have_the_conditions_that_the_tables_name(
    engine: AsyncEngine,
) -> None:
    """Alembic's comparison does not look at them."""
    conditions = {
        str(index.name): str(index.dialect_options["sqlite"]["where"])
        for table in metadata.sorted_tables
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    await migrate(engine)

    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            listed = "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
        else:
            listed = "SELECT indexname, indexdef FROM pg_indexes"
        rows = await connection.execute(text(listed))
        made = {str(name): str(definition) for name, definition in rows}

    assert len(conditions) == 14
    for name, condition in conditions.items():
        kept = made[name].partition(" WHERE ")[2]
        assert _words(kept) == _words(condition)


def _words(condition: str) -> list[str]:
    """PostgreSQL keeps `IN` as an array, and writes every type."""
    plain = re.sub(r"::[a-z]+( [a-z]+)*", "", condition)
    return re.findall(r"[\w']+", plain.replace("= ANY", "IN").replace("ARRAY", ""))


@pytest.mark.anyio
async def test_what_is_pending_is_told(engine: AsyncEngine) -> None:
    assert await current_revision(engine) is None
    pending = await pending_revisions(engine)
    assert pending[-1] == head()

    await migrate(engine)

    assert await current_revision(engine) == head()
    assert await pending_revisions(engine) == []


@pytest.mark.anyio
async def test_a_store_that_is_not_migrated_is_unavailable_and_names_the_fix(
    engine: AsyncEngine,
) -> None:
    store = SqlStore(engine)

    with pytest.raises(Unavailable, match="run `solynk migrate`"):
        await store.ping()
    with pytest.raises(Unavailable, match="run `solynk migrate`"):
        async with store.begin() as unit:
            await unit.organizations.all()

    await migrate(engine)
    await store.ping()


@pytest.mark.anyio
async def test_the_tables_of_a_later_version_are_worked_on_and_left_as_they_are(
    engine: AsyncEngine,
) -> None:
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))

    await migrate(engine)

    await SqlStore(engine).ping()
    assert await current_revision(engine) == "of-tomorrow"


@pytest.mark.anyio
async def test_processes_that_start_together_migrate_in_turn(engine: AsyncEngine) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(migrate, engine)

    assert await current_revision(engine) == head()


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_on_postgresql_bodies_are_compressed_with_lz4(engine: AsyncEngine) -> None:
    await migrate(engine)

    async with engine.connect() as connection:
        method = text("SELECT attcompression FROM pg_attribute WHERE attname = 'body'")
        assert (await connection.execute(method)).scalar() in {"l", b"l"}
