"""What is set up is changed field by field, so that of two changes at once both stand."""

import anyio
import pytest

from solynk.apps.engine import (
    ChannelChange,
    OrganizationChange,
    PlanChange,
    PolicyChange,
    ProductChange,
    Unfit,
    change_channel,
    change_organization,
    change_plan,
    change_product,
)
from solynk.core.catalog import ProductStatus, RemovalMode
from solynk.core.ids import ProductId
from solynk.core.instants import DAY
from tests.apps.engine.offers import LOUNGE, MONTHLY, OWNER, US, WEEK_PASS, id_of
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

PRODUCT = ProductId(id_of(f"product of {MONTHLY}"))


@on_every_store
async def test_of_two_changes_at_once_both_stand(world: World) -> None:
    w = world.w
    async with anyio.create_task_group() as at_once:
        for organization in (
            OrganizationChange(name="Ours"),
            OrganizationChange(removals_stopped=True),
            OrganizationChange(policy=PolicyChange(grace=3 * DAY)),
            OrganizationChange(policy=PolicyChange(pending_limit=2 * DAY)),
        ):
            at_once.start_soon(change_organization, w, US, organization, OWNER)
        for product in (ProductChange(name="P"), ProductChange(status=ProductStatus.ARCHIVED)):
            at_once.start_soon(change_product, w, US, PRODUCT, product, OWNER)
        for plan in (PlanChange(name="P"), PlanChange(active=False), PlanChange(grace_days=2)):
            at_once.start_soon(change_plan, w, US, MONTHLY, plan, OWNER)
        for channel in (
            ChannelChange(removals=RemovalMode.SHADOW),
            ChannelChange(never_remove=("7",)),
        ):
            at_once.start_soon(change_channel, w, US, LOUNGE, channel, OWNER)

    us = await change_organization(w, US, OrganizationChange(), OWNER)
    sold = await change_product(w, US, PRODUCT, ProductChange(), OWNER)
    monthly = await change_plan(w, US, MONTHLY, PlanChange(), OWNER)
    lounge = await change_channel(w, US, LOUNGE, ChannelChange(), OWNER)
    assert (us.name, us.removals_stopped) == ("Ours", True)
    assert (us.policy.grace, us.policy.pending_limit) == (3 * DAY, 2 * DAY)
    assert (sold.name, sold.status) == ("P", ProductStatus.ARCHIVED)
    assert (monthly.name, monthly.active, monthly.grace_days) == ("P", False, 2)
    assert (lounge.removals, lounge.never_remove) == (RemovalMode.SHADOW, ("7",))


async def test_a_change_is_audited_with_its_fields_and_the_reason(world: World) -> None:
    change = OrganizationChange(removals_stopped=True, policy=PolicyChange(grace=3 * DAY))

    await change_organization(world.w, US, change, OWNER)

    [entry] = [it for it in await world.audit("organization.saved") if "fields" in it.details]
    assert entry.actor == OWNER.actor
    assert entry.details == {
        "fields": "removals_stopped policy",
        "removals_stopped": "true",
        "reason": OWNER.reason,
    }


async def test_a_change_that_would_give_a_wrong_form_changes_nothing(world: World) -> None:
    too_long = OrganizationChange(policy=PolicyChange(grace=31 * DAY))

    with pytest.raises(Unfit, match="a one-time plan has no trial and no grace period"):
        await change_plan(world.w, US, WEEK_PASS, PlanChange(grace_days=2), OWNER)
    with pytest.raises(Unfit, match="grace must be") as raised:
        await change_organization(world.w, US, too_long, OWNER)

    assert raised.value.inside == "policy"
    plan = await change_plan(world.w, US, WEEK_PASS, PlanChange(), OWNER)
    assert plan.grace_days is None
