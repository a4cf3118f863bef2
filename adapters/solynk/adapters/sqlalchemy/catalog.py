"""Organizations, what they sell and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records, Unique, Values
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.catalog import Channel, Organization, Plan, Platform, Product
from solynk.core.ids import ChannelId, ChatId, OrganizationId, PlanId, ProductId
from solynk.core.money import Money
from solynk.ports.errors import Conflict, Lost

ORGANIZATION: Final = tables.organizations.c
ACCOUNT: Final = tables.payment_accounts.c
PRODUCT: Final = tables.products.c
PLAN: Final = tables.plans.c
CHANNEL: Final = tables.channels.c

ORGANIZATIONS: Final = Records(
    tables.organizations,
    Organization,
    uniques=(Unique(("slug",), "id", "the slug is another organization's"),),
)
PRODUCTS: Final = Records(tables.products, Product)
CHANNELS: Final = Records(
    tables.channels,
    Channel,
    uniques=(Unique(("platform", "chat"), "organization", "the chat is a channel already"),),
)


def _price_apart(values: Values) -> Values:
    price: Money = values.pop("price")
    return values | {"price_minor": price.minor, "price_currency": price.currency}


def _price_together(values: Values) -> Values:
    price = Money(values.pop("price_minor"), values.pop("price_currency"))
    return values | {"price": price}


PLANS: Final = Records(tables.plans, Plan, into_columns=_price_apart, from_columns=_price_together)


@dataclass(frozen=True, slots=True)
class SqlOrganizations:
    transaction: Transaction

    async def get(self, organization: OrganizationId) -> Organization | None:
        return await ORGANIZATIONS.first(self.transaction, _organization(organization))

    async def lock(self, organization: OrganizationId) -> Organization | None:
        known = _organization(organization).with_for_update()
        return await ORGANIZATIONS.first(self.transaction, known)

    async def put(self, organization: Organization) -> None:
        account, owner = organization.payment_account, organization.id
        holder = None if account is None else await self._holder(account)
        if holder not in {None, owner}:
            reason = "the payment account is or was another organization's"
            raise Conflict("database", reason, holder=str(holder))
        await ORGANIZATIONS.put(self.transaction, organization)
        if account is not None and holder is None:
            await self._hold(account, owner)

    async def _holder(self, account: str) -> OrganizationId | None:
        whose = select(ACCOUNT.organization).where(ACCOUNT.account == account)
        row = await self.transaction.row(whose)
        return None if row is None else OrganizationId(row[0])

    async def _hold(self, account: str, organization: OrganizationId) -> None:
        new = self.transaction.insert(tables.payment_accounts)
        held = new.values(account=account, organization=organization).on_conflict_do_nothing()
        if await self.transaction.row(held.returning(ACCOUNT.account)) is None:
            raise Lost("database", "the payment account was taken at this moment")

    async def all(self) -> Sequence[Organization]:
        return await ORGANIZATIONS.all(
            self.transaction, select(tables.organizations).order_by(ORGANIZATION.id)
        )

    async def owning(self, account: str) -> Organization | None:
        its = select(ACCOUNT.organization).where(ACCOUNT.account == account).scalar_subquery()
        owner = select(tables.organizations).where(ORGANIZATION.id == its)
        return await ORGANIZATIONS.first(self.transaction, owner)

    async def accounts(self, organization: OrganizationId) -> Sequence[str]:
        its = select(ACCOUNT.account).where(ACCOUNT.organization == organization)
        return [row[0] for row in await self.transaction.rows(its.order_by(ACCOUNT.account))]


@dataclass(frozen=True, slots=True)
class SqlProducts:
    transaction: Transaction

    async def get(self, organization: OrganizationId, product: ProductId) -> Product | None:
        return await PRODUCTS.first(self.transaction, _product(organization, product))

    async def lock(self, organization: OrganizationId, product: ProductId) -> Product | None:
        known = _product(organization, product).with_for_update()
        return await PRODUCTS.first(self.transaction, known)

    async def put(self, product: Product) -> None:
        await PRODUCTS.put(self.transaction, product)

    async def all(self, organization: OrganizationId) -> Sequence[Product]:
        owned = select(tables.products).where(PRODUCT.organization == organization)
        return await PRODUCTS.all(self.transaction, owned.order_by(PRODUCT.id))


@dataclass(frozen=True, slots=True)
class SqlPlans:
    transaction: Transaction

    async def get(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        return await PLANS.first(self.transaction, _plan(organization, plan))

    async def lock(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        known = _plan(organization, plan).with_for_update()
        return await PLANS.first(self.transaction, known)

    async def put(self, plan: Plan) -> None:
        await PLANS.put(self.transaction, plan)

    async def all(self, organization: OrganizationId) -> Sequence[Plan]:
        owned = select(tables.plans).where(PLAN.organization == organization)
        return await PLANS.all(self.transaction, owned.order_by(PLAN.id))


@dataclass(frozen=True, slots=True)
class SqlChannels:
    transaction: Transaction

    async def get(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        return await CHANNELS.first(self.transaction, _channel(organization, channel))

    async def lock(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        known = _channel(organization, channel).with_for_update()
        return await CHANNELS.first(self.transaction, known)

    async def put(self, channel: Channel) -> None:
        await CHANNELS.put(self.transaction, channel)

    async def all(self, organization: OrganizationId) -> Sequence[Channel]:
        owned = select(tables.channels).where(CHANNEL.organization == organization)
        return await CHANNELS.all(self.transaction, owned.order_by(CHANNEL.id))

    async def at(self, platform: Platform, chat: ChatId) -> Channel | None:
        there = select(tables.channels).where(CHANNEL.platform == platform, CHANNEL.chat == chat)
        return await CHANNELS.first(self.transaction, there)


def _organization(organization: OrganizationId) -> Select[Any]:
    return select(tables.organizations).where(ORGANIZATION.id == organization)


def _product(organization: OrganizationId, product: ProductId) -> Select[Any]:
    return select(tables.products).where(
        PRODUCT.organization == organization, PRODUCT.id == product
    )


def _plan(organization: OrganizationId, plan: PlanId) -> Select[Any]:
    return select(tables.plans).where(PLAN.organization == organization, PLAN.id == plan)


def _channel(organization: OrganizationId, channel: ChannelId) -> Select[Any]:
    return select(tables.channels).where(
        CHANNEL.organization == organization, CHANNEL.id == channel
    )
