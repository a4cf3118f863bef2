"""The periodic comparison: what was never told is found, and an error is no evidence."""

import importlib

import pytest

from solynk.apps.engine import ChannelChange, change_channel, reconcile
from solynk.apps.engine.derive import derive
from solynk.apps.engine.turn import Turn
from solynk.core.access import AccessState, Inside, Outside
from solynk.core.alert import AlertKind
from solynk.core.catalog import RemovalMode
from solynk.core.command import CommandStatus, Topic
from solynk.core.entitlement import Desired
from solynk.core.facts import Observed, Payment
from solynk.core.ids import CustomerId, OrganizationId
from solynk.core.instants import DAY
from solynk.core.ledger import Ledger
from solynk.ports.errors import Refused
from tests.apps.engine.offers import CHAT, LOUNGE, OWNER, US, WEEK_PASS
from tests.apps.engine.world import World

pytestmark = pytest.mark.anyio


async def compares(world: World) -> int:
    """One pass, and what follows from it; how many members were elsewhere than believed."""
    found = await reconcile(world.w)
    await world.settle()
    return found.drifted


async def test_who_was_thrown_out_by_hand_unseen_is_found(world: World) -> None:
    await world.joins("ann")
    world.platform.is_kicked_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert await world.alerts(AlertKind.REMOVED_BY_ADMIN)
    assert await compares(world) == 0


