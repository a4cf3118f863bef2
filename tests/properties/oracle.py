"""Who has a right at an instant, written a second time from the design and the decision tables.

It reads the facts as data and shares no rule with the core: it knows no ledger, builds no standing
and gives no reason. Where it and the core differ, one of them is wrong.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from solynk.core.facts import (
    Blocked,
    EndReason,
    Everywhere,
    Fact,
    GracePromised,
    Granted,
    GrantWithdrawn,
    Observed,
    OnChannel,
    OnProduct,
    PaymentStatus,
    ProviderStatus,
    Scope,
    Unblocked,
)
from solynk.core.ids import ChannelId, ProductId
from solynk.core.instants import Period
from solynk.core.policies import AccessPolicy
from tests.properties.books import (
    NEVER,
    Fate,
    Known,
    Stretch,
    ever_paid,
    first,
    newest_read,
    of_kind,
    payments,
    reads,
    stretches,
)

FORGOTTEN: Final = timedelta(days=60)
"""A pause that was last seen so long before the latest read ended when it was last seen."""
UNPAID: Final = {ProviderStatus.INCOMPLETE, ProviderStatus.PAST_DUE, ProviderStatus.UNPAID}
RUNNING: Final = {ProviderStatus.ACTIVE, ProviderStatus.TRIALING}


def rights(facts: Iterable[Fact], policy: AccessPolicy, at: datetime) -> bool:
    """Whether access is due. The facts are a set: their order says nothing."""
    known = tuple(facts)
    if _decided(known, Blocked, Unblocked, at):
        return False
    return _decided(known, Granted, GrantWithdrawn, at) or _earned(known, policy, at)


def may_be_in(
    held: Iterable[tuple[ProductId, Iterable[Fact]]],
    people: Iterable[Fact],
    channel: ChannelId,
    policy: AccessPolicy,
    at: datetime,
) -> bool:
    """Whether a customer is due in a channel that all of these products open.

    One right is enough; a block of the channel, or of everything, outranks them all. `held` are
    the products with the facts of their subscriptions.
    """
    said = tuple(people)
    if _decided(_about(said, OnChannel(channel), Everywhere()), Blocked, Unblocked, at):
        return False
    given = {it.scope.product for it in of_kind(said, Granted) if isinstance(it.scope, OnProduct)}
    sources = [*held, *((product, ()) for product in given)]
    own = _about(said, OnChannel(channel))
    return rights(own, policy, at) or any(
        rights((*facts, *_about(said, OnProduct(product), Everywhere())), policy, at)
        for product, facts in sources
    )


def _about(people: Known, *scopes: Scope) -> Known:
    """Who takes back a grant or a block names it by its id alone."""
    return tuple(it for it in people if not isinstance(it, Granted | Blocked) or it.scope in scopes)


def _decided(
    known: Known,
    laid: type[Granted | Blocked],
    lifted: type[GrantWithdrawn | Unblocked],
    at: datetime,
) -> bool:
    over = {it.id for it in known if isinstance(it, lifted) and it.at <= at}
    return any(
        isinstance(it, laid) and it.id not in over and it.since <= at < (it.until or NEVER)
        for it in known
    )


def _earned(known: Known, policy: AccessPolicy, at: datetime) -> bool:
    now = newest_read(known)
    begun = [it for it in stretches(known) if it.start <= at]
    here = [it for it in begun if at < it.end]
    good = [it for it in here if it.fate is not Fate.GONE]
    trial = now.trial_end if now and now.status is not ProviderStatus.INCOMPLETE else None
    through = max((it.end for it in begun if it.fate is not Fate.GONE), default=trial)
    through = max(through, trial) if through and trial else through
    gone = any(it.fate is Fate.GONE and (not through or it.end > through) for it in begun)
    if now and _stopped(now, good, at):
        return False
    if here and not good and gone:
        return False
    if policy.suspend_on_dispute and good and all(it.fate is Fate.DISPUTED for it in good):
        return False
    if now and now.status is ProviderStatus.PAUSED:
        return policy.access_while_paused
    if good or (now and trial and at < trial and now.status is not ProviderStatus.ENDED):
        return True
    return through is not None and not gone and _unpaid(known, policy, through, at)


def _stopped(now: Observed, good: Sequence[Stretch], at: datetime) -> bool:
    """By somebody's wish. A payment for time after a scheduled end takes that end back."""
    if now.ended_at and now.ended_reason is not EndReason.PAYMENT_FAILED and now.ended_at <= at:
        return True
    end = now.cancel_at
    return end is not None and end <= at and not any(it.start >= end for it in good)


