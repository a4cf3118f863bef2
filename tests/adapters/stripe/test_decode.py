import json
from datetime import timedelta
from typing import Any, cast

import pytest

from solynk.adapters.stripe.decode import FAMILIES, KINDS, REASONS, decode, envelope
from solynk.core.facts import (
    Days,
    Forever,
    Payment,
    PaymentStatus,
)
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.money import Money
from solynk.ports.errors import Malformed
from solynk.ports.payments import Facts, Finding, Ignored, ObjectRef, Received, Subject
from tests.adapters.stripe.payloads import (
    END,
    PERIOD,
    SHAPES,
    START,
    a_fetched,
    an_event,
    facts_of,
    sample,
    the_payment,
    with_,
)

FIFTEEN: Money = Money(1500, "EUR")
OURS = Subject(
    customer_id="cus_of_ours", plan_id="plan_1", checkout_id="chk_1", organization_id="org_1"
)
SUBSCRIBER = Subject("sub_1Qx8", None, "cus_of_ours", "plan_1", "chk_1", "org_1")
SUBSCRIPTION = ObjectRef("subscription", "sub_1Qx8")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_paid_invoice_is_a_payment_for_its_lines_period(shape: str) -> None:
    decoded = decode(an_event(f"invoice.paid.{shape}"))

    paid_at = START + HOUR + timedelta(seconds=5)
    payment = Payment("in_1Qx8", PERIOD, FIFTEEN, PaymentStatus.PAID, paid_at=paid_at)
    assert decoded == Facts((Finding(SUBSCRIBER, (payment,)),), (SUBSCRIPTION,))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_twin_event_tells_the_same(shape: str) -> None:
    twin = an_event(f"invoice.paid.{shape}", kind="invoice.payment_succeeded")

    assert decode(twin) == decode(an_event(f"invoice.paid.{shape}"))


def test_an_invoice_of_nothing_is_a_payment_of_nothing() -> None:
    payment = the_payment(an_event("invoice.paid.endive", amount_paid=0, amount_due=0))

    assert payment.amount == Money(0, "EUR")
    assert payment.status is PaymentStatus.PAID


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cards_refusal_dates_the_failure_at_the_finalization(shape: str) -> None:
    payment = the_payment(an_event(f"invoice.payment_failed.{shape}"))

    assert payment.status is PaymentStatus.FAILED
    assert payment.failed_at == START + HOUR
    assert payment.pending_since is None


@pytest.mark.parametrize("shape", SHAPES)
def test_a_debit_that_fails_days_later_was_pending_until_then(shape: str) -> None:
    told_at = START + 5 * DAY

    payment = the_payment(
        an_event(f"invoice.payment_failed.{shape}", event_created=int(told_at.timestamp()))
    )

    assert payment.pending_since == START + HOUR
    assert payment.failed_at == told_at


@pytest.mark.parametrize("shape", SHAPES)
def test_a_later_attempt_dates_no_failure(shape: str) -> None:
    payment = the_payment(an_event(f"invoice.payment_failed.{shape}", attempt_count=2))

    assert payment.status is PaymentStatus.FAILED
    assert payment.failed_at is None


def test_a_payment_that_wants_its_payer_has_failed_for_now() -> None:
    event = an_event("invoice.payment_failed.endive", kind="invoice.payment_action_required")

    assert the_payment(event).status is PaymentStatus.FAILED


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "kind",
    ["created", "finalized", "updated", "voided", "marked_uncollectible", "finalization_failed"],
)
def test_an_invoice_that_moves_only_asks_for_its_subscription(kind: str, shape: str) -> None:
    decoded = decode(an_event(f"invoice.paid.{shape}", kind=f"invoice.{kind}"))

    assert decoded == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,))


def test_an_invoice_outside_of_any_subscription_is_ignored() -> None:
    event = an_event("invoice.paid.endive", parent=None, billing_reason="manual")

    assert isinstance(decode(event), Ignored)


