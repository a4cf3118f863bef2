from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from solynk.adapters.sqlalchemy.engine import connect
from tests.servers.databases import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An engine for a database that has never been migrated."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path / 'solynk.db'}")
        yield engine
        await engine.dispose()
        return
    server: str = request.getfixturevalue("postgres_server")
    with fresh_database(server) as url:
        engine = connect(url)
        yield engine
        await engine.dispose()
