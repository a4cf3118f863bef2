"""Whether somebody has access to a channel, and until when that is sure: asked often, so it is cheap.

What is kept is believed until its own end. From then on it is derived on the spot, so that nobody
is told of a right that has ended, however late the derivation is.
"""

from datetime import datetime

from msgspec import Struct

from solynk.apps.engine.snapshot import read_portfolios
from solynk.apps.engine.wiring import Wiring
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, CustomerId, OrganizationId
from solynk.ports.checking import KeptAccess, OfCustomer, OfPerson, Whose
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
        return await _derived(w, organization, channel, kept, at)
    return _check(kept, kept.desired, kept.until, at)


async def _derived(
    w: Wiring, organization: OrganizationId, channel: ChannelId, kept: KeptAccess, at: datetime
) -> AccessCheck:
    async with w.store.begin() as tx:
        owner = await tx.organizations.get(organization)
        if owner is None:
            raise NotFound("solynk", f"no organization {organization}")
        subscriptions = await tx.subscriptions.of(organization, kept.customer)
        portfolios = await read_portfolios(tx, owner, [kept.customer], subscriptions)
    portfolio = portfolios[kept.customer]
    return _check(kept, portfolio.verdict(channel, at).desired, portfolio.due_at(at), at)


def _check(kept: KeptAccess, desired: Desired, until: datetime | None, at: datetime) -> AccessCheck:
    return AccessCheck(
        has_access=desired is not Desired.OUT,
        desired=desired,
        until=until,
        version=kept.generation,
        customer=kept.customer,
        at=at,
    )


def _named(whose: Whose) -> str:
    match whose:
        case OfCustomer():
            return f"customer {whose.customer}"
        case OfPerson():
            return f"person {whose.person}"
