"""Admit and expel: the fence before the call, and what was seen after it."""

from datetime import datetime
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.derive import derive
from solynk.apps.engine.joining import measure_joining
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import INVITE_LIFE
from solynk.core.access import (
    Access,
    Exempt,
    Inside,
    Invited,
    Seen,
    Unsure,
    Untouched,
    doubted,
    may_be_banned_by_us,
)
from solynk.core.brake import SETTLING
from solynk.core.catalog import Channel, RemovalMode
from solynk.core.command import Admit, Command, CommandStatus, Expel, Tell, Topic
from solynk.core.entitlement import Desired
from solynk.core.ids import PersonId
from solynk.ports.channels import ChannelPlatform, Place

CallOrder: TypeAlias = Admit | Expel


class Call(Struct, frozen=True):
    """A call that may be made now."""

    order: CallOrder
    channel: Channel
    until: datetime
    """How long an invitation is good for."""
    lift_ban: bool
    """Whether the person may be banned by us, and not by an admin."""


class Locked(Struct, frozen=True):
    """The access of a command, under its customer's lock."""

    access: Access
    channel: Channel
    bound: PersonId | None
    locale: str
    settled_until: datetime | None
    removals_stopped: bool


async def lock(now: Turn, command: Command, order: CallOrder) -> Locked | None:
    """Taken before the command's own row: the customer's lock always comes first."""
    owner = command.organization
    if owner is None:
        return None
    asked = await now.tx.accesses.get(owner, order.access)
    if asked is None:
        return None
    customer = await now.tx.customers.lock(owner, asked.customer)
    access = await now.tx.accesses.get(owner, order.access)
    organization = await now.tx.organizations.get(owner)
    channel = await now.tx.channels.get(owner, asked.channel)
    if customer is None or access is None or organization is None or channel is None:
        return None
    persons = await now.tx.identities.of(owner, access.customer)
    bound = next((it.person for it in persons if it.platform is channel.platform), None)
    stopped = organization.removals_stopped or channel.removals is not RemovalMode.ENFORCED
    return Locked(access, channel, bound, customer.locale, customer.settled_until, stopped)


async def fence(now: Turn, command: Command, order: CallOrder) -> Call | None:
    """Look again under the customer's lock. A stale command is dropped and planning runs again."""
    found = await lock(now, command, order)
    until = None if found is None else found.settled_until
    is_due = until is not None and until <= now.at
    if found is not None and (is_due or isinstance(order, Expel)):
        # The clock has changed something since, such as the end of a block or of the right. Nobody
        # is expelled on a decision that was not made anew at this moment, whatever woke nobody up.
        await derive(now, found.access.organization, found.access.customer)
        found = await lock(now, command, order)
    if found is None:
        await _drop(now, command, "its access or its channel is gone")
        return None
    access = found.access
    if isinstance(order, Expel) and await _is_another_members(now, found, order.person):
        # The person is somebody else's now, who has a right here: they are no longer this one's.
        await now.tx.accesses.put(replace(access, seen=Untouched(), acted_on=None))
        await _drop(now, command, "the person is another customer's, who has a right here")
        await derive(now, access.organization, access.customer)
        return None
    if not _still_wished(found, order):
        await _drop(now, command, "overtaken by a newer wish")
        await derive(now, access.organization, access.customer)
        return None
    if await _comes_in_a_flood(now, found, order):
        reason = "others of this organization are being decided about: the brake counts them first"
        waiting = queueing.postponed(command, now.at + SETTLING, reason)
        await now.tx.commands.put(waiting, lease=command.lease)
        return None
    seen = access.seen
    if not isinstance(seen, Exempt):
        seen = doubted(seen, expelling=isinstance(order, Expel))
    await doubt(now, access, replace(access, seen=seen, acted_on=order.person))
    return Call(order, found.channel, now.at + INVITE_LIFE, may_be_banned_by_us(access.seen))


async def _is_another_members(now: Turn, found: Locked, person: PersonId) -> bool:
    """Whether this person may be in by the right of another customer."""
    channel, access = found.channel, found.access
    holder = await now.tx.identities.person(channel.organization, channel.platform, person)
    if holder is None or holder.customer == access.customer:
        return False
    theirs = await now.tx.accesses.of(channel.organization, holder.customer)
    return any(it.channel == channel.id and it.desired is not Desired.OUT for it in theirs)


