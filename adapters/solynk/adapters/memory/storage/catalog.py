"""Organizations, what they sell and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product
from solynk.core.ids import ChannelId, ChatId, OrganizationId, PlanId, ProductId
from solynk.ports.errors import Conflict


@dataclass(frozen=True, slots=True)
class InMemoryOrganizations:
    rows: Rows[OrganizationId, Organization]

    async def get(self, organization: OrganizationId) -> Organization | None:
        return self.rows.get(organization)

    async def lock(self, organization: OrganizationId) -> Organization | None:
        return self.rows.get(organization)

    async def put(self, organization: Organization) -> None:
        other = self.rows.first(lambda it: it.id != organization.id and _collide(it, organization))
        if other is not None:
            raise Conflict("memory", "the slug or the payment account is taken", holder=other.id)
        self.rows.put(organization.id, organization)

    async def all(self) -> Sequence[Organization]:
        return sorted(self.rows, key=lambda it: it.id)

    async def owning(self, account: str) -> Organization | None:
        return self.rows.first(lambda it: it.payment_account == account)


def _collide(a: Organization, b: Organization) -> bool:
    same_account = a.payment_account is not None and a.payment_account == b.payment_account
    return a.slug == b.slug or same_account


@dataclass(frozen=True, slots=True)
class InMemoryProducts:
    rows: Rows[tuple[OrganizationId, ProductId], Product]

    async def get(self, organization: OrganizationId, product: ProductId) -> Product | None:
        return self.rows.get((organization, product))

    async def lock(self, organization: OrganizationId, product: ProductId) -> Product | None:
        return self.rows.get((organization, product))

    async def put(self, product: Product) -> None:
        self.rows.put((product.organization, product.id), product)

    async def all(self, organization: OrganizationId) -> Sequence[Product]:
        owned = self.rows.where(lambda it: it.organization == organization)
        return sorted(owned, key=lambda it: it.id)


@dataclass(frozen=True, slots=True)
class InMemoryPlans:
    rows: Rows[tuple[OrganizationId, PlanId], Plan]

    async def get(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        return self.rows.get((organization, plan))

    async def lock(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        return self.rows.get((organization, plan))

    async def put(self, plan: Plan) -> None:
        self.rows.put((plan.organization, plan.id), plan)

    async def all(self, organization: OrganizationId) -> Sequence[Plan]:
        owned = self.rows.where(lambda it: it.organization == organization)
        return sorted(owned, key=lambda it: it.id)


@dataclass(frozen=True, slots=True)
class InMemoryChannels:
    rows: Rows[tuple[OrganizationId, ChannelId], Channel]

    async def get(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        return self.rows.get((organization, channel))

    async def lock(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        return self.rows.get((organization, channel))

    async def put(self, channel: Channel) -> None:
        key = (channel.organization, channel.id)
        there = await self.at(channel.platform, channel.chat)
        if there is not None and (there.organization, there.id) != key:
            raise Conflict("memory", "the chat is a channel already", holder=there.organization)
        self.rows.put(key, channel)

    async def all(self, organization: OrganizationId) -> Sequence[Channel]:
        owned = self.rows.where(lambda it: it.organization == organization)
        return sorted(owned, key=lambda it: it.id)

    async def at(self, platform: Platform, chat: ChatId) -> Channel | None:
        return self.rows.first(lambda it: (it.platform, it.chat) == (platform, chat))
