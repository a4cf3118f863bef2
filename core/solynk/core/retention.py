"""How long what grows without end is kept, and what stays beyond that.

Gone is what is older than its time, never earlier. What still waits for something stays, and so does
all that belongs to an organization under a legal hold.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from solynk.core.catalog import Platform
from solynk.core.event import EventStatus
from solynk.core.ids import EventId, OrganizationId
from solynk.core.policies import RetentionPolicy


class Kept(StrEnum):
    """What is kept for a time."""

    EVENTS = "events"
    AUDIT = "audit"


def bound(policy: RetentionPolicy, kind: Kept, at: datetime) -> datetime:
    """What is from before this instant is too old at `at`; what is of this very instant is not."""
    match kind:
        case Kept.EVENTS:
            return at - policy.payment_events
        case Kept.AUDIT:
            return at - policy.audit


class PastEvent(Struct, frozen=True):
    """As much of an event that is too old as tells whether it goes."""

    id: EventId
    organization: OrganizationId | None
    status: EventStatus
    due_at: datetime | None


_PLATFORMS: Final = frozenset(it.value for it in Platform)


def may_name_another(source: str) -> bool:
    """Whether an id of this source is given again: after a quiet week Telegram begins at a random one.

    So the key of an update goes with it, or an update years later would be taken for its copy. A
    payment provider gives an id once.
    """
    return source in _PLATFORMS


class Stays(StrEnum):
    """Why something is kept beyond its time."""

    HELD = "legal hold"
    WAITS = "not applied yet"
    UNSETTLED = "a dead letter that nobody has settled"


def stays(
    event: PastEvent, held: Collection[OrganizationId], unsettled: Collection[str]
) -> Stays | None:
    """Why this event stays; None where it goes."""
    if event.organization in held:
        return Stays.HELD
    if event.due_at is not None or event.status is EventStatus.RECEIVED:
        return Stays.WAITS
    if event.status is EventStatus.DEAD and event.id in unsettled:
        return Stays.UNSETTLED
    return None
