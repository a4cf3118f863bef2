"""A creator connects another payment account: what was sold on the old one goes on being paid there."""

import pytest

from solynk.apps.engine import OrganizationChange, change_organization, reconcile, save_organization
from solynk.core.catalog import Organization
from solynk.core.event import EventStatus
from solynk.ports.errors import Conflict
from tests.apps.engine.offers import OWNER, THEM, US
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

elsewhere = pytest.mark.parametrize("account", ["acct_new", None], ids=["another", "none"])


async def connects(world: World, account: str | None) -> None:
    change = OrganizationChange(payment_account=account)
    await change_organization(world.w, US, change, OWNER)


@elsewhere
async def test_who_pays_on_a_former_account_stays_in(world: World, account: str | None) -> None:
    await world.joins("ann")
    await connects(world, account)

    await world.days_pass(31)
    await world.hears(await world.provider.renew("sub_1"))
    await world.days_pass(20)

    assert world.inside("ann")
    assert not await world.events(EventStatus.UNOWNED)


@elsewhere
async def test_a_former_account_is_compared_too(world: World, account: str | None) -> None:
    await world.joins("ann")
    await connects(world, account)
    world.delivers = False
    await world.provider.cancel("sub_1", at_once=True)

    await reconcile(world.w)
    await world.settle()

    assert not world.inside("ann")


async def test_a_checkout_that_is_open_on_a_former_account_is_not_offered_again(
    world: World,
) -> None:
    await world.knows("ann")
    before = await world.orders("ann")
    await connects(world, "acct_new")

    after = await world.orders("ann")

    assert (before.account, after.account) == ("acct_us", "acct_new")


async def test_a_former_account_is_nobody_elses(world: World) -> None:
    await connects(world, "acct_new")

    with pytest.raises(Conflict) as caught:
        await save_organization(
            world.w, Organization(THEM, "Them", "them", payment_account="acct_us"), OWNER
        )

    assert caught.value.holder == US
