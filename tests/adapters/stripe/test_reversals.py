import pytest

from solynk.adapters.stripe.decode import decode
from solynk.core.facts import (
    Dispute,
    DisputeStatus,
    Refund,
    RefundStatus,
)
from solynk.core.money import Money
from solynk.ports.payments import Facts, Finding, Ignored, ObjectRef, Subject
from tests.adapters.stripe.payloads import (
    a_fetched,
    an_event,
    facts_of,
    sample,
    with_,
)

FIFTEEN: Money = Money(1500, "EUR")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("charge.refunded.endive", "charge.refunded"),
        ("refund.updated.endive", "refund.created"),
        ("refund.updated.endive", "refund.updated"),
        ("refund.updated.endive", "refund.failed"),
        ("refund.updated.endive", "charge.refund.updated"),
        ("charge.dispute.created.endive", "charge.dispute.created"),
        ("charge.dispute.created.endive", "charge.dispute.closed"),
    ],
)
def test_money_that_goes_back_asks_for_its_charge(name: str, kind: str) -> None:
    assert decode(an_event(name, kind=kind)) == Facts(fetch=(ObjectRef("charge", "ch_3Qx8"),))


def test_a_refund_without_a_charge_asks_for_its_payment_intent() -> None:
    decoded = decode(an_event("refund.updated.endive", charge=None))

    assert decoded == Facts(fetch=(ObjectRef("payment_intent", "pi_3Qx8"),))


def test_a_refunded_charge_of_2024_tells_its_invoice_itself() -> None:
    decoded = decode(an_event("charge.refunded.2024"))

    refund = Refund("re_3Qx8", "in_1Qx8", FIFTEEN, RefundStatus.SUCCEEDED)
    assert decoded == Facts((Finding(Subject(payment="in_1Qx8"), (refund,)),))


def test_a_refunded_purchase_of_2024_is_known_by_its_intent() -> None:
    decoded = decode(an_event("charge.refunded.2024", invoice=None))

    assert next(it for it in facts_of(decoded) if isinstance(it, Refund)).payment == "pi_3Qx8"


def test_a_refunded_charge_without_all_of_its_refunds_is_read() -> None:
    listed = sample("charge.refunded.2024")["data"]["object"]["refunds"]

    empty: object = {"data": [], "has_more": False}
    cut: object = {**listed, "has_more": True}
    for refunds in (None, empty, cut):
        decoded = decode(an_event("charge.refunded.2024", refunds=refunds))

        assert decoded == Facts(fetch=(ObjectRef("charge", "ch_3Qx8"),))


def test_a_dispute_with_its_old_charge_expanded_needs_no_read() -> None:
    charge = sample("charge.refunded.2024")["data"]["object"]

    decoded = decode(an_event("charge.dispute.created.endive", charge=charge))

    assert facts_of(decoded) == (Dispute("du_1Qx8", "in_1Qx8", DisputeStatus.OPEN),)


def test_a_read_charge_tells_the_invoice_that_it_paid() -> None:
    decoded = decode(a_fetched(sample("fetched.charge.endive"), kind="charge"))

    who = Subject("sub_1Qx8", "in_1Qx8", "cus_of_ours", "plan_1", "chk_1", "org_1")
    refund = Refund("re_3Qx8", "in_1Qx8", FIFTEEN, RefundStatus.SUCCEEDED)
    dispute = Dispute("du_1Qx8", "in_1Qx8", DisputeStatus.OPEN)
    assert decoded == Facts((Finding(who, (refund, dispute)),))


def test_a_read_charge_of_a_purchase_is_known_by_its_intent() -> None:
    decoded = decode(a_fetched(sample("fetched.charge.one_time.endive"), kind="charge"))

    who = Subject(None, "pi_3Qx8", "cus_of_ours", "plan_1", "chk_1", "org_1")
    refund = Refund("re_3Qx8", "pi_3Qx8", FIFTEEN, RefundStatus.SUCCEEDED)
    assert decoded == Facts((Finding(who, (refund,)),))


def test_a_read_charge_of_another_business_is_ignored() -> None:
    answer = with_(sample("fetched.charge.endive"), invoice=None)

    assert isinstance(decode(a_fetched(answer, kind="charge")), Ignored)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", RefundStatus.PENDING),
        ("requires_action", RefundStatus.PENDING),
        ("a word not met before", RefundStatus.PENDING),
        ("succeeded", RefundStatus.SUCCEEDED),
        ("failed", RefundStatus.FAILED),
        ("canceled", RefundStatus.CANCELED),
        (None, RefundStatus.PENDING),
    ],
)
def test_a_refund_in_our_words(word: str | None, status: RefundStatus) -> None:
    answer = with_(sample("fetched.charge.endive"), refunds__0__status=word, disputes=[])

    (refund,) = facts_of(decode(a_fetched(answer, kind="charge")))

    assert isinstance(refund, Refund)
    assert refund.status is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("warning_needs_response", DisputeStatus.INQUIRY),
        ("warning_under_review", DisputeStatus.INQUIRY),
        ("a word not met before", DisputeStatus.INQUIRY),
        ("needs_response", DisputeStatus.OPEN),
        ("under_review", DisputeStatus.OPEN),
        ("lost", DisputeStatus.LOST),
        ("won", DisputeStatus.WON),
        ("warning_closed", DisputeStatus.WON),
        ("prevented", DisputeStatus.WON),
    ],
)
def test_a_dispute_in_our_words(word: str, status: DisputeStatus) -> None:
    answer = with_(sample("fetched.charge.endive"), refunds=[], disputes__0__status=word)

    (dispute,) = facts_of(decode(a_fetched(answer, kind="charge")))

    assert isinstance(dispute, Dispute)
    assert dispute.status is status
