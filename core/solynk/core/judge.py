"""`standing`: what a subscription is worth at an instant, as a pure function.

The rules stand in one list. The first that applies decides; `Incomplete` is the fallback.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from solynk.core.case import Case, case_at
from solynk.core.cover import Fate, covers
from solynk.core.facts import (
    Blocked,
    EndReason,
    Granted,
    PaymentStatus,
    ProviderStatus,
)
from solynk.core.instants import Period, earliest
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.renewal import Renewal, unpaid
from solynk.core.standing import (
    Active,
    Because,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Standing,
    Trialing,
)


def standing(ledger: Ledger, policy: AccessPolicy, at: datetime) -> Standing:
    return standing_in(case_at(ledger, policy, at, covers(ledger)))


def standing_in(case: Case) -> Standing:
    for rule in RULES:
        it = rule(case)
        if it is not None:
            return it
    return _incomplete(case)


def blocks_in_force(ledger: Ledger, at: datetime) -> tuple[Blocked, ...]:
    """The blocks that hold at this instant, the oldest first."""
    found = (it for it in ledger.blocks.values() if _in_force(ledger, it, at))
    return tuple(sorted(found, key=lambda it: (it.since, it.id)))


def _in_force(ledger: Ledger, it: Blocked, at: datetime) -> bool:
    lifted = ledger.unblocked.get(it.id)
    end = earliest((it.until, None if lifted is None else lifted.at))
    return it.since <= at and (end is None or at < end)


def _blocked(case: Case) -> Standing | None:
    blocks = blocks_in_force(case.ledger, case.at)
    return Canceled(blocks[0].since, Because(Reason.BLOCKED, blocks[0].id)) if blocks else None


def _granted(case: Case) -> Standing | None:
    begun = [(grant_end(case.ledger, it), it) for it in _begun_grants(case)]
    valid = [(end, it) for end, it in begun if end is None or case.at < end]
    if not valid:
        return None
    until, grant = max(valid, key=lambda it: (it[0] is None, it[0] or case.at, it[1].id))
    return Active(until, Because(Reason.GRANTED, grant.id))


def _begun_grants(case: Case) -> Iterable[Granted]:
    return (it for it in case.ledger.grants.values() if it.since <= case.at)


def grant_end(ledger: Ledger, grant: Granted) -> datetime | None:
    """Where the grant ends: as it was given, or earlier if it was withdrawn."""
    withdrawn = ledger.withdrawn.get(grant.id)
    return earliest((grant.until, None if withdrawn is None else withdrawn.at))


_ENDED: Final[Mapping[EndReason, Reason]] = {
    EndReason.REQUESTED: Reason.CANCEL_REQUESTED,
    EndReason.MERCHANT: Reason.CANCELED_BY_MERCHANT,
    EndReason.DISPUTED: Reason.DISPUTED,
}
"""An end for want of payment is not here: it keeps the grace period."""


def _ended(case: Case) -> Standing | None:
    observed = case.observed
    if observed is None or observed.ended_at is None or observed.ended_reason is None:
        return None
    reason = _ENDED.get(observed.ended_reason)
    if reason is None or case.at < observed.ended_at:
        return None
    return Canceled(observed.ended_at, Because(reason))


def _cancel_due(case: Case) -> Standing | None:
    """A scheduled end has come. A payment for later time proves that it was taken back."""
    cancel_at = case.cancel_at
    if cancel_at is None or case.at < cancel_at:
        return None
    if any(it.start >= cancel_at for it in case.good):
        return None
    return Canceled(cancel_at, Because(Reason.CANCEL_REQUESTED))


def _money_gone(case: Case) -> Standing | None:
    """What would cover this instant was taken back, and nothing else covers it."""
    here = any(it.covers(case.at) for it in case.void)
    return _taken_back(case) if here and not case.good else None


def _taken_back(case: Case) -> Standing | None:
    it = case.taken_back
    if it is None:
        return None
    reason = Reason.DISPUTE_LOST if it.fate is Fate.LOST else Reason.REFUNDED
    return Expired(it.start, Because(reason, it.payment))


def _disputed(case: Case) -> Standing | None:
    disputed = [it for it in case.good if it.fate is Fate.DISPUTED]
    if not case.policy.suspend_on_dispute or not disputed or len(disputed) < len(case.good):
        return None
    return Paused(None, Because(Reason.DISPUTED, disputed[0].payment))


def _paused(case: Case) -> Standing | None:
    observed = case.observed
    if observed is None or observed.status is not ProviderStatus.PAUSED:
        return None
    because = Because(Reason.PAUSED)
    return Active(None, because) if case.policy.access_while_paused else Paused(None, because)


def _collection_paused(case: Case) -> Standing | None:
    observed = case.observed
    if observed is None or observed.pause is None or not observed.pauses_collection:
        return None
    resumes_at = observed.pause.resumes_at
    over = resumes_at is not None and case.at >= resumes_at
    if over or case.covered_through is None or case.taken_back is not None:
        return None
    because = Because(Reason.COLLECTION_PAUSED)
    if case.policy.access_while_collection_paused:
        return Active(earliest((resumes_at, case.cancel_ahead)), because)
    return Paused(resumes_at, because)


def _trialing(case: Case) -> Standing | None:
    observed, until = case.observed, case.trial_end
    if observed is None or until is None or case.at >= until:
        return None
    if observed.status is ProviderStatus.ENDED:
        return None
    return Trialing(min(until, case.cancel_ahead or until), Because(Reason.TRIAL))


def _covered(case: Case) -> Standing | None:
    if not case.good:
        return None
    last = max(case.good, key=lambda it: (it.start, it.payment))
    return Active(case.paid_until(), Because(Reason.PAID, last.payment))


def _pending(case: Case) -> Standing | None:
    """A payment on its way holds the access of someone who had it, and gives none."""
    renewal = case.renewal
    if renewal is None or renewal.failed or renewal.pending_until is None:
        return None
    if case.at >= renewal.pending_until:
        return None
    return Active(renewal.pending_until, Because(Reason.PAYMENT_PENDING))


def _renewing(case: Case) -> Standing | None:
    renewal = case.renewal
    if renewal is None or renewal.failed or case.at >= renewal.in_progress_until:
        return None
    return Active(renewal.in_progress_until, Because(Reason.RENEWAL_IN_PROGRESS))


def _grace(case: Case) -> Standing | None:
    renewal = case.renewal
    if renewal is None:
        return None
    if case.at < renewal.grace_end:
        return PastDue(renewal.since, renewal.grace_end, _not_paid(renewal))
    if renewal.verified or case.at >= renewal.held_until:
        return None
    return PastDue(renewal.since, renewal.held_until, Because(Reason.UNVERIFIED))


def _not_paid(renewal: Renewal) -> Because:
    return Because(Reason.PAYMENT_FAILED if renewal.failed else Reason.NOT_PAID, renewal.payment)


def _unpaid(case: Case) -> Standing | None:
    renewal = case.renewal
    if renewal is None:
        return None
    because = _not_paid(renewal)
    if not renewal.verified:
        return Expired(renewal.held_until, because)
    return Expired(renewal.grace_end, because, case.ledger.denied_at)


def _over(case: Case) -> Standing | None:
    through = case.covered_through
    return None if through is None else Expired(through, Because(Reason.ACCESS_DAYS_OVER))


def _grant_over(case: Case) -> Standing | None:
    ends = [
        (end, it.id)
        for it in _begun_grants(case)
        if (end := grant_end(case.ledger, it)) is not None
    ]
    if not ends:
        return None
    end, grant = max(ends)
    return Expired(end, Because(Reason.GRANT_OVER, grant))


def _incomplete(case: Case) -> Standing:
    for status, reason in (
        (PaymentStatus.FAILED, Reason.FIRST_PAYMENT_FAILED),
        (PaymentStatus.PENDING, Reason.FIRST_PAYMENT_PENDING),
    ):
        first = _first_unpaid(case, status)
        if first is not None:
            return Incomplete(Because(reason, first))
    return Incomplete(Because(Reason.NEVER_PAID))


def _first_unpaid(case: Case, status: PaymentStatus) -> str | None:
    """The first payment of this status: of a period, else for a pass or for life."""
    periods = (it.id for it in unpaid(case.ledger, case.covered_through) if it.status is status)
    passes = (
        it.id
        for it in case.ledger.payments.values()
        if it.status is status and not isinstance(it.cover, Period)
    )
    return next(periods, None) or min(passes, default=None)


Rule: TypeAlias = Callable[[Case], Standing | None]

RULES: Final[tuple[Rule, ...]] = (
    _blocked,
    _granted,
    _ended,
    _cancel_due,
    _money_gone,
    _disputed,
    _paused,
    _trialing,
    _covered,
    _collection_paused,
    _pending,
    _renewing,
    _grace,
    _taken_back,
    _unpaid,
    _over,
    _grant_over,
)
"""The first that applies decides; with none, the subscription is incomplete."""
