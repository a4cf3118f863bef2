"""A renewal that is due and not paid: how long it is in progress, and where its grace ends.

Nothing here depends on the present instant, but on where the paid time ended.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from solynk.core.cover import ever_paid
from solynk.core.facts import EndReason, Observed, Payment, PaymentStatus, ProviderStatus
from solynk.core.instants import Period, earliest
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy


class Renewal(Struct, frozen=True):
    since: datetime
    """Where the next period should have begun."""
    failed: bool
    """Whether a failure is known. Which payment's is in `payment`, where that is known."""
    payment: str
    in_progress_until: datetime
    pending_until: datetime | None
    grace_end: datetime
    held_until: datetime
    """How long access outlives the grace period while the provider has not denied payment."""
    verified: bool
    """Whether the provider said of this period, lately and as its last word, 'not paid'."""


def renewal_from(
    since: datetime, ledger: Ledger, policy: AccessPolicy, trial_end: datetime | None
) -> Renewal:
    owed = unpaid(ledger, since)
    failures = [it for it in owed if it.status is PaymentStatus.FAILED]
    failed_at = earliest(it.failed_at for it in failures)
    grace = _grace(since, ledger, policy, trial_end)
    asked = _undenied_at(since, ledger, policy, grace, failed_at)
    in_progress_until = (asked or since) + policy.renewal_window
    pending_until = _pending_until(since, owed, policy, grace)
    bound = max(in_progress_until, pending_until or in_progress_until)
    grace_end = _grace_start(since, failed_at, bound) + grace
    grace_end = max(grace_end, ledger.promised_until.get(since, grace_end))
    silent = grace_end + policy.outage_allowance
    return Renewal(
        since=since,
        failed=bool(failures) or _failure_read(ledger.observed),
        payment=failures[0].id if failures else "",
        in_progress_until=in_progress_until,
        pending_until=pending_until,
        grace_end=grace_end,
        held_until=silent if asked is None else max(silent, asked + policy.verify_within),
        verified=not policy.verifies
        or _denied(ledger, max(asked or since, grace_end - policy.verify_within)),
    )


def unpaid(ledger: Ledger, through: datetime | None) -> list[Payment]:
    """The payments for time that nothing kept covers, as that goes to `through`; in order."""
    found = [
        (it.cover.start, it.id, it)
        for it in ledger.payments.values()
        if it.status is not PaymentStatus.PAID
        and isinstance(it.cover, Period)
        and (through is None or it.cover.end > through)
    ]
    return [it for _, _, it in sorted(found, key=lambda it: it[:2])]


def _grace(
    since: datetime, ledger: Ledger, policy: AccessPolicy, trial_end: datetime | None
) -> timedelta:
    """The grace in force, or the longer one that was promised when it began to run."""
    after_trial = trial_end is not None and since <= trial_end
    none = after_trial and not policy.grace_after_trial and not ever_paid(ledger)
    in_force = timedelta(0) if none else policy.grace
    return max(in_force, ledger.promised.get(since, in_force))


def _failure_read(observed: Observed | None) -> bool:
    return observed is not None and (
        observed.status is ProviderStatus.PAST_DUE
        or observed.status is ProviderStatus.UNPAID
        or observed.ended_reason is EndReason.PAYMENT_FAILED
    )


def _grace_start(since: datetime, failed_at: datetime | None, bound: datetime) -> datetime:
    """The first failure for unpaid time, but never later than without a failure."""
    return max(since, bound if failed_at is None else min(failed_at, bound))


def _undenied_at(
    since: datetime,
    ledger: Ledger,
    policy: AccessPolicy,
    grace: timedelta,
    failed_at: datetime | None,
) -> datetime | None:
    """When the provider last said, of the period that is due, anything but 'not paid'.

    While the provider itself goes on calling the subscription active, each read buys a window,
    which a later failure does not take back: its grace begins where that window ends at most. A
    word that nobody knows says so only while access stands: it opens nothing.
    """
    asked, denied = None, None
    for it in ledger.reads:
        if it.read_at < since or it.status is ProviderStatus.ENDED:
            continue
        if it.denies:
            denied = it.read_at
            continue
        if it.status is ProviderStatus.UNKNOWN:
            bound = (asked or since) + policy.renewal_window
            lapse = _grace_start(since, failed_at, bound) + grace + policy.outage_allowance
            if it.read_at >= (denied or lapse):
                continue
        asked, denied = it.read_at, None
    return asked


def _pending_until(
    since: datetime, owed: list[Payment], policy: AccessPolicy, grace: timedelta
) -> datetime | None:
    """How long the first unpaid period waits for a payment that was on its way in time."""
    pending_since = owed[0].pending_since if owed else None
    lapsed = since + policy.renewal_window + grace
    if pending_since is None or pending_since > lapsed:
        return None
    return pending_since + policy.pending_limit


def _denied(ledger: Ledger, since: datetime) -> bool:
    denied = ledger.denied_at
    return denied is not None and denied >= since
