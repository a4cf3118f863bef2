from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.schema import migrate
from solynk.adapters.sqlalchemy.store import SqlStore
from tests.servers.emptying import empty


@pytest.fixture(scope="module")
async def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    """A migrated database in a file, for this module."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'solynk.db'}")
    await migrate(engine)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
async def postgres_engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated database on the server, for this module."""
    engine = connect(postgres_url)
    await migrate(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sqlite_store(sqlite_engine: AsyncEngine) -> AsyncIterator[SqlStore]:
    yield SqlStore(sqlite_engine)
    await _empty(sqlite_engine)


@pytest.fixture
async def postgres_store(postgres_engine: AsyncEngine) -> AsyncIterator[SqlStore]:
    yield SqlStore(postgres_engine)
    await _empty(postgres_engine)


async def _empty(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(empty)
