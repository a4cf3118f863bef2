from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import pytest

from solynk.adapters.memory.clock import ManualClock
from solynk.adapters.memory.provider import InMemoryProvider
from solynk.contract_tests.payments import Capability, PaymentProviderContract, an_order
from solynk.core.facts import DisputeStatus, Fact, Payment
from solynk.core.instants import DAY, HOUR, Interval
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Reason,
    Standing,
    Trialing,
)
from solynk.ports.errors import Forged, NeedsHuman, Refused, Unavailable
from solynk.ports.payments import (
    FETCHED,
    CheckoutPage,
    Facts,
    Fetched,
    ObjectRef,
    Order,
    RawEvent,
    Received,
)
from tests.builders import START

ACCOUNT = "acct_1"


@dataclass(frozen=True, slots=True)
class MemoryWorld:
    provider: InMemoryProvider
    clock: ManualClock
    account: str = ACCOUNT
    capabilities: frozenset[Capability] = frozenset({Capability.KEEPS_SUBSCRIPTIONS})

    @property
    def now(self) -> datetime:
        return self.clock.at

    def signed(self, body: bytes, at: datetime) -> RawEvent:
        return self.provider.sign(body, at)

    def unheard_of(self) -> bytes:
        return b'{"id":"evt_x","kind":"weather.changed","account":"acct_1","livemode":false}'

    def hollow(self) -> bytes:
        return b'{"id":"evt_x","kind":"payment.paid","account":"acct_1","livemode":false}'

    async def pay(self, page: CheckoutPage) -> Sequence[RawEvent]:
        return [await self.provider.pay(page)]

    async def refund(self, payment: str) -> Sequence[RawEvent]:
        return [await self.provider.refund(payment)]


@pytest.fixture
def world() -> MemoryWorld:
    clock = ManualClock(START)
    return MemoryWorld(InMemoryProvider(clock), clock)


class TestInMemoryProvider(PaymentProviderContract):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        clock = ManualClock(START)
        return MemoryWorld(InMemoryProvider(clock), clock)


def a_sale(*, trial_days: int = 0) -> Order:
    return an_order(expires_at=START + DAY, account=ACCOUNT, trial_days=trial_days)


async def after(world: MemoryWorld, *events: RawEvent) -> Standing:
    """What the subscription is worth once these events were applied, and it was read."""
    facts: list[Fact] = []
    for raw in events:
        envelope = world.provider.verify(raw)
        told = world.provider.decode(
            Received(envelope.kind, raw.body, envelope.account, livemode=False)
        )
        assert isinstance(told, Facts)
        facts += (fact for it in told.findings for fact in it.facts)
    answer = await world.provider.fetch(ACCOUNT, ObjectRef("subscription", "sub_1"))
    fetched = Fetched(1, world.now, "subscription", "sub_1", msgspec.Raw(answer))
    read = world.provider.decode(
        Received(FETCHED, msgspec.json.encode(fetched), ACCOUNT, livemode=False)
    )
    assert isinstance(read, Facts)
    facts += (fact for it in read.findings for fact in it.facts)
    return standing(Ledger().join_all(facts), AccessPolicy(), world.now)


@pytest.mark.anyio
async def test_a_sale_is_active(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())

    assert isinstance(await after(world, sold), Active)


@pytest.mark.anyio
async def test_a_sale_with_a_trial_is_trialing(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale(trial_days=7))

    assert isinstance(await after(world, sold), Trialing)


