"""Binds persons of a platform to customers: the lock on every door."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.derive import derive
from solynk.apps.engine.people import Person, turn_by
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import Wiring
from solynk.core.alert import AlertKind
from solynk.core.catalog import Platform
from solynk.core.customer import BoundIdentity, Claim
from solynk.core.ids import CustomerId, OrganizationId, PersonId
from solynk.core.signals import Started
from solynk.ports.errors import Conflict, NotFound, Refused

CLAIM_LIFE: Final = timedelta(days=7)
TOKEN_BYTES: Final = 24
"""192 random bits: 32 characters, within a deep link's 64 (core.telegram.org/api/links)."""


class ClaimLink(Struct, frozen=True):
    url: str
    expires_at: datetime


async def offer_claim(
    w: Wiring, organization: OrganizationId, customer: CustomerId, platform: Platform, by: Person
) -> ClaimLink:
    """A one-time link by which a person becomes this customer. Only its hash is kept.

    Raises:
        NotFound: no such customer in this organization.
        Refused: the platform is not set up.
        Unavailable, NeedsHuman: the platform could not make the link.
    """
    feed = w.platforms.get(platform)
    if feed is None:
        raise Refused("solynk", f"{platform.value} is not set up: set its bot token first")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    url = await feed.start_link(token)
    async with turn_by(w, by) as now:
        if await now.tx.customers.get(organization, customer) is None:
            raise NotFound("solynk", f"no customer {customer}")
        expires_at = now.at + CLAIM_LIFE
        claim = Claim(hash_token(token), organization, customer, platform, expires_at)
        await now.tx.claims.put(claim)
        now.note(organization, "claim.offered", f"customer:{customer}", reason=by.reason)
    return ClaimLink(url, expires_at)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def take_claim(now: Turn, platform: Platform, signal: Started) -> None:
    """The person opened the bot with a claim token. An unknown or used token does nothing."""
    claim = await now.tx.claims.take(hash_token(signal.payload), now.at)
    if claim is None or claim.platform is not platform:
        return
    identity = BoundIdentity(claim.organization, claim.customer, platform, signal.person, now.at)
    try:
        await bind(now, identity, signal.locale)
    except Conflict as fault:
        message = "a claim was opened by a person who is bound to another customer"
        subject = f"{claim.customer}:{fault.holder}"
        await now.alert(claim.organization, AlertKind.IDENTITY_TAKEN, subject, message)


async def bind_person(
    w: Wiring,
    organization: OrganizationId,
    customer: CustomerId,
    person: tuple[Platform, PersonId],
    by: Person,
) -> None:
    """Bind by hand, or from a login that proved who the person is. Raises as `bind`."""
    async with turn_by(w, by) as now:
        identity = BoundIdentity(organization, customer, *person, now.at)
        await bind(now, identity, None, reason=by.reason)


async def bind(now: Turn, identity: BoundIdentity, locale: str | None, **details: str) -> None:
    """Bind, and let the customer in at once where they have a right.

    Raises:
        NotFound: no such customer in this organization.
        Conflict: the person is another customer's; `holder` names that one, for a merge.
    """
    owner, customer = identity.organization, identity.customer
    known = await now.tx.customers.lock(owner, customer)
    if known is None:
        raise NotFound("solynk", f"no customer {customer}")
    taken = await now.tx.identities.person(owner, identity.platform, identity.person)
    if taken is not None and taken.customer != customer:
        reason = "the person is bound to another customer: merge the two, or unbind the wrong one"
        raise Conflict("solynk", reason, holder=taken.customer)
    await now.tx.identities.put(identity)
    if locale is not None and known.locale != locale:
        await now.tx.customers.put(replace(known, locale=locale))
    details = {"platform": identity.platform.value, **details}
    now.note(owner, "identity.bound", f"customer:{customer}", **details)
    await derive(now, owner, customer)
