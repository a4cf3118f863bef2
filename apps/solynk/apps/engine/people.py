"""Decisions by people: grants, blocks, releases. Each is a fact, so the next run keeps it."""

import uuid
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import assert_never

from msgspec import Struct, field

from solynk.apps.engine import queueing
from solynk.apps.engine.derive import derive
from solynk.apps.engine.snapshot import subject_of
from solynk.apps.engine.turn import Turn, turn_of
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.alert import AlertKind
from solynk.core.facts import (
    Blocked,
    Everywhere,
    Granted,
    GrantWithdrawn,
    OnChannel,
    OnProduct,
    PeopleFact,
    Scope,
    Unblocked,
)
from solynk.core.ids import ChannelId, CustomerId, OrganizationId
from solynk.core.instants import utc
from solynk.core.ledger import Ledger
from solynk.ports.errors import NotFound, Refused
from solynk.ports.storage import StoredFact


def _a_name() -> str:
    return uuid.uuid4().hex


class Person(Struct, frozen=True):
    """Who decides, and why: it goes into the audit log."""

    actor: str
    reason: str
    correlation: str = field(default_factory=_a_name)
    """Names the request in the logs, in its audit entries, and in the commands that follow."""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("reason must not be empty: whoever reads the log needs it")


def turn_by(w: Wiring, by: Person) -> AbstractAsyncContextManager[Turn]:
    """One transaction of what a person decides."""
    return turn_of(w, by.actor, by.correlation)


class Target(Struct, frozen=True):
    """Whom and what a decision concerns, and until when; None is without an end."""

    organization: OrganizationId
    customer: CustomerId
    scope: Scope
    until: datetime | None = None


async def grant(w: Wiring, target: Target, by: Person) -> str:
    """Give a right; answers the grant's id.

    Raises:
        NotFound: no such customer, product or channel in this organization.
        Refused: it would end before it begins.
    """
    return await _decide(w, target, by, Granted, "grant.given")


async def withdraw(
    w: Wiring, organization: OrganizationId, customer: CustomerId, grant_id: str, by: Person
) -> None:
    """Take a grant back from this instant on.

    Raises:
        NotFound: the customer has no grant of this id.
    """
    async with turn_by(w, by) as now:
        if grant_id not in (await _people(now, organization, customer)).grants:
            raise NotFound("solynk", f"customer {customer} has no grant {grant_id}")
        fact = GrantWithdrawn(grant_id, now.at, by.reason, by.actor)
        await _record(now, organization, customer, fact, "grant.withdrawn")


async def block(w: Wiring, target: Target, by: Person) -> str:
    """Lay a block, which outranks every right; answers its id. Raises as `grant`."""
    return await _decide(w, target, by, Blocked, "block.laid")


async def unblock(
    w: Wiring, organization: OrganizationId, customer: CustomerId, block_id: str, by: Person
) -> None:
    """Lift a block.

    Raises:
        NotFound: the customer has no block of this id.
    """
    async with turn_by(w, by) as now:
        if block_id not in (await _people(now, organization, customer)).blocks:
            raise NotFound("solynk", f"customer {customer} has no block {block_id}")
        fact = Unblocked(block_id, now.at, by.reason, by.actor)
        await _record(now, organization, customer, fact, "block.lifted")


async def release_brake(
    w: Wiring, organization: OrganizationId, channel: ChannelId, by: Person
) -> int:
    """Let the expulsions that the brake holds go on; how many they are.

    Raises:
        NotFound: the channel's brake is not engaged.
    """
    released = 0
    async with turn_by(w, by) as now:
        brake = await now.tx.brakes.lock(organization, channel, now.at)
        if not brake.engaged:
            raise NotFound("solynk", f"the brake of channel {channel} is not engaged")
        await now.tx.brakes.put(brake.release(now.at))
        for access in await now.tx.accesses.at(organization, channel):
            live = await now.tx.commands.live(subject_of(access.id))
            if live is not None and queueing.is_braked(live):
                again = queueing.ready(live, now.at, w.retry.deadline)
                released += await now.tx.commands.put(again, lease=live.lease)
        await now.settled(organization, AlertKind.BRAKE, channel)
        details = {"reason": by.reason, "released": str(released)}
        now.note(organization, "brake.released", f"channel:{channel}", **details)
    return released


async def _decide(
    w: Wiring, target: Target, by: Person, kind: type[Granted | Blocked], action: str
) -> str:
    async with turn_by(w, by) as now:
        await _refuse(now, target)
        fact = kind(new_id(now.at), target.scope, now.at, target.until, by.reason, by.actor)
        await _record(now, target.organization, target.customer, fact, action)
    return fact.id


async def _refuse(now: Turn, target: Target) -> None:
    if target.until is not None and utc(target.until) <= now.at:
        ends, at = target.until.isoformat(), now.at.isoformat()
        raise Refused("solynk", f"until {ends} is not after this instant, {at}")
    await _refuse_unknown(now, target.organization, target.scope)


async def _people(now: Turn, organization: OrganizationId, customer: CustomerId) -> Ledger:
    rows = await now.tx.facts.of(organization, customer)
    return Ledger().join_all(it.fact for it in rows if it.subscription is None)


async def _record(
    now: Turn,
    organization: OrganizationId,
    customer: CustomerId,
    fact: PeopleFact,
    action: str,
) -> None:
    if await now.tx.customers.lock(organization, customer) is None:
        raise NotFound("solynk", f"no customer {customer}")
    await now.tx.facts.add(StoredFact(organization, customer, None, fact, None, now.at))
    now.note(organization, action, f"customer:{customer}", id=fact.id, reason=fact.reason)
    await derive(now, organization, customer)


async def _refuse_unknown(now: Turn, organization: OrganizationId, scope: Scope) -> None:
    match scope:
        case OnProduct():
            if await now.tx.products.get(organization, scope.product) is None:
                raise NotFound("solynk", f"no product {scope.product}")
        case OnChannel():
            if await now.tx.channels.get(organization, scope.channel) is None:
                raise NotFound("solynk", f"no channel {scope.channel}")
        case Everywhere():
            return
        case _:
            assert_never(scope)