def test_prorations_beside_the_plan_do_not_widen_the_cover() -> None:
    event = sample("invoice.paid.endive")
    line = event["data"]["object"]["lines"]["data"][0]
    credit = with_(
        json.loads(json.dumps(line)),
        amount=-500,
        period={"start": int((START - 20 * DAY).timestamp()), "end": int(START.timestamp())},
        parent__subscription_item_details__proration=True,
    )

    payment = the_payment(an_event("invoice.paid.endive", lines={"data": [credit, line]}))

    assert payment.cover == PERIOD


def test_an_extra_on_the_invoice_does_not_widen_the_cover() -> None:
    line = sample("invoice.paid.2024")["data"]["object"]["lines"]["data"][0]
    year = {"start": int(START.timestamp()), "end": int((START + 365 * DAY).timestamp())}
    extra = {**line, "type": "invoiceitem", "period": year}

    payment = the_payment(an_event("invoice.paid.2024", lines={"data": [line, extra]}))

    assert payment.cover == PERIOD


def test_an_invoice_of_prorations_covers_the_rest_of_the_period() -> None:
    event = sample("invoice.paid.endive")
    middle = int((START + 10 * DAY).timestamp())
    charge = with_(
        event["data"]["object"]["lines"]["data"][0],
        period__start=middle,
        parent__subscription_item_details__proration=True,
    )

    payment = the_payment(an_event("invoice.paid.endive", lines={"data": [charge]}))

    assert payment.cover == Period(START + 10 * DAY, END)


def test_an_invoice_for_no_length_of_time_is_no_payment() -> None:
    moment = int(START.timestamp())

    decoded = decode(
        an_event("invoice.paid.endive", lines__data__0__period={"start": moment, "end": moment})
    )

    assert decoded == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["paid", "payment_succeeded", "payment_failed"])
def test_an_invoice_that_shows_only_some_lines_is_read(kind: str, shape: str) -> None:
    event = an_event(f"invoice.paid.{shape}", kind=f"invoice.{kind}", lines__has_more=True)

    assert decode(event) == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", ["open", "draft", "void", "uncollectible"])
def test_a_part_of_the_money_is_no_payment(status: str, shape: str) -> None:
    event = an_event(
        f"invoice.paid.{shape}",
        kind="invoice.payment_succeeded",
        status=status,
        amount_paid=300,
    )

    assert decode(event) == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,))


@pytest.mark.parametrize(("paid", "count"), [(True, 1), (False, 0), (None, 0)])
def test_an_invoice_without_a_status_tells_in_the_old_way(paid: object, count: int) -> None:
    event = an_event("invoice.paid.2024", status=None, paid=paid)

    assert len(facts_of(decode(event))) == count


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("currency", "minor"), [("kwd", 9905), ("isk", 99_050), ("xcg", 1000), ("zzz", 1)]
)
def test_money_is_what_stripe_reports(currency: str, minor: int, shape: str) -> None:
    event = an_event(f"invoice.paid.{shape}", currency=currency, amount_paid=minor)

    assert the_payment(event).amount == Money(minor, currency.upper())


@pytest.mark.parametrize("shape", SHAPES)
def test_of_several_periods_on_an_invoice_the_shortest_counts(shape: str) -> None:
    (line,) = sample(f"invoice.paid.{shape}")["data"]["object"]["lines"]["data"]
    year = {**line, "period": {**line["period"], "end": int((START + 365 * DAY).timestamp())}}

    payment = the_payment(an_event(f"invoice.paid.{shape}", lines={"data": [year, line]}))

    assert payment.cover == PERIOD


@pytest.mark.parametrize("shape", SHAPES)
def test_usage_of_the_period_before_is_not_the_plans_period(shape: str) -> None:
    (line,) = sample(f"invoice.paid.{shape}")["data"]["object"]["lines"]["data"]
    before = {"start": int((START - 28 * DAY).timestamp()), "end": int(START.timestamp())}

    payment = the_payment(
        an_event(f"invoice.paid.{shape}", lines={"data": [line, {**line, "period": before}]})
    )

    assert payment.cover == PERIOD


