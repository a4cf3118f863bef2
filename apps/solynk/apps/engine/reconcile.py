"""Asks for the truth that never came: the provider's subscriptions, the platform's members.

What it finds enters by the same doors as everything else: a read becomes an event, a member's
whereabouts an observation. An error or an empty list is never evidence against anyone.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine import queueing
from solynk.apps.engine.derive import derive
from solynk.apps.engine.snapshot import subject_of
from solynk.apps.engine.trying import attempt
from solynk.apps.engine.turn import Turn, turn_of
from solynk.apps.engine.wiring import Wiring
from solynk.core.access import (
    Access,
    By,
    Exempt,
    Inside,
    Invited,
    Outside,
    Seen,
    may_be_banned_by_us,
)
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, Provider
from solynk.core.command import CommandStatus
from solynk.core.ids import OrganizationId, PersonId
from solynk.ports.channels import Place
from solynk.ports.errors import Moved, NeedsHuman, PortError, Unavailable
from solynk.ports.storage import UnitOfWork

log = logging.getLogger(__name__)

ACTOR: Final = "reconcile"
LIST_WITHIN: Final = timedelta(minutes=15)
"""A list has as many pages as a creator has sold; nothing waits for it meanwhile."""
LOOK_BACK: Final = timedelta(days=35)
"""Longer than a provider keeps its events (Stripe: 30 days), so that nothing is out of reach."""


class Reconciled(Struct, frozen=True):
    """How much was asked and how much was different."""

    reads: int = 0
    members: int = 0
    drifted: int = 0
    failures: tuple[str, ...] = ()

    def plus(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            self.reads + other.reads,
            self.members + other.members,
            self.drifted + other.drifted,
            (*self.failures, *other.failures),
        )


async def reconcile(w: Wiring) -> Reconciled:
    """One pass over every organization; a failure of one is told and holds up no other."""
    total = Reconciled()
    async with w.store.begin() as tx:
        organizations = await tx.organizations.all()
    for organization in organizations:
        async with w.store.begin() as tx:
            accounts = await tx.organizations.accounts(organization.id)
        for provider in w.providers:
            for account in accounts:
                total = total.plus(await _payments(w, organization.id, provider, account))
        async with w.store.begin() as tx:
            channels = await tx.channels.all(organization.id)
        for channel in channels:
            total = total.plus(await _members(w, channel))
    return total


async def _payments(
    w: Wiring, owner: OrganizationId, provider: Provider, account: str
) -> Reconciled:
    """Former accounts too: what was sold there goes on being paid there."""
    since = await w.clock.now() - LOOK_BACK
    listed = await attempt(w.providers[provider].list_since(account, since), LIST_WITHIN)
    if isinstance(listed, PortError):
        return await _told(w, owner, account, Reconciled(failures=(f"{listed}",)))
    found = Reconciled(reads=len(listed))
    for ref in listed:
        with _one(w, ref.id) as failures:
            async with turn_of(w, ACTOR, ref.id) as now:
                await queueing.fetch(now, owner, provider, account, ref)
        found = found.plus(Reconciled(failures=tuple(failures)))
    return await _told(w, owner, account, found)


async def _members(w: Wiring, channel: Channel) -> Reconciled:
    """The members of one channel, one by one; a chat that can not be asked is left at once."""
    platform = w.platforms.get(channel.platform)
    if platform is None or not channel.health.usable:
        return Reconciled()
    total = Reconciled()
    async with w.store.begin() as tx:
        accesses = await tx.accesses.at(channel.organization, channel.id)
        whom = {it.id: await _whom(tx, channel, it) for it in accesses}
    for access in accesses:
        person = whom[access.id]
        if person is None:
            continue
        place = Place(channel.chat, channel.join_link)
        seen = await attempt(platform.state_of(place, person))
        if isinstance(seen, PortError):
            total = total.plus(Reconciled(members=1, failures=(f"{seen}",)))
            if isinstance(seen, Moved | NeedsHuman):
                async with turn_of(w, ACTOR, channel.id) as now:
                    await queueing.inspect(now, channel)
                break
            continue
        drifted = False
        with _one(w, access.id) as failures:
            async with turn_of(w, ACTOR, access.id) as now:
                drifted = await _drift(now, access, seen)
        total = total.plus(Reconciled(members=1, drifted=int(drifted), failures=tuple(failures)))
    return await _told(w, channel.organization, channel.id, total)


@contextmanager
def _one(w: Wiring, subject: str) -> Generator[list[str]]:
    """One reference or member, whose trouble holds up no other; what failed is told."""
    failures: list[str] = []
    try:
        yield failures
    except Unavailable:
        raise
    except Exception as fault:
        log.exception("%s could not be compared", subject)
        w.telemetry.count("comparisons_failed")
        failures.append(f"unforeseen {type(fault).__name__}")


async def _whom(tx: UnitOfWork, channel: Channel, access: Access) -> PersonId | None:
    """Whoever was acted on last. A former member may have come back by somebody's hand, unseen."""
    if access.acted_on is not None or not isinstance(access.seen, Outside):
        return access.acted_on
    bound = await tx.identities.of(access.organization, access.customer)
    return next((it.person for it in bound if it.platform is channel.platform), None)


async def _told(w: Wiring, owner: OrganizationId, subject: str, found: Reconciled) -> Reconciled:
    """A person learns what could not be compared, until it can be compared again."""
    async with turn_of(w, ACTOR, subject) as now:
        if found.failures:
            asked = max(found.reads + found.members, len(found.failures))
            message = f"{len(found.failures)} of {asked} not compared: {found.failures[0]}"
            await now.alert(owner, AlertKind.NOT_COMPARED, subject, message)
        else:
            await now.settled(owner, AlertKind.NOT_COMPARED, subject)
    return found


async def _drift(now: Turn, asked: Access, seen: Seen) -> bool:
    """Record what differs, unless a command is on its way or something changed meanwhile."""
    owner = asked.organization
    await now.tx.customers.lock(owner, asked.customer)
    access = await now.tx.accesses.get(owner, asked.id)
    live = await now.tx.commands.live(subject_of(asked.id))
    busy = live is not None and live.status is not CommandStatus.PARKED
    if access is None or access != asked or busy or not _differs(access.seen, seen):
        return False
    if may_be_banned_by_us(access.seen) and seen == Outside(By.AN_ADMIN):
        return False  # a ban, and perhaps our own: the next order knows what to do about it
    inside_since = (access.inside_since or now.at) if isinstance(seen, Inside) else None
    await now.tx.accesses.put(replace(access, seen=seen, inside_since=inside_since))
    tag = str(seen.__struct_config__.tag)
    now.note(owner, "access.drifted", f"access:{access.id}", seen=tag)
    await derive(now, owner, access.customer)
    return True


def _differs(known: Seen, seen: Seen) -> bool:
    """Someone invited is outside still; who took out whom can not be told from outside."""
    match known, seen:
        case (Invited(), Outside()) | (Outside(), Outside()):
            return False
        case (Inside(), Inside()) | (Exempt(), Exempt()):
            return False
        case _:
            return True
