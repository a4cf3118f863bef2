"""What time, payments, failures and refunds may do to a standing."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from solynk.core.facts import (
    DisputeStatus,
    Fact,
    GracePromised,
    Observed,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from solynk.core.instants import DAY, HOUR
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Active, PastDue, Reason, Trialing, gives_access
from solynk.core.timer import next_change_at, verify_at
from tests.builders import POLICY, START, a_payment, an_observed
from tests.properties.histories import (
    AMOUNT,
    Told,
    facts,
    histories,
    instants,
    month,
    policies,
    wild,
)

MOMENT: Final = timedelta(microseconds=1)
FAR: Final = tuple(START + years * 365 * DAY for years in (1, 3, 10, 100))
MANY_EDGES: Final = 60


def edges(ledger: Ledger, policy: AccessPolicy) -> list[datetime]:
    """Every instant at which the clock alone changes the standing."""
    found = [START - 40 * DAY]
    while (later := next_change_at(ledger, policy, found[-1])) is not None:
        found.append(later)
        assert len(found) < MANY_EDGES
    return found


def around(*ledgers: Ledger, policy: AccessPolicy) -> list[datetime]:
    """Just before and at every edge of any of these, and a day after."""
    known = {it for ledger in ledgers for it in edges(ledger, policy)}
    return sorted({it + step for it in known for step in (-MOMENT, timedelta(0), DAY)})


@given(known=wild, policy=policies, at=instants)
def test_every_ledger_has_an_answer_at_every_instant(
    known: list[Fact], policy: AccessPolicy, at: datetime
) -> None:
    ledger = Ledger().join_all(known)

    found = standing(ledger, policy, at)
    ask = verify_at(ledger, policy, at)

    assert found.because.reason
    assert ask is None or ask >= at


@given(known=wild, policy=policies, share=st.floats(0, 1, exclude_max=True))
def test_nothing_changes_before_the_next_change_and_something_does_at_it(
    known: list[Fact], policy: AccessPolicy, share: float
) -> None:
    ledger = Ledger().join_all(known)

    found = edges(ledger, policy)

    for at, change in pairwise(found):
        now = standing(ledger, policy, at)
        between = at + (change - at) * share
        assert standing(ledger, policy, min(between, change - MOMENT)) == now
        assert standing(ledger, policy, change - MOMENT) == now
        assert standing(ledger, policy, change) != now
    last = standing(ledger, policy, found[-1])
    assert all(standing(ledger, policy, max(it, found[-1])) == last for it in FAR)


@given(known=wild, policy=policies, at=instants)
def test_an_end_that_a_standing_names_lies_ahead(
    known: list[Fact], policy: AccessPolicy, at: datetime
) -> None:
    found = standing(Ledger().join_all(known), policy, at)

    match found:
        case Active() | Trialing() | PastDue():
            assert found.until is None or found.until > at
        case _:
            assert not gives_access(found)


@given(
    copies=st.lists(st.sampled_from(["event", "read", "both"]), min_size=1, max_size=4),
    policy=policies,
    data=st.data(),
)
def test_which_copies_of_the_payments_arrived_does_not_matter(
    copies: list[str], policy: AccessPolicy, data: st.DataObject
) -> None:
    """A payment known from its event, from a read of the subscription, or from both.

    From the last payment's period on: a read replaces the one before, so that time long past may
    be forgotten by it. What a read alone can not tell is a refund's share of an unknown amount, or
    when a charge failed; laws about those need the payment itself.
    """
    told: list[Fact] = []
    for number, copy in enumerate(copies):
        id_ = f"in_{number + 1}"
        if copy != "read":
            told.append(a_payment(id=id_, cover=month(number)))
        if copy != "event":
            read_at = month(number).start
            told.append(
                an_observed(number=number, period=month(number), paid_by=id_, read_at=read_at)
            )
    verified = max((it.read_at for it in told if isinstance(it, Observed)), default=None)
    ledger = Ledger().join_all(data.draw(st.permutations(told)))

    whole = replace(
        Ledger().join_all(
            a_payment(id=f"in_{number + 1}", cover=month(number)) for number in range(len(copies))
        ),
        verified_at=verified,
    )

    for at in around(ledger, whole, policy=policy):
        if at >= month(len(copies) - 1).start:
            assert standing(ledger, policy, at) == standing(whole, policy, at)


@given(told=histories(), policy=policies, number=st.integers(0, 4), late=st.integers(0, 200))
def test_a_failure_never_gives_access(
    told: Told, policy: AccessPolicy, number: int, late: int
) -> None:
    """Learning that a charge failed opens nothing that was shut.

    The failure says nothing of a charge that was on its way before: that it was pending is a fact
    of its own, and does hold access.
    """
    before = Ledger().join_all(told.facts)
    failed_at = month(number).start + late * HOUR
    failure = Payment(
        f"in_{number + 1}", month(number), AMOUNT, PaymentStatus.FAILED, failed_at=failed_at
    )

    after = before.join(failure)

    for at in around(before, after, policy=policy):
        assert gives_access(standing(before, policy, at)) or not gives_access(
            standing(after, policy, at)
        )


@given(told=histories(), policy=policies, number=st.integers(0, 4))
def test_a_payment_never_takes_access(told: Told, policy: AccessPolicy, number: int) -> None:
    """Money that came and was not taken back or disputed shuts nothing that was open."""
    before = Ledger().join_all(told.facts)
    paid = a_payment(id=f"in_{number + 1}", cover=month(number), amount=AMOUNT)
    assume(not _taken_back_or_disputed(before, paid.id))

    after = before.join(paid)

    for at in around(before, after, policy=policy):
        assert gives_access(standing(after, policy, at)) or not gives_access(
            standing(before, policy, at)
        )


@given(told=histories(), policy=policies, number=st.integers(0, 3), cents=st.integers(1, 1000))
def test_a_refund_never_gives_access(
    told: Told, policy: AccessPolicy, number: int, cents: int
) -> None:
    before = Ledger().join_all(told.facts)
    amount = replace(AMOUNT, minor=cents)
    refund = Refund("re_9", f"in_{number + 1}", amount, RefundStatus.SUCCEEDED)

    after = before.join(refund)

    for at in around(before, after, policy=policy):
        assert gives_access(standing(before, policy, at)) or not gives_access(
            standing(after, policy, at)
        )


@given(told=histories(), grace=st.integers(0, 30))
def test_a_promised_grace_is_not_shortened_by_a_later_policy(told: Told, grace: int) -> None:
    """What a member was told while past due for want of payment stays, whatever is set later."""
    ledger = Ledger().join_all(told.facts)
    shorter = replace(POLICY, grace=grace * DAY)

    for at in around(ledger, policy=POLICY):
        found = standing(ledger, POLICY, at)
        if isinstance(found, PastDue) and found.because.reason is not Reason.UNVERIFIED:
            promised = ledger.join(GracePromised(found.since, POLICY.grace))
            later = standing(promised, shorter, at)
            assert isinstance(later, PastDue)
            assert later.until >= found.until


@given(told=histories(), policy=policies, delay=st.integers(0, 3))
def test_asking_the_provider_when_told_to_settles_the_question(
    told: Told, policy: AccessPolicy, delay: int
) -> None:
    """After a read at the asked time, or later, no read is asked for at once again."""
    ledger = Ledger().join_all(told.facts)

    for at in around(ledger, policy=policy):
        ask = verify_at(ledger, policy, at)
        if ask is not None:
            now = ask + delay * HOUR
            again = verify_at(replace(ledger, verified_at=now), policy, now)
            assert again is None or again > now


@given(told=histories(), extra=facts, policy=policies, at=instants)
def test_one_more_fact_of_any_kind_still_has_an_answer(
    told: Told, extra: Fact, policy: AccessPolicy, at: datetime
) -> None:
    ledger = Ledger().join_all(told.facts).join(extra)

    assert standing(ledger, policy, at) == standing(ledger, policy, at)


def _taken_back_or_disputed(ledger: Ledger, payment: str) -> bool:
    gone = any(
        it.payment == payment and it.status is RefundStatus.SUCCEEDED
        for it in ledger.refunds.values()
    )
    return gone or any(
        it.payment == payment and it.status in {DisputeStatus.OPEN, DisputeStatus.LOST}
        for it in ledger.disputes.values()
    )
