"""A product that stops opening a channel: whoever has no other right to it goes, and no flood does."""

import pytest

from solynk.apps.engine import ProductChange, change_product, explain_customer, release_brake
from solynk.core.alert import AlertKind
from solynk.core.catalog import ToChannel
from solynk.core.command import CommandStatus, Expel
from solynk.core.evidence import NoLongerOffered
from solynk.core.ids import CustomerId, ProductId
from solynk.core.words import Situation
from tests.apps.engine.offers import LOUNGE, MEETING, MONTHLY, OWNER, US, id_of
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

PRODUCT = ProductId(id_of(f"product of {MONTHLY}"))
CLOSED = ProductChange(opens=())
OPEN = ProductChange(opens=(ToChannel(LOUNGE),))
MANY = 30


async def test_whoever_has_no_other_right_to_a_closed_channel_is_expelled(world: World) -> None:
    subscription = await world.joins("ann")
    await world.joins("ben", MEETING)

    closed = await change_product(world.w, US, PRODUCT, CLOSED, OWNER)
    await world.days_pass(0.1)

    assert not world.inside("ann")
    assert world.inside("ben")
    assert [it.channel for it in closed.closed] == [LOUNGE]
    [bought] = await world.subscriptions("ann")
    [order] = [it.order for it in await world.commands() if isinstance(it.order, Expel)]
    proof = NoLongerOffered(bought.id, PRODUCT, closed.closed[0].since)
    assert (bought.reference, order.evidence.proofs) == (subscription, (proof,))
    assert await world.alerts(AlertKind.STRANGER_INSIDE) == []


async def test_another_product_that_opens_the_channel_keeps_its_members_in(world: World) -> None:
    await world.joins("ann")
    await world.pays("ann", MEETING)

    await change_product(world.w, US, PRODUCT, CLOSED, OWNER)
    await world.days_pass(0.1)

    assert world.inside("ann")


async def test_why_a_member_of_a_closed_channel_goes_is_told(world: World) -> None:
    await world.joins("ann")
    await change_product(world.w, US, PRODUCT, CLOSED, OWNER)
    await world.settle()

    [told] = await explain_customer(world.w, US, CustomerId(id_of("ann")))

    assert told.explanation.situation is Situation.BEING_TAKEN_OUT
    assert f"product {PRODUCT} does not open it any more" in told.explanation.sentence


async def test_a_slip_that_closes_a_channel_to_many_waits_for_a_person(big_world: World) -> None:
    world = big_world
    members = [f"member {it}" for it in range(MANY)]
    for it in members:
        await world.joins(it)

    await change_product(world.w, US, PRODUCT, CLOSED, OWNER)
    await world.days_pass(1)
    assert all(world.inside(it) for it in members)
    assert len(await world.alerts(AlertKind.BRAKE)) == 1
    assert len(await world.commands(CommandStatus.PARKED)) == MANY
    await change_product(world.w, US, PRODUCT, OPEN, OWNER)
    await world.days_pass(1)

    assert all(world.inside(it) for it in members)
    assert await world.commands(CommandStatus.PARKED) == []


async def test_once_a_person_has_confirmed_it_all_of_them_go(big_world: World) -> None:
    world = big_world
    members = [f"member {it}" for it in range(MANY)]
    for it in members:
        await world.joins(it)
    await change_product(world.w, US, PRODUCT, CLOSED, OWNER)
    await world.days_pass(1)

    assert await release_brake(world.w, US, LOUNGE, OWNER) == MANY
    await world.days_pass(0.1)

    assert not any(world.inside(it) for it in members)
