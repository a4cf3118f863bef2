"""The one timer: when the clock alone changes the answer, and when to ask before it does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from solynk.core.case import Case
from solynk.core.cover import covers
from solynk.core.instants import HOUR, earliest
from solynk.core.judge import pending_until, standing, standing_in
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Active, Because, PastDue, Reason

ASK_AHEAD: Final = HOUR
"""How long before access would end for non-payment the provider is asked, and how often again."""


def next_change_at(ledger: Ledger, policy: AccessPolicy, at: datetime) -> datetime | None:
    """The earliest instant at which `standing` changes with no new fact; None is never."""
    paid = covers(ledger)
    case = Case(ledger, policy, at, paid)
    now = standing_in(case)
    while True:
        edge = case.at
        later = earliest(it for it in _edges(case) if it is not None and it > edge)
        if later is None:
            return None
        case = Case(ledger, policy, later, paid)
        if standing_in(case) != now:
            return later


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
    read = ledger.read_at
    if it.because.reason is Reason.UNVERIFIED:
        return at if read is None else max(at, read + ASK_AHEAD)
    ask -= ASK_AHEAD
    return None if read is not None and read >= ask else max(at, ask)


def _edges(case: Case) -> Iterable[datetime | None]:
    """Every instant at which a rule's answer may change, while `covered_through` stays."""
    for paid in case.covers:
        yield from (paid.start, paid.end)
    observed = case.observed
    if observed is not None:
        yield from (observed.trial_end, observed.cancel_at, observed.ended_at)
    for read in case.ledger.reads:
        yield from (read.read_at, None if read.pause is None else read.pause.resumes_at)
    yield from _edges_of_people(case.ledger)
    if case.renewal is not None:
        yield from (case.renewing_until(case.renewal), pending_until(case))
        yield from (case.grace_end(case.renewal), case.held_until(case.renewal))


def _edges_of_people(ledger: Ledger) -> Iterable[datetime | None]:
    for grant in ledger.grants.values():
        yield from (grant.since, grant.until)
    for block in ledger.blocks.values():
        yield from (block.since, block.until)
    yield from (it.at for it in ledger.withdrawn.values())
    yield from (it.at for it in ledger.unblocked.values())