def _unpaid(known: Known, policy: AccessPolicy, through: datetime, at: datetime) -> bool:
    """What was paid is over: a pause of collection, or a renewal that is due, may give access."""
    now, trial = newest_read(known), None
    if now:
        trial = None if now.status is ProviderStatus.INCOMPLETE else now.trial_end
        if now.pause and now.status in RUNNING and at < (now.pause.resumes_at or NEVER):
            return policy.access_while_collection_paused
    resumed = _resumed(reads(known))
    if policy.access_while_collection_paused and resumed and resumed <= at:
        through = max(through, resumed)
    if not policy.renews or (now and now.cancel_at and now.cancel_at <= through):
        return False
    no_grace = trial and through <= trial and not policy.grace_after_trial
    grace = timedelta(0) if no_grace and not ever_paid(known) else policy.grace
    return at < _lapses(known, policy, grace, through)


def _lapses(known: Known, policy: AccessPolicy, grace: timedelta, through: datetime) -> datetime:
    """Where access to unpaid time ends, if nothing more is heard."""
    promises = [it for it in of_kind(known, GracePromised) if it.unpaid_from == through]
    grace = max([grace, *(it.length for it in promises)])
    owed = [
        (it.cover.start, it.id, it)
        for it in payments(known)
        if it.status is not PaymentStatus.PAID
        and isinstance(it.cover, Period)
        and it.cover.end > through
    ]
    failed = first(it.failed_at for _, _, it in owed if it.status is PaymentStatus.FAILED) or NEVER
    lapsed = through + policy.renewal_window + grace
    since = min(owed)[2].pending_since if owed else None
    pending = since + policy.pending_limit if since and since <= lapsed else through
    heard, denied = _heard(known, policy, grace, through, failed)
    bound = max((heard or through) + policy.renewal_window, pending)
    end = max(through, min(failed, bound)) + grace
    end = max([end, *(it.until for it in promises if it.until)])
    fresh = max(through, heard or through, end - policy.verify_within)
    if not policy.verifies or (denied and denied >= fresh):
        return end
    silent = end + policy.outage_allowance
    return max(silent, heard + policy.verify_within) if heard else silent


def _heard(
    known: Known, policy: AccessPolicy, grace: timedelta, through: datetime, failed: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the provider last spoke of the period that is due as one speaks of what runs; when it
    last called anything unpaid. A word nobody knows counts while access stands."""
    heard, denied = None, None
    for it in reads(known):
        if it.read_at < through or it.status is ProviderStatus.ENDED:
            continue
        bound = (heard or through) + policy.renewal_window
        stands = max(through, min(failed, bound)) + grace + policy.outage_allowance
        if _denies(it):
            denied = it.read_at
        elif it.status is not ProviderStatus.UNKNOWN or it.read_at < (denied or stands):
            heard, denied = it.read_at, None
    said = (it.read_at for it in of_kind(known, Observed) if _denies(it))
    return heard, max(said, default=None)


def _denies(it: Observed) -> bool:
    return it.status in UNPAID or it.ended_reason is EndReason.PAYMENT_FAILED


def _resumed(known: Sequence[Observed]) -> datetime | None:
    """Where the last pause of collection ended: as planned, or where a read first misses it."""
    shown = [number for number, it in enumerate(known) if it.pause and it.status in RUNNING]
    if not shown:
        return None
    last, after = known[shown[-1]], known[shown[-1] + 1 :]
    planned = last.pause.resumes_at if last.pause else None
    long_ago = last.read_at <= max(it.read_at for it in known) - FORGOTTEN
    missed = (last if long_ago else after[0]).read_at if after else None
    return first((planned, missed))
