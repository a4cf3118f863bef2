"""Places the orders that decisions wish for, and the messages that tell of them.

Before any command: whoever engages a brake holds it and takes the others' commands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from msgspec import Struct

from solynk.apps.engine import queueing
from solynk.apps.engine.decide import Decision
from solynk.apps.engine.snapshot import Snapshot, subject_of
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wishes import Clear, Hold, Keep, Place, keeps
from solynk.core.brake import SETTLING, Brake
from solynk.core.catalog import Channel
from solynk.core.command import Command, CommandStatus, Expel
from solynk.core.ids import AccessId, ChannelId


class Derived(Struct, frozen=True):
    """What was decided for one customer."""

    now: Turn
    """Why. All that are derived together share its transaction."""
    snapshot: Snapshot
    decision: Decision


async def place(now: Turn, derived: Sequence[Derived]) -> None:
    """Give the orders of all of these customers, who are of one organization."""
    brakes = Brakes(now)
    await brakes.hold([wish for it in derived for wish in _counting(it)])
    for it in derived:
        for access, wish in it.decision.wishes.items():
            match wish:
                case Keep():
                    continue
                case Clear():
                    await _drop(it.now, it.snapshot.live.get(access))
                case Place():
                    await _place(brakes, it, access, wish)
                case _:
                    assert_never(wish)
        brakes.commands.extend(_messages(it))
    await brakes.let_go()


def _counting(it: Derived) -> Iterable[Channel]:
    """The channels whose brakes must count an order."""
    for access, wish in it.decision.wishes.items():
        if isinstance(wish, Place) and not _is_kept(it, access, wish) and _counts(wish):
            yield it.snapshot.channels[wish.channel]


def _is_kept(it: Derived, access: AccessId, wish: Place) -> bool:
    live = it.snapshot.live.get(access)
    return live is not None and keeps(live, wish)


def _counts(wish: Place) -> bool:
    return _uncertain(wish) and wish.hold is None


def _uncertain(wish: Place) -> bool:
    return isinstance(wish.order, Expel) and not wish.order.evidence.certain


def _messages(it: Derived) -> Iterable[Command]:
    for message in it.decision.tells:
        channel = None if message.channel is None else it.snapshot.channels.get(message.channel)
        if channel is not None:
            yield queueing.message_of(it.now, channel, message)


async def _drop(now: Turn, live: Command | None) -> bool:
    """Drop a command that was not begun; one that is being carried out finishes and plans anew."""
    if live is None:
        return True
    if live.status is CommandStatus.LEASED:
        return False
    dropped = queueing.finished(live, CommandStatus.DROPPED, now.at, "overtaken by a newer wish")
    return await now.tx.commands.put(dropped, lease=live.lease)


async def _place(brakes: "Brakes", it: Derived, access: AccessId, wish: Place) -> None:
    if _is_kept(it, access, wish) or not await _drop(it.now, it.snapshot.live.get(access)):
        return
    channel, hold = it.snapshot.channels[wish.channel], wish.hold
    if _counts(wish) and await brakes.stop(channel):
        hold = Hold.BRAKE
    command = queueing.command_of(
        it.now,
        channel.organization,
        wish.order,
        subject_of(access),
        channel.platform.value,
        delay=SETTLING if _uncertain(wish) and hold is None else queueing.NOW,
    )
    brakes.commands.append(command if hold is None else queueing.held(command, hold))


@dataclass(slots=True)
class Brakes:
    """The brakes that one transaction holds, and the commands that it is about to add."""

    now: Turn
    commands: list[Command] = field(default_factory=list[Command])
    _held: dict[ChannelId, Brake] = field(default_factory=dict[ChannelId, Brake])
    _members: dict[ChannelId, int] = field(default_factory=dict[ChannelId, int])

    async def hold(self, channels: Iterable[Channel]) -> None:
        """In the order of their ids."""
        owners = {it.id: it.organization for it in channels}
        for channel, owner in sorted(owners.items()):
            self._held[channel] = await self.now.tx.brakes.lock(owner, channel, self.now.at)
            self._members[channel] = await self.now.tx.accesses.inside(owner, channel)

    async def stop(self, channel: Channel) -> bool:
        """Count an expulsion without certain evidence; whether the brake holds it."""
        before = self._held[channel.id]
        brake = before.count(self.now.w.brake, self._members[channel.id], self.now.at)
        self._held[channel.id] = brake
        if brake.engaged and not before.engaged:
            await self._add()  # so that what was decided together is taken too
            await queueing.engage_brake(self.now, channel)
        return brake.engaged

    async def let_go(self) -> None:
        for brake in self._held.values():
            await self.now.tx.brakes.put(brake)
        await self._add()

    async def _add(self) -> None:
        await queueing.enqueue_all(self.now, self.commands)
        self.commands.clear()