@pytest.mark.anyio
async def test_a_renewal_keeps_it_active(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    world.clock.advance(31 * DAY)

    renewed = await world.provider.renew("sub_1")

    it = await after(world, sold, renewed)
    assert isinstance(it, Active)
    assert it.because.reason is Reason.PAID


@pytest.mark.anyio
async def test_a_failure_is_past_due_until_it_is_paid(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    world.clock.advance(31 * DAY)

    failed = await world.provider.fail("sub_1")
    world.clock.advance(HOUR)
    past_due = await after(world, sold, failed)
    again = await world.provider.fail("sub_1")
    settled = await world.provider.renew("sub_1")

    assert isinstance(past_due, PastDue)
    assert isinstance(await after(world, sold, failed, again, settled), Active)


@pytest.mark.anyio
async def test_a_debit_on_its_way_keeps_it_active(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    world.clock.advance(31 * DAY)
    pending = await world.provider.pend("sub_1")

    world.clock.advance(3 * DAY)

    it = await after(world, sold, pending)
    assert it.because.reason is Reason.PAYMENT_PENDING


@pytest.mark.anyio
async def test_a_cancellation_ends_it_at_the_end_of_its_period(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    canceled = await world.provider.cancel("sub_1")

    before = await after(world, sold, canceled)
    world.clock.advance(31 * DAY)

    assert isinstance(before, Active)
    assert isinstance(await after(world, sold, canceled), Canceled)


@pytest.mark.anyio
async def test_a_cancellation_taken_back_is_none(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    canceled = await world.provider.cancel("sub_1")
    kept = await world.provider.keep("sub_1")
    world.clock.advance(31 * DAY)

    renewed = await world.provider.renew("sub_1")

    assert isinstance(await after(world, sold, canceled, kept, renewed), Active)


@pytest.mark.anyio
async def test_a_cancellation_at_once_ends_it(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())

    canceled = await world.provider.cancel("sub_1", at_once=True)

    assert isinstance(await after(world, sold, canceled), Canceled)


@pytest.mark.anyio
async def test_a_refund_takes_it_back_and_a_part_of_it_does_not(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())

    part = await world.provider.refund("pay_1", Money(100, "EUR"))
    whole = await world.provider.refund("pay_1")

    assert isinstance(await after(world, sold, part), Active)
    assert isinstance(await after(world, sold, whole), Expired)


@pytest.mark.anyio
async def test_a_lost_dispute_takes_it_back_and_a_won_one_gives_it_again(
    world: MemoryWorld,
) -> None:
    sold = await world.provider.sell(a_sale())

    lost = await world.provider.dispute("pay_1", DisputeStatus.LOST)
    won = await world.provider.dispute("pay_1", DisputeStatus.WON)

    assert isinstance(await after(world, sold, lost), Expired)
    assert isinstance(await after(world, sold, lost, won), Active)


@pytest.mark.anyio
async def test_a_page_is_paid_once_and_only_while_it_is_open(world: MemoryWorld) -> None:
    order = a_sale()
    page = await world.provider.open_checkout(order)
    await world.provider.pay(page)

    with pytest.raises(Refused):
        await world.provider.pay(page)


@pytest.mark.anyio
async def test_an_expired_page_takes_no_money(world: MemoryWorld) -> None:
    page = await world.provider.open_checkout(a_sale())
    world.clock.advance(DAY)

    with pytest.raises(Refused):
        await world.provider.pay(page)

    expired = await world.provider.expire(page)
    told = world.provider.decode(
        Received("checkout.expired", expired.body, ACCOUNT, livemode=False)
    )
    assert told == Facts(closed_checkout=page.reference)


@pytest.mark.anyio
async def test_a_provider_that_is_down_is_unavailable_and_still_sends(world: MemoryWorld) -> None:
    sold = await world.provider.sell(a_sale())
    world.provider.down = True

    for call in (
        world.provider.fetch(ACCOUNT, ObjectRef("subscription", "sub_1")),
        world.provider.list_since(ACCOUNT, START),
        world.provider.open_checkout(a_sale()),
        world.provider.close_checkout(ACCOUNT, "checkout_1"),
    ):
        with pytest.raises(Unavailable):
            await call

    assert world.provider.verify(sold).kind == "payment.paid"


@pytest.mark.anyio
async def test_a_creator_who_cuts_the_connection_needs_a_human(world: MemoryWorld) -> None:
    cut = await world.provider.disconnect(ACCOUNT)

    told = world.provider.decode(
        Received("account.disconnected", cut.body, ACCOUNT, livemode=False)
    )
    assert told == Facts(disconnected=True)
    with pytest.raises(NeedsHuman):
        await world.provider.open_checkout(a_sale())


@pytest.mark.anyio
async def test_without_a_secret_nothing_is_believed(world: MemoryWorld) -> None:
    world.provider.secret = ""

    sold = await world.provider.sell(a_sale())

    with pytest.raises(Forged):
        world.provider.verify(sold)


@pytest.mark.anyio
async def test_a_one_time_sale_is_no_subscription(world: MemoryWorld) -> None:
    order = an_order(expires_at=START + DAY, account=ACCOUNT, interval=Interval.ONE_TIME)

    await world.provider.sell(order)

    assert await world.provider.list_since(ACCOUNT, START) == []


@pytest.mark.anyio
async def test_a_first_debit_opens_nothing_until_it_settles(world: MemoryWorld) -> None:
    page = await world.provider.open_checkout(a_sale())

    pending = await world.provider.pay(page, by_debit=True)
    before = await after(world, pending)
    world.clock.advance(5 * DAY)
    settled = await world.provider.renew("sub_1")

    assert isinstance(before, Incomplete)
    assert isinstance(await after(world, pending, settled), Active)


@pytest.mark.anyio
async def test_only_the_first_attempt_dates_the_failure(world: MemoryWorld) -> None:
    await world.provider.sell(a_sale())
    world.clock.advance(31 * DAY)
    raws = [await world.provider.fail("sub_1"), await world.provider.fail("sub_1")]

    told = [
        world.provider.decode(Received("payment.failed", it.body, ACCOUNT, livemode=False))
        for it in raws
    ]

    dates = [
        fact.failed_at
        for it in told
        if isinstance(it, Facts)
        for finding in it.findings
        for fact in finding.facts
        if isinstance(fact, Payment)
    ]
    assert dates == [world.now, None]
