"""What one organization sets up is changed by several people at once: no change undoes another."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    COURSE,
    LOUNGE,
    MONTHLY,
    OURS,
    a_channel,
    a_plan,
    a_product,
    an_organization,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.ports.storage import Store, UnitOfWork

Deed: TypeAlias = Callable[[UnitOfWork], Awaitable[str]]

AT_ONCE: Final = 12
PAUSE: Final = 0.001
"""Long enough for the others to read too."""


async def _count_in_organization(unit: UnitOfWork) -> str:
    known = await unit.organizations.lock(OURS) or replace(an_organization(), name="0")
    await anyio.sleep(PAUSE)
    counted = replace(known, name=str(int(known.name) + 1))
    await unit.organizations.put(counted)
    return counted.name


async def _count_in_product(unit: UnitOfWork) -> str:
    known = await unit.products.lock(OURS, COURSE) or replace(a_product(), name="0")
    await anyio.sleep(PAUSE)
    counted = replace(known, name=str(int(known.name) + 1))
    await unit.products.put(counted)
    return counted.name


async def _count_in_plan(unit: UnitOfWork) -> str:
    known = await unit.plans.lock(OURS, MONTHLY) or replace(a_plan(), name="0")
    await anyio.sleep(PAUSE)
    counted = replace(known, name=str(int(known.name) + 1))
    await unit.plans.put(counted)
    return counted.name


async def _count_in_channel(unit: UnitOfWork) -> str:
    known = await unit.channels.lock(OURS, LOUNGE) or replace(a_channel(), title="0")
    await anyio.sleep(PAUSE)
    counted = replace(known, title=str(int(known.title) + 1))
    await unit.channels.put(counted)
    return counted.title


class LocksContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "count",
        [_count_in_organization, _count_in_product, _count_in_plan, _count_in_channel],
        ids=["organization", "product", "plan", "channel"],
    )
    async def test_all_changes_to_one_that_is_locked_are_serial(
        self, store: Store, count: Deed
    ) -> None:
        async def do() -> None:
            async with store.begin() as unit:
                await count(unit)

        await do()
        async with anyio.create_task_group() as tasks:
            for _ in range(AT_ONCE):
                tasks.start_soon(do)

        async with store.begin() as unit:
            assert await count(unit) == str(AT_ONCE + 2)

    @final
    @pytest.mark.anyio
    async def test_what_was_never_put_is_none_also_to_its_lock(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.organizations.lock(OURS) is None
            assert await unit.products.lock(OURS, COURSE) is None
            assert await unit.plans.lock(OURS, MONTHLY) is None
            assert await unit.channels.lock(OURS, LOUNGE) is None
