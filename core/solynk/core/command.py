"""Durable orders: to a platform, to a provider, to a person.

Admit and expel converge when they are repeated. Tell happens at least once.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from solynk.core.evidence import Evidence
from solynk.core.ids import AccessId, ChannelId, CommandId, CustomerId, OrganizationId, PersonId


class Admit(Struct, frozen=True, tag="admit"):
    """Let the bound person in, or hand them their way in."""

    access: AccessId
    generation: int
    person: PersonId


class Expel(Struct, frozen=True, tag="expel"):
    """Withdraw the way in and take the person out."""

    access: AccessId
    generation: int
    person: PersonId
    evidence: Evidence


class Decline(Struct, frozen=True, tag="decline"):
    """Turn down the request of someone who has no right here."""

    channel: ChannelId
    person: PersonId


class Topic(StrEnum):
    """What a member is told. Messages follow changes of standing, not of what was seen."""

    INVITED = "invited"
    CLAIM = "claim"
    RENEWAL_FAILED = "renewal_failed"
    RECOVERED = "recovered"
    ENDED = "ended"
    NO_RIGHT = "no_right"


class Tell(Struct, frozen=True, tag="tell"):
    topic: Topic
    person: PersonId
    channel: ChannelId | None = None
    customer: CustomerId | None = None
    until: datetime | None = None
    link: str | None = None
    locale: str = "en"


class Fetch(Struct, frozen=True, tag="fetch"):
    """Ask the provider for an object; its answer enters the inbox as an event."""

    provider: str
    account: str
    kind: str
    object: str


class Inspect(Struct, frozen=True, tag="inspect"):
    """Look at a channel: does it exist, and what may the bot do there?"""

    channel: ChannelId


Order: TypeAlias = Admit | Expel | Decline | Tell | Fetch | Inspect


class CommandStatus(StrEnum):
    READY = "ready"
    LEASED = "leased"
    PARKED = "parked"
    """Waits for a person or for a fault to be mended; never a dead letter."""
    DONE = "done"
    DROPPED = "dropped"
    """Overtaken by a newer wish before it was carried out."""
    DEAD = "dead"
    """Its retries are used up, or it can never work: a dead letter, with its reason."""


LIVE: frozenset[CommandStatus] = frozenset(
    {CommandStatus.READY, CommandStatus.LEASED, CommandStatus.PARKED}
)


class Command(Struct, frozen=True):
    """A row of the durable queue. Times are UTC; `lease_until` is wall time."""

    id: CommandId
    organization: OrganizationId | None
    order: Order
    subject: str
    """Commands of one subject are serial: at most one of them is live."""
    lane: str
    """The bot or account whose breaker and limits it is under."""
    status: CommandStatus
    due_at: datetime
    deadline: datetime
    created_at: datetime
    correlation: str
    caused_at: datetime | None = None
    """When the event behind it was received: the start of payment -> access."""
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    reason: str | None = None
    finished_at: datetime | None = None
