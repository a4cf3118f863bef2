"""What happens while a command is on its way, at each moment of it."""

import asyncio
from enum import Enum, auto

import pytest

from solynk.apps.engine.execute import carry_out
from solynk.apps.engine.wiring import LEASE
from solynk.core.access import AccessState
from solynk.core.command import Admit, Expel, Topic
from solynk.core.entitlement import Desired
from solynk.ports.errors import Refused
from tests.apps.engine.offers import CHAT, MEETING
from tests.apps.engine.staged import Deed
from tests.apps.engine.stores import on_every_store
from tests.apps.engine.world import World

pytestmark = [pytest.mark.anyio, on_every_store]


class Moment(Enum):
    QUEUED = auto()
    LEASED = auto()
    """A worker has it, and has not looked again yet."""
    FENCED = auto()
    """It has looked again; the call is not made yet."""
    CALLED = auto()
    """The call took effect, and is not recorded yet."""


moments = pytest.mark.parametrize("moment", Moment)


async def while_at(world: World, moment: Moment, call: str, deed: Deed) -> None:
    """Carry out the command that is due; `deed` is done at that moment of it."""
    match moment:
        case Moment.QUEUED:
            await deed()
        case Moment.LEASED:
            command = await world.claims(Admit if call == "admit" else Expel)
            await deed()
            await carry_out(world.w, command)
        case Moment.FENCED:
            world.platform.before[call] = [deed]
        case Moment.CALLED:
            world.platform.after[call] = [deed]
    await world.settle()


async def ends(world: World, subscription: str) -> None:
    await world.hears(await world.provider.cancel(subscription, at_once=True))


async def joins_and_is_refunded(world: World) -> None:
    """Up to the expulsion, which is queued."""
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.applies()


async def knocks(world: World, person: str) -> None:
    """Up to the admission, which is queued."""
    world.platform.asks_to_join(CHAT, person)
    await world.feeds()
    await world.applies()


@moments
async def test_whoever_pays_while_an_expulsion_is_on_its_way_is_in_or_has_the_way_in(
    world: World, moment: Moment
) -> None:
    await joins_and_is_refunded(world)

    await while_at(world, moment, "expel", lambda: world.pays("ann", MEETING))

    called = moment in {Moment.FENCED, Moment.CALLED}
    assert world.inside("ann") is not called
    if called:
        assert world.told("ann")[-1] is Topic.INVITED
        await world.asks("ann")
    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED


@moments
async def test_whoever_loses_the_right_while_an_admission_is_on_its_way_is_out(
    world: World, moment: Moment
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    subscription = await world.pays("ann")
    await knocks(world, "ann")

    await while_at(world, moment, "admit", lambda: ends(world, subscription))

    assert not world.inside("ann")
    assert "ann" not in world.chat.pending
    assert (await world.access("ann")).state is AccessState.REVOKED


@moments
async def test_whoever_knocks_while_an_invitation_is_made_is_let_in(
    world: World, moment: Moment
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.settle()
    await world.receives(await world.bought("ann"))
    await world.applies()

    await while_at(world, moment, "admit", lambda: world.asks("ann"))

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED


@moments
async def test_whoever_leaves_while_an_admission_is_on_its_way_is_not_believed_inside(
    world: World, moment: Moment
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    await knocks(world, "ann")

    async def leaves() -> None:
        world.platform.is_added_by_admin(CHAT, "ann")
        world.platform.leaves(CHAT, "ann")
        await world.settle()

    await while_at(world, moment, "admit", leaves)

    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.PENDING


@moments
async def test_whoever_is_added_by_an_admin_while_an_expulsion_is_on_its_way_is_out(
    world: World, moment: Moment
) -> None:
    await joins_and_is_refunded(world)

    async def comes_again() -> None:
        world.platform.is_added_by_admin(CHAT, "ann")
        await world.settle()

    await while_at(world, moment, "expel", comes_again)

    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.REVOKED


@moments
async def test_a_rebinding_while_an_admission_is_on_its_way_lets_the_right_person_in(
    world: World, moment: Moment
) -> None:
    await world.knows("ann")
    await world.binds("ann", "old")
    await world.pays("ann")
    await knocks(world, "old")

    async def rebinds() -> None:
        await world.binds("ann", "new")
        await world.settle()

    await while_at(world, moment, "admit", rebinds)
    await world.asks("new")

    assert world.inside("new")
    assert not world.inside("old")
    assert (await world.access("ann")).state is AccessState.GRANTED


@moments
async def test_a_rebinding_while_the_other_person_is_expelled_lets_the_right_person_in(
    world: World, moment: Moment
) -> None:
    await world.joins("ann")
    await world.binds("ann", "new")
    await world.feeds()
    await world.applies()

    async def knocks_early() -> None:
        await world.asks("new")

    await while_at(world, moment, "expel", knocks_early)

    assert world.inside("new")
    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_a_call_that_outlives_its_lease_makes_another_workers_outcome_doubtful(
    world: World,
) -> None:
    await joins_and_is_refunded(world)
    asleep, awake = asyncio.Event(), asyncio.Event()

    async def sleeps() -> None:
        asleep.set()
        await awake.wait()

    async def wakes() -> None:
        awake.set()
        await sleeper
        world.platform.updates.clear()

    world.platform.before["expel"] = [sleeps]
    sleeper = asyncio.create_task(carry_out(world.w, await world.claims(Expel)))
    await asleep.wait()
    world.freezes(2 * LEASE)
    world.platform.after["admit"] = [wakes]
    await world.pays("ann", MEETING)

    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.PENDING
    assert world.told("ann")[-1] is Topic.INVITED


@pytest.mark.parametrize("times", [1, 2])
async def test_two_executions_of_one_admission_converge(world: World, times: int) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    await knocks(world, "ann")
    command = await world.claims(Admit)

    for _ in range(times + 1):
        await carry_out(world.w, command)
    await world.settle()

    assert world.inside("ann")
    access = await world.access("ann")
    assert (access.state, access.desired) == (AccessState.GRANTED, Desired.IN)


async def test_an_effect_whose_answer_is_lost_is_found_by_trying_again(world: World) -> None:
    subscription = await world.joins("ann")
    world.platform.is_unavailable("expel", after_effect=True)

    await ends(world, subscription)
    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.REVOKE_PENDING
    await world.days_pass(0.1)

    assert (await world.access("ann")).state is AccessState.REVOKED


async def test_an_expulsion_that_is_refused_for_good_gives_up_nothing_that_was_paid_meanwhile(
    world: World,
) -> None:
    await joins_and_is_refunded(world)
    world.platform.fails("expel", error=Refused("memory", "a reason of its own"))

    await while_at(world, Moment.FENCED, "expel", lambda: world.pays("ann", MEETING))

    access = await world.access("ann")
    assert access.given_up != access.generation
    assert access.state is AccessState.GRANTED
