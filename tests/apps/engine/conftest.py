from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copyfile

import anyio
import pytest

from solynk.adapters.memory.store import InMemoryStore
from solynk.adapters.sqlalchemy.engine import connect
from solynk.adapters.sqlalchemy.schema import migrate
from solynk.adapters.sqlalchemy.store import SqlStore
from solynk.ports.storage import Store
from tests.apps.engine.world import World, a_world


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with empty tables, to be copied."""
    path = tmp_path_factory.mktemp("engine") / "empty.db"

    async def make() -> None:
        engine = connect(f"sqlite:///{path}")
        await migrate(engine)
        await engine.dispose()

    anyio.run(make)
    return path


@pytest.fixture(params=["memory", "sqlite"])
async def store(
    request: pytest.FixtureRequest, migrated: Path, tmp_path: Path
) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    copyfile(migrated, tmp_path / "solynk.db")
    engine = connect(f"sqlite:///{tmp_path / 'solynk.db'}")
    yield SqlStore(engine)
    await engine.dispose()


@pytest.fixture
async def world(store: Store) -> World:
    return await a_world(store)


@pytest.fixture
async def big_world() -> World:
    """For stories of hundreds of members, which a database on disk makes slow."""
    return await a_world(InMemoryStore())
