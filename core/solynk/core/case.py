"""One subscription at one instant: what the rules of `judge` may look at."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from solynk.core.cover import Paid
from solynk.core.facts import Observed, ProviderStatus
from solynk.core.instants import earliest, latest
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.reads import pause_seen_until
from solynk.core.renewal import Renewal, renewal_from


class Case(Struct, frozen=True):
    """What many rules ask is found once, when it is made by `case_at`."""

    ledger: Ledger
    policy: AccessPolicy
    at: datetime
    observed: Observed | None
    covers: Sequence[Paid]
    """All of them, by start."""
    good: Sequence[Paid]
    """Those around this instant whose money was kept."""
    void: Sequence[Paid]
    """Those that have begun and whose money went back."""
    trial_end: datetime | None
    """The end of a trial that has begun."""
    cancel_at: datetime | None
    covered_through: datetime | None
    """The latest end of what was paid, kept and has begun; trials and pauses count."""
    taken_back: Paid | None
    """The latest cover whose money went back, where nothing kept reaches as far."""
    renewal: Renewal | None
    """The renewal that is due where the covered time ends; None while something covers, and where
    no renewal was to come."""

    @property
    def cancel_ahead(self) -> datetime | None:
        """The scheduled end that is still to come; one that a payment took back is no end."""
        return None if self.cancel_at is None or self.cancel_at <= self.at else self.cancel_at

    def paid_until(self) -> datetime | None:
        """Where the unbroken stretch of kept covers around this instant ends; None is never."""
        end = self.at
        for it in self.covers:
            if it.start <= end and not it.fate.void:
                if it.end is None:
                    return None
                end = max(end, it.end)
        return earliest((end, self.cancel_ahead))

    def later(self, at: datetime) -> "Case":
        """The same subscription at another instant, with no new fact."""
        return case_at(self.ledger, self.policy, at, self.covers, self.renewal)


def case_at(
    ledger: Ledger,
    policy: AccessPolicy,
    at: datetime,
    covers: Sequence[Paid],
    known: Renewal | None = None,
) -> Case:
    """The case of this ledger, whose `covers` are these; `known` is a renewal of it, if any is."""
    observed = ledger.observed
    trial_end = _trial_end(observed)
    begun = [it for it in covers if it.start <= at]
    void = [it for it in begun if it.fate.void]
    kept = [it for it in begun if not it.fate.void] if void else begun
    paid_through = latest([trial_end, *[it.end for it in kept]])
    taken_back = _taken_back(void, paid_through)
    through = paid_through
    if through is not None and taken_back is None:
        through = latest((through, _paused_through(ledger, policy, at)))
    good = [it for it in kept if it.end is None or at < it.end]
    cancel_at = None if observed is None else observed.cancel_at
    stopped = cancel_at is not None and through is not None and cancel_at <= through
    due = through if policy.renews and not good and not stopped and taken_back is None else None
    return Case(
        ledger=ledger,
        policy=policy,
        at=at,
        observed=observed,
        covers=covers,
        good=good,
        void=void,
        trial_end=trial_end,
        cancel_at=cancel_at,
        covered_through=through,
        taken_back=taken_back,
        renewal=known
        if known is not None and known.since == due
        else _renewal(due, ledger, policy),
    )


def _renewal(since: datetime | None, ledger: Ledger, policy: AccessPolicy) -> Renewal | None:
    if since is None:
        return None
    return renewal_from(since, ledger, policy, _trial_end(ledger.observed))


def _trial_end(observed: Observed | None) -> datetime | None:
    if observed is None or observed.status is ProviderStatus.INCOMPLETE:
        return None
    return observed.trial_end


def _taken_back(void: Sequence[Paid], through: datetime | None) -> Paid | None:
    beyond = [it for it in void if through is None or it.end is None or it.end > through]
    return max(beyond, key=lambda it: (it.start, it.payment), default=None)


def _paused_through(ledger: Ledger, policy: AccessPolicy, at: datetime) -> datetime | None:
    """The end of the last pause of collection that gave access: a renewal is due from there."""
    if not policy.access_while_collection_paused:
        return None
    last = next((it for it in reversed(ledger.reads) if it.pauses_collection), None)
    if last is None or last.pause is None:
        return None
    end = earliest((last.pause.resumes_at, pause_seen_until(ledger.reads)))
    return end if end is not None and end <= at else None