async def test_who_left_unseen_is_found_and_left_in_peace(world: World) -> None:
    await world.joins("ann")
    world.platform.leaves(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    access = await world.access("ann")
    assert access.state is AccessState.PENDING
    assert access.inside_since is None
    assert world.told("ann") == [Topic.INVITED]


async def test_a_subscription_whose_webhooks_were_all_lost_is_found(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.delivers = False
    subscription = await world.pays("ann")

    await compares(world)
    await world.asks("ann")
    assert world.inside("ann")
    await world.provider.cancel(subscription, at_once=True)
    world.jumps(DAY)
    await compares(world)

    assert not world.inside("ann")


async def test_whoever_was_put_out_and_came_back_unseen_is_found_and_put_out(world: World) -> None:
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.settle()
    assert (await world.access("ann")).state is AccessState.REVOKED
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert not world.inside("ann")
    assert await compares(world) == 0


async def test_a_comparison_without_an_answer_proves_nothing(world: World) -> None:
    await world.joins("ann")
    world.platform.is_unavailable("state_of")
    world.provider.down = True

    found = await reconcile(world.w)
    await world.settle()

    assert len(found.failures) == 2
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_what_could_not_be_compared_is_told_until_it_can_be(world: World) -> None:
    await world.joins("ann")
    world.platform.is_unavailable("state_of")
    world.provider.down = True

    await compares(world)
    told = await world.alerts(AlertKind.NOT_COMPARED)
    world.provider.down = False
    await compares(world)

    assert {it.subject for it in told} == {"acct_us", LOUNGE}
    assert not await world.alerts(AlertKind.NOT_COMPARED)


async def test_a_former_member_who_came_back_unseen_is_taken_out(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.pays("ann")
    world.platform.is_added_by_admin(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_who_is_elsewhere_while_a_command_is_queued_is_left_to_that_command(
    world: World,
) -> None:
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.applies()
    world.platform.leaves(CHAT, "ann")
    world.platform.updates.clear()

    found = await reconcile(world.w)

    assert (found.members, found.drifted) == (1, 0)
    assert await world.audit("access.drifted") == []
    await world.settle()
    assert (await world.access("ann")).state is AccessState.REVOKED


async def test_who_is_elsewhere_while_a_worker_has_the_command_is_left_to_that_worker(
    world: World,
) -> None:
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.applies()
    compared = list[int]()

    async def is_compared() -> None:
        world.platform.leaves(CHAT, "ann")
        world.platform.updates.clear()
        compared.append((await reconcile(world.w)).drifted)

    world.platform.before["expel"] = [is_compared]
    await world.settle()

    assert compared == [0]
    assert await world.audit("access.drifted") == []
    assert (await world.access("ann")).state is AccessState.REVOKED


async def test_a_command_that_waits_for_a_person_hides_no_drift(world: World) -> None:
    subscription = await world.joins("ann")
    await change_channel(world.w, US, LOUNGE, ChannelChange(removals=RemovalMode.STOPPED), OWNER)
    await world.hears(await world.provider.cancel(subscription, at_once=True))
    assert len(await world.commands(CommandStatus.PARKED)) == 1
    world.platform.leaves(CHAT, "ann")
    world.platform.updates.clear()

    assert await compares(world) == 1

    assert (await world.access("ann")).state is AccessState.REVOKED


async def renewal_is_a_draft(world: World, subscription: str) -> None:
    """The provider begins the next period and calls it active; no payment for it is told."""
    await world.provider.pend(subscription)
    world.provider.tells_no_payments = True


async def test_whoever_is_called_active_without_a_payment_is_not_expelled(world: World) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)
    await renewal_is_a_draft(world, subscription)

    for _ in range(10):
        world.jumps(DAY)
        await compares(world)
        assert world.inside("ann")

    assert ("expel", "ann") not in world.platform.calls
    assert (await world.access("ann")).desired is Desired.IN
    (known,) = await world.subscriptions("ann")
    assert known.standing == "active"


async def test_whoever_is_called_past_due_after_days_as_active_has_the_whole_grace(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)
    await renewal_is_a_draft(world, subscription)
    for _ in range(10):
        world.jumps(DAY)
        await compares(world)

    world.provider.tells_no_payments = False
    await world.hears(await world.provider.fail(subscription))
    await world.days_pass(4.9)
    assert world.inside("ann")
    await world.days_pass(0.2)

    assert not world.inside("ann")


async def test_reads_of_months_ago_that_tell_nothing_more_are_let_go(world: World) -> None:
    await world.joins("ann")

    for _ in range(14):
        world.jumps(10 * DAY)
        await compares(world)

    customer = (await world.subscriptions("ann"))[0].customer
    async with world.w.store.begin() as tx:
        rows = await tx.facts.of(US, customer)
    reads = [it.fact for it in rows if isinstance(it.fact, Observed)]
    assert 6 <= len(reads) <= 9
    assert reads == list(Ledger().join_all(reads).reads)
    assert [it for it in rows if isinstance(it.fact, Payment)]


async def test_a_ban_of_our_own_that_was_left_half_done_is_not_taken_for_an_admins(
    world: World,
) -> None:
    """The ban took effect, the lifting of it was refused for good, and she has paid meanwhile."""
    await world.joins("ann", WEEK_PASS)

    async def half_done() -> None:
        world.chat.members.discard("ann")
        world.chat.banned.add("ann")
        await world.receives(await world.bought("ann", WEEK_PASS))
        await world.applies()

    world.platform.before["expel"] = [half_done]
    world.platform.fails("expel", error=Refused("memory", "a reason of its own"))
    await world.days_pass(7.1)
    await compares(world)

    assert "ann" not in world.chat.banned
    assert world.told("ann")[-1] is Topic.INVITED


async def test_a_member_who_can_not_be_compared_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.joins("ann")
    await world.joins("ben")
    world.chat.members.clear()
    ann, ben = sorted([await world.access("ann"), await world.access("ben")], key=lambda it: it.id)

    async def derive_all_but_ann(now: Turn, owner: OrganizationId, customer: CustomerId) -> None:
        if customer == ann.customer:
            raise RuntimeError("unforeseen")
        await derive(now, owner, customer)

    comparing = importlib.import_module("solynk.apps.engine.reconcile")
    monkeypatch.setattr(comparing, "derive", derive_all_but_ann)
    found = await reconcile(world.w)

    assert found.failures == ("unforeseen RuntimeError",)
    async with world.store.begin() as tx:
        seen = [await tx.accesses.get(US, it.id) for it in (ann, ben)]
    assert [type(it.seen) for it in seen if it is not None] == [Inside, Outside]
    assert [it.subject for it in await world.alerts(AlertKind.NOT_COMPARED)] == [LOUNGE]
