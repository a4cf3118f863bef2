from collections.abc import AsyncGenerator

import pytest

from solynk.apps.demo.cast import Stage
from tests.end_to_end.showing import pytest_runtest_makereport
from tests.end_to_end.town import City, Town, a_city, a_world

__all__ = ["pytest_runtest_makereport"]


@pytest.fixture(scope="package")
async def city(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[City]:
    """One for all: each test has a shop of its own, and leaves nothing broken."""
    del anyio_backend
    async with a_city(tmp_path_factory.mktemp("city")) as it:
        yield it


@pytest.fixture
def town(city: City) -> Town:
    return city.town


@pytest.fixture
async def shop(city: City) -> AsyncGenerator[Stage]:
    yield await city.town.open_shop()
    await city.town.behave()


@pytest.fixture(scope="package")
async def village(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Town]:
    """`solynk serve` with nothing set but its keys: SQLite, and no Redis."""
    del anyio_backend
    async with a_world(tmp_path_factory.mktemp("village")) as it:
        it.run("serve", "serve")
        await it.is_ready()
        yield it
