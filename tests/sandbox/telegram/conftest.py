from collections.abc import AsyncGenerator

import pytest

from tests.sandbox.telegram.stage import Stage, a_stage


@pytest.fixture(scope="module")
async def playhouse(anyio_backend: str) -> AsyncGenerator[Stage]:
    """One server and one aiogram session for a module: opening them takes longer than a test."""
    del anyio_backend
    async with a_stage() as stage:
        yield stage


@pytest.fixture
async def stage(playhouse: Stage) -> Stage:
    """A world in which there is nothing but the bot."""
    await playhouse.cleared()
    return playhouse
