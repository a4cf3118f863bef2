"""The wounds of an earlier system, each a story that a good one survives."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import pytest

from solynk.apps.engine import apply, drain
from solynk.apps.engine.execute import carry_out
from solynk.apps.engine.wiring import LEASE
from solynk.core.access import AccessState
from solynk.core.alert import AlertKind
from solynk.core.catalog import ChannelHealth, Organization
from solynk.core.command import CommandStatus, Expel, Topic
from solynk.core.entitlement import Desired
from solynk.core.event import EventStatus
from solynk.core.facts import Observed, Payment, PaymentStatus, ProviderStatus
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.money import Money
from solynk.ports.clock import Clock
from solynk.ports.errors import Refused, Unavailable
from solynk.ports.payments import Facts, Finding, RawEvent, Subject
from solynk.ports.wake import Work
from tests.apps.engine.offers import CHAT, MEETING, START, THEM, WEEK_PASS
from tests.apps.engine.staged import Deed
from tests.apps.engine.stores import CrashingStore, on_every_store
from tests.apps.engine.world import World

pytestmark = [pytest.mark.anyio, on_every_store]


@dataclass
class Dozing:
    """Real time, for a worker that is frozen when it next looks at the clock."""

    clock: Clock
    meanwhile: Deed | None

    async def now(self) -> datetime:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await self.clock.now()


class Deaf:
    """A waker that reaches nobody: every hint is lost."""

    async def wake(self, work: Work) -> None:
        """Nobody hears it."""


def told(world: World, kind: str, *findings: Finding, livemode: bool = False) -> RawEvent:
    """A signed event of our account with exactly this content."""
    event = {
        "id": f"evt_{kind}_{len(findings)}_{findings!r}"[:200],
        "kind": kind,
        "account": "acct_us",
        "livemode": livemode,
        "content": Facts(findings),
    }
    return world.provider.sign(msgspec.json.encode(event), world.wall.at)


async def test_w1_a_payment_whose_hints_are_lost_is_found_by_the_poll(world: World) -> None:
    world.w = replace(world.w, waker=Deaf())
    await world.knows("ann")
    await world.binds("ann")
    event = await world.bought("ann")

    await world.receives(event)
    await drain(world.w)

    assert world.told("ann") == [Topic.INVITED]


async def test_w2_an_end_whose_hints_are_lost_is_not_called_revoked_before_it_is_true(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    world.w = replace(world.w, waker=Deaf())
    event = await world.provider.cancel(subscription, at_once=True)

    await world.receives(event)
    world.platform.before["expel"] = [lambda: is_revoke_pending(world)]
    await world.settle()

    assert not world.platform.before["expel"]
    assert (await world.access("ann")).state is AccessState.REVOKED
    assert not world.inside("ann")


async def is_revoke_pending(world: World) -> None:
    assert (await world.access("ann")).state is AccessState.REVOKE_PENDING
    assert world.inside("ann")


async def test_w3_an_admission_that_became_a_dead_letter_does_not_block_the_next_payment(
    world: World,
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    world.platform.fails("admit", error=Refused("memory", "never"))
    await world.pays("ann")
    assert len(await world.commands(CommandStatus.DEAD)) == 1

    await world.pays("ann", MEETING)

    assert world.told("ann") == [Topic.INVITED]


async def test_w4_paid_failed_and_paid_before_any_worker_runs_still_makes_an_invitation(
    world: World,
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    paid = await world.bought("ann")
    failed = await world.provider.fail("sub_1")
    again = await world.provider.renew("sub_1")

    await world.hears(paid, failed, again)

    assert world.told("ann") == [Topic.INVITED]
    assert (await world.access("ann")).desired is Desired.IN


async def test_w5_a_failure_that_comes_after_its_payment_starts_no_grace(world: World) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)
    failed = await world.provider.fail(subscription)
    world.jumps(HOUR)
    paid = await world.provider.renew(subscription)

    await world.hears(paid)
    await world.hears(failed)
    await world.days_pass(10)

    assert world.inside("ann")
    assert (await world.access("ann")).desired is Desired.IN
    assert Topic.RENEWAL_FAILED not in world.told("ann")


async def test_w6_fifty_copies_at_once_have_one_effect(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    event = await world.bought("ann")

    receipts = await asyncio.gather(*(world.receives(event) for _ in range(50)))
    stored = (await world.events())[0].id
    await asyncio.gather(*(apply(world.w, stored) for _ in range(50)))
    await world.settle()

    assert sum(not it.known for it in receipts) == 1
    assert {it.event for it in receipts if not it.known} == {stored}
    assert world.told("ann") == [Topic.INVITED]
    assert len(await world.audit("access.desired")) == 1


async def test_w7_a_paid_invoice_that_comes_before_anything_else_is_not_lost(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    first = await world.bought("ann")
    period = Period(START, START + 31 * DAY)
    invoice = Payment("in_1", period, Money(1000, "EUR"), PaymentStatus.PAID, paid_at=START)
    bare = told(world, "payment.paid", Finding(Subject("sub_1"), (invoice,)))

    await world.hears(bare)
    assert len(await world.events(EventStatus.UNMATCHED)) == 1
    await world.hears(first)

    assert not await world.events(EventStatus.UNMATCHED)
    assert world.told("ann") == [Topic.INVITED]


@pytest.mark.parametrize("status", [ProviderStatus.PAST_DUE, ProviderStatus.INCOMPLETE])
async def test_w8_a_change_of_an_unpaid_subscription_opens_nothing(
    world: World, status: ProviderStatus
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.bought("ann")
    world.provider.sales["checkout_1"].latest = None
    sale = world.provider.sales["checkout_1"]
    sale.status = status
    period = Period(START, START + 31 * DAY)
    unpaid = Observed((0, 1), status, period, paid=False, read_at=START)

    await world.hears(told(world, "subscription.changed", Finding(sale.subject, (unpaid,))))

    assert world.told("ann") == []
    assert (await world.subscriptions("ann"))[0].standing == "incomplete"


async def test_w8_a_checkout_that_is_not_settled_opens_nothing(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.bought("ann")
    period = Period(START, START + 31 * DAY)
    pending = Payment(
        "in_1", period, Money(1000, "EUR"), PaymentStatus.PENDING, pending_since=START
    )
    subject = world.provider.sales["checkout_1"].subject

    await world.hears(told(world, "payment.pending", Finding(subject, (pending,))))

    assert world.told("ann") == []


async def test_w8_a_past_due_change_does_not_clear_the_grace(world: World) -> None:
    subscription = await world.joins("ann")
    world.jumps(31 * DAY)
    await world.hears(await world.provider.fail(subscription))

    sale = world.provider.sales["checkout_1"]
    await world.hears(told(world, "subscription.changed", Finding(sale.subject, ())))
    assert (await world.access("ann")).desired is Desired.GRACE
    await world.days_pass(6)

    assert not world.inside("ann")


async def test_w9_a_partial_refund_takes_nobody_out(world: World) -> None:
    await world.joins("ann")

    await world.hears(await world.provider.refund("pay_1", Money(100, "EUR")))

    assert world.inside("ann")


async def test_w10_the_end_of_one_of_two_plans_for_a_channel_takes_nobody_out(
    world: World,
) -> None:
    first = await world.joins("ann")
    second = await world.pays("ann", MEETING)

    await world.hears(await world.provider.cancel(first, at_once=True))
    assert world.inside("ann")
    await world.hears(await world.provider.cancel(second, at_once=True))

    assert not world.inside("ann")
    assert [it for it, _ in world.platform.calls].count("expel") == 1


@pytest.mark.parametrize("claim", ["organization", "customer", "plan"])
async def test_w11_metadata_that_names_another_tenant_has_no_effect_there(
    world: World, claim: str
) -> None:
    await world.knows("ann")
    await world.binds("ann")
    async with world.store.begin() as tx:
        await tx.organizations.put(Organization(THEM, "Them", "them", payment_account="acct_them"))
    event = await world.bought("ann")
    named = msgspec.json.decode(event.body)
    named["account"] = "acct_them"
    subject = named["content"]["findings"][0]["subject"]
    if claim != "organization":
        subject["organization_id"] = None
    if claim == "plan":
        subject["customer_id"] = await world.knows("theirs", organization=THEM)

    await world.hears(world.provider.sign(msgspec.json.encode(named), world.wall.at))

    assert world.told("ann") == []
    assert await world.subscriptions("ann") == []
    assert [it.organization for it in await world.alerts(AlertKind.FOREIGN_METADATA)] == [THEM]
    assert await world.audit("access.desired") == []


async def test_w14_a_platform_that_refuses_the_bot_is_no_proof_that_a_member_is_out(
    world: World,
) -> None:
    subscription = await world.joins("ann")
    world.chat.bot_has_rights = False

    await world.hears(await world.provider.cancel(subscription, at_once=True))

    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.REVOKE_PENDING
    assert await world.alerts(AlertKind.LOST_RIGHTS)
    assert (await world.channel()).health is ChannelHealth.NO_RIGHTS

    world.platform.gives_rights(CHAT)
    await world.settle()

    assert not world.inside("ann")
    assert (await world.access("ann")).state is AccessState.REVOKED
    assert not await world.alerts(AlertKind.LOST_RIGHTS)


async def test_w15_a_crash_between_ban_and_unban_leaves_no_buyer_out(world: World) -> None:
    subscription = await world.joins("ann")
    world.platform.after["expel"] = [lambda: crash_after_ban(world, "ann")]
    await world.hears(await world.provider.cancel(subscription, at_once=True))
    assert "ann" in world.chat.banned

    await world.pays("ann")
    await world.asks("ann")

    assert world.inside("ann")


async def crash_after_ban(world: World, person: str) -> None:
    world.chat.banned.add(person)
    raise Unavailable("memory", "the line is dead")


async def test_w16_a_forwarded_link_lets_no_stranger_in(world: World) -> None:
    await world.joins("ann")
    world.platform.starts("eve")

    await world.asks("eve")

    assert not world.inside("eve")
    assert "eve" not in world.chat.pending
    assert world.told("eve") == [Topic.NO_RIGHT]


async def test_w17_an_expired_pass_takes_its_member_out(world: World) -> None:
    await world.joins("ann", WEEK_PASS)

    await world.days_pass(6.9)
    assert world.inside("ann")
    await world.days_pass(0.2)

    assert not world.inside("ann")


async def test_w18_a_test_mode_event_at_a_live_address_is_set_aside(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    event = await world.bought("ann")
    world.w = replace(world.w, livemode=True)

    receipts = await world.hears(event)

    assert receipts[0].status is EventStatus.IGNORED
    assert receipts[0].reason == "test-mode event at a live-mode address"
    assert world.told("ann") == []


async def test_w19_a_change_and_its_audit_entry_are_kept_or_lost_together(world: World) -> None:
    await world.knows("ann")
    await world.binds("ann")
    await world.receives(await world.bought("ann"))
    store = CrashingStore(world.store, commits=1)
    world.w = replace(world.w, store=store)

    with pytest.raises(Unavailable):
        await drain(world.w)
    assert await world.audit("access.desired") == []
    assert await world.subscriptions("ann") == []
    await world.settle()

    assert len(await world.audit("access.desired")) == 1
    assert world.told("ann") == [Topic.INVITED]


async def test_w20_a_worker_frozen_before_its_fence_makes_no_stale_call(world: World) -> None:
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.applies()
    command = await world.claims(Expel)

    world.freezes(2 * LEASE)
    await world.pays("ann", MEETING)
    await carry_out(world.w, command)
    await world.settle()

    assert world.inside("ann")
    assert ("expel", "ann") not in world.platform.calls
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_w20_a_worker_frozen_after_its_fence_makes_no_stale_call(world: World) -> None:
    await world.joins("ann")
    await world.receives(await world.provider.refund("pay_1"))
    await world.applies()
    command = await world.claims(Expel)

    async def freezes_while_ann_pays() -> None:
        world.freezes(2 * LEASE)
        await world.pays("ann", MEETING)

    await carry_out(replace(world.w, wall=Dozing(world.wall, freezes_while_ann_pays)), command)
    await world.settle()

    assert world.inside("ann")
    assert ("expel", "ann") not in world.platform.calls
    assert (await world.access("ann")).state is AccessState.GRANTED


async def test_w20_the_call_of_a_worker_frozen_in_the_middle_of_it_is_undone(world: World) -> None:
    subscription = await world.joins("ann")

    async def freezes_while_ann_pays() -> None:
        world.freezes(2 * LEASE)
        await world.pays("ann", MEETING)

    world.platform.before["expel"] = [freezes_while_ann_pays]
    await world.hears(await world.provider.cancel(subscription, at_once=True))

    assert world.told("ann")[-1] is Topic.INVITED
    await world.asks("ann")
    assert world.inside("ann")
    assert (await world.access("ann")).state is AccessState.GRANTED
