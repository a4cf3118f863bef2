from typing import Any

import pytest
from stripe import InvalidRequestError

from tests.sandbox.stripe.play import DAY, MARKS, Play, ids

pytestmark = MARKS


async def test_a_subscription_exists_only_once_its_session_completes(play: Play) -> None:
    session = await play.a_session()

    before = await play.stripe.v1.subscriptions.list_async({"status": "all"}, play.there)
    paid = await play.pay(session.id)
    after = await play.stripe.v1.subscriptions.list_async({"status": "all"}, play.there)

    assert (session.status, session.payment_status, session.subscription) == (
        "open",
        "unpaid",
        None,
    )
    assert ids(before) == []
    assert ids(after) == [paid["subscription"]]
    assert (paid["status"], paid["payment_status"]) == ("complete", "paid")


async def test_a_purchase_announces_itself_in_one_burst(play: Play) -> None:
    await play.a_subscription()

    await play.settle()

    assert play.receiver.kinds[2:] == [
        "customer.created",
        "payment_method.attached",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.created",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]
    assert {one.event["account"] for one in play.receiver.received} == {play.account}


async def test_metadata_stays_where_it_was_put(play: Play) -> None:
    subscription = await play.a_subscription(
        metadata={"on": "session"}, subscription_data={"metadata": {"on": "subscription"}}
    )

    invoices = await play.stripe.v1.invoices.list_async(
        {"subscription": subscription.id}, play.there
    )

    parent = invoices.data[0].parent
    assert subscription.metadata.to_dict() == {"on": "subscription"}
    assert parent is not None
    assert parent.subscription_details is not None
    assert parent.subscription_details["metadata"].to_dict() == {"on": "subscription"}


async def test_an_invoice_keeps_the_metadata_of_its_finalisation(play: Play) -> None:
    subscription = await play.a_subscription(subscription_data={"metadata": {"order": "1"}})
    update = play.stripe.v1.subscriptions.update_async

    await play.advance(days=31, minutes=5)
    await update(subscription.id, {"metadata": {"order": "2"}}, play.there)
    await play.advance(hours=2)
    await update(subscription.id, {"metadata": {"order": "3"}}, play.there)

    invoices = await play.stripe.v1.invoices.list_async(
        {"subscription": subscription.id}, play.there
    )
    orders = [one["parent"]["subscription_details"]["metadata"]["order"] for one in invoices.data]
    assert orders == ["2", "1"]


async def test_a_one_time_purchase_carries_its_own_metadata(play: Play) -> None:
    session = await play.a_session(
        mode="payment", payment_intent_data={"metadata": {"order": "7"}}, metadata={"order": "no"}
    )

    paid = await play.pay(session.id)

    intent = await play.stripe.v1.payment_intents.retrieve_async(
        paid["payment_intent"], {"expand": ["latest_charge"]}, play.there
    )
    found = await play.stripe.v1.checkout.sessions.list_async(
        {"payment_intent": intent.id}, play.there
    )
    assert intent.metadata.to_dict() == {"order": "7"}
    assert intent["latest_charge"]["metadata"].to_dict() == {"order": "7"}
    assert ids(found) == [session.id]
    assert paid["customer"] is None


async def test_a_declined_card_leaves_the_session_open(play: Play) -> None:
    session = await play.a_session()

    declined = await play.pay(session.id, "decline")
    paid = await play.pay(session.id)

    assert (declined["status"], declined["subscription"]) == ("open", None)
    assert paid["status"] == "complete"


async def test_a_session_expires_after_a_day_or_when_asked(play: Play) -> None:
    forgotten, closed = await play.a_session(), await play.a_session()

    await play.stripe.v1.checkout.sessions.expire_async(closed.id, {}, play.there)
    await play.advance(hours=25)

    read = await play.stripe.v1.checkout.sessions.retrieve_async(forgotten.id, {}, play.there)
    assert (read.status, read.url) == ("expired", None)
    told = [one["data"]["object"]["id"] for one in play.receiver.of("checkout.session.expired")]
    assert told == [closed.id, forgotten.id]


async def test_the_line_items_of_a_session_are_listed_and_expanded(play: Play) -> None:
    session = await play.a_session()

    listed = await play.stripe.v1.checkout.sessions.line_items.list_async(
        session.id, {}, play.there
    )
    read = await play.stripe.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["line_items.data.price.product"]}, play.there
    )

    assert listed.data[0].amount_total == 500
    assert read["line_items"]["data"][0]["price"]["product"]["name"] == "Club"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported"),
        ({"ui_mode": "hosted"}, None),
        ({"customer": "cus_nobody"}, "resource_missing"),
        ({"allow_promotion_codes": True, "discounts": [{"coupon": "X"}]}, None),
        ({"customer": "cus_1", "customer_email": "a@example.com"}, None),
        ({"payment_intent_data": {"metadata": {"a": "b"}}}, None),
        ({"customer_creation": "always"}, None),
        ({"expires_at": 5}, None),
        ({"subscription_data": {"trial_period_days": 0}}, None),
        ({"subscription_data": {"trial_end": DAY}}, None),
    ],
)
async def test_what_stripe_refuses_is_refused(
    play: Play, wrong: dict[str, Any], code: str | None
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await play.a_session(**wrong)

    assert refused.value.http_status in {400, 404}
    assert refused.value.code == code


async def test_the_mode_must_fit_the_price(play: Play) -> None:
    once, monthly = await play.a_price(interval=None), await play.a_price()

    with pytest.raises(InvalidRequestError, match="at least one recurring price"):
        await play.a_session(price=once)
    with pytest.raises(InvalidRequestError, match="recurring price"):
        await play.a_session(price=monthly, mode="payment")
