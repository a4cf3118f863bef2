from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.memory.store import InMemoryStore
from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.schema import migrate
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.ports.storage import Store
from tests.apps.engine.world import World, a_world
from tests.servers.emptying import empty


@pytest.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("engine") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    await migrate(engine)
    await engine.dispose()
    return path


@pytest.fixture(scope="module")
async def postgres_engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated database on the server, for this module."""
    engine = connect(postgres_url)
    await migrate(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def memory_store() -> Store:
    return InMemoryStore()


@pytest.fixture
async def sqlite_store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    copyfile(migrated, tmp_path / "solynk.db")
    engine = connect(f"sqlite:///{tmp_path / 'solynk.db'}")
    yield SqlStore(engine)
    await engine.dispose()


@pytest.fixture
async def postgres_store(postgres_engine: AsyncEngine) -> AsyncIterator[Store]:
    yield SqlStore(postgres_engine)
    async with postgres_engine.begin() as connection:
        await connection.run_sync(empty)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Store:
    """By name, so that a story which runs elsewhere starts no server."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture
async def world(store: Store) -> World:
    return await a_world(store)


@pytest.fixture
async def big_world() -> World:
    """For stories of hundreds of members, which a database on disk makes slow."""
    return await a_world(InMemoryStore())
