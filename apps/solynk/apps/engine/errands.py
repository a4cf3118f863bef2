"""The commands that concern a channel and change no access by themselves: decline, tell, inspect."""

from typing import Final, TypeAlias, assert_never

from solynk.apps.engine import queueing
from solynk.apps.engine.failing import fail, succeed
from solynk.apps.engine.health import (
    learn_from_fault,
    learning,
    record_inspection,
    set_health,
)
from solynk.apps.engine.trying import attempt, cause_of, may_begin
from solynk.apps.engine.turn import Turn, turn
from solynk.apps.engine.wiring import Wiring
from solynk.core.catalog import Channel
from solynk.core.command import Command, CommandStatus, Decline, Inspect, Tell, Topic
from solynk.core.ids import ChannelId, CommandId
from solynk.ports.channels import ChannelPlatform, Inspection, Place
from solynk.ports.errors import PortError, Refused
from solynk.ports.wake import Work, WorkKind

PAGE: Final = 500

Errand: TypeAlias = Decline | Tell | Inspect
Answer: TypeAlias = Inspection | PortError | None


async def run_errand(w: Wiring, command: Command, errand: Errand) -> None:
    channel = await _channel(w, command, errand)
    if not await may_begin(w, command):
        return
    if channel is None:
        answer: Answer = Refused("solynk", "there is no such channel")
    else:
        answer = await _call(w.platforms[channel.platform], errand, channel)
        await _learn(w, command, channel.id, answer)
    async with turn(w, await cause_of(w, command)) as now:
        if isinstance(answer, PortError):
            await fail(now, command, answer)
        elif await succeed(now, command) and isinstance(errand, Tell):
            _measure(now, errand)


async def _channel(w: Wiring, command: Command, errand: Errand) -> Channel | None:
    if command.organization is None or errand.channel is None:
        return None
    async with w.store.begin() as tx:
        return await tx.channels.get(command.organization, errand.channel)


async def _call(platform: ChannelPlatform, errand: Errand, channel: Channel) -> Answer:
    place = Place(channel.chat, channel.join_link)
    match errand:
        case Decline():
            return await attempt(platform.decline(place, errand.person))
        case Tell():
            return await attempt(platform.tell(errand, channel.title))
        case Inspect():
            return await attempt(platform.inspect(place))
        case _:
            assert_never(errand)


async def _learn(w: Wiring, command: Command, channel_id: ChannelId, answer: Answer) -> None:
    """What the platform said of the channel. Who can not be written to says nothing about it."""
    match answer:
        case Inspection():
            async with learning(w, command, channel_id) as (now, channel):
                if channel is not None:
                    await record_inspection(now, channel, answer)
            if channel is not None and answer.fault is None:
                await _tell_again(w, command, channel)
        case Refused() if isinstance(command.order, Inspect):
            async with learning(w, command, channel_id) as (now, channel):
                if channel is not None:
                    await set_health(now, channel, present=True, fault=answer.reason)
        case PortError() if not isinstance(command.order, Tell):
            await learn_from_fault(w, command, channel_id, answer)
        case _:
            return


async def _tell_again(w: Wiring, command: Command, channel: Channel) -> None:
    """What could not be told while the bot was not in order is told now, unless it is over.

    A page of parked commands at a time, each in a transaction of its own.
    """
    last: CommandId | None = None
    while True:
        async with turn(w, await cause_of(w, command)) as now:
            waiting = await now.tx.queue.all(
                channel.organization, status=CommandStatus.PARKED, before=last, limit=PAGE
            )
            for it in waiting:
                if isinstance(it.order, Tell | Decline) and it.order.channel == channel.id:
                    await _again(now, it, it.order)
        if not waiting:
            return
        last = waiting[-1].id


async def _again(now: Turn, parked: Command, message: Tell | Decline) -> None:
    if isinstance(message, Tell) and message.until is not None and message.until <= now.at:
        reason = "its time was over before it could be told"
        over = queueing.finished(parked, CommandStatus.DROPPED, now.at, reason)
        await now.tx.commands.put(over, lease=parked.lease)
        return
    again = queueing.ready(parked, now.at, now.w.retry.deadline)
    await now.tx.commands.put(again, lease=parked.lease)
    now.work.append(Work(WorkKind.COMMAND, parked.id))


def _measure(now: Turn, told: Tell) -> None:
    """Payment -> access: from our receipt of the event to the invitation in the member's hands."""
    received_at = now.cause.received_at
    if told.topic is Topic.INVITED and received_at is not None:
        seconds = (now.at - received_at).total_seconds()
        now.w.telemetry.observe("payment_to_invite_seconds", seconds)
