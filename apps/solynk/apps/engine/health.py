"""What became of a channel: rights lost and found, and a chat whose id changed.

A change of a channel makes all its members due, and so takes their locks, in the order of their
ids. Whoever holds a customer's lock must therefore not change a channel: what a call for one member
told about the channel is recorded in a transaction of its own.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.trying import cause_of
from solynk.apps.engine.turn import Turn, turn
from solynk.apps.engine.wiring import Wiring
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, ChannelHealth
from solynk.core.command import Command
from solynk.core.ids import ChannelId, ChatId
from solynk.ports.channels import Inspection
from solynk.ports.errors import Moved, NeedsHuman, PortError

_ALERTS = (AlertKind.LOST_RIGHTS, AlertKind.CHANNEL_GONE, AlertKind.BOT_REVOKED)


async def set_health(now: Turn, channel: Channel, *, present: bool, fault: str | None) -> None:
    """Record what the bot may do; the channel's members are planned anew when that has changed."""
    owner = channel.organization
    health = _health(present=present, fault=fault)
    if (health, fault) != (channel.health, channel.fault):
        await now.tx.channels.put(replace(channel, health=health, fault=fault))
        now.note(owner, "channel.health", f"channel:{channel.id}", health=health.value)
        await now.tx.due_customers.touch(owner, channel.id, now.at)
    # After the members, as in each member's own transaction: an alert is a row like any other.
    if health is ChannelHealth.READY:
        for kind in _ALERTS:
            await now.settled(owner, kind, channel.id)
    else:
        kind = AlertKind.LOST_RIGHTS if present else AlertKind.CHANNEL_GONE
        message = f"{channel.title}: {fault or 'the bot is not there any more'}"
        await now.alert(owner, kind, channel.id, message)


def _health(*, present: bool, fault: str | None) -> ChannelHealth:
    if not present:
        return ChannelHealth.GONE
    return ChannelHealth.READY if fault is None else ChannelHealth.NO_RIGHTS


async def learn_from_fault(
    w: Wiring, command: Command, channel_id: ChannelId, fault: PortError
) -> None:
    """Record what a failed call says about the channel itself; most say nothing about it."""
    if not isinstance(fault, Moved | NeedsHuman):
        return
    async with learning(w, command, channel_id) as (now, channel):
        if channel is None:
            return
        if isinstance(fault, Moved):
            await follow_move(now, channel, ChatId(fault.new_chat))
        else:
            await set_health(now, channel, present=True, fault=fault.reason)


@asynccontextmanager
async def learning(
    w: Wiring, command: Command, channel_id: ChannelId
) -> AsyncGenerator[tuple[Turn, Channel | None]]:
    """A transaction about the channel that this command looked at, before the command is settled.

    The channel is read again: what a person set while the platform was asked must not be undone.
    None where it is gone, or where the lease was lost, since whoever was frozen brings old news.
    """
    async with turn(w, await cause_of(w, command)) as now:
        held = await now.tx.commands.get(command.id)
        if command.organization is None or held is None or held.lease != command.lease:
            yield now, None
        else:
            yield now, await now.tx.channels.lock(command.organization, channel_id)


async def record_inspection(now: Turn, channel: Channel, found: Inspection) -> None:
    seen = replace(
        channel,
        title=found.title or channel.title,
        join_link=found.join_link or channel.join_link,
    )
    if seen != channel:
        await now.tx.channels.put(seen)
    await set_health(now, seen, present=found.present, fault=found.fault)


async def follow_move(now: Turn, channel: Channel, chat: ChatId) -> None:
    """The same place has another id; its old links are gone with the old one."""
    if channel.chat == chat:
        return
    moved = replace(channel, chat=chat, join_link=None)
    await now.tx.channels.put(moved)
    await queueing.inspect(now, moved)
    now.note(channel.organization, "channel.moved", f"channel:{channel.id}", chat=chat)
