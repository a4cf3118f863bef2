"""Puts commands into the durable queue, and holds them back where the brake says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from solynk.apps.engine.snapshot import lane_of_account, subject_of, subject_of_object
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import new_id
from solynk.apps.engine.wishes import Hold
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, Provider
from solynk.core.command import Command, CommandStatus, Decline, Expel, Fetch, Inspect, Order, Tell
from solynk.core.ids import CommandId, OrganizationId, PersonId
from solynk.ports.payments import ObjectRef
from solynk.ports.wake import Work, WorkKind

FOLLOW_UP: Final = timedelta(seconds=2)
"""How long after a read that is under way the next read of the same object is tried."""
NOW: Final = timedelta(0)
AT_ONCE: Final = 500
"""Subjects in one question to the storage."""


async def enqueue(
    now: Turn,
    owner: OrganizationId,
    order: Order,
    subject: str,
    lane: str,
    *,
    delay: timedelta = NOW,
) -> None:
    """Add a command; none where one of its subject is live. One that is parked is tried again."""
    await enqueue_all(now, [command_of(now, owner, order, subject, lane, delay=delay)])


async def enqueue_all(now: Turn, commands: Sequence[Command]) -> None:
    """The same for many. None that is held makes another one of its subject ready."""
    # In one order everywhere: two who add commands of the same subjects never wait in a circle.
    in_order = sorted(commands, key=lambda it: it.subject)
    added = await now.tx.commands.add(*in_order) if commands else ()
    to_do = [it for it in commands if it.status is CommandStatus.READY]
    for it in to_do:
        if it.id in added and it.due_at <= now.at:
            now.work.append(Work(WorkKind.COMMAND, it.id))
    others = {it.subject: it for it in to_do if it.id not in added}
    for live in await now.tx.commands.live_among(others) if others else ():
        if live.status is CommandStatus.PARKED:
            order = others[live.subject].order
            again = replace(ready(live, now.at, now.w.retry.deadline), order=order)
            await now.tx.commands.put(again, lease=live.lease)


def held(command: Command, hold: Hold) -> Command:
    """It waits for a person."""
    return replace(command, status=CommandStatus.PARKED, reason=hold.value)


def command_of(
    now: Turn,
    owner: OrganizationId,
    order: Order,
    subject: str,
    lane: str,
    *,
    delay: timedelta = NOW,
) -> Command:
    due_at = now.at + delay
    return Command(
        id=CommandId(new_id(now.at)),
        organization=owner,
        order=order,
        subject=subject,
        lane=lane,
        status=CommandStatus.READY,
        due_at=due_at,
        deadline=due_at + now.w.retry.deadline,
        created_at=now.at,
        correlation=now.cause.correlation,
        caused_at=now.cause.received_at,
    )


async def tell(now: Turn, channel: Channel, message: Tell) -> None:
    await enqueue_all(now, [message_of(now, channel, message)])


def message_of(now: Turn, channel: Channel, message: Tell) -> Command:
    """One message per person, topic, channel and occasion at a time.

    Messages have a lane of their own: a person who can not be written to holds up no admission.
    """
    owner = channel.organization
    occasion = "" if message.until is None else message.until.isoformat()
    subject = f"tell:{owner}:{message.person}:{message.topic}:{channel.id}:{occasion}"
    return command_of(now, owner, message, subject, f"{channel.platform.value}:messages")


async def fetch(
    now: Turn, owner: OrganizationId, provider: Provider, account: str, *what: ObjectRef
) -> None:
    """Ask for objects. While a read of one is under way, one more is queued behind that."""
    orders = [Fetch(provider.value, account, it.kind, it.id) for it in what]
    await fetch_all(now, [read_of(now, owner, it) for it in orders])


def read_of(now: Turn, owner: OrganizationId, order: Fetch) -> Command:
    lane = lane_of_account(Provider(order.provider), order.account)
    return command_of(now, owner, order, fetch_subject(order), lane)


async def fetch_all(now: Turn, reads: Sequence[Command], *, anew: bool = False) -> None:
    """`anew` has a read that waits for its next try tried at once, as if it had just been given."""
    subjects = [it.subject for it in reads]
    known = await now.tx.commands.live_among(subjects) if subjects else ()
    live, wanted = {it.subject: it for it in known}, list[Command]()
    for it in reads:
        before = live.get(it.subject)
        if before is not None and before.status is CommandStatus.LEASED:
            wanted.append(_behind(it))
        elif anew and before is not None and before.status is CommandStatus.READY:
            again = ready(before, now.at, now.w.retry.deadline)
            await now.tx.commands.put(again, lease=before.lease)
        else:
            wanted.append(it)
    await enqueue_all(now, wanted)


def _behind(read: Command) -> Command:
    later = {"due_at": read.due_at + FOLLOW_UP, "deadline": read.deadline + FOLLOW_UP}
    return replace(read, subject=follow_up(read.subject), **later)


def follow_up(subject: str) -> str:
    """The read that is queued behind one that is under way."""
    return f"{subject}:next"


def fetch_subject(order: Fetch) -> str:
    return subject_of_object(Provider(order.provider), order.account, order.object)


async def decline(now: Turn, channel: Channel, person: PersonId) -> None:
    subject = f"decline:{channel.id}:{person}"
    order = Decline(channel.id, person)
    await enqueue(now, channel.organization, order, subject, channel.platform.value)


async def inspect(now: Turn, channel: Channel) -> None:
    subject, order = f"channel:{channel.id}", Inspect(channel.id)
    await enqueue(now, channel.organization, order, subject, f"{channel.platform.value}:inspect")


async def engage_brake(now: Turn, channel: Channel) -> None:
    """Hold every uncertain expulsion of the channel that has not begun, and ask a person."""
    everybody = await now.tx.accesses.at(channel.organization, channel.id)
    subjects = [subject_of(it.id) for it in everybody]
    for some in (subjects[n : n + AT_ONCE] for n in range(0, len(subjects), AT_ONCE)):
        for live in filter(_uncertain, await now.tx.commands.live_among(some)):
            await now.tx.commands.put(held(live, Hold.BRAKE), lease=live.lease)
    message = f"{channel.title}: many expulsions without certain evidence were stopped"
    await now.alert(channel.organization, AlertKind.BRAKE, channel.id, message)


def _uncertain(command: Command) -> bool:
    return (
        command.status is CommandStatus.READY
        and isinstance(command.order, Expel)
        and not command.order.evidence.certain
    )


def is_braked(command: Command) -> bool:
    return command.status is CommandStatus.PARKED and command.reason == Hold.BRAKE.value


def ready(command: Command, at: datetime, deadline: timedelta) -> Command:
    """The command as if it had just been given: for replays and releases."""
    return replace(
        command,
        status=CommandStatus.READY,
        due_at=at,
        deadline=at + deadline,
        attempts=0,
        lease=None,
        lease_until=None,
        reason=None,
        finished_at=None,
    )


def postponed(command: Command, due_at: datetime, reason: str | None) -> Command:
    """Given back to the queue, for any worker, from `due_at` on."""
    return replace(
        command,
        status=CommandStatus.READY,
        due_at=due_at,
        lease=None,
        lease_until=None,
        reason=reason,
    )


def finished(
    command: Command, status: CommandStatus, at: datetime, reason: str | None = None
) -> Command:
    """Nothing more will be done about it by itself."""
    return replace(
        command, status=status, lease=None, lease_until=None, reason=reason, finished_at=at
    )
