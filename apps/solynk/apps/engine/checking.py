"""Whether somebody has access to a channel, and until when that is sure: asked often, so it is cheap.

What is kept is believed until its own end. From then on it is derived on the spot, so that nobody
is told of a right that has ended, however late the derivation is.
"""

from datetime import datetime

from msgspec import Struct

from solynk.apps.engine.decide import decide
from solynk.apps.engine.snapshot import Snapshot, read_snapshots
from solynk.apps.engine.wiring import Wiring
from solynk.core.access import Access
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, CustomerId, OrganizationId
from solynk.ports.checking import OfCustomer, OfPerson, Whose
from solynk.ports.errors import NotFound


class AccessCheck(Struct, frozen=True):
    has_access: bool
    """Whether there is a right to be in the channel; also during a grace period."""
    desired: Desired
    until: datetime | None
    """Until when this answer stands if nothing new becomes known, exclusive: ask again then. Null is
    for good."""
    version: int
    """Of the access: raised whenever the right comes, goes, or turns into grace; 0 before the first."""
    customer: CustomerId
    """Whose access it is, also where a person was asked about."""
    at: datetime
    """The instant that this is the answer for."""


async def check_access(
    w: Wiring, organization: OrganizationId, channel: ChannelId, whose: Whose
) -> AccessCheck:
    """Changes nothing.

    Raises:
        NotFound: no such channel, customer or person in this organization.
        Unavailable: the storage does not answer, so nobody knows.
    """
    at = await w.clock.now()
    kept = await w.store.kept_access(organization, channel, whose)
    if kept is None:
        raise NotFound("solynk", f"no channel {channel} or no {_named(whose)} in this organization")
    if kept.until is not None and kept.until <= at:
        return _derived(await _read(w, organization, kept.customer, at), channel, at)
    return _check(kept.customer, kept.desired, kept.generation, kept.until, at)


async def _read(
    w: Wiring, organization: OrganizationId, customer: CustomerId, at: datetime
) -> Snapshot:
    """Without the customer's lock: nothing is written."""
    async with w.store.begin() as tx:
        known = await tx.customers.get(organization, customer)
        customers = () if known is None else (known,)
        for it in await read_snapshots(tx, organization, customers, at):
            return it
    raise NotFound("solynk", f"no customer {customer} in this organization")


def _derived(it: Snapshot, channel: ChannelId, at: datetime) -> AccessCheck:
    """What the engine is about to write: it asks the provider before it believes a non-payment."""
    decision = decide(it, at)
    changed: dict[ChannelId, Access] = {access.channel: access for access in decision.accesses}
    access = changed.get(channel) or it.accesses.get(channel)
    if access is None:
        return _check(it.customer.id, Desired.OUT, 0, decision.due_at, at)
    return _check(it.customer.id, access.desired, access.generation, decision.due_at, at)


def _check(
    customer: CustomerId, desired: Desired, version: int, until: datetime | None, at: datetime
) -> AccessCheck:
    return AccessCheck(
        has_access=desired is not Desired.OUT,
        desired=desired,
        until=until,
        version=version,
        customer=customer,
        at=at,
    )


def _named(whose: Whose) -> str:
    match whose:
        case OfCustomer():
            return f"customer {whose.customer}"
        case OfPerson():
            return f"person {whose.person}"
