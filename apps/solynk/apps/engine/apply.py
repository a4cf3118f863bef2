"""Turns one stored event into facts, and derives what follows, in one transaction."""

import logging
from datetime import datetime, timedelta
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.chance import jitter
from solynk.apps.engine.receive import inadmissible
from solynk.apps.engine.recording import record_facts
from solynk.apps.engine.signals import apply_signal
from solynk.apps.engine.turn import Cause, Turn, turn
from solynk.apps.engine.wiring import Wiring
from solynk.core.alert import AlertKind
from solynk.core.catalog import Organization, Platform, Provider
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.core.instants import DAY, HOUR
from solynk.ports.errors import Lost, Malformed, Unavailable
from solynk.ports.payments import Facts, Ignored, Received
from solynk.ports.telemetry import correlation, working_for

log = logging.getLogger(__name__)

_OPEN: Final = frozenset({EventStatus.RECEIVED, EventStatus.UNMATCHED})


class Applied(Struct, frozen=True):
    """How applying ended: the event's new state."""

    status: EventStatus
    reason: str | None = None
    reference: str | None = None
    decoder: str = ""


async def apply(w: Wiring, event_id: EventId) -> EventStatus | None:
    """Apply the event if it waits to be applied; None where that is not to be done now.

    Applying it again changes nothing: facts are unique by identity. What fails for a reason that
    may pass is tried again; what fails until its deadline becomes a dead letter.

    Raises:
        Unavailable, Lost: the storage failed; the event is due again as it was.
    """
    with working_for(event_id):
        try:
            return await _apply(w, event_id)
        except (Unavailable, Lost):
            raise
        except Exception as fault:
            log.exception("event %s could not be applied", event_id)
            # The words of an unforeseen fault may quote what the event holds: they stay in the log.
            return await _postpone(w, event_id, f"unforeseen {type(fault).__name__}")


async def _apply(w: Wiring, event_id: EventId) -> EventStatus | None:
    at = await w.clock.now()
    async with turn(w, Cause("engine", event_id, at)) as now:
        event = await now.tx.events.lock(event_id)
        if event is None or event.status not in _OPEN or await _overtakes(now, event):
            return None
        correlation.set(event.correlation)
        now.cause = Cause(_actor(event), event.correlation, at, event.tried_since)
        owner = await _owner(now, event)
        applied = await _read(now, event, owner)
        await _mark(now, event, applied, owner)
    w.telemetry.count("events_applied", source=event.source, status=applied.status.value)
    log.info("event %s, %s of %s: %s", event_id, event.kind, event.source, applied.status.value)
    return applied.status


def _is_late(event: Event) -> bool:
    """Whether newer updates may have been applied before it: it failed once, or was replayed."""
    return event.attempts > 0 or event.replayed_at is not None


async def _overtakes(now: Turn, event: Event) -> bool:
    """Whether an older update of the same bot waits, or is being applied by another process.

    Who came and who went last can not be told from the updates alone, only from their order.
    Payment events have no such order: their facts join.
    """
    if _platform(event) is None:
        return False
    first = await now.tx.event_lists.first_due(event.source, event.account, now.at)
    return first != event.id


def _platform(event: Event) -> Platform | None:
    """The channel platform that the event came from; None for a payment provider's."""
    return next((it for it in Platform if it.value == event.source), None)


def _actor(event: Event) -> str:
    return f"{'provider' if _platform(event) is None else 'platform'}:{event.source}"


async def _owner(now: Turn, event: Event) -> Organization | None:
    """The organization whose payment account the event is about."""
    return await now.tx.organizations.owning(event.account) if event.account else None


async def _read(now: Turn, event: Event, owner: Organization | None) -> Applied:
    platform = _platform(event)
    try:
        if platform is None:
            return await _payment_event(now, event, owner)
        signals = now.w.platforms[platform].decode_update(event.body)
    except Malformed as fault:
        return Applied(EventStatus.DEAD, fault.reason)
    if not signals:
        return Applied(EventStatus.IGNORED, "an update that concerns no access")
    for signal in signals:
        await apply_signal(now, platform, signal, late=_is_late(event))
    return Applied(EventStatus.APPLIED)


async def _payment_event(now: Turn, event: Event, owner: Organization | None) -> Applied:
    refusal = inadmissible(now.w, event.account, livemode=event.livemode)
    if refusal is not None:
        return Applied(EventStatus.IGNORED, refusal)
    decoder = now.w.providers[Provider(event.source)]
    decoded = decoder.decode(Received(event.kind, event.body, event.account, event.livemode))
    match decoded:
        case Ignored():
            applied = Applied(EventStatus.IGNORED, decoded.reason)
        case Facts():
            applied = await _facts(now, event, owner, decoded)
        case _:
            assert_never(decoded)
    return replace(applied, decoder=decoder.version)


async def _facts(now: Turn, event: Event, owner: Organization | None, facts: Facts) -> Applied:
    if owner is None:
        return Applied(EventStatus.UNOWNED, f"no organization has the account {event.account}")
    outcome = await record_facts(now, owner, event, facts)
    if outcome.foreign is not None:
        subject = event.external_id
        await now.alert(owner.id, AlertKind.FOREIGN_METADATA, subject, outcome.foreign)
        return Applied(EventStatus.IGNORED, outcome.foreign)
    if outcome.waits_for is not None:
        reason = f"{outcome.waits_for or 'its subject'} is not known yet"
        return Applied(EventStatus.UNMATCHED, reason, outcome.waits_for)
    return Applied(EventStatus.APPLIED)


async def _mark(now: Turn, event: Event, applied: Applied, owner: Organization | None) -> None:
    organization = event.organization or (None if owner is None else owner.id)
    marked = replace(
        event,
        status=applied.status,
        organization=organization,
        due_at=_look_again_at(event, applied, now.at),
        attempts=event.attempts + (applied.status is EventStatus.UNMATCHED),
        reason=applied.reason,
        reference=applied.reference,
        applied_at=now.at,
        decoder=applied.decoder,
    )
    await now.tx.events.put(marked)
    if applied.status is EventStatus.DEAD:
        message = f"event {event.external_id}: {applied.reason}"
        await now.alert(organization, AlertKind.DEAD_LETTER, event.id, message)
    if applied.status is EventStatus.APPLIED:
        now.note(organization, "event.applied", f"event:{event.id}", kind=event.kind)


_LOOK_AGAIN: Final = (timedelta(minutes=1), timedelta(minutes=10), HOUR, 6 * HOUR, DAY)
"""What an event waits for re-drives it; these looks are for two that passed each other unseen."""


def _look_again_at(event: Event, applied: Applied, at: datetime) -> datetime | None:
    if applied.status is not EventStatus.UNMATCHED or event.attempts >= len(_LOOK_AGAIN):
        return None
    return at + _LOOK_AGAIN[event.attempts]


async def _postpone(w: Wiring, event_id: EventId, reason: str) -> EventStatus | None:
    at = await w.clock.now()
    async with turn(w, Cause("engine", event_id, at)) as now:
        event = await now.tx.events.lock(event_id)
        if event is None or event.status not in _OPEN:
            return None
        if at >= event.tried_since + w.retry.deadline:
            await _mark(now, event, Applied(EventStatus.DEAD, reason), await _owner(now, event))
            return EventStatus.DEAD
        attempts = event.attempts + 1
        due_at = at + w.retry.delay(attempts, jitter())
        await now.tx.events.put(replace(event, attempts=attempts, due_at=due_at, reason=reason))
        return EventStatus.RECEIVED
