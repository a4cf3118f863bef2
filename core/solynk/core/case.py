"""One subscription at one instant: what the rules of `judge` may look at."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

from msgspec import Struct

from solynk.core.cover import Paid, ever_paid
from solynk.core.facts import EndReason, Observed, Payment, PaymentStatus, ProviderStatus
from solynk.core.instants import Period, earliest, latest
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.reads import pause_seen_until


class Case(Struct, frozen=True, dict=True):
    """It never changes and many rules ask it the same: so each answer is found once, and kept."""

    ledger: Ledger
    policy: AccessPolicy
    at: datetime
    covers: tuple[Paid, ...]

    @cached_property
    def observed(self) -> Observed | None:
        return self.ledger.observed

    @cached_property
    def trial_end(self) -> datetime | None:
        """The end of a trial that has begun."""
        observed = self.observed
        if observed is None or observed.status is ProviderStatus.INCOMPLETE:
            return None
        return observed.trial_end

    @cached_property
    def cancel_at(self) -> datetime | None:
        return None if self.observed is None else self.observed.cancel_at

    @cached_property
    def cancel_ahead(self) -> datetime | None:
        """The scheduled end that is still to come; one that a payment took back is no end."""
        return None if self.cancel_at is None or self.cancel_at <= self.at else self.cancel_at

    def covering(self) -> list[Paid]:
        return [it for it in self.covers if it.covers(self.at)]

    @cached_property
    def paid_until(self) -> datetime | None:
        """Where the unbroken stretch of kept covers around this instant ends; None is never."""
        end = self.at
        for it in self._kept():
            if it.start <= end:
                if it.end is None:
                    return None
                end = max(end, it.end)
        return earliest((end, self.cancel_ahead))

    @cached_property
    def covered_through(self) -> datetime | None:
        """The latest end of what was paid, kept and has begun; trials and pauses count."""
        through = self._paid_through
        if through is None or self.taken_back is not None:
            return through
        return latest((through, self._paused_through))

    @cached_property
    def _paid_through(self) -> datetime | None:
        return latest((*(it.end for it in self._kept() if it.start <= self.at), self.trial_end))

    @cached_property
    def _paused_through(self) -> datetime | None:
        """The end of the last pause of collection that gave access: a renewal is due from there."""
        last = [it.pause for it in self.ledger.reads if it.pauses_collection][-1:]
        if not self.policy.access_while_collection_paused:
            return None
        planned = (None if it is None else it.resumes_at for it in last)
        end = earliest((*planned, pause_seen_until(self.ledger.reads)))
        return end if end is not None and end <= self.at else None

    def _kept(self) -> Iterable[Paid]:
        return (it for it in self.covers if not it.fate.void)

    @cached_property
    def taken_back(self) -> Paid | None:
        """The latest cover whose money went back, where nothing kept reaches as far."""
        through = self._paid_through
        void = (
            it
            for it in self.covers
            if it.fate.void
            and it.start <= self.at
            and (through is None or it.end is None or it.end > through)
        )
        return max(void, key=lambda it: (it.start, it.payment), default=None)

    @cached_property
    def renewal(self) -> datetime | None:
        """Where the next period should have begun; None where no renewal was to come."""
        through = self.covered_through
        if through is None or not self.policy.renews or self.taken_back is not None:
            return None
        stopped = self.cancel_at is not None and self.cancel_at <= through
        return None if stopped else through

    def grace(self, renewal: datetime) -> timedelta:
        """The grace in force, or the longer one that was promised when it began to run."""
        after_trial = self.trial_end is not None and renewal <= self.trial_end
        none = after_trial and not ever_paid(self.ledger) and not self.policy.grace_after_trial
        in_force = timedelta(0) if none else self.policy.grace
        return max(in_force, self.ledger.promised.get(renewal, timedelta(0)))

    def unpaid(self, status: PaymentStatus) -> Payment | None:
        """The first payment of this status for time that nothing kept covers."""
        return next(iter(self._unpaid(status)), None)

    def _unpaid(self, *statuses: PaymentStatus) -> list[Payment]:
        through = self.covered_through
        found = [
            (it.cover.start, it.id, it)
            for it in self.ledger.payments.values()
            if it.status in statuses
            and isinstance(it.cover, Period)
            and (through is None or it.cover.end > through)
        ]
        return [it for _, _, it in sorted(found, key=lambda it: it[:2])]

    def unpaid_pass(self, status: PaymentStatus) -> Payment | None:
        """A payment of this status for a pass, or for life: it has no period of its own."""
        found = (
            it
            for it in self.ledger.payments.values()
            if it.status is status and not isinstance(it.cover, Period)
        )
        return min(found, key=lambda it: it.id, default=None)

    @cached_property
    def failure_known(self) -> bool:
        if self.unpaid(PaymentStatus.FAILED) is not None:
            return True
        observed = self.observed
        return observed is not None and (
            observed.status in {ProviderStatus.PAST_DUE, ProviderStatus.UNPAID}
            or observed.ended_reason is EndReason.PAYMENT_FAILED
        )

    def grace_start(self, renewal: datetime) -> datetime:
        """The first failure for unpaid time, but never later than without a failure."""
        bound = latest((self.renewing_until(renewal), self.pending_until(renewal)))
        return self._failed_or(renewal, bound)

    def _failed_or(self, renewal: datetime, bound: datetime | None) -> datetime:
        failed_at = earliest(it.failed_at for it in self._unpaid(PaymentStatus.FAILED))
        return max(renewal, earliest((failed_at, bound)) or renewal)

    def renewing_until(self, renewal: datetime) -> datetime:
        """How long a renewal without a failure counts as in progress.

        While the provider itself goes on calling the subscription active, each read buys a window,
        which a later failure does not take back: its grace begins where that window ends at most.
        """
        asked = self.undenied_at(renewal)
        since = renewal if asked is None else max(renewal, asked)
        return since + self.policy.renewal_window

    def undenied_at(self, renewal: datetime) -> datetime | None:
        """When the provider last said, of the period that is due, anything but 'not paid'.

        A word that nobody knows says so only while access stands: it opens nothing.
        """
        asked, denied = None, None
        for it in self.ledger.reads:
            if it.read_at < renewal or it.status is ProviderStatus.ENDED:
                continue
            if it.denies:
                denied = it.read_at
            elif it.status is not ProviderStatus.UNKNOWN or it.read_at < (
                denied or self._lapse(renewal, asked or renewal)
            ):
                asked, denied = it.read_at, None
        return asked

    def _lapse(self, renewal: datetime, since: datetime) -> datetime:
        """Where access ends, at the earliest, if nothing more is heard."""
        begins = self._failed_or(renewal, since + self.policy.renewal_window)
        return begins + self.grace(renewal) + self.policy.outage_allowance

    def held_until(self, renewal: datetime) -> datetime:
        """How long access outlives the grace period while the provider has not denied payment."""
        silent = self.grace_end(renewal) + self.policy.outage_allowance
        asked = self.undenied_at(renewal)
        return silent if asked is None else max(silent, asked + self.policy.verify_within)

    def pending_until(self, renewal: datetime) -> datetime | None:
        """How long the first unpaid period waits for a payment that was on its way in time."""
        first = next(iter(self._unpaid(PaymentStatus.PENDING, PaymentStatus.FAILED)), None)
        since = None if first is None else first.pending_since
        lapsed = renewal + self.policy.renewal_window + self.grace(renewal)
        if since is None or since > lapsed:
            return None
        return since + self.policy.pending_limit

    def grace_end(self, renewal: datetime) -> datetime:
        """Where the grace period ends: never before the end that was named when it began."""
        end = self.grace_start(renewal) + self.grace(renewal)
        return max(end, self.ledger.promised_until.get(renewal, end))

    def verified(self, renewal: datetime) -> bool:
        """Whether the provider said of this period, lately and as its last word, 'not paid'."""
        if not self.policy.verifies:
            return True
        denied, asked = self.ledger.denied_at, self.undenied_at(renewal)
        fresh = self.grace_end(renewal) - self.policy.verify_within
        return denied is not None and denied >= max(renewal, fresh, asked or renewal)
