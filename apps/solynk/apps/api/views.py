"""What callers are answered, where the core's own values hold too much or too little."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

from solynk.apps.engine import ChannelAccess
from solynk.core.access import AccessState, Seen, Untouched, state
from solynk.core.alert import Alert, AlertKind
from solynk.core.command import Command, CommandStatus
from solynk.core.entitlement import Desired
from solynk.core.event import Event, EventStatus
from solynk.core.words import Situation

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    items: list[T]
    next: str | None
    """Send it as `after` or `before` for the page behind; none is the end."""


class Made(Struct, frozen=True):
    id: str


class EventView(Struct, frozen=True, omit_defaults=True):
    """A payment event or update as received. Its payload is only shown when it is asked for."""

    id: str
    source: str
    account: str
    livemode: bool
    external_id: str
    kind: str
    received_at: datetime
    status: EventStatus
    attempts: int
    reason: str | None
    correlation: str
    applied_at: datetime | None
    payload: str | UnsetType = UNSET

    @classmethod
    def of(cls, it: Event, *, payload: bool = False) -> "EventView":
        return cls(
            id=it.id,
            source=it.source,
            account=it.account,
            livemode=it.livemode,
            external_id=it.external_id,
            kind=it.kind,
            received_at=it.received_at,
            status=it.status,
            attempts=it.attempts,
            reason=it.reason,
            correlation=it.correlation,
            applied_at=it.applied_at,
            payload=it.body.decode(errors="replace") if payload else UNSET,
        )


class CommandView(Struct, frozen=True):
    """A command without its order: a message may hold a link that is only for its reader."""

    id: str
    kind: str
    subject: str
    status: CommandStatus
    attempts: int
    created_at: datetime
    due_at: datetime
    deadline: datetime
    finished_at: datetime | None
    reason: str | None
    correlation: str

    @classmethod
    def of(cls, it: Command) -> "CommandView":
        return cls(
            id=it.id,
            kind=str(it.order.__struct_config__.tag),
            subject=it.subject,
            status=it.status,
            attempts=it.attempts,
            created_at=it.created_at,
            due_at=it.due_at,
            deadline=it.deadline,
            finished_at=it.finished_at,
            reason=it.reason,
            correlation=it.correlation,
        )


class DeadLetters(Struct, frozen=True):
    events: list[EventView]
    commands: list[CommandView]


class AlertView(Struct, frozen=True):
    id: str
    kind: AlertKind
    subject: str
    message: str
    fix: str
    opened_at: datetime
    resolved_at: datetime | None

    @classmethod
    def of(cls, it: Alert) -> "AlertView":
        return cls(it.id, it.kind, it.subject, it.message, it.fix, it.opened_at, it.resolved_at)


class AccessView(Struct, frozen=True):
    """One customer's access to one channel, and why it is so."""

    channel: str
    title: str
    state: AccessState
    desired: Desired
    seen: Seen
    since: datetime | None
    """Inside since."""
    situation: Situation
    sentence: str
    facts: tuple[str, ...]

    @classmethod
    def of(cls, it: ChannelAccess) -> "AccessView":
        access, told = it.access, it.explanation
        wished = state(it.verdict.desired, Untouched())
        return cls(
            channel=it.channel.id,
            title=it.channel.title,
            state=wished if access is None else access.state,
            desired=it.verdict.desired,
            seen=Untouched() if access is None else access.seen,
            since=None if access is None else access.inside_since,
            situation=told.situation,
            sentence=told.sentence,
            facts=told.facts,
        )


class Entry(Struct, frozen=True):
    """Something that happened to a customer."""

    at: datetime
    source: str
    """`fact`, `event`, `command` or `audit`."""
    kind: str
    id: str
    details: Mapping[str, object]


class Ready(Struct, frozen=True):
    ready: bool
    faults: list[str]
    """Why it is not ready: nothing can be done meanwhile."""
    degraded: list[str]
    """What does not work, while the rest does; each with the fix."""
