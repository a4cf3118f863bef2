"""What money and people decide, and who is in and out because of it."""

from datetime import timedelta

import pytest

from solynk.apps.engine import (
    ChannelChange,
    Target,
    block,
    change_channel,
    grant,
    save_customer,
    save_organization,
    unblock,
    withdraw,
)
from solynk.core.access import AccessState
from solynk.core.alert import AlertKind
from solynk.core.catalog import Organization, RemovalMode
from solynk.core.command import CommandStatus, Expel, Topic
from solynk.core.customer import Customer
from solynk.core.entitlement import Desired
from solynk.core.event import EventStatus
from solynk.core.evidence import VerifiedNonPayment
from solynk.core.facts import Everywhere
from solynk.core.ids import CustomerId
from solynk.core.instants import DAY, HOUR
from tests.apps.engine.offers import BOSS, CHAT, LOUNGE, MEETING, OWNER, US, WEEK_PASS, id_of
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio

ANN = CustomerId(id_of("ann"))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("first", [0, 1])
async def test_two_plans_for_one_channel_that_end_at_one_instant_take_their_member_out_once(
    world: World, first: int
) -> None:
    one = await world.joins("ann")
    other = await world.pays("ann", MEETING)
    ends = [await world.provider.cancel(it, at_once=True) for it in (one, other)]

    await world.hears(ends[first], ends[1 - first])

    assert not world.inside("ann")
    assert world.platform.calls.count(("expel", "ann")) == 1
    assert world.told("ann").count(Topic.ENDED) == 1


async def test_two_plans_that_run_out_at_one_instant_take_their_member_out_once(
    world: World,
) -> None:
    for subscription in (await world.joins("ann"), await world.pays("ann", MEETING)):
        await world.hears(await world.provider.cancel(subscription))

    await world.days_pass(30.9)
    assert world.inside("ann")
    await world.days_pass(0.2)

    assert not world.inside("ann")
    assert world.platform.calls.count(("expel", "ann")) == 1


@pytest.mark.parametrize("ended_first", [True, False])
async def test_one_plan_that_ends_while_another_starts_leaves_the_member_in(
    world: World,
    ended_first: bool,  # noqa: FBT001 a parameter of the story
) -> None:
    one = await world.joins("ann")
    ended = await world.provider.cancel(one, at_once=True)
    started = await world.bought("ann", MEETING)

    await world.receives(ended if ended_first else started)
    await world.receives(started if ended_first else ended)
    await world.settle()

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED
    assert ("expel", "ann") not in world.platform.calls


async def test_a_full_refund_takes_the_member_out(world: World) -> None:
    await world.joins("ann")

    await world.hears(await world.provider.refund("pay_1"))

    assert not world.inside("ann")


async def test_a_refund_that_comes_before_its_payment_waits_for_it(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    paid = await world.bought("ann")
    refunded = await world.provider.refund("pay_1")

    await world.hears(refunded)
    assert len(await world.events(EventStatus.UNMATCHED)) == 1
    await world.hears(paid)

    assert not await world.events(EventStatus.UNMATCHED)
    assert (await world.access("ann")).desired is Desired.OUT


async def test_a_failed_renewal_that_recovers_is_told_once_and_needs_no_new_invitation(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)

    failed = await world.provider.fail(subscription)
    await world.hears(failed, failed)
    assert (await world.access("ann")).state is AccessState.REVOKE_PENDING
    await world.days_pass(1)
    await world.hears(await world.provider.fail(subscription))
    await world.days_pass(1)
    assert world.inside("ann")
    await world.hears(await world.provider.renew(subscription))
    await world.days_pass(5)

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED
    assert world.told("ann") == [Topic.INVITED, Topic.RENEWAL_FAILED, Topic.RECOVERED]
    assert ("expel", "ann") not in world.platform.calls


async def test_a_lapse_is_verified_and_carried_out_on_time_with_its_evidence(world: World) -> None:
    subscription = await world.joins("ann")
    await world.passes(31 * DAY + HOUR)
    await world.hears(await world.provider.fail(subscription))

    await world.passes(5 * DAY - 2 * SECOND)
    assert world.inside("ann")
    await world.passes(4 * SECOND)

    assert not world.inside("ann")
    (expelled,) = [it for it in await world.commands() if isinstance(it.order, Expel)]
    assert isinstance(expelled.order, Expel)
    (proof,) = expelled.order.evidence.proofs
    assert isinstance(proof, VerifiedNonPayment)
    assert proof.verified_at is not None
    assert world.told("ann")[-1] is Topic.ENDED


async def test_a_lapse_waits_for_a_provider_that_is_down_but_not_for_ever(world: World) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)
    await world.hears(await world.provider.fail(subscription))
    await world.days_pass(2)
    world.provider.down = True

    await world.days_pass(4.9)
    assert world.inside("ann")
    await world.days_pass(0.3)

    assert not world.inside("ann")
    assert not await world.alerts(AlertKind.BRAKE)


