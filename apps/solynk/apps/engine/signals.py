"""What a channel platform tells us: people ask, come and go, and rights change.

A signal updates what was seen, never what should be; the decision then closes the gap.
"""

from typing import TypeAlias, assert_never

from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.admission import doubt
from solynk.apps.engine.derive import derive
from solynk.apps.engine.health import follow_move, set_health
from solynk.apps.engine.identities import take_claim
from solynk.apps.engine.joining import measure_joining
from solynk.apps.engine.snapshot import subject_of
from solynk.apps.engine.turn import Turn
from solynk.core.access import (
    Access,
    By,
    Exempt,
    Inside,
    Outside,
    Seen,
    doubted,
)
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, Platform
from solynk.core.command import CommandStatus, Expel, Tell, Topic
from solynk.core.customer import BoundIdentity
from solynk.core.entitlement import Desired
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import (
    AskedToJoin,
    BotRightsChanged,
    Departed,
    Joined,
    Migrated,
    Ranked,
    Signal,
    Silenced,
    Started,
)

Whereabouts: TypeAlias = Joined | Departed | Ranked


async def apply_signal(now: Turn, platform: Platform, signal: Signal, *, late: bool) -> None:
    """`late`: newer updates may have been applied before, so it does not tell what holds now."""
    match signal:
        case AskedToJoin():
            await _asked(now, platform, signal)
        case Joined() | Departed() | Ranked():
            await _moved(now, platform, signal, late=late)
        case BotRightsChanged():
            await _rights(now, platform, signal)
        case Migrated():
            channel = await _held_channel(now, platform, signal.old)
            if channel is not None:
                await follow_move(now, channel, signal.new)
        case Started():
            if signal.payload:
                await take_claim(now, platform, signal)
        case Silenced():
            return
        case _:
            assert_never(signal)


async def _asked(now: Turn, platform: Platform, signal: AskedToJoin) -> None:
    """Only the bound person of someone with a right comes in; all others are turned down."""
    channel = await now.tx.channels.at(platform, signal.chat)
    if channel is None:
        return
    access = await _locked_access(now, channel, signal.person)
    if access is None or access.desired is Desired.OUT:
        message = Tell(Topic.NO_RIGHT, signal.person, channel.id, locale=signal.locale)
        await queueing.tell(now, channel, message)
        await queueing.decline(now, channel, signal.person)
        return
    if not _about_another(access, signal.person):
        asking = replace(access, seen=doubted(access.seen), given_up=None)
        await doubt(now, access, await _unsettled(now, asking))
    await derive(now, channel.organization, access.customer)


def _about_another(access: Access, person: PersonId) -> bool:
    """Somebody else was let in before: until they are out, a signal about this one waits."""
    return access.acted_on is not None and access.acted_on != person


async def _unsettled(now: Turn, access: Access) -> Access:
    """What is seen while a call is under way overtakes that call: nobody knows which came first."""
    live = await now.tx.commands.live(subject_of(access.id))
    if live is None or live.status is not CommandStatus.LEASED:
        return access
    expelling = isinstance(live.order, Expel)
    seen = doubted(access.seen, expelling=expelling)
    return replace(access, seen=seen, generation=access.generation + 1)


async def _locked_access(now: Turn, channel: Channel, person: PersonId) -> Access | None:
    bound = await _bound(now, channel, person)
    if bound is None:
        return None
    await now.tx.customers.lock(channel.organization, bound.customer)
    accesses = await now.tx.accesses.of(channel.organization, bound.customer)
    return next((it for it in accesses if it.channel == channel.id), None)


async def _bound(now: Turn, channel: Channel, person: PersonId) -> BoundIdentity | None:
    return await now.tx.identities.person(channel.organization, channel.platform, person)


async def _moved(now: Turn, platform: Platform, signal: Whereabouts, *, late: bool) -> None:
    channel = await now.tx.channels.at(platform, signal.chat)
    if channel is None:
        return
    access = await _locked_access(now, channel, signal.person)
    if access is None:
        await _stranger(now, channel, signal)
        return
    seen = doubted(access.seen) if late else _seen_after(signal, access.seen)
    if seen != access.seen and not _about_another(access, signal.person):
        await _see(now, access, seen, signal.person)
    await derive(now, channel.organization, access.customer)


def _seen_after(signal: Whereabouts, seen: Seen) -> Seen:
    match signal:
        case Joined():
            return Inside()
        case Ranked():
            return Exempt() if signal.exempt else Inside()
        case Departed():
            # Our own expulsion is recorded when it is done: an echo of it says nothing more.
            echo = signal.by is By.US and not isinstance(seen, Inside)
            return seen if echo else Outside(signal.by)
        case _:
            assert_never(signal)


async def _see(now: Turn, access: Access, seen: Seen, person: PersonId) -> None:
    inside_since = now.at if isinstance(seen, Inside) else None
    after = replace(access, seen=seen, acted_on=person, inside_since=inside_since)
    await measure_joining(now, access, after)
    await now.tx.accesses.put(await _unsettled(now, after))
    tag = str(seen.__struct_config__.tag)
    resource = f"access:{access.id}"
    now.note(access.organization, "access.seen", resource, seen=tag, channel=access.channel)


async def _stranger(now: Turn, channel: Channel, signal: Whereabouts) -> None:
    """Someone without any right came in, by an admin's hand perhaps: reported, never touched."""
    owner, subject = channel.organization, f"{channel.id}:{signal.person}"
    if isinstance(signal, Joined) and signal.person not in channel.never_remove:
        message = f"{channel.title}: someone without a right came in"
        await now.alert(owner, AlertKind.STRANGER_INSIDE, subject, message)
    else:
        await now.settled(owner, AlertKind.STRANGER_INSIDE, subject)


async def _held_channel(now: Turn, platform: Platform, chat: ChatId) -> Channel | None:
    """To be changed: what a person changes at the same moment must not be undone."""
    here = await now.tx.channels.at(platform, chat)
    return None if here is None else await now.tx.channels.lock(here.organization, here.id)


async def _rights(now: Turn, platform: Platform, signal: BotRightsChanged) -> None:
    channel = await _held_channel(now, platform, signal.chat)
    if channel is None:
        return
    await set_health(now, channel, present=signal.present, fault=signal.fault)
    if signal.present:
        await queueing.inspect(now, channel)
