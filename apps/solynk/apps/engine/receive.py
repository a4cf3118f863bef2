"""Stores what came in, before anything else happens. Acknowledged is what is durable."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from solynk.apps.engine.turn import Cause, turn
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.alert import AlertKind
from solynk.core.catalog import Platform, Provider
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.ports.channels import RawUpdate
from solynk.ports.errors import Malformed
from solynk.ports.payments import RawEvent
from solynk.ports.wake import Work, WorkKind


class Receipt(Struct, frozen=True):
    """An event that is stored, by this call or by an earlier one."""

    event: EventId
    known: bool
    status: EventStatus
    reason: str | None
    correlation: str
    """What the log calls whatever follows from it."""


async def receive(w: Wiring, provider: Provider, raw: RawEvent) -> Receipt:
    """Verify, store, and say so. Poison is stored too, and ends as a dead letter.

    Raises:
        Forged: nothing was stored.
        Unavailable: nothing may have been stored; the provider sends it again.
    """
    at = await w.clock.now()
    try:
        envelope = w.providers[provider].verify(raw)
    except Malformed as fault:
        return await _store(w, _poison(provider, raw.body, fault.reason, at))
    reason = inadmissible(w, envelope.account, livemode=envelope.livemode)
    status = EventStatus.RECEIVED if reason is None else EventStatus.IGNORED
    event = Event(
        id=EventId(new_id(at)),
        source=provider.value,
        account=envelope.account,
        livemode=envelope.livemode,
        external_id=envelope.external_id,
        kind=envelope.kind,
        body=raw.body,
        received_at=at,
        status=status,
        correlation=envelope.external_id,
        due_at=at if status is EventStatus.RECEIVED else None,
        reason=reason,
    )
    return await _store(w, event)


def inadmissible(w: Wiring, account: str, *, livemode: bool) -> str | None:
    """Why a payment event must have no effect, whoever applies it: now, or again by a replay.

    A live address also gets test events, and an event without an account is no sale.
    """
    if livemode != w.livemode:
        modes = ("live", "test") if livemode else ("test", "live")
        return f"{modes[0]}-mode event at a {modes[1]}-mode address"
    return None if account else "it names no connected account, so it is not a sale"


def _poison(provider: Provider, body: bytes, reason: str, at: datetime) -> Event:
    return Event(
        id=EventId(new_id(at)),
        source=provider.value,
        account="",
        livemode=False,
        external_id=f"sha256:{hashlib.sha256(body).hexdigest()}",
        kind="malformed",
        body=body,
        received_at=at,
        status=EventStatus.DEAD,
        correlation=new_id(at),
        reason=reason,
    )


async def receive_updates(
    w: Wiring, platform: Platform, account: str, updates: Sequence[RawUpdate]
) -> Sequence[EventId]:
    """Store a platform's updates in one transaction; answers the new ones, in their order.

    Nobody is woken: whoever took them applies them in that order, in which they also are due.

    Raises:
        Unavailable: nothing may have been stored, so they must not be acknowledged.
    """
    at = await w.clock.now()
    events = [_update(w, platform, account, it, at) for it in updates]
    async with w.store.begin() as tx:
        new = [it for it in events if await tx.events.add(it)]
    for it in events:
        status = it.status.value if it in new else "duplicate"
        w.telemetry.count("events_received", source=it.source, status=status)
    return [it.id for it in new]


def _update(w: Wiring, platform: Platform, account: str, update: RawUpdate, at: datetime) -> Event:
    return Event(
        id=EventId(new_id(at)),
        source=platform.value,
        account=account,
        livemode=w.livemode,
        external_id=update.external_id,
        kind=update.kind,
        body=update.body,
        received_at=at,
        status=EventStatus.RECEIVED,
        correlation=f"{platform.value}:{update.external_id}",
        due_at=at,
    )


async def _store(w: Wiring, event: Event) -> Receipt:
    dead = event.status is EventStatus.DEAD
    new = await (_bury(w, event) if dead else w.store.keep(event))
    w.telemetry.count(
        "events_received", source=event.source, status=event.status.value if new else "duplicate"
    )
    if new and event.status is EventStatus.RECEIVED:
        await w.waker.wake(Work(WorkKind.EVENT, event.id))
    return Receipt(event.id, not new, event.status, event.reason, event.correlation)


async def _bury(w: Wiring, event: Event) -> bool:
    """A dead letter and its alert, both or neither."""
    async with turn(w, Cause("engine", event.correlation, event.received_at)) as now:
        new = await now.tx.events.add(event)
        if new:
            message = f"event {event.external_id}: {event.reason}"
            await now.alert(None, AlertKind.DEAD_LETTER, event.id, message)
    return new
