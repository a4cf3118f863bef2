"""What an organization decides about access, as values that refuse to exist in a wrong form."""

from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.core.instants import DAY, HOUR, Interval

MAX_GRACE: Final = 30 * DAY
RENEWAL_WINDOW: Final = DAY


class AccessPolicy(Struct, frozen=True):
    """How long, and through what, a subscription gives access."""

    grace: timedelta = 5 * DAY
    """Between a failed renewal and the loss of access; 3 to 7 days are recommended."""
    renews: bool = True
    """A plan that does not renew has no renewal window, no grace and nothing to verify."""
    verifies: bool = True
    """False where the provider keeps no subscription that could be read."""
    renewal_window: timedelta = RENEWAL_WINDOW
    """Providers draft the next invoice at the period's end and charge it an hour or more later."""
    pending_limit: timedelta = 14 * DAY
    """How long a bank debit on its way holds the access of someone who had it."""
    verify_within: timedelta = DAY
    """How fresh the provider's word must be before non-payment ends access."""
    outage_allowance: timedelta = 2 * DAY
    """How long access holds when the provider could not be asked."""
    grace_after_trial: bool = False
    suspend_on_dispute: bool = False
    """Whether an open dispute suspends access; a lost one always ends it."""
    access_while_paused: bool = False
    access_while_collection_paused: bool = True

    def __post_init__(self) -> None:
        _between("grace", self.grace, timedelta(0), MAX_GRACE)
        _between("renewal_window", self.renewal_window, timedelta(0), RENEWAL_WINDOW)
        _between("pending_limit", self.pending_limit, DAY, 30 * DAY)
        _between("verify_within", self.verify_within, HOUR, 7 * DAY)
        _between("outage_allowance", self.outage_allowance, timedelta(0), 14 * DAY)

    def for_interval(self, interval: Interval, *, grace: timedelta | None) -> "AccessPolicy":
        """The policy of a plan: its interval, and its own grace where it has one."""
        if not interval.renews:
            return replace(self, renews=False, renewal_window=timedelta(0), grace=timedelta(0))
        return replace(self, grace=self.grace if grace is None else grace)


class RetryPolicy(Struct, frozen=True):
    """A command is retried until a deadline, not a number of times: outages last hours.

    Delays double from `first` to `cap`. Half of each is fixed and half is jitter.
    """

    first: timedelta = timedelta(seconds=30)
    cap: timedelta = 6 * HOUR
    deadline: timedelta = 3 * DAY

    def __post_init__(self) -> None:
        _between("first", self.first, timedelta(seconds=1), HOUR)
        _between("cap", self.cap, self.first, DAY)
        _between("deadline", self.deadline, DAY, 30 * DAY)

    def delay(self, attempt: int, chance: float) -> timedelta:
        """The wait after failed attempt number `attempt`, counted from 1; `chance` is in [0, 1)."""
        doubled = self.first * (1 << min(attempt - 1, 30))
        return min(doubled, self.cap) * (0.5 + chance / 2)


class RetentionPolicy(Struct, frozen=True):
    """How long what grows without end is kept. Dead letters count from their resolution."""

    audit: timedelta = 400 * DAY
    payment_events: timedelta = 730 * DAY
    finished_commands: timedelta = 30 * DAY

    def __post_init__(self) -> None:
        _between("audit", self.audit, 30 * DAY, 3650 * DAY)
        _between("payment_events", self.payment_events, 30 * DAY, 3650 * DAY)
        _between("finished_commands", self.finished_commands, DAY, 3650 * DAY)


class BrakePolicy(Struct, frozen=True):
    """A run that would expel more than both bounds without certain evidence stops and asks."""

    share: float = 0.10
    people: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be in (0, 1], not {self.share}")
        if self.people < 0:
            raise ValueError(f"people must not be negative: {self.people}")

    def stops(self, expulsions: int, members: int) -> bool:
        return expulsions > self.people and expulsions > self.share * members


def _between(name: str, value: timedelta, low: timedelta, high: timedelta) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must be {_words(low)} to {_words(high)}, not {_words(value)}")


def _words(length: timedelta) -> str:
    if length % DAY == timedelta(0):
        return f"{length // DAY} days"
    return f"{length.total_seconds():g} seconds"
