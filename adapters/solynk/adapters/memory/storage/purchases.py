"""What customers bought, what became known about it, and what it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.access import Access, may_be_inside
from solynk.core.catalog import Provider
from solynk.core.customer import Checkout, CheckoutStatus, Subscription
from solynk.core.facts import Fact, Payment
from solynk.core.ids import (
    AccessId,
    ChannelId,
    CheckoutId,
    CustomerId,
    EventId,
    OrganizationId,
    PlanId,
    SubscriptionId,
)
from solynk.ports.errors import Conflict
from solynk.ports.storage import StoredFact


@dataclass(frozen=True, slots=True)
class InMemorySubscriptions:
    rows: Rows[tuple[OrganizationId, SubscriptionId], Subscription]

    async def get(
        self, organization: OrganizationId, subscription: SubscriptionId
    ) -> Subscription | None:
        return self.rows.get((organization, subscription))

    async def find(
        self, organization: OrganizationId, provider: Provider, account: str, reference: str
    ) -> Subscription | None:
        name = (organization, provider, account, reference)
        return self.rows.first(
            lambda it: (it.organization, it.provider, it.account, it.reference) == name
        )

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[Subscription]:
        whose = {(organization, it) for it in customers}
        owned = self.rows.where(lambda it: (it.organization, it.customer) in whose)
        return sorted(owned, key=lambda it: it.id)

    async def put(self, *subscriptions: Subscription) -> None:
        for it in subscriptions:
            named = await self.find(it.organization, it.provider, it.account, it.reference)
            if named is not None and named.id != it.id:
                raise Conflict("memory", "another subscription has this reference", holder=named.id)
            self.rows.put((it.organization, it.id), it)


FactKey: TypeAlias = tuple[OrganizationId, CustomerId, SubscriptionId | None, Fact]


def _this(it: StoredFact) -> FactKey:
    return it.organization, it.customer, it.subscription, it.fact


@dataclass(frozen=True, slots=True)
class InMemoryFactRows:
    rows: Rows[FactKey, StoredFact]

    async def add(self, fact: StoredFact) -> bool:
        if self.rows.get(_this(fact)) is not None:
            return False
        self.rows.put(_this(fact), fact)
        return True

    async def let_go(self, fact: StoredFact) -> None:
        self.rows.drop(_this(fact))

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[StoredFact]:
        whose = {(organization, it) for it in customers}
        return self.rows.where(lambda it: (it.organization, it.customer) in whose)

    async def paying(self, organization: OrganizationId, payment: str) -> SubscriptionId | None:
        found = self.rows.first(
            lambda it: (
                it.organization == organization
                and it.subscription is not None
                and isinstance(it.fact, Payment)
                and it.fact.id == payment
            )
        )
        return None if found is None else found.subscription


@dataclass(frozen=True, slots=True)
class InMemoryEventFacts:
    rows: Rows[FactKey, StoredFact]

    async def of(self, event: EventId) -> Sequence[StoredFact]:
        return self.rows.where(lambda it: it.event == event)

    async def known(self, organization: OrganizationId, fact: Fact) -> bool:
        told = (organization, fact)
        return self.rows.first(lambda it: (it.organization, it.fact) == told) is not None


@dataclass(frozen=True, slots=True)
class InMemoryAccesses:
    rows: Rows[tuple[OrganizationId, AccessId], Access]

    async def get(self, organization: OrganizationId, access: AccessId) -> Access | None:
        return self.rows.get((organization, access))

    async def of(self, organization: OrganizationId, *customers: CustomerId) -> Sequence[Access]:
        whose = {(organization, it) for it in customers}
        owned = self.rows.where(lambda it: (it.organization, it.customer) in whose)
        return sorted(owned, key=lambda it: it.id)

    async def put(self, *accesses: Access) -> None:
        for access in accesses:
            await self._put(access)

    async def _put(self, access: Access) -> None:
        for other in await self.of(access.organization, access.customer):
            if other.channel == access.channel and other.id != access.id:
                raise Conflict("memory", "the customer has another access here", holder=other.id)
        self.rows.put((access.organization, access.id), access)

    async def inside(self, organization: OrganizationId, channel: ChannelId) -> int:
        return sum(may_be_inside(it.seen) for it in await self.at(organization, channel))

    async def at(self, organization: OrganizationId, channel: ChannelId) -> Sequence[Access]:
        where = (organization, channel)
        found = self.rows.where(lambda it: (it.organization, it.channel) == where)
        return sorted(found, key=lambda it: it.id)


@dataclass(frozen=True, slots=True)
class InMemoryCheckoutRows:
    rows: Rows[tuple[OrganizationId, CheckoutId], Checkout]

    async def get(self, organization: OrganizationId, checkout: CheckoutId) -> Checkout | None:
        return self.rows.get((organization, checkout))

    async def open_for(
        self, organization: OrganizationId, customer: CustomerId, plan: PlanId
    ) -> Checkout | None:
        key = (organization, customer, plan)
        return self.rows.first(
            lambda it: (
                (it.organization, it.customer, it.plan) == key and it.status is CheckoutStatus.OPEN
            )
        )

    async def put(self, checkout: Checkout) -> None:
        it = checkout
        other = await self.open_for(it.organization, it.customer, it.plan)
        if it.status is CheckoutStatus.OPEN and other is not None and other.id != it.id:
            raise Conflict("memory", "another checkout is open", holder=other.id)
        self.rows.put((it.organization, it.id), it)

    async def named(self, organization: OrganizationId, reference: str) -> Checkout | None:
        name = (organization, reference)
        return self.rows.first(lambda it: (it.organization, it.reference) == name)
