"""Ranks and identities of facts."""

import pytest

from solynk.core.facts import (
    DisputeStatus,
    Payment,
    PaymentStatus,
    RefundStatus,
    identity,
    rank,
)
from tests.builders import a_dispute, a_failure, a_payment, a_refund, an_observed, day

LADDERS = (
    [a_payment(status=it) for it in PaymentStatus],
    [a_refund(status=it) for it in RefundStatus],
    [a_dispute(status=it) for it in DisputeStatus],
)


@pytest.mark.parametrize("ladder", LADDERS, ids=["payments", "refunds", "disputes"])
def test_a_later_status_of_the_same_object_ranks_higher(ladder: list[Payment]) -> None:
    ranks = [rank(it) for it in ladder]

    assert ranks == sorted(set(ranks))


def test_a_payment_that_failed_and_was_then_paid_is_paid() -> None:
    failed = rank(a_failure())

    assert failed < rank(a_payment(status=PaymentStatus.PAID))


def test_copies_of_one_object_have_one_identity_and_versions_of_a_register_differ() -> None:
    failed, paid = a_failure(id="in_1"), a_payment(id="in_1")
    first, second = an_observed(number=1), an_observed(number=2)

    assert identity(failed) == identity(paid) == ("payment", "in_1")
    assert identity(first) != identity(second)


def test_a_paid_payment_needs_to_say_when() -> None:
    with pytest.raises(ValueError, match="in_1 is paid, so it needs paid_at"):
        Payment("in_1", a_payment().cover, a_payment().amount, PaymentStatus.PAID)


def test_an_end_and_its_reason_go_together() -> None:
    with pytest.raises(ValueError, match="go together"):
        an_observed(ended_at=day(3))


def test_a_paid_period_needs_the_period() -> None:
    with pytest.raises(ValueError, match="needs the period"):
        an_observed(period=None)
