from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from stripe import CardError, InvalidRequestError

from tests.sandbox.stripe.play import DAY, MARKS, START, Play, instant

pytestmark = MARKS

MONTH_LATER = instant(START + timedelta(days=31))


async def test_a_period_is_on_the_items_and_on_the_lines(play: Play) -> None:
    subscription = await play.a_subscription()

    item = subscription["items"]["data"][0]
    line = subscription["latest_invoice"]["lines"]["data"][0]
    assert abs(item["current_period_end"] - MONTH_LATER) <= 5
    assert line["period"]["end"] == item["current_period_end"]
    assert line["pricing"]["price_details"]["price"] == item["price"]["id"]
    assert line["parent"]["subscription_item_details"]["subscription"] == subscription.id


async def test_a_renewal_is_drafted_at_the_end_and_paid_an_hour_later(play: Play) -> None:
    subscription = await play.a_subscription()
    count = len(await play.events())

    await play.advance(days=31, minutes=5)
    drafted = await play.subscription(subscription.id)
    first = await play.since(count)
    await play.advance(hours=1)
    paid = await play.subscription(subscription.id)

    assert first == ["invoice.created", "customer.subscription.updated"]
    assert drafted["latest_invoice"]["status"] == "draft"
    assert drafted["items"]["data"][0]["current_period_start"] == pytest.approx(MONTH_LATER, abs=5)
    assert (await play.since(count))[2:] == [
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]
    assert paid["latest_invoice"]["status"] == "paid"
    assert paid["latest_invoice"]["billing_reason"] == "subscription_cycle"


async def test_webhooks_are_stamped_with_the_instant_at_which_they_fell_due(play: Play) -> None:
    subscription = await play.a_subscription()
    end = subscription["items"]["data"][0]["current_period_end"]

    await play.advance(days=40)

    renewed = [e for e in play.receiver.of("invoice.created") if e["created"] >= end]
    paid = play.receiver.of("invoice.paid")[-1]
    assert [one["created"] for one in renewed] == [end]
    assert paid["created"] == end + 3600


async def test_a_failed_renewal_is_tried_again_and_then_canceled(play: Play) -> None:
    subscription = await play.a_subscription()
    await play.behave(str(subscription.customer), "decline")

    await play.advance(days=32)
    failed = await play.subscription(subscription.id)
    await play.advance(days=30)
    ended = await play.subscription(subscription.id)

    attempts = play.receiver.of("invoice.payment_failed")
    left = [one["data"]["object"]["next_payment_attempt"] for one in attempts]
    assert failed.status == "past_due"
    assert [one["data"]["object"]["attempt_count"] for one in attempts] == [1, 2, 3, 4]
    assert [b - a for a, b in pairwise(left[:-1])] == [5 * DAY, 7 * DAY]
    assert left[-1] is None
    assert ended.status == "canceled"
    assert ended["cancellation_details"]["reason"] == "payment_failed"


@pytest.mark.parametrize(("finally_", "status"), [("unpaid", "unpaid"), ("past_due", "past_due")])
async def test_the_creator_chooses_what_follows_the_last_retry(
    play: Play, finally_: str, status: str
) -> None:
    await play.do(
        f"/sandbox/stripe/{play.account}/settings",
        finally_=None,
        **{"finally": finally_},
        retry_after_days=[1],
    )
    subscription = await play.a_subscription()
    await play.behave(str(subscription.customer), "decline")

    await play.advance(days=35)

    assert (await play.subscription(subscription.id)).status == status


async def test_a_retry_that_succeeds_makes_the_subscription_active_again(play: Play) -> None:
    subscription = await play.a_subscription()
    await play.behave(str(subscription.customer), "pay", decline_next=1)

    await play.advance(days=32)
    failed = await play.subscription(subscription.id)
    await play.advance(days=3)
    paid = await play.subscription(subscription.id)

    assert (failed.status, failed["latest_invoice"]["status"]) == ("past_due", "open")
    assert (paid.status, paid["latest_invoice"]["status"]) == ("active", "paid")
    updated = play.receiver.of("customer.subscription.updated")[-1]
    assert updated["data"]["previous_attributes"] == {"status": "past_due"}


async def test_an_open_invoice_can_be_paid_by_hand(play: Play) -> None:
    subscription = await play.a_subscription()
    await play.behave(str(subscription.customer), "pay", decline_next=2)
    await play.advance(days=32)
    invoice = str((await play.subscription(subscription.id))["latest_invoice"]["id"])

    with pytest.raises(CardError) as declined:
        await play.stripe.v1.invoices.pay_async(invoice, {}, play.there)
    paid = await play.stripe.v1.invoices.pay_async(invoice, {}, play.there)

    assert declined.value.code == "card_declined"
    assert paid.status == "paid"