async def test_a_renewal_whose_events_were_lost_is_found_before_anyone_is_expelled(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    await world.days_pass(31.1)
    await world.provider.renew(subscription)

    await world.days_pass(20)

    assert world.inside("ann")
    assert world.platform.calls.count(("expel", "ann")) == 0


async def test_passes_add_up(world: World) -> None:
    await world.joins("ann", WEEK_PASS)
    await world.days_pass(3)
    await world.pays("ann", WEEK_PASS)

    await world.days_pass(10.9)
    assert world.inside("ann")
    await world.days_pass(0.2)

    assert not world.inside("ann")
    assert len(await world.subscriptions("ann")) == 1


async def test_a_grant_opens_and_its_withdrawal_closes(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")

    given = await grant(world.w, Target(US, ANN, Everywhere()), OWNER)
    await world.settle()
    await world.asks("ann")
    assert world.inside("ann")
    await withdraw(world.w, US, ANN, given, OWNER)
    await world.settle()

    assert not world.inside("ann")
    assert (await world.audit("grant.withdrawn"))[0].actor == OWNER.actor


async def test_a_block_outranks_a_payment_until_it_is_lifted(world: World) -> None:
    await world.joins("ann")

    laid = await block(world.w, Target(US, ANN, Everywhere()), OWNER)
    await world.settle()
    assert not world.inside("ann")
    await world.asks("ann")
    assert not world.inside("ann")
    await unblock(world.w, US, ANN, laid, OWNER)
    await world.settle()
    await world.asks("ann")

    assert world.inside("ann")


async def test_a_block_that_ends_while_its_expulsion_is_retried_expels_nobody(
    world: World,
) -> None:
    await world.joins("ann")
    world.platform.is_unavailable("expel")
    until = world.clock.at + DAY
    await block(world.w, Target(US, ANN, Everywhere(), until), OWNER)
    await world.settle()
    assert world.inside("ann")

    world.jumps(2 * DAY)
    await world.settle()

    assert world.inside("ann")
    assert world.platform.calls.count(("expel", "ann")) == 1
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_the_stop_switch_holds_expulsions_and_admissions_go_on(world: World) -> None:
    subscription = await world.joins("ann")
    us = Organization(US, "Us", "us", payment_account="acct_us", removals_stopped=True)
    await save_organization(world.w, us, OWNER)

    await world.hears(await world.provider.cancel(subscription, at_once=True))
    await world.joins("ben")
    await world.days_pass(3)
    assert world.inside("ann")
    await save_organization(world.w, Organization(US, "Us", "us", payment_account="acct_us"), OWNER)
    await world.settle()

    assert not world.inside("ann")
    assert world.inside("ben")


@pytest.mark.parametrize("mode", [RemovalMode.SHADOW, RemovalMode.STOPPED])
async def test_a_channel_whose_removals_are_not_enforced_holds_them(
    world: World, mode: RemovalMode
) -> None:
    subscription = await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(removals=mode), OWNER)

    await world.hears(await world.provider.cancel(subscription, at_once=True))
    await world.joins("ben")
    assert world.inside("ann")
    assert len(await world.commands(CommandStatus.PARKED)) == 1
    await change_channel(world.w, US, LOUNGE, ChannelChange(removals=RemovalMode.ENFORCED), OWNER)
    await world.settle()

    assert not world.inside("ann")
    assert world.inside("ben")


async def test_the_never_remove_list_is_kept_with_an_alert(world: World) -> None:
    subscription = await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(never_remove=("ann",)), OWNER)

    await world.hears(await world.provider.cancel(subscription, at_once=True))

    assert world.inside("ann")
    assert ("expel", "ann") not in world.platform.calls
    assert await world.alerts(AlertKind.EXEMPT_WITHOUT_RIGHT)


async def test_the_alert_about_a_protected_member_goes_when_they_have_a_right_again(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(never_remove=("ann",)), OWNER)
    await world.hears(await world.provider.cancel(subscription, at_once=True))

    await world.pays("ann")

    assert not await world.alerts(AlertKind.EXEMPT_WITHOUT_RIGHT)


async def test_a_payment_does_not_lift_an_admins_ban(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.is_kicked_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    await world.pays("ann")

    assert "ann" in world.chat.banned
    assert await world.alerts(AlertKind.REMOVED_BY_ADMIN)
    assert world.told("ann") == []


async def test_the_alert_about_a_removed_member_goes_when_an_admin_has_let_them_come_back(
    world: World,
) -> None:
    await world.joins("ann")
    world.platform.is_kicked_by_admin(CHAT, "ann")
    await world.settle()
    assert await world.alerts(AlertKind.REMOVED_BY_ADMIN)

    world.chat.banned.discard("ann")
    await world.asks("ann")

    assert world.inside("ann")
    assert not await world.alerts(AlertKind.REMOVED_BY_ADMIN)


@pytest.mark.parametrize("person", [BOSS, "admin"])
async def test_owners_and_admins_are_never_expelled_and_an_alert_says_so(
    world: World, person: str
) -> None:
    await world.knows("ann")
    await world.binds("ann", person)
    subscription = await world.pays("ann")
    if person != BOSS:
        await world.asks(person)
        world.platform.is_promoted("chat-1", person)
        await world.settle()

    await world.hears(await world.provider.cancel(subscription, at_once=True))

    assert world.inside(person)
    assert await world.alerts(AlertKind.EXEMPT_WITHOUT_RIGHT)


async def test_a_customer_who_is_saved_again_keeps_the_timer(world: World) -> None:
    await world.joins("ann", WEEK_PASS)

    await save_customer(world.w, Customer(ANN, US, "ann@example.org", "fr"), OWNER)
    await world.days_pass(8)

    assert not world.inside("ann")
