"""A subscription as a read finds it, and what the core makes of it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from solynk.adapters.stripe.decode import decode
from solynk.core.facts import EndReason, Observed, Pause, Payment, PaymentStatus, ProviderStatus
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.core.standing import (
    Active,
    Canceled,
    Incomplete,
    PastDue,
    Reason,
    Standing,
    Trialing,
)
from solynk.ports.errors import Malformed
from solynk.ports.payments import Facts, Subject
from tests.adapters.stripe.payloads import (
    END,
    PERIOD,
    SHAPES,
    START,
    a_fetched,
    an_event,
    facts_of,
    sample,
    the_register,
    with_,
)

READ_AT = START + 2 * HOUR
LATER = START + 10 * DAY
BEFORE = START - 30 * DAY


def unix(at: datetime) -> int:
    return int(at.timestamp())


def an_answer(shape: str = "endive", **changes: object) -> Any:  # noqa: ANN401 - the vendor's JSON
    """An active subscription whose invoice is paid; `invoice__…` changes the latest invoice."""
    answer = sample(f"fetched.subscription.{shape}")
    for path, value in changes.items():
        with_(answer, **{_full(path): value})
    return answer


def _full(path: str) -> str:
    if path.startswith("invoice__"):
        return f"subscription__latest_invoice__{path.removeprefix('invoice__')}"
    return path if path in {"paid_invoices", "lines"} else f"subscription__{path}"


def an_open_one(shape: str = "endive", **changes: object) -> Any:  # noqa: ANN401 - the vendor's JSON
    """One whose latest invoice is open, while the one before was paid."""
    previous = with_(
        sample(f"fetched.subscription.{shape}")["paid_invoices"][0],
        id="in_0",
        lines__data__0__period={"start": unix(BEFORE), "end": unix(START)},
    )
    open_ = {"invoice__status": "open", "invoice__amount_paid": 0}
    unpaid = {"invoice__status_transitions__paid_at": None, "paid_invoices": [previous]}
    return an_answer(shape, **{**open_, **unpaid, **changes})


def prorations(shape: str, *, since: datetime = BEFORE) -> list[Any]:
    """Ten lines of an upgrade, for what was left of the period that `since` lies in."""
    line = sample(f"invoice.paid.{shape}")["data"]["object"]["lines"]["data"][0]
    ends = START if since < START else END
    with_(line, period={"start": unix(since), "end": unix(ends)}, amount=50)
    if shape == "2024":
        with_(line, proration=True)
    else:
        with_(line, parent__subscription_item_details__proration=True)
    return [line] * 10


def register(answer: Any) -> Observed:  # noqa: ANN401 - the vendor's JSON
    return the_register(a_fetched(answer, read_at=READ_AT))


def payments(answer: Any, *, read_at: datetime = READ_AT) -> dict[str, Payment]:  # noqa: ANN401 - the vendor's JSON
    facts = facts_of(decode(a_fetched(answer, read_at=read_at)))
    return {it.id: it for it in facts if isinstance(it, Payment)}


def worth(answer: Any, *, at: datetime, read_at: datetime = READ_AT) -> Standing:  # noqa: ANN401 - the vendor's JSON
    ledger = Ledger().join_all(facts_of(decode(a_fetched(answer, read_at=read_at))))
    return standing(ledger, AccessPolicy(), at)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_paid_subscription_is_read_whole(shape: str) -> None:
    decoded = decode(a_fetched(an_answer(shape), number=7, read_at=READ_AT))

    paid_at = START + HOUR + timedelta(seconds=5)
    assert isinstance(decoded, Facts)
    (finding,) = decoded.findings
    assert finding.subject == Subject("sub_1Qx8", None, "cus_of_ours", "plan_1", "chk_1", "org_1")
    assert finding.facts == (
        Observed(
            version=(0, 7),
            status=ProviderStatus.ACTIVE,
            period=PERIOD,
            paid=True,
            read_at=READ_AT,
            paid_by="in_1Qx8",
        ),
        Payment("in_1Qx8", PERIOD, Money(1500, "EUR"), PaymentStatus.PAID, paid_at=paid_at),
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_read_and_the_event_tell_one_payment_alike(shape: str) -> None:
    (told,) = facts_of(decode(an_event(f"invoice.paid.{shape}")))

    assert payments(an_answer(shape)) == {"in_1Qx8": told}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_read_and_the_event_date_one_failure_alike(shape: str) -> None:
    (told,) = facts_of(decode(an_event(f"invoice.payment_failed.{shape}")))

    assert payments(an_open_one(shape, status="past_due"))["in_1Qx8"] == told


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("incomplete", ProviderStatus.INCOMPLETE),
        ("incomplete_expired", ProviderStatus.ENDED),
        ("trialing", ProviderStatus.TRIALING),
        ("active", ProviderStatus.ACTIVE),
        ("past_due", ProviderStatus.PAST_DUE),
        ("unpaid", ProviderStatus.UNPAID),
        ("paused", ProviderStatus.PAUSED),
        ("canceled", ProviderStatus.ENDED),
        ("a word not met before", ProviderStatus.UNKNOWN),
    ],
)
def test_a_status_in_our_words(word: str, status: ProviderStatus) -> None:
    assert register(an_answer(status=word)).status is status


def test_an_invoice_that_was_given_up_denies_payment_though_stripe_says_active() -> None:
    given_up = register(an_answer(status="active", invoice__status="uncollectible"))
    still_open = register(an_answer(status="active", invoice__status="open"))

    assert given_up.denies
    assert not still_open.denies


@pytest.mark.parametrize(
    ("status", "invoice", "paid", "paid_by"),
    [
        ("active", "paid", True, "in_1Qx8"),
        ("active", "void", True, None),
        ("active", "open", False, None),
        ("active", "draft", False, None),
        ("active", "uncollectible", False, None),
        ("active", "a word not met before", False, None),
        ("trialing", "paid", True, "in_1Qx8"),
        ("trialing", "draft", True, None),
        ("canceled", "paid", True, "in_1Qx8"),
        ("canceled", "void", False, None),
        ("paused", "paid", True, "in_1Qx8"),
        ("past_due", "open", False, None),
        ("past_due", "paid", False, None),
        ("unpaid", "draft", False, None),
        ("incomplete", "open", False, None),
        ("a word not met before", "paid", False, None),
    ],
)
def test_the_period_is_paid_by_status_and_invoice(
    status: str,
    invoice: str,
    paid: bool,  # noqa: FBT001 - a row of the table
    paid_by: str | None,
) -> None:
    observed = register(an_answer(status=status, invoice__status=invoice))

    assert (observed.paid, observed.paid_by) == (paid, paid_by)


def test_nothing_due_is_paid_for() -> None:
    assert register(an_answer(latest_invoice=None, paid_invoices=[])).paid
    assert register(an_answer(invoice__status="open", invoice__amount_due=0)).paid


@pytest.mark.parametrize(
    ("status", "invoice", "paid"),
    [
        ("active", "paid", True),
        ("active", "void", False),
        ("canceled", "paid", False),
        ("paused", "paid", False),
    ],
)
def test_an_invoice_of_the_period_before_pays_for_this_one_only_if_stripe_says_so(
    status: str,
    invoice: str,
    paid: bool,  # noqa: FBT001 - a row of the table
) -> None:
    observed = register(
        an_answer(
            status=status,
            invoice__status=invoice,
            invoice__lines__data__0__period={"start": unix(BEFORE), "end": unix(START)},
            paid_invoices=[],
        )
    )

    assert observed.paid is paid
    assert observed.paid_by is None


@pytest.mark.parametrize("shape", SHAPES)
def test_the_plans_line_counts_on_whatever_page_it_is(shape: str) -> None:
    answer = an_answer(shape)
    (line,) = answer["subscription"]["latest_invoice"]["lines"]["data"]
    answer["lines"] = {"in_1Qx8": [*prorations(shape), line]}
    first = {"data": prorations(shape), "has_more": True}
    with_(answer, subscription__latest_invoice__lines=first, paid_invoices__0__lines=first)

    observed = register(answer)

    assert (observed.paid, observed.paid_by) == (True, "in_1Qx8")
    assert payments(answer)["in_1Qx8"].cover == PERIOD


def test_an_invoice_with_lines_that_nobody_read_tells_no_cover() -> None:
    answer = an_answer(invoice__lines__has_more=True, paid_invoices=[])

    assert register(answer).paid
    assert register(answer).paid_by is None
    assert payments(answer) == {}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("status", ["paid", "void"])
def test_an_upgrade_in_the_middle_did_not_pay_for_the_period(shape: str, status: str) -> None:
    answer = an_answer(shape)
    upgrade = with_(json.loads(json.dumps(answer["subscription"]["latest_invoice"])), id="in_up")
    upgrade["lines"]["data"] = prorations(shape, since=LATER)
    with_(answer, subscription__latest_invoice={**upgrade, "status": status})

    observed = register(answer)

    assert (observed.paid, observed.paid_by) == (True, "in_1Qx8")
    assert "in_1Qx8" in payments(answer)


@pytest.mark.parametrize("shape", SHAPES)
def test_with_the_periods_own_invoice_out_of_sight_nobody_paid_for_it(shape: str) -> None:
    answer = an_answer(shape, paid_invoices=[])
    with_(answer, subscription__latest_invoice__lines__data=prorations(shape, since=LATER))

    observed = register(answer)

    assert (observed.paid, observed.paid_by) == (True, None)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_paid_invoice_that_was_read_is_a_payment(shape: str) -> None:
    older = sample(f"fetched.subscription.{shape}")["paid_invoices"][0]
    answer = an_answer(shape, paid_invoices=[{**older, "id": f"in_{n}"} for n in range(5)])

    assert set(payments(answer)) == {"in_1Qx8", "in_0", "in_1", "in_2", "in_3", "in_4"}


def test_an_invoice_that_was_not_expanded_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode(a_fetched(an_answer(latest_invoice="in_1Qx8")))


YEAR = Period(START, START + 365 * DAY)


def a_line_of(answer: Any, item: str, period: Period) -> Any:  # noqa: ANN401 - the vendor's JSON
    line = json.loads(json.dumps(answer["subscription"]["latest_invoice"]["lines"]["data"][0]))
    with_(line, period={"start": unix(period.start), "end": unix(period.end)})
    if "subscription_item" in line:
        return with_(line, subscription_item=item)
    return with_(line, parent__subscription_item_details__subscription_item=item)


def two_items(shape: str, *, month: object = None, year: object = None) -> Any:  # noqa: ANN401 - the vendor's JSON
    """One item paid by the month and one by the year, with these prices, on one invoice."""
    answer = an_answer(shape)
    whole = {"price": year, "current_period_start": unix(YEAR.start)}
    items = [
        {"id": "si_year", **whole, "current_period_end": unix(YEAR.end)},
        {"id": "si_month", **whole, "current_period_end": unix(END), "price": month},
    ]
    lines = [a_line_of(answer, "si_year", YEAR), a_line_of(answer, "si_month", PERIOD)]
    with_(answer, subscription__items__data=items, paid_invoices=[])
    return with_(answer, subscription__latest_invoice__lines__data=lines)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_several_items_with_none_named_the_shortest_period_counts(shape: str) -> None:
    answer = two_items(shape)

    assert register(answer).period == PERIOD
    assert payments(answer)["in_1Qx8"].cover == PERIOD


NAMES = (
    {"metadata": {"solynk_plan": "plan_1"}},
    {"lookup_key": "solynk_plan_plan_1"},
    {"product": {"id": "prod_1", "metadata": {"solynk_plan": "plan_1"}}},
)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_of_several_items_the_one_that_names_the_plan_counts(name: object, shape: str) -> None:
    for answer, period in (
        (two_items(shape, month=name), PERIOD),
        (two_items(shape, year=name), YEAR),
    ):
        observed = register(answer)

        assert (observed.period, observed.plan, observed.paid_by) == (period, "plan_1", "in_1Qx8")
        assert payments(answer)["in_1Qx8"].cover == period


def test_of_several_named_items_the_one_of_our_plan_counts() -> None:
    other = {"metadata": {"solynk_plan": "plan_2"}}

    observed = register(two_items("endive", month=other, year=NAMES[0]))

    assert (observed.period, observed.plan) == (YEAR, "plan_1")


def test_an_invoice_of_nothing_but_the_other_item_is_no_payment() -> None:
    answer = two_items("endive", month=NAMES[0])
    del answer["subscription"]["latest_invoice"]["lines"]["data"][1]

    assert payments(answer) == {}


def test_a_scheduled_end_is_a_date_or_a_flag() -> None:
    assert register(an_answer(cancel_at=unix(LATER))).cancel_at == LATER
    assert register(an_answer(cancel_at_period_end=True)).cancel_at == END
    assert register(an_answer()).cancel_at is None


def test_a_pause_of_collection_keeps_its_end() -> None:
    known = an_answer(pause_collection={"behavior": "void", "resumes_at": unix(LATER)})
    unknown = an_answer(pause_collection={"behavior": "void", "resumes_at": None})

    assert register(known).pause == Pause(LATER)
    assert register(unknown).pause == Pause(None)


@pytest.mark.parametrize(
    ("reason", "changes", "ended"),
    [
        ("cancellation_requested", {}, EndReason.REQUESTED),
        ("payment_failed", {}, EndReason.PAYMENT_FAILED),
        ("payment_disputed", {}, EndReason.DISPUTED),
        ("canceled_by_retention_policy", {}, EndReason.MERCHANT),
        ("a word not met before", {}, EndReason.MERCHANT),
        (None, {}, EndReason.MERCHANT),
        (None, {"cancel_at_period_end": True}, EndReason.REQUESTED),
        (None, {"cancel_at": unix(LATER)}, EndReason.REQUESTED),
        (None, {"cancel_at": unix(LATER + DAY)}, EndReason.MERCHANT),
    ],
)
def test_an_end_in_our_words(reason: str | None, changes: dict[str, Any], ended: EndReason) -> None:
    observed = register(
        an_answer(
            status="canceled",
            ended_at=unix(LATER),
            cancellation_details={"reason": reason},
            **changes,
        )
    )

    assert (observed.ended_at, observed.ended_reason) == (LATER, ended)


@pytest.mark.parametrize(
    "price",
    [
        {"lookup_key": "solynk_plan_pl_9"},
        {"metadata": {"solynk_plan": "pl_9"}},
        {"product": {"id": "prod_1", "metadata": {"solynk_plan": "pl_9"}}},
    ],
)
def test_a_price_may_name_its_plan(price: object) -> None:
    answer = an_answer()
    answer["subscription"]["items"]["data"][0]["price"] = price

    assert register(answer).plan == "pl_9"
    assert register(an_answer()).plan is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, PaymentStatus.PENDING),
        ({"invoice__attempted": False}, None),
        ({"status": "past_due"}, PaymentStatus.FAILED),
        ({"status": "unpaid"}, PaymentStatus.FAILED),
        ({"status": "incomplete"}, PaymentStatus.FAILED),
        ({"status": "canceled", "cancellation_details__reason": "payment_failed"},
         PaymentStatus.FAILED),
        ({"status": "canceled", "cancellation_details__reason": "cancellation_requested"}, None),
        ({"invoice__status": "uncollectible"}, PaymentStatus.FAILED),
        ({"invoice__status": "draft"}, None),
        ({"invoice__status": "void"}, None),
    ],
)  # fmt: skip
def test_the_latest_invoice_tells_what_became_of_the_renewal(
    changes: dict[str, Any], status: PaymentStatus | None
) -> None:
    found = payments(an_open_one(**changes))

    latest = found.get("in_1Qx8")
    assert (None if latest is None else latest.status) is status
    assert found["in_0"].status is PaymentStatus.PAID


def test_a_debit_on_its_way_is_pending_since_the_finalization() -> None:
    assert payments(an_open_one())["in_1Qx8"].pending_since == START + HOUR


@pytest.mark.parametrize(
    ("attempts", "read_at", "failed_at"),
    [
        (1, START + 2 * HOUR, START + HOUR),
        (1, START + DAY + HOUR, START + HOUR),
        (1, START + 2 * DAY, None),
        (2, START + 2 * HOUR, None),
    ],
)
def test_a_read_dates_a_failure_only_while_it_is_fresh(
    attempts: int, read_at: datetime, failed_at: datetime | None
) -> None:
    answer = an_open_one(status="past_due", invoice__attempt_count=attempts)

    assert payments(answer, read_at=read_at)["in_1Qx8"].failed_at == failed_at


# What the core makes of a single read.


def test_paid_stands_active() -> None:
    assert worth(an_answer(), at=LATER) == Active(END, worth(an_answer(), at=LATER).because)


def test_a_renewal_in_draft_stands_active() -> None:
    it = worth(an_open_one(invoice__status="draft", invoice__attempted=False), at=READ_AT)

    assert isinstance(it, Active)
    assert it.because.reason is Reason.RENEWAL_IN_PROGRESS


def test_a_failed_renewal_is_past_due() -> None:
    it = worth(an_open_one(status="past_due"), at=START + DAY)

    assert it == PastDue(START, START + HOUR + 5 * DAY, it.because)
    assert it.because.reason is Reason.PAYMENT_FAILED


def test_a_debit_on_its_way_stands_active() -> None:
    it = worth(an_open_one(), at=START + 3 * DAY)

    assert isinstance(it, Active)
    assert it.because.reason is Reason.PAYMENT_PENDING


def test_a_trial_stands_trialing() -> None:
    answer = an_answer(status="trialing", trial_end=unix(END), invoice__amount_due=0)

    assert isinstance(worth(answer, at=LATER), Trialing)


def test_a_subscription_whose_first_payment_never_came_is_incomplete() -> None:
    answer = an_answer(
        status="incomplete_expired",
        ended_at=unix(START + DAY),
        trial_end=unix(END),
        invoice__status="void",
        paid_invoices=[],
    )

    assert isinstance(worth(answer, at=LATER), Incomplete)


def test_a_requested_end_is_canceled_and_one_for_want_of_payment_keeps_its_grace() -> None:
    requested = an_answer(
        status="canceled",
        ended_at=unix(LATER),
        cancellation_details__reason="cancellation_requested",
    )
    unpaid = an_open_one(
        status="canceled",
        ended_at=unix(START + DAY),
        cancellation_details__reason="payment_failed",
    )

    assert isinstance(worth(requested, at=LATER), Canceled)
    assert isinstance(worth(unpaid, at=START + DAY), PastDue)


def test_an_unknown_status_takes_nothing_that_was_paid() -> None:
    assert isinstance(worth(an_answer(status="a word not met before"), at=LATER), Active)


def test_a_creator_who_voids_the_invoice_gives_the_period_away() -> None:
    assert isinstance(worth(an_open_one(invoice__status="void"), at=LATER), Active)


@pytest.mark.parametrize("told", SHAPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_it_does_not_matter_which_copies_of_a_failure_arrived(told: str, shape: str) -> None:
    before = an_event(
        f"invoice.paid.{told}",
        id="in_0",
        lines__data__0__period={"start": unix(BEFORE), "end": unix(START)},
    )
    events = [
        *facts_of(decode(before)),
        *facts_of(decode(an_event(f"invoice.payment_failed.{told}"))),
    ]
    read = facts_of(decode(a_fetched(an_open_one(shape, status="past_due"), read_at=READ_AT)))

    standings = [
        standing(Ledger().join_all(facts), AccessPolicy(), START + DAY)
        for facts in (events, read, [*events, *read], [*read, *events])
    ]

    assert isinstance(standings[0], PastDue)
    assert standings.count(standings[0]) == 4


@pytest.mark.parametrize("told", SHAPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_it_does_not_matter_which_copies_of_a_payment_arrived(told: str, shape: str) -> None:
    events = facts_of(decode(an_event(f"invoice.paid.{told}")))
    read = facts_of(decode(a_fetched(an_answer(shape), read_at=READ_AT)))

    standings = [
        standing(Ledger().join_all(facts), AccessPolicy(), LATER)
        for facts in (events, read, [*events, *read])
    ]

    assert isinstance(standings[0], Active)
    assert standings.count(standings[0]) == 3
