from collections.abc import AsyncGenerator

import pytest

from tests.apps.api.stage import Shop, Stage, a_settings, a_stage


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    async with a_stage(a_settings()) as it:
        yield it


@pytest.fixture
async def shop(stage: Stage) -> Shop:
    return await stage.an_organization()
