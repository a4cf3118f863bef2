"""The whole adapter against the sandbox: the SDK, HTTP, webhooks, and the core's own judgement."""

from datetime import timedelta

import pytest

from solynk.contract_tests.payments import PaymentProviderContract
from solynk.core.facts import DisputeStatus, RefundStatus
from solynk.core.instants import DAY, HOUR
from solynk.core.policies import AccessPolicy
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Trialing,
)
from tests.adapters.stripe.sandbox import Shop, Street, a_month, a_pass, subscribed

pytestmark = pytest.mark.anyio


class TestStripeProvider(PaymentProviderContract):
    @pytest.fixture
    async def world(self, street: Street) -> Shop:
        return await street.open_shop()


async def to_the_renewal(shop: Shop, *, later: timedelta) -> None:
    """Past the end of the period, and `later` after it."""
    observed = shop.ledger.observed
    assert observed is not None
    assert observed.period is not None
    await shop.apply(await shop.pass_time(observed.period.end - shop.now + later))


def the_payment(shop: Shop) -> str:
    (payment,) = shop.ledger.payments
    return payment


async def test_a_paid_subscription_is_active(shop: Shop) -> None:
    await subscribed(shop)

    it = shop.standing()
    assert isinstance(it, Active)
    assert it.because.reason is Reason.PAID


async def test_a_trial_is_trialing_and_then_paid(shop: Shop) -> None:
    await subscribed(shop, trial_days=7)
    during = shop.standing()

    await to_the_renewal(shop, later=2 * HOUR)

    assert isinstance(during, Trialing)
    assert isinstance(shop.standing(), Active)


async def test_a_renewal_is_in_progress_and_then_paid(shop: Shop) -> None:
    await subscribed(shop)

    await to_the_renewal(shop, later=timedelta(minutes=30))
    draft = shop.standing()
    await shop.apply(await shop.pass_time(HOUR))

    assert draft.because.reason is Reason.RENEWAL_IN_PROGRESS
    assert shop.standing().because.reason is Reason.PAID
    assert len(shop.ledger.payments) == 2