async def test_a_trial_is_free_announced_and_then_charged(play: Play) -> None:
    subscription = await play.a_subscription(subscription_data={"trial_period_days": 7})
    first = subscription["latest_invoice"]

    await play.advance(days=4, minutes=1)
    reminded = len(play.receiver.of("customer.subscription.trial_will_end"))
    await play.advance(days=3)
    over = await play.subscription(subscription.id)
    await play.advance(hours=1)

    assert (subscription.status, first["status"], first["amount_due"]) == ("trialing", "paid", 0)
    completed = play.receiver.of("checkout.session.completed")[0]["data"]["object"]
    assert completed["payment_status"] == "no_payment_required"
    assert reminded == 1
    assert (over.status, over["latest_invoice"]["status"]) == ("active", "draft")
    assert (await play.subscription(subscription.id))["latest_invoice"]["amount_paid"] == 500


async def test_a_short_trial_is_reminded_of_at_once(play: Play) -> None:
    await play.a_subscription(subscription_data={"trial_period_days": 2})

    await play.settle()
    await play.advance(seconds=1)

    assert len(play.receiver.of("customer.subscription.trial_will_end")) == 1


async def test_a_trial_without_a_card_may_end_in_a_stop(play: Play) -> None:
    paused = await play.a_subscription(
        way="no_card",
        payment_method_collection="if_required",
        subscription_data={
            "trial_period_days": 7,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        },
    )

    await play.advance(days=8)

    read = await play.subscription(paused.id)
    assert read.status == "paused"
    assert (
        read["status_details"]["paused"]["subscription"]["type"]
        == "trial_end_without_payment_method"
    )
    assert len(play.receiver.of("customer.subscription.paused")) == 1


async def test_cancel_at_period_end_ends_at_the_period_end(play: Play) -> None:
    subscription = await play.a_subscription()

    asked = await play.stripe.v1.subscriptions.update_async(
        subscription.id, {"cancel_at_period_end": True}, play.there
    )
    await play.advance(days=32)

    ended = await play.subscription(subscription.id)
    assert (asked.status, asked.cancel_at_period_end) == ("active", True)
    assert (ended.status, ended.ended_at) == ("canceled", asked.cancel_at)
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert len(play.receiver.of("customer.subscription.deleted")) == 1
    assert len(play.receiver.of("invoice.paid")) == 1


async def test_the_portal_schedules_by_date_alone_and_can_take_it_back(play: Play) -> None:
    subscription = await play.a_subscription()

    await play.act("cancel_at_period_end", subscription.id)
    scheduled = await play.subscription(subscription.id)
    await play.act("keep", subscription.id)
    await play.advance(days=32)

    end = subscription["items"]["data"][0]["current_period_end"]
    assert (scheduled.cancel_at, scheduled.cancel_at_period_end) == (end, False)
    assert (await play.subscription(subscription.id)).status == "active"


async def test_canceling_now_is_final(play: Play) -> None:
    subscription = await play.a_subscription()

    ended = await play.stripe.v1.subscriptions.cancel_async(subscription.id, {}, play.there)
    fired = await play.advance(days=40)

    assert ended.status == "canceled"
    assert fired == []
    with pytest.raises(InvalidRequestError):
        await play.stripe.v1.subscriptions.cancel_async(subscription.id, {}, play.there)
    with pytest.raises(InvalidRequestError):
        await play.stripe.v1.subscriptions.update_async(
            subscription.id, {"cancel_at_period_end": True}, play.there
        )


async def test_paused_collection_keeps_the_status_and_voids_the_invoice(play: Play) -> None:
    subscription = await play.a_subscription()

    await play.stripe.v1.subscriptions.update_async(
        subscription.id, {"pause_collection": {"behavior": "void"}}, play.there
    )
    await play.advance(days=32)

    read = await play.subscription(subscription.id)
    assert (read.status, read["latest_invoice"]["status"]) == ("active", "void")
    paused = [
        one
        for one in play.receiver.of("customer.subscription.updated")
        if "pause_collection" in one["data"]["previous_attributes"]
    ]
    assert len(paused) == 1


async def test_paused_collection_resumes_at_its_date(play: Play) -> None:
    subscription = await play.a_subscription()
    in_ten_days = int(play.world.clock.now().timestamp()) + 10 * DAY

    await play.stripe.v1.subscriptions.update_async(
        subscription.id,
        {"pause_collection": {"behavior": "keep_as_draft", "resumes_at": in_ten_days}},
        play.there,
    )
    paused = await play.subscription(subscription.id)
    await play.advance(days=11)

    assert paused.pause_collection is not None
    assert (await play.subscription(subscription.id)).pause_collection is None


async def test_deleting_a_customer_ends_their_subscriptions(play: Play) -> None:
    subscription = await play.a_subscription()

    await play.stripe.v1.customers.delete_async(str(subscription.customer), {}, play.there)

    assert (await play.subscription(subscription.id)).status == "canceled"
    assert (await play.since(0))[-2:] == ["customer.subscription.deleted", "customer.deleted"]


