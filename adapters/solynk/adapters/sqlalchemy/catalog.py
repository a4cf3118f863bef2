"""Organizations, what they sell and where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records, Unique, Values
from solynk.adapters.sqlalchemy.statements import AnyOf, Prepared, by
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

GET_ORGANIZATION: Final = Prepared(by(tables.organizations, "id"))
LOCK_ORGANIZATION: Final = Prepared(by(tables.organizations, "id").with_for_update())
OWNING: Final = Prepared(
    select(tables.organizations).where(
        ORGANIZATION.id
        == select(ACCOUNT.organization)
        .where(ACCOUNT.account == bindparam("account"))
        .scalar_subquery()
    )
)
GET_PRODUCT: Final = Prepared(by(tables.products, "organization", "id"))
LOCK_PRODUCT: Final = Prepared(by(tables.products, "organization", "id").with_for_update())
AMONG_PRODUCTS: Final = Prepared(
    by(tables.products, "organization").where(AnyOf(PRODUCT.id, "ids")).order_by(PRODUCT.id)
)
GET_PLAN: Final = Prepared(by(tables.plans, "organization", "id"))
LOCK_PLAN: Final = Prepared(by(tables.plans, "organization", "id").with_for_update())
AMONG_PLANS: Final = Prepared(
    by(tables.plans, "organization").where(AnyOf(PLAN.id, "ids")).order_by(PLAN.id)
)
GET_CHANNEL: Final = Prepared(by(tables.channels, "organization", "id"))
LOCK_CHANNEL: Final = Prepared(by(tables.channels, "organization", "id").with_for_update())
AMONG_CHANNELS: Final = Prepared(
    by(tables.channels, "organization").where(AnyOf(CHANNEL.id, "ids")).order_by(CHANNEL.id)
)
AT: Final = Prepared(by(tables.channels, "platform", "chat"))


@dataclass(frozen=True, slots=True)
class SqlOrganizations:
    transaction: Transaction

    async def get(self, organization: OrganizationId) -> Organization | None:
        return await ORGANIZATIONS.first(self.transaction, GET_ORGANIZATION, {"id": organization})

    async def lock(self, organization: OrganizationId) -> Organization | None:
        return await ORGANIZATIONS.first(self.transaction, LOCK_ORGANIZATION, {"id": organization})

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
        return await ORGANIZATIONS.first(self.transaction, OWNING, {"account": account})

    async def accounts(self, organization: OrganizationId) -> Sequence[str]:
        its = select(ACCOUNT.account).where(ACCOUNT.organization == organization)
        return [row[0] for row in await self.transaction.rows(its.order_by(ACCOUNT.account))]


@dataclass(frozen=True, slots=True)
class SqlProducts:
    transaction: Transaction

    async def get(self, organization: OrganizationId, product: ProductId) -> Product | None:
        this = {"organization": organization, "id": product}
        return await PRODUCTS.first(self.transaction, GET_PRODUCT, this)

    async def lock(self, organization: OrganizationId, product: ProductId) -> Product | None:
        this = {"organization": organization, "id": product}
        return await PRODUCTS.first(self.transaction, LOCK_PRODUCT, this)

    async def among(
        self, organization: OrganizationId, ids: Collection[ProductId]
    ) -> Sequence[Product]:
        those = {"organization": organization, "ids": ids}
        return await PRODUCTS.all(self.transaction, AMONG_PRODUCTS, those) if ids else []

    async def put(self, product: Product) -> None:
        await PRODUCTS.put(self.transaction, product)

    async def all(self, organization: OrganizationId) -> Sequence[Product]:
        owned = select(tables.products).where(PRODUCT.organization == organization)
        return await PRODUCTS.all(self.transaction, owned.order_by(PRODUCT.id))


@dataclass(frozen=True, slots=True)
class SqlPlans:
    transaction: Transaction

    async def get(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        this = {"organization": organization, "id": plan}
        return await PLANS.first(self.transaction, GET_PLAN, this)

    async def lock(self, organization: OrganizationId, plan: PlanId) -> Plan | None:
        this = {"organization": organization, "id": plan}
        return await PLANS.first(self.transaction, LOCK_PLAN, this)

    async def among(self, organization: OrganizationId, ids: Collection[PlanId]) -> Sequence[Plan]:
        those = {"organization": organization, "ids": ids}
        return await PLANS.all(self.transaction, AMONG_PLANS, those) if ids else []

    async def put(self, plan: Plan) -> None:
        await PLANS.put(self.transaction, plan)

    async def all(self, organization: OrganizationId) -> Sequence[Plan]:
        owned = select(tables.plans).where(PLAN.organization == organization)
        return await PLANS.all(self.transaction, owned.order_by(PLAN.id))


@dataclass(frozen=True, slots=True)
class SqlChannels:
    transaction: Transaction

    async def get(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        this = {"organization": organization, "id": channel}
        return await CHANNELS.first(self.transaction, GET_CHANNEL, this)

    async def lock(self, organization: OrganizationId, channel: ChannelId) -> Channel | None:
        this = {"organization": organization, "id": channel}
        return await CHANNELS.first(self.transaction, LOCK_CHANNEL, this)

    async def among(
        self, organization: OrganizationId, ids: Collection[ChannelId]
    ) -> Sequence[Channel]:
        those = {"organization": organization, "ids": ids}
        return await CHANNELS.all(self.transaction, AMONG_CHANNELS, those) if ids else []

    async def put(self, channel: Channel) -> None:
        await CHANNELS.put(self.transaction, channel)

    async def all(self, organization: OrganizationId) -> Sequence[Channel]:
        owned = select(tables.channels).where(CHANNEL.organization == organization)
        return await CHANNELS.all(self.transaction, owned.order_by(CHANNEL.id))

    async def at(self, platform: Platform, chat: ChatId) -> Channel | None:
        there = {"platform": platform, "chat": chat}
        return await CHANNELS.first(self.transaction, AT, there)