async def test_a_failed_renewal_is_past_due_until_a_retry_succeeds(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await shop.behave(subscription, "pay", decline_next=1)

    await to_the_renewal(shop, later=2 * HOUR)
    past_due = shop.standing()
    await shop.apply(await shop.pass_time(4 * DAY))

    assert isinstance(past_due, PastDue)
    assert past_due.because.reason is Reason.PAYMENT_FAILED
    assert isinstance(shop.standing(), Active)


async def test_a_renewal_that_keeps_failing_expires_with_its_grace(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await shop.behave(subscription, "decline")

    await to_the_renewal(shop, later=2 * HOUR)
    await shop.apply(await shop.pass_time(30 * DAY))

    it = shop.standing()
    assert isinstance(it, Expired)
    assert it.because.reason is Reason.PAYMENT_FAILED


async def test_lost_failure_events_do_not_lengthen_the_grace_by_more_than_the_window(
    shop: Shop,
) -> None:
    subscription = await subscribed(shop)
    await shop.behave(subscription, "decline")
    observed = shop.ledger.observed
    assert observed is not None
    assert observed.period is not None
    await shop.pass_time(observed.period.end - shop.now + 4 * DAY)

    await shop.apply(await shop.act("keep", subscription))

    it = shop.standing()
    assert isinstance(it, PastDue)
    assert it.until <= observed.period.end + 6 * DAY


async def test_a_first_debit_opens_nothing_until_it_settles(shop: Shop) -> None:
    await subscribed(shop, "delayed")
    pending = shop.standing()

    await shop.apply(await shop.pass_time(6 * DAY))

    assert isinstance(pending, Incomplete)
    assert pending.because.reason is Reason.FIRST_PAYMENT_PENDING
    assert isinstance(shop.standing(), Active)


async def test_a_first_debit_that_fails_opens_nothing(shop: Shop) -> None:
    await subscribed(shop, "delayed_fail")

    await shop.apply(await shop.pass_time(6 * DAY))

    it = shop.standing()
    assert isinstance(it, Incomplete)
    assert it.because.reason is Reason.FIRST_PAYMENT_FAILED


async def test_a_debit_holds_the_access_of_a_renewal_until_it_settles(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await shop.behave(subscription, "delayed")

    await to_the_renewal(shop, later=3 * DAY)
    pending = shop.standing()
    await shop.apply(await shop.pass_time(4 * DAY))

    assert isinstance(pending, Active)
    assert pending.because.reason is Reason.PAYMENT_PENDING
    assert shop.standing().because.reason is Reason.PAID


async def test_a_debit_that_fails_begins_the_grace_when_it_fails(shop: Shop) -> None:
    subscription = await subscribed(shop)
    await shop.behave(subscription, "delayed_fail", settle_days=5)

    await to_the_renewal(shop, later=6 * DAY)

    it = shop.standing()
    assert isinstance(it, PastDue)
    assert shop.now < it.until < shop.now + 5 * DAY


async def test_a_refund_takes_the_access_and_a_failed_one_gives_it_back(shop: Shop) -> None:
    await subscribed(shop)
    payment = the_payment(shop)

    await shop.apply(await shop.refund(payment))
    refunded = shop.standing()
    (refund,) = shop.ledger.refunds.values()
    await shop.apply(await shop.act("fail_refund", refund.id))

    assert refund.status is RefundStatus.SUCCEEDED
    assert refund.payment == payment
    assert isinstance(refunded, Expired)
    assert refunded.because.reason is Reason.REFUNDED
    assert isinstance(shop.standing(), Active)


async def test_a_part_of_the_money_back_takes_nothing(shop: Shop) -> None:
    await subscribed(shop)
    charge = await shop.charge_of(the_payment(shop))

    await shop.apply(await shop.act("refund", charge, amount=500))
    part = shop.standing()
    await shop.apply(await shop.act("refund", charge, amount=1000))

    assert isinstance(part, Active)
    assert isinstance(shop.standing(), Expired)


async def test_a_dispute_suspends_by_policy_and_takes_when_lost(shop: Shop) -> None:
    await subscribed(shop)
    charge = await shop.charge_of(the_payment(shop))
    suspending = AccessPolicy(suspend_on_dispute=True)

    await shop.apply(await shop.act("dispute", charge))
    kept, suspended = shop.standing(), shop.standing(suspending)
    (dispute,) = shop.ledger.disputes.values()
    await shop.apply(await shop.act("close_dispute", dispute.id, status="lost"))

    assert dispute.status is DisputeStatus.OPEN
    assert isinstance(kept, Active)
    assert isinstance(suspended, Paused)
    assert shop.standing().because.reason is Reason.DISPUTE_LOST


async def test_an_inquiry_suspends_nobody_and_a_won_dispute_gives_back(shop: Shop) -> None:
    await subscribed(shop)
    charge = await shop.charge_of(the_payment(shop))
    suspending = AccessPolicy(suspend_on_dispute=True)

    await shop.apply(await shop.act("dispute", charge, inquiry=True))
    asked = shop.standing(suspending)
    await shop.apply(await shop.act("dispute", charge))
    disputed = [it for it in shop.ledger.disputes.values() if it.status is DisputeStatus.OPEN]
    await shop.apply(await shop.act("close_dispute", disputed[0].id, status="won"))

    assert isinstance(asked, Active)
    assert isinstance(shop.standing(suspending), Active)


async def test_a_cancellation_ends_the_access_with_the_period_unless_it_is_taken_back(
    shop: Shop,
) -> None:
    subscription = await subscribed(shop)

    await shop.apply(await shop.act("cancel_at_period_end", subscription))
    scheduled = shop.standing()
    await shop.apply(await shop.act("keep", subscription))
    kept = shop.ledger.observed
    await shop.apply(await shop.act("cancel_at_period_end", subscription))
    await to_the_renewal(shop, later=HOUR)

    assert isinstance(scheduled, Active)
    assert kept is not None
    assert kept.cancel_at is None
    assert isinstance(shop.standing(), Canceled)


async def test_a_cancellation_at_once_ends_the_access(shop: Shop) -> None:
    subscription = await subscribed(shop)

    await shop.apply(await shop.act("cancel", subscription))

    assert isinstance(shop.standing(), Canceled)


async def test_a_pass_gives_its_days_and_a_refund_takes_them(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_pass(shop))
    await shop.apply(await shop.pay(page))
    bought = shop.standing(AccessPolicy(renews=False))

    await shop.apply(await shop.refund(the_payment(shop)))

    assert isinstance(bought, Active)
    assert bought.until is not None
    assert timedelta(days=29) < bought.until - shop.now <= timedelta(days=30)
    assert isinstance(shop.standing(AccessPolicy(renews=False)), Expired)


async def test_a_pass_by_debit_begins_when_the_money_arrives(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_pass(shop))
    await shop.apply(await shop.pay(page, "delayed"))
    pending = shop.standing(AccessPolicy(renews=False))

    await shop.apply(await shop.pass_time(6 * DAY))

    bought = shop.standing(AccessPolicy(renews=False))
    assert isinstance(pending, Incomplete)
    assert isinstance(bought, Active)
    assert bought.until is not None
    assert bought.until - shop.now > timedelta(days=28)


async def test_the_order_of_the_events_does_not_matter(shop: Shop) -> None:
    page = await shop.provider.open_checkout(a_month(shop))
    events = await shop.pay(page)

    await shop.apply([*reversed(events), *events])

    assert isinstance(shop.standing(), Active)
    assert len(shop.ledger.payments) == 1