async def test_a_change_of_plan_within_the_interval_is_prorated_on_the_next_invoice(
    play: Play,
) -> None:
    subscription = await play.a_subscription()
    item, dearer = subscription["items"]["data"][0]["id"], await play.a_price(amount=1000)
    await play.advance(days=15, hours=12)

    changed = await play.stripe.v1.subscriptions.update_async(
        subscription.id, {"items": [{"id": item, "price": dearer}]}, play.there
    )
    await play.advance(days=17)

    lines = (await play.subscription(subscription.id))["latest_invoice"]["lines"]["data"]
    assert changed["items"]["data"][0]["price"]["id"] == dearer
    assert [line["amount"] for line in lines] == [-250, 500, 1000]


async def test_an_invoice_shows_ten_lines_and_lists_them_all(play: Play) -> None:
    subscription = await play.a_subscription()
    item = subscription["items"]["data"][0]["id"]
    for more in range(6):
        dearer = await play.a_price(amount=1000 + more)
        await play.stripe.v1.subscriptions.update_async(
            subscription.id, {"items": [{"id": item, "price": dearer}]}, play.there
        )
    await play.advance(days=32)

    latest = (await play.subscription(subscription.id))["latest_invoice"]
    first = await play.stripe.v1.invoices.line_items.list_async(latest["id"], {}, play.there)
    whole = await play.stripe.v1.invoices.line_items.list_async(
        latest["id"], {"limit": 100}, play.there
    )

    assert (len(latest["lines"]["data"]), latest["lines"]["has_more"]) == (10, True)
    assert (len(first.data), first.has_more) == (10, True)
    assert (len(whole.data), whole.has_more) == (13, False)
    assert whole.data[-1].amount == 1005


async def test_a_change_of_interval_starts_and_bills_a_new_period(play: Play) -> None:
    subscription = await play.a_subscription()
    item, yearly = (
        subscription["items"]["data"][0]["id"],
        await play.a_price(amount=5000, interval="year"),
    )

    changed = await play.stripe.v1.subscriptions.update_async(
        subscription.id,
        {"items": [{"id": item, "price": yearly}], "proration_behavior": "none"},
        play.there,
    )

    period = changed["items"]["data"][0]
    assert period["current_period_end"] - period["current_period_start"] == 365 * DAY
    latest = (await play.subscription(subscription.id))["latest_invoice"]
    assert (latest["billing_reason"], latest["amount_paid"]) == ("subscription_update", 5000)


async def test_a_bank_debit_completes_unpaid_and_settles_days_later(play: Play) -> None:
    subscription = await play.a_subscription(way="delayed")

    await play.settle()
    before = play.receiver.kinds
    await play.advance(days=6)

    completed = play.receiver.of("checkout.session.completed")[0]["data"]["object"]
    assert completed["payment_status"] == "unpaid"
    assert "invoice.paid" not in before
    assert (subscription.status, subscription["latest_invoice"]["status"]) == ("active", "open")
    assert (await play.subscription(subscription.id))["latest_invoice"]["status"] == "paid"
    settled = play.receiver.of("checkout.session.async_payment_succeeded")
    assert [one["data"]["object"]["payment_status"] for one in settled] == ["paid"]


async def test_a_renewal_by_bank_debit_stays_active_until_it_settles(play: Play) -> None:
    subscription = await play.a_subscription(way="delayed")

    await play.advance(days=33)
    pending = await play.subscription(subscription.id)
    await play.advance(days=5)
    paid = await play.subscription(subscription.id)

    invoice = pending["latest_invoice"]
    assert (pending.status, invoice["status"], invoice["attempted"]) == ("active", "open", True)
    assert paid["latest_invoice"]["status"] == "paid"


async def test_a_bank_debit_that_fails_says_so(play: Play) -> None:
    bought = await play.a_session(mode="payment")
    await play.pay(bought.id, "delayed_fail")
    subscription = await play.a_subscription(way="delayed_fail")

    await play.advance(days=6)

    told = play.receiver.of("checkout.session.async_payment_failed")
    assert {one["data"]["object"]["id"] for one in told} >= {bought.id}
    assert len(told) == 2
    assert (await play.subscription(subscription.id)).status == "past_due"


async def test_an_invoice_is_voided_or_written_off(play: Play) -> None:
    subscription = await play.a_subscription()
    await play.behave(str(subscription.customer), "decline")
    await play.advance(days=32)
    invoice = str((await play.subscription(subscription.id))["latest_invoice"]["id"])

    written_off = await play.stripe.v1.invoices.mark_uncollectible_async(invoice, {}, play.there)
    voided = await play.stripe.v1.invoices.void_invoice_async(invoice, {}, play.there)

    assert (written_off.status, voided.status) == ("uncollectible", "void")
    assert [k for k in await play.since(0) if k.startswith("invoice.")][-2:] == [
        "invoice.marked_uncollectible",
        "invoice.voided",
    ]


async def test_a_month_that_is_too_short_comes_back_to_its_day(play: Play) -> None:
    await play.advance(days=16)
    subscription = await play.a_subscription()
    ends: list[str] = []

    for _ in range(3):
        end = (await play.subscription(subscription.id))["items"]["data"][0]["current_period_end"]
        ends.append(datetime.fromtimestamp(end, UTC).strftime("%m-%d"))
        await play.advance(days=31)

    assert ends == ["02-28", "03-31", "04-30"]