async def _comes_in_a_flood(now: Turn, found: Locked, order: CallOrder) -> bool:
    """Whether more uncertain expulsions may come of what led to this one, such as a slip in a
    product: the flood is to be seen whole before its first one is gone."""
    if not isinstance(order, Expel) or order.evidence.certain:
        return False
    return await now.tx.due_customers.any_due(found.access.organization, now.at)


async def doubt(now: Turn, before: Access, after: Access) -> None:
    """Nobody knows for a while where the person is: an entry where that changes the state."""
    await now.tx.accesses.put(after)
    if after.state is not before.state:
        details = {"seen": str(after.seen.__struct_config__.tag), "channel": after.channel}
        now.note(after.organization, "access.seen", f"access:{after.id}", **details)


async def _drop(now: Turn, command: Command, reason: str) -> None:
    dropped = queueing.finished(command, CommandStatus.DROPPED, now.at, reason)
    await now.tx.commands.put(dropped, lease=command.lease)


def _still_wished(found: Locked, order: CallOrder) -> bool:
    """Nobody with a right is expelled, whatever the command says: only the wrong person may be."""
    access = found.access
    if access.generation != order.generation or not found.channel.health.usable:
        return False
    match order:
        case Admit():
            return access.desired is not Desired.OUT and order.person == found.bound
        case Expel():
            if found.removals_stopped or order.person in found.channel.never_remove:
                return False
            return access.desired is Desired.OUT or order.person != found.bound
        case _:
            assert_never(order)


async def call_platform(platform: ChannelPlatform, call: Call) -> Seen:
    place = Place(call.channel.chat, call.channel.join_link)
    match call.order:
        case Admit():
            return await platform.admit(
                place, call.order.person, call.until, lift_ban=call.lift_ban
            )
        case Expel():
            return await platform.expel(place, call.order.person)
        case _:
            assert_never(call.order)


async def record(now: Turn, found: Locked, call: Call, seen: Seen) -> None:
    """Record what was seen, and plan again.

    `Unsure` where the order was overtaken, since what moved the generation on may have moved the
    person too.
    """
    access = found.access
    overtaken = access.generation != call.order.generation
    if overtaken and not isinstance(seen, Exempt):
        seen = doubted(access.seen, expelling=isinstance(call.order, Expel))
    after = _after(access, call.order, seen, now.at)
    await now.tx.accesses.put(after)
    await measure_joining(now, access, after)
    _note(now, access, call, seen)
    if isinstance(seen, Invited) and isinstance(call.order, Admit):
        await _invite(now, found, call.order.person, seen)
    await derive(now, access.organization, access.customer)


async def record_lost(now: Turn, found: Locked, call: Call) -> None:
    """The lease was lost: another worker may have acted meanwhile, or be in the middle of it.

    The generation moves on, so that the other's outcome is doubted too.
    """
    doubted = replace(found.access, generation=found.access.generation + 1)
    await record(now, replace(found, access=doubted), call, Unsure())


def _after(access: Access, order: CallOrder, seen: Seen, at: datetime) -> Access:
    gone = isinstance(order, Expel) and not isinstance(seen, Unsure | Exempt)
    return replace(
        access,
        seen=seen,
        acted_on=None if gone else order.person,
        inside_since=(access.inside_since or at) if isinstance(seen, Inside) else None,
    )


def _note(now: Turn, access: Access, call: Call, seen: Seen) -> None:
    order = call.order
    details = {
        "order": str(order.__struct_config__.tag),
        "seen": str(seen.__struct_config__.tag),
        "channel": access.channel,
    }
    if isinstance(order, Expel):
        kinds = sorted({str(it.__struct_config__.tag) for it in order.evidence.proofs})
        details["evidence"] = ",".join(kinds)
    now.note(access.organization, "access.acted", f"access:{access.id}", **details)


async def _invite(now: Turn, found: Locked, person: PersonId, seen: Invited) -> None:
    """The way in, into the member's hands."""
    message = Tell(
        topic=Topic.INVITED,
        person=person,
        channel=found.channel.id,
        customer=found.access.customer,
        until=seen.until,
        link=found.channel.join_link,
        locale=found.locale,
    )
    await queueing.tell(now, found.channel, message)


async def record_failure(now: Turn, found: Locked, call: Call, status: CommandStatus) -> None:
    """What a failed call says about trying again. Seen stays unsure.

    Given up is the wish that it served, and not one that has come since.
    """
    access = found.access
    if status is CommandStatus.DEAD:
        await now.tx.accesses.put(replace(access, given_up=call.order.generation))
    await derive(now, access.organization, access.customer)
