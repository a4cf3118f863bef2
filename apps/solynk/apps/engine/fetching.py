"""Asks a provider for an object. Its answer enters the inbox as an event, like any other."""

import msgspec

from solynk.apps.engine import queueing
from solynk.apps.engine.failing import fail, succeed
from solynk.apps.engine.trying import attempt, cause_of, may_begin
from solynk.apps.engine.turn import Turn, turn
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.catalog import Provider
from solynk.core.command import Command, CommandStatus, Fetch
from solynk.core.event import Event, EventStatus
from solynk.core.ids import EventId
from solynk.ports.errors import PortError
from solynk.ports.payments import FETCHED, Fetched, ObjectRef
from solynk.ports.wake import Work, WorkKind


async def read_truth(w: Wiring, command: Command, order: Fetch) -> None:
    """Reads of one object are serial, and each is numbered before its request is sent."""
    number = await _number(w, command, order)
    if number is None or not await may_begin(w, command):
        return
    read_at = await w.clock.now()
    provider = w.providers[Provider(order.provider)]
    answer = await attempt(provider.fetch(order.account, ObjectRef(order.kind, order.object)))
    async with turn(w, await cause_of(w, command)) as now:
        if isinstance(answer, PortError):
            await fail(now, command, answer)
        else:
            fetched = Fetched(number, read_at, order.kind, order.object, msgspec.Raw(answer))
            await _store(now, command, order, fetched)


async def _number(w: Wiring, command: Command, order: Fetch) -> int | None:
    """None where another read of the object is under way: this one goes back to the queue.

    Whoever has got a number is alone with the object until the end of its turn. Else two that
    were claimed together would see each other and both go back, again and again.
    """
    async with turn(w, await cause_of(w, command)) as now:
        number = await now.tx.reads.next_number(order.provider, order.account, order.object)
        subject = queueing.fetch_subject(order)
        reads = [await now.tx.commands.live(it) for it in (subject, queueing.follow_up(subject))]
        others = [it for it in reads if it is not None and it.id != command.id]
        if not any(it.status is CommandStatus.LEASED for it in others):
            return number
        reason = "another read of this object is under way"
        waiting = queueing.postponed(command, now.at + queueing.FOLLOW_UP, reason)
        await now.tx.commands.put(waiting, lease=command.lease)
        return None


async def _store(now: Turn, command: Command, order: Fetch, fetched: Fetched) -> None:
    event = Event(
        id=EventId(new_id(now.at)),
        source=order.provider,
        account=order.account,
        livemode=now.w.livemode,
        external_id=f"{FETCHED}:{order.object}:{fetched.number}",
        kind=FETCHED,
        body=msgspec.json.encode(fetched),
        received_at=now.at,
        status=EventStatus.RECEIVED,
        correlation=command.correlation,
        organization=command.organization,
        due_at=now.at,
    )
    await now.tx.events.add(event)
    await succeed(now, command)
    now.work.append(Work(WorkKind.EVENT, event.id))
