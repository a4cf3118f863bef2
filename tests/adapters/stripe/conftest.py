from collections.abc import AsyncIterator

import pytest

from tests.adapters.stripe.sandbox import Shop, Street, a_street


@pytest.fixture(scope="module")
async def street() -> AsyncIterator[Street]:
    async with a_street() as street:
        yield street


@pytest.fixture
async def shop(street: Street) -> Shop:
    return await street.open_shop()
