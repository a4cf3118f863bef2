"""The one timer: when the clock alone changes the answer, and when to ask before it does."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from solynk.core.case import Case, case_at
from solynk.core.cover import Paid, covers
from solynk.core.instants import HOUR, earliest
from solynk.core.judge import standing, standing_in
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.reads import pause_seen_until
from solynk.core.standing import Active, Because, PastDue, Reason

ASK_AHEAD: Final = HOUR
"""How long before access would end for non-payment the provider is asked, and how often again."""


def next_change_at(ledger: Ledger, policy: AccessPolicy, at: datetime) -> datetime | None:
    """The earliest instant at which `standing` changes with no new fact; None is never."""
    paid = covers(ledger)
    fixed = sorted({it for it in _fixed_edges(ledger, paid) if it is not None and it > at})
    case = case_at(ledger, policy, at, paid)
    now = standing_in(case)
    while True:
        later = earliest((_after(fixed, case.at), *_edges_of_renewal(case)))
        if later is None:
            return None
        case = case.later(later)
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


def _after(edges: Sequence[datetime], at: datetime) -> datetime | None:
    place = bisect_right(edges, at)
    return edges[place] if place < len(edges) else None


def _fixed_edges(ledger: Ledger, covers: Iterable[Paid]) -> Iterable[datetime | None]:
    """Where a rule's answer may change, wherever the covered time ends."""
    for paid in covers:
        yield from (paid.start, paid.end)
    observed = ledger.observed
    if observed is not None:
        yield from (observed.trial_end, observed.cancel_at, observed.ended_at)
        yield pause_seen_until(ledger.reads)
    yield from (it.pause.resumes_at for it in ledger.reads if it.pause is not None)
    yield from _edges_of_people(ledger)


def _edges_of_renewal(case: Case) -> Iterable[datetime]:
    """Where the answer for unpaid time may change."""
    renewal = case.renewal
    if renewal is None:
        return ()
    pending = renewal.in_progress_until if renewal.pending_until is None else renewal.pending_until
    edges = (renewal.in_progress_until, pending, renewal.grace_end, renewal.held_until)
    return (it for it in edges if it > case.at)


def _edges_of_people(ledger: Ledger) -> Iterable[datetime | None]:
    for grant in ledger.grants.values():
        yield from (grant.since, grant.until)
    for block in ledger.blocks.values():
        yield from (block.since, block.until)
    yield from (it.at for it in ledger.withdrawn.values())
    yield from (it.at for it in ledger.unblocked.values())
