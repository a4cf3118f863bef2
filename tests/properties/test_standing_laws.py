"""What time, payments, failures and refunds may do to a standing."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from solynk.core.cover import covers
from solynk.core.facts import (
    DisputeStatus,
    Fact,
    GracePromised,
    Observed,
    Payment,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
)
from solynk.core.instants import DAY, HOUR, Period
from solynk.core.judge import blocks_in_force, standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Active, PastDue, Reason, Trialing, gives_access
from solynk.core.timer import next_change_at, verify_at
from tests.builders import POLICY, START, a_payment, an_observed
from tests.properties.histories import (
    AMOUNT,
    Told,
    histories,
    instants,
    month,
    policies,
    wild,
)

MOMENT: Final = timedelta(microseconds=1)
FAR: Final = tuple(START + years * 365 * DAY for years in (1, 3, 10, 100))
MANY_EDGES: Final = 80
_SPOKEN: Final = {ProviderStatus.ACTIVE, ProviderStatus.PAST_DUE, ProviderStatus.UNPAID}

asked = policies.map(lambda it: replace(it, renews=True, verifies=True))


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


@given(
    known=wild | histories().map(lambda it: list(it.facts)),
    policy=policies,
    share=st.floats(0, 1, exclude_max=True),
)
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

    What a read alone can not tell is a refund's share of an unknown amount, or when a charge
    failed; laws about those need the payment itself.
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
    ledger = Ledger().join_all(data.draw(st.permutations(told)))

    whole = Ledger().join_all(
        a_payment(id=f"in_{number + 1}", cover=month(number)) for number in range(len(copies))
    )

    for at in around(ledger, whole, policy=policy):
        assert standing(ledger, policy, at) == standing(whole, policy, at)


@given(told=histories(), policy=asked, next_period=st.booleans())
def test_a_read_that_says_active_takes_no_access_that_stood_just_before(
    *, told: Told, policy: AccessPolicy, next_period: bool
) -> None:
    """Whatever is unpaid: who is called active by the provider is not put out by hearing so."""
    ledger = Ledger().join_all(told.facts)

    for at in after_the_last_read(ledger, policy):
        period = month((at - START) // (30 * DAY)) if next_period else None
        after = ledger.join(_active(ledger, at, period))
        before = standing(ledger, policy, at - MOMENT)
        by_people = before.because.reason is Reason.GRANTED or blocks_in_force(ledger, at)
        stood = gives_access(before) and not by_people
        assert gives_access(standing(after, policy, at)) or not stood


@given(told=histories(), policy=asked)
def test_a_word_nobody_has_met_opens_nothing_and_closes_nothing(
    told: Told, policy: AccessPolicy
) -> None:
    ledger = Ledger().join_all(told.facts)
    known = ledger.observed
    assume(known is not None and known.status in _SPOKEN and known.pause is None)
    assert known is not None

    for at in after_the_last_read(ledger, policy):
        word = replace(_later(known, at), status=ProviderStatus.UNKNOWN)
        found = standing(ledger.join(word), policy, at)
        assert gives_access(found) is gives_access(standing(ledger, policy, at))


@given(told=histories(), number=st.integers(1, 5), read=st.data())
def test_a_later_read_forgets_no_period_that_was_settled(
    told: Told, number: int, read: st.DataObject
) -> None:
    """It may cut one short where the provider's own period begins, and change no more."""
    before = Ledger().join_all(told.facts)
    start = month(number).start
    known = before.observed
    assume(known is None or known.period is None or known.period.start <= start)
    now = max(start, before.read_at or start)
    status = read.draw(st.sampled_from(ProviderStatus))
    later = replace(_active(before, now, month(number)), status=status)

    after = covers(before.join(later))

    for it in covers(before):
        cut = it.end if it.start >= start or it.end is None else min(it.end, start)
        assert replace(it, end=cut) in after or (it.start == start and it.payment == "")


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


@given(
    told=histories(),
    policy=policies,
    delay=st.integers(0, 3),
    status=st.sampled_from(ProviderStatus),
    paid=st.booleans(),
)
def test_the_provider_is_not_asked_again_within_an_hour(
    *, told: Told, policy: AccessPolicy, delay: int, status: ProviderStatus, paid: bool
) -> None:
    """Whatever it answers, at the asked instant or later."""
    ledger = Ledger().join_all(told.facts)

    for at in after_the_last_read(ledger, policy):
        ask = verify_at(ledger, policy, at)
        if ask is not None:
            now = ask + delay * HOUR
            period = month((now - START) // (30 * DAY))
            answer = replace(_active(ledger, now, period), status=status, paid=paid)
            again = verify_at(ledger.join(answer), policy, now)
            assert again is None or again >= now + HOUR


@given(told=histories(), policy=policies)
def test_a_provider_that_is_silent_does_not_give_access_for_ever(
    told: Told, policy: AccessPolicy
) -> None:
    """Unless a person gave it, or a pause of no known end is in force."""
    ledger = Ledger().join_all(told.facts)

    found = standing(ledger, policy, FAR[0])

    if gives_access(found):
        assert found.because.reason in {Reason.GRANTED, Reason.COLLECTION_PAUSED}


def after_the_last_read(ledger: Ledger, policy: AccessPolicy) -> list[datetime]:
    """Instants at which one more read may come: no read is younger than the present."""
    last = ledger.read_at
    known = around(ledger, policy=policy)
    return [it for it in known if it >= START and (last is None or it >= last)]


def _active(ledger: Ledger, at: datetime, period: Period | None) -> Observed:
    """A read that calls the subscription active and the period, or the one it knew, unpaid."""
    known = ledger.observed
    if known is None:
        return an_observed(number=9, period=period, paid=False, read_at=at)
    return replace(
        _later(known, at),
        status=ProviderStatus.ACTIVE,
        period=period or known.period,
        paid=False,
        paid_by=None,
        cancel_at=None,
        pause=None,
        ended_at=None,
        ended_reason=None,
    )


def _later(known: Observed, at: datetime) -> Observed:
    return replace(known, version=(0, 9), read_at=at)


def _taken_back_or_disputed(ledger: Ledger, payment: str) -> bool:
    gone = any(
        it.payment == payment and it.status is RefundStatus.SUCCEEDED
        for it in ledger.refunds.values()
    )
    return gone or any(
        it.payment == payment and it.status in {DisputeStatus.OPEN, DisputeStatus.LOST}
        for it in ledger.disputes.values()
    )