def test_a_line_whose_old_price_names_the_plan_counts() -> None:
    (line,) = sample("invoice.paid.2024")["data"]["object"]["lines"]["data"]
    year = with_(
        json.loads(json.dumps(line)),
        period__end=int((START + 365 * DAY).timestamp()),
        price={"id": "price_2", "lookup_key": "solynk_plan_plan_1"},
    )

    payment = the_payment(an_event("invoice.paid.2024", lines={"data": [line, year]}))

    assert payment.cover == Period(START, START + 365 * DAY)


def test_an_invoice_of_credits_alone_is_no_payment() -> None:
    event = sample("invoice.paid.2024")
    credit = with_(event["data"]["object"]["lines"]["data"][0], amount=-300, proration=True)

    decoded = decode(an_event("invoice.paid.2024", lines={"data": [credit]}))

    assert facts_of(decoded) == ()
    assert isinstance(decoded, Facts)
    assert decoded.fetch == (SUBSCRIPTION,)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "kind", ["created", "updated", "deleted", "paused", "resumed", "trial_will_end"]
)
def test_a_subscriptions_event_is_only_a_wish_to_read_it(kind: str, shape: str) -> None:
    event = an_event(f"customer.subscription.updated.{shape}", kind=f"customer.subscription.{kind}")

    assert decode(event) == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["completed", "async_payment_succeeded", "async_payment_failed"])
def test_a_completed_checkout_ties_the_subscription_to_our_ids(kind: str, shape: str) -> None:
    name = f"checkout.session.completed.subscription.{shape}"

    decoded = decode(an_event(name, kind=f"checkout.session.{kind}"))

    assert decoded == Facts((Finding(SUBSCRIBER, ()),), (SUBSCRIPTION,), "cs_test_a1b2c3")


def test_a_completed_checkout_without_its_subscription_is_closed() -> None:
    event = an_event("checkout.session.completed.subscription.endive", subscription=None)

    assert decode(event) == Facts(closed_checkout="cs_test_a1b2c3")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_paid_one_time_purchase_gives_the_days_frozen_in_it(shape: str) -> None:
    decoded = decode(an_event(f"checkout.session.completed.payment.{shape}"))

    paid_at = START + timedelta(seconds=10)
    payment = Payment("pi_3Qx8", Days(30), FIFTEEN, PaymentStatus.PAID, paid_at=paid_at)
    assert decoded == Facts((Finding(OURS, (payment,)),), (), "cs_test_a1b2c3")


def test_a_purchase_for_life_is_for_ever() -> None:
    name = "checkout.session.completed.payment.endive"

    payment = the_payment(an_event(name, metadata__solynk_access_days="forever"))

    assert payment.cover == Forever()


def test_a_purchase_with_nothing_due_is_known_by_its_session() -> None:
    payment = the_payment(
        an_event(
            "checkout.session.completed.payment.endive",
            payment_intent=None,
            payment_status="no_payment_required",
            amount_total=0,
        )
    )

    assert payment.id == "cs_test_a1b2c3"
    assert payment.status is PaymentStatus.PAID


def test_a_debit_is_pending_until_it_settles_or_fails() -> None:
    name = "checkout.session.completed.payment.endive"

    pending = the_payment(an_event(name, payment_status="unpaid"))
    settled = the_payment(
        an_event(name, kind="checkout.session.async_payment_succeeded", payment_status="paid")
    )
    failed = the_payment(
        an_event(name, kind="checkout.session.async_payment_failed", payment_status="unpaid")
    )

    assert [it.status for it in (pending, settled, failed)] == [
        PaymentStatus.PENDING,
        PaymentStatus.PAID,
        PaymentStatus.FAILED,
    ]
    assert pending.pending_since == failed.failed_at == START + timedelta(seconds=10)


def test_a_purchase_that_is_not_ours_is_ignored() -> None:
    event = an_event("checkout.session.completed.payment.endive", metadata={})

    assert isinstance(decode(event), Ignored)


def test_an_expired_checkout_is_closed_and_nothing_more() -> None:
    event = an_event("checkout.session.completed.payment.endive", kind="checkout.session.expired")

    assert decode(event) == Facts(closed_checkout="cs_test_a1b2c3")


