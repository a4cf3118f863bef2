"""Runs the decision for one customer and writes all of it, in the caller's transaction."""

from typing import assert_never

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.decide import Decision, decide
from solynk.apps.engine.snapshot import Snapshot, read_snapshot, subject_of
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wishes import Clear, Hold, Keep, Place, keeps
from solynk.core.brake import SETTLING, Brake
from solynk.core.catalog import Channel
from solynk.core.command import Command, CommandStatus, Expel
from solynk.core.ids import AccessId, CustomerId, OrganizationId
from solynk.ports.payments import ObjectRef
from solynk.ports.storage import StoredFact


async def derive(now: Turn, organization: OrganizationId, customer: CustomerId) -> None:
    """Close the gap between what should be and what was seen, for this customer."""
    snapshot = await read_snapshot(now.tx, organization, customer, now.at)
    if snapshot is None:
        return
    decision = decide(snapshot, now.at)
    await _write_rows(now, snapshot, decision)
    await _write_reports(now, snapshot, decision)
    for access, wish in decision.wishes.items():
        match wish:
            case Keep():
                continue
            case Clear():
                await _drop(now, snapshot.live.get(access))
            case Place():
                await _place(now, snapshot, access, wish)
            case _:
                assert_never(wish)
    await _ask_and_tell(now, snapshot, decision)


async def _write_rows(now: Turn, snapshot: Snapshot, decision: Decision) -> None:
    owner, customer = snapshot.organization.id, snapshot.customer
    for subscription in decision.subscriptions:
        await now.tx.subscriptions.put(subscription)
    for access in decision.accesses:
        await now.tx.accesses.put(access)
    for subscription_id, promise in decision.promises:
        row = StoredFact(owner, customer.id, subscription_id, promise, None, now.at)
        await now.tx.facts.add(row)
    derived = replace(customer, due_at=decision.due_at, failing_since=None)
    if derived != customer:
        await now.tx.customers.put(derived)


async def _write_reports(now: Turn, snapshot: Snapshot, decision: Decision) -> None:
    owner = snapshot.organization.id
    for alert in decision.alerts:
        await now.alert(owner, alert.kind, alert.subject, alert.message)
    for kind_, subject in sorted(decision.settled):
        await now.settled(owner, kind_, subject)
    for note in decision.notes:
        await now.note(owner, note.action, note.resource, **note.details)


async def _ask_and_tell(now: Turn, snapshot: Snapshot, decision: Decision) -> None:
    """Nobody is expelled for non-payment on old news: the provider is asked first."""
    for it in (snapshot.subscriptions[key] for key in decision.verify):
        what = ObjectRef("subscription", it.reference)
        await queueing.fetch(now, it.organization, it.provider, it.account, what, anew=True)
    for message in decision.tells:
        channel = None if message.channel is None else snapshot.channels.get(message.channel)
        if channel is not None:
            await queueing.tell(now, channel, message)


async def _drop(now: Turn, live: Command | None) -> bool:
    """Drop a command that was not begun; one that is being carried out finishes and plans anew."""
    if live is None:
        return True
    if live.status is CommandStatus.LEASED:
        return False
    dropped = queueing.finished(live, CommandStatus.DROPPED, now.at, "overtaken by a newer wish")
    return await now.tx.commands.put(dropped, lease=live.lease)


async def _place(now: Turn, snapshot: Snapshot, access: AccessId, wish: Place) -> None:
    live = snapshot.live.get(access)
    if live is not None and keeps(live, wish):
        return
    owner, channel = snapshot.organization.id, snapshot.channels[wish.channel]
    uncertain = isinstance(wish.order, Expel) and not wish.order.evidence.certain
    counts = uncertain and wish.hold is None
    # Before any command: whoever engages the brake holds it and takes the others' commands.
    brake = await now.tx.brakes.lock(owner, channel.id, now.at) if counts else None
    if not await _drop(now, live):
        return
    subject, lane, hold = subject_of(access), channel.platform.value, wish.hold
    if brake is not None and await _engaged(now, channel, brake):
        hold = Hold.BRAKE
    if hold is not None:
        await queueing.enqueue_held(now, owner, wish.order, subject, lane, hold=hold)
        return
    delay = SETTLING if uncertain else queueing.NOW
    await queueing.enqueue(now, owner, wish.order, subject, lane, delay=delay)


async def _engaged(now: Turn, channel: Channel, before: Brake) -> bool:
    """Count an expulsion without certain evidence; whether the brake holds it."""
    members = await now.tx.accesses.inside(channel.organization, channel.id)
    brake = before.count(now.w.brake, members, now.at)
    await now.tx.brakes.put(brake)
    if brake.engaged and not before.engaged:
        await queueing.engage_brake(now, channel)
    return brake.engaged
