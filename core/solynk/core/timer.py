"""The one timer: when the clock alone changes the answer, and when to ask before it does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from solynk.core.case import Case
from solynk.core.cover import covers
from solynk.core.instants import HOUR, earliest
from solynk.core.judge import pending_until, standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Active, Because, PastDue, Reason

ASK_AHEAD: Final = HOUR
"""How long before access would end for non-payment the provider is asked."""


def next_change_at(ledger: Ledger, policy: AccessPolicy, at: datetime) -> datetime | None:
    """The earliest instant at which `standing` changes with no new fact; None is never."""
    now, edge = standing(ledger, policy, at), at
    while True:
        case = Case(ledger, policy, edge, covers(ledger))
        later = earliest(it for it in _edges(case) if it is not None and it > edge)
        if later is None or standing(ledger, policy, later) != now:
            return later
        edge = later


def verify_at(ledger: Ledger, policy: AccessPolicy, at: datetime) -> datetime | None:
    """When to ask the provider, so that nobody is expelled on old news; None is no need."""
    it = standing(ledger, policy, at)
    match it:
        case (
            PastDue() | Active(because=Because(Reason.RENEWAL_IN_PROGRESS | Reason.PAYMENT_PENDING))
        ):
            ask = it.until
        case _:
            return None
    if ask is None or not policy.verifies:
        return None
    ask = at if it.because.reason is Reason.UNVERIFIED else ask - ASK_AHEAD
    known = ledger.verified_at is not None and ledger.verified_at >= ask
    return None if known else max(at, ask)


def _edges(case: Case) -> Iterable[datetime | None]:
    """Every instant at which a rule's answer may change, while `covered_through` stays."""
    for paid in case.covers:
        yield from (paid.start, paid.end)
    observed = case.observed
    if observed is not None:
        yield from (observed.trial_end, observed.cancel_at, observed.ended_at)
        yield None if observed.pause is None else observed.pause.resumes_at
    yield from _edges_of_people(case.ledger)
    if case.renewal is not None:
        end = case.grace_end(case.renewal)
        yield from (case.renewal + case.policy.renewal_window, pending_until(case))
        yield from (end, end + case.policy.outage_allowance)


def _edges_of_people(ledger: Ledger) -> Iterable[datetime | None]:
    for grant in ledger.grants.values():
        yield from (grant.since, grant.until)
    for block in ledger.blocks.values():
        yield from (block.since, block.until)
    yield from (it.at for it in ledger.withdrawn.values())
    yield from (it.at for it in ledger.unblocked.values())