def test_a_deleted_customer_has_all_subscriptions_read() -> None:
    asked = decode(an_event("customer.deleted.endive"))
    listed = decode(a_fetched({"subscriptions": ["sub_1", "sub_2"]}, kind="customer"))

    assert asked == Facts(fetch=(ObjectRef("customer", "cus_R8sT"),))
    assert listed == Facts(
        fetch=(ObjectRef("subscription", "sub_1"), ObjectRef("subscription", "sub_2"))
    )


def test_a_creator_who_cuts_the_connection_is_disconnected() -> None:
    assert decode(an_event("account.application.deauthorized.endive")) == Facts(disconnected=True)


@pytest.mark.parametrize(
    ("named", "account"),
    [
        ({"context": None}, "acct_1"),
        ({}, "acct_1"),
        ({"context": "acct_2"}, "acct_2"),
        ({"related_object": None}, ""),
        ({"related_object": {"id": "person_1", "type": "v2.core.account_person"}}, ""),
    ],
)
def test_a_thin_event_about_an_account_concerns_that_account(named: object, account: str) -> None:
    related = {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"}
    thin = with_(
        {
            "id": "evt_1",
            "object": "v2.core.event",
            "type": "v2.core.account.closed",
            "created": "2026-11-01T12:00:00.000Z",
            "livemode": False,
            "related_object": related,
        },
        **cast("dict[str, object]", named),
    )

    told = envelope(json.dumps(thin).encode())

    assert told.account == account
    assert decode(Received(told.kind, b"{}", told.account, livemode=False)) == Facts(
        disconnected=True
    )


@pytest.mark.parametrize(
    "kind",
    [*REASONS, "payment_intent.succeeded", "charge.succeeded", "charge.failed", "product.created",
     "v2.core.account_link.returned", "invoice.upcoming", "unheard.of", ""],
)  # fmt: skip
def test_what_concerns_no_access_is_ignored_with_a_reason(kind: str) -> None:
    decoded = decode(Received(kind, b"{}", "acct_1", livemode=True))

    assert isinstance(decoded, Ignored)
    assert decoded.reason


def test_no_kind_is_both_read_and_ignored() -> None:
    assert not KINDS.keys() & REASONS.keys()
    assert FAMILIES


@pytest.mark.parametrize(
    "kind", [it for it in KINDS if KINDS[it] is not KINDS["v2.core.account.closed"]]
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"created": 1}',
        b'{"created": 1, "data": {"object": null}}',
        b'{"created": 1, "data": {"object": {"id": 5}}}',
        b'{"created": 1, "data": {"object": {"object": "charge"}}}',
    ],
)
def test_what_lacks_what_its_kind_must_have_is_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(Received(kind, body, "acct_1", livemode=False))


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "euro"},
        {"amount_paid": -1},
        {"status_transitions__paid_at": 10**18},
        {"status_transitions__paid_at": "yesterday"},
    ],
)
def test_values_that_cannot_be_are_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        decode(an_event("invoice.paid.endive", **changes))


@pytest.mark.parametrize("days", ["0", "-1", "thirty", "1.5", "٣", "36501", "9" * 11, "9" * 5000])
def test_access_days_that_are_no_number_are_malformed(days: str) -> None:
    event = an_event("checkout.session.completed.payment.endive", metadata__solynk_access_days=days)

    with pytest.raises(Malformed):
        decode(event)


@pytest.mark.parametrize(
    "kind", ["subscription", "checkout.session", "charge", "customer", "unheard of"]
)
def test_an_answer_in_another_form_is_malformed(kind: str) -> None:
    with pytest.raises(Malformed):
        decode(a_fetched({"something": "else"}, kind=kind))


def test_a_malformed_event_quotes_no_person() -> None:
    event = an_event("invoice.paid.endive", currency=["ann@example.com"])

    with pytest.raises(Malformed) as error:
        decode(event)

    assert "ann@example.com" not in str(error.value)
    assert "currency" in str(error.value)
