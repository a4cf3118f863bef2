from datetime import UTC, datetime, timedelta

from solynk.core.facts import GracePromised, Payment, PaymentStatus
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.core.standing import PastDue

MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))
PRICE = Money(990, "EUR")
PAID = Payment("in_1", Period(MAY, JUNE), PRICE, PaymentStatus.PAID, paid_at=MAY)
LATE_NEWS = Payment("in_2", Period(JUNE, JULY), PRICE, PaymentStatus.FAILED, failed_at=JUNE + HOUR)


def test_an_end_of_grace_that_was_named_is_not_taken_back_by_a_failure_learnt_late() -> None:
    policy = AccessPolicy()
    unpaid = Ledger().join(PAID)
    named = standing(unpaid, policy, JUNE + 2 * DAY)
    assert isinstance(named, PastDue)

    promised = unpaid.join(GracePromised(named.since, policy.grace, named.until))
    with_promise = standing(promised.join(LATE_NEWS), policy, named.until - timedelta(seconds=1))
    without = standing(unpaid.join(LATE_NEWS), policy, JUNE + 2 * DAY)

    assert isinstance(with_promise, PastDue)
    assert with_promise.until == named.until
    assert isinstance(without, PastDue)
    assert without.until < named.until


def test_a_promise_is_told_again_by_the_facts_of_its_ledger() -> None:
    promise = GracePromised(JUNE, 5 * DAY, JUNE + 6 * DAY)

    ledger = Ledger().join(promise).join(GracePromised(JUNE, 3 * DAY))

    assert ledger.facts() == (promise,)
    assert Ledger().join_all(ledger.facts()) == ledger
