"""Customers, who they are on a platform, and when they are to be looked at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from solynk.adapters.memory.storage.rows import Rows, in_rounds
from solynk.core.access import Access
from solynk.core.catalog import Platform
from solynk.core.customer import BoundIdentity, Claim, Customer
from solynk.core.ids import AccessId, ChannelId, CustomerId, OrganizationId, PersonId
from solynk.ports.errors import Conflict

CustomerRows = Rows[tuple[OrganizationId, CustomerId], Customer]


@dataclass(frozen=True, slots=True)
class InMemoryCustomers:
    rows: CustomerRows

    async def get(self, organization: OrganizationId, customer: CustomerId) -> Customer | None:
        return self.rows.get((organization, customer))

    async def lock(self, organization: OrganizationId, customer: CustomerId) -> Customer | None:
        return self.rows.get((organization, customer))

    async def put(self, *customers: Customer) -> None:
        for it in customers:
            self.rows.put((it.organization, it.id), it)

    async def all(
        self, organization: OrganizationId, *, after: CustomerId | None = None, limit: int = 100
    ) -> Sequence[Customer]:
        owned = self.rows.where(lambda it: it.organization == organization)
        page = [it for it in owned if after is None or it.id > after]
        return sorted(page, key=lambda it: it.id)[:limit]


@dataclass(frozen=True, slots=True)
class InMemoryDueCustomers:
    rows: CustomerRows
    accesses: Rows[tuple[OrganizationId, AccessId], Access]

    async def due(self, at: datetime, limit: int) -> Sequence[Customer]:
        due = [(it.due_at, it.id, it) for it in self.rows if it.due_at and it.due_at <= at]
        queue = [customer for *_, customer in sorted(due, key=lambda it: it[:2])]
        return in_rounds(queue, lambda it: it.organization)[:limit]

    async def lock(
        self, organization: OrganizationId, customers: Collection[CustomerId], at: datetime
    ) -> Sequence[Customer]:
        known = [self.rows.get((organization, it)) for it in sorted(set(customers))]
        return [it for it in known if it is not None and it.due_at and it.due_at <= at]

    async def any_due(self, organization: OrganizationId, at: datetime) -> bool:
        its = self.rows.where(lambda it: it.organization == organization)
        return any(it.due_at is not None and it.due_at <= at for it in its)

    async def touch(
        self, organization: OrganizationId, channel: ChannelId | None, at: datetime
    ) -> int:
        place = (organization, channel)
        here = {it.customer for it in self.accesses if (it.organization, it.channel) == place}
        concerned = self.rows.where(
            lambda it: it.organization == organization and (channel is None or it.id in here)
        )
        for customer in concerned:
            due_at = at if customer.due_at is None else min(customer.due_at, at)
            self.rows.put((organization, customer.id), replace(customer, due_at=due_at))
        return len(concerned)


@dataclass(frozen=True, slots=True)
class InMemoryIdentities:
    rows: Rows[tuple[OrganizationId, CustomerId, Platform], BoundIdentity]

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[BoundIdentity]:
        whose = {(organization, it) for it in customers}
        bound = self.rows.where(lambda it: (it.organization, it.customer) in whose)
        return sorted(bound, key=lambda it: (it.customer, it.platform))

    async def person(
        self, organization: OrganizationId, platform: Platform, person: PersonId
    ) -> BoundIdentity | None:
        who = (organization, platform, person)
        return self.rows.first(lambda it: (it.organization, it.platform, it.person) == who)

    async def put(self, identity: BoundIdentity) -> None:
        known = await self.person(identity.organization, identity.platform, identity.person)
        if known is not None and known.customer != identity.customer:
            raise Conflict("memory", "the person is another customer's", holder=known.customer)
        key = (identity.organization, identity.customer, identity.platform)
        self.rows.put(key, identity)


@dataclass(frozen=True, slots=True)
class InMemoryClaims:
    rows: Rows[str, Claim]

    async def put(self, claim: Claim) -> None:
        known = self.rows.get(claim.token_hash)
        if known is not None and known.organization != claim.organization:
            raise Conflict("memory", "the token is taken")
        self.rows.put(claim.token_hash, claim)

    async def take(self, token_hash: str, at: datetime) -> Claim | None:
        claim = self.rows.get(token_hash)
        if claim is None or claim.used_at is not None or at >= claim.expires_at:
            return None
        taken = replace(claim, used_at=at)
        self.rows.put(token_hash, taken)
        return taken
