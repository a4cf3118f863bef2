"""Organizations, what they sell and where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from solynk.adapters.memory.storage.rows import Rows
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product
from solynk.core.ids import ChannelId, ChatId, OrganizationId, PlanId, ProductId
from solynk.ports.errors import Conflict


@dataclass(frozen=True, slots=True)
class InMemoryOrganizations:
    rows: Rows[OrganizationId, Organization]
    owners: Rows[str, tuple[str, OrganizationId]]
    """Every payment account, present and former, and whose it is."""

    async def get(self, organization: OrganizationId) -> Organization | None:
        return self.rows.get(organization)

    async def lock(self, organization: OrganizationId) -> Organization | None:
        return self.rows.get(organization)

    async def put(self, organization: Organization) -> None:
        slug, account = organization.slug, organization.payment_account
        other = self.rows.first(lambda it: it.id != organization.id and it.slug == slug)
        if other is not None:
            raise Conflict("memory", "the slug is another organization's", holder=other.id)
        if account is not None:
            known = self.owners.get(account)
            if known is not None and known[1] != organization.id:
                raise Conflict("memory", "the account is or was another's", holder=known[1])
            self.owners.put(account, (account, organization.id))
        self.rows.put(organization.id, organization)

    async def all(self) -> Sequence[Organization]:
        return sorted(self.rows, key=lambda it: it.id)

    async def owning(self, account: str) -> Organization | None:
        known = self.owners.get(account)
        return None if known is None else self.rows.get(known[1])

    async def accounts(self, organization: OrganizationId) -> Sequence[str]:
        return sorted(account for account, owner in self.owners if owner == organization)


@dataclass(frozen=True, slots=True)
class InMemoryProducts:
    rows: Rows[tuple[OrganizationId, ProductId], Product]

    async def get(self, organization: OrganizationId, product: ProductId) -> Product | None:
        return self.rows.get((organization, product))

    async def lock(self, organization: OrganizationId, product: ProductId) -> Product | None:
        return self.rows.get((organization, product))

    async def among(
        self, organization: OrganizationId, ids: Collection[ProductId]
    ) -> Sequence[Product]:
        known = (self.rows.get((organization, it)) for it in sorted(set(ids)))
        return [it for it in known if it is not None]

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

    async def among(self, organization: OrganizationId, ids: Collection[PlanId]) -> Sequence[Plan]:
        known = (self.rows.get((organization, it)) for it in sorted(set(ids)))
        return [it for it in known if it is not None]

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

    async def among(
        self, organization: OrganizationId, ids: Collection[ChannelId]
    ) -> Sequence[Channel]:
        known = (self.rows.get((organization, it)) for it in sorted(set(ids)))
        return [it for it in known if it is not None]

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
