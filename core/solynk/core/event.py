"""A message as it was received: stored, raw, before anything else happens."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from solynk.core.ids import EventId, OrganizationId


class EventStatus(StrEnum):
    RECEIVED = "received"
    APPLIED = "applied"
    IGNORED = "ignored"
    """It concerns no access, or must not: test mode at a live address, no account, an unknown type."""
    UNOWNED = "unowned"
    """No organization owns its account."""
    UNMATCHED = "unmatched"
    """It concerns a subscription that is not known yet; re-driven when that appears."""
    DEAD = "dead"
    """It could not be read, or not be applied until its deadline: a dead letter."""


class Event(Struct, frozen=True):
    """Unique by (source, account, livemode, external id)."""

    id: EventId
    source: str
    """The provider or platform it came from."""
    account: str
    """The connected account, or the bot, that it is about; empty where there is none."""
    livemode: bool
    external_id: str
    kind: str
    body: bytes
    received_at: datetime
    status: EventStatus
    correlation: str
    organization: OrganizationId | None = None
    due_at: datetime | None = None
    """When it is to be applied (again); None once nothing more is to be done by itself."""
    attempts: int = 0
    reason: str | None = None
    reference: str | None = None
    """For an unmatched event, the provider's object whose appearance re-drives it."""
    applied_at: datetime | None = None
    replayed_at: datetime | None = None
    """When a person last had it applied again: it is tried until its deadline from then on."""
    decoder: str = ""
    """The version of the decoder that read it."""

    @property
    def tried_since(self) -> datetime:
        return self.received_at if self.replayed_at is None else self.replayed_at
