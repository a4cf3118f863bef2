"""What customers bought, what became known about it, and what it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import delete, func, select

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records, Unique, Values
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.access import Access, may_be_inside
from solynk.core.catalog import Provider
from solynk.core.customer import Checkout, CheckoutStatus, Subscription
from solynk.core.facts import Fact, identity
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
from solynk.ports.storage import StoredFact

SUBSCRIPTION: Final = tables.subscriptions.c
FACT: Final = tables.facts.c
ACCESS: Final = tables.accesses.c
CHECKOUT: Final = tables.checkouts.c


def _with_place(values: Values) -> Values:
    return values | {"may_be_inside": may_be_inside(values["seen"])}


def _without_place(values: Values) -> Values:
    return {name: values[name] for name in Access.__struct_fields__}


SUBSCRIPTIONS: Final = Records(
    tables.subscriptions,
    Subscription,
    uniques=(
        Unique(
            ("organization", "provider", "account", "reference"),
            "id",
            "another subscription has this reference",
        ),
    ),
)
ACCESSES: Final = Records(
    tables.accesses,
    Access,
    uniques=(
        Unique(
            ("organization", "customer", "channel"), "id", "the customer has another access here"
        ),
    ),
    into_columns=_with_place,
    from_columns=_without_place,
)
CHECKOUTS: Final = Records(
    tables.checkouts,
    Checkout,
    uniques=(
        Unique(
            ("organization", "customer", "plan"),
            "id",
            "another checkout is open",
            when={"status": CheckoutStatus.OPEN},
        ),
    ),
)


def _with_names(values: Values) -> Values:
    kind, name = identity(values["fact"])
    content = msgspec.json.encode((values["subscription"], values["fact"]))
    return values | {"kind": kind, "object": name, "digest": sha256(content).digest()}


def _without_names(values: Values) -> Values:
    return {name: values[name] for name in StoredFact.__struct_fields__}


FACTS: Final = Records(
    tables.facts, StoredFact, into_columns=_with_names, from_columns=_without_names
)


@dataclass(frozen=True, slots=True)
class SqlSubscriptions:
    transaction: Transaction

    async def get(
        self, organization: OrganizationId, subscription: SubscriptionId
    ) -> Subscription | None:
        known = select(tables.subscriptions).where(
            SUBSCRIPTION.organization == organization, SUBSCRIPTION.id == subscription
        )
        return await SUBSCRIPTIONS.first(self.transaction, known)

    async def find(
        self, organization: OrganizationId, provider: Provider, account: str, reference: str
    ) -> Subscription | None:
        named = select(tables.subscriptions).where(
            SUBSCRIPTION.organization == organization,
            SUBSCRIPTION.provider == provider,
            SUBSCRIPTION.account == account,
            SUBSCRIPTION.reference == reference,
        )
        return await SUBSCRIPTIONS.first(self.transaction, named)

    async def of(
        self, organization: OrganizationId, customer: CustomerId
    ) -> Sequence[Subscription]:
        owned = select(tables.subscriptions).where(
            SUBSCRIPTION.organization == organization, SUBSCRIPTION.customer == customer
        )
        return await SUBSCRIPTIONS.all(self.transaction, owned.order_by(SUBSCRIPTION.id))

    async def put(self, subscription: Subscription) -> None:
        await SUBSCRIPTIONS.put(self.transaction, subscription)


@dataclass(frozen=True, slots=True)
class SqlFactRows:
    transaction: Transaction

    async def add(self, fact: StoredFact) -> bool:
        return await FACTS.add(self.transaction, fact)

    async def let_go(self, fact: StoredFact) -> None:
        this = FACTS.values(fact)
        gone = delete(tables.facts).where(
            *(tables.facts.c[name] == this[name] for name in ("organization", "customer", "digest"))
        )
        await self.transaction.row(gone.returning(FACT.number))

    async def of(self, organization: OrganizationId, customer: CustomerId) -> Sequence[StoredFact]:
        known = select(tables.facts).where(
            FACT.organization == organization, FACT.customer == customer
        )
        return await FACTS.all(self.transaction, known.order_by(FACT.number))

    async def paying(self, organization: OrganizationId, payment: str) -> SubscriptionId | None:
        paid = select(FACT.subscription).where(
            FACT.organization == organization,
            FACT.kind == "payment",
            FACT.object == payment,
            FACT.subscription.is_not(None),
        )
        row = await self.transaction.row(paid.order_by(FACT.number).limit(1))
        return None if row is None else SubscriptionId(row[0])


@dataclass(frozen=True, slots=True)
class SqlEventFacts:
    transaction: Transaction

    async def of(self, event: EventId) -> Sequence[StoredFact]:
        told = select(tables.facts).where(FACT.event == event).order_by(FACT.number)
        return await FACTS.all(self.transaction, told)

    async def known(self, organization: OrganizationId, fact: Fact) -> bool:
        kind, name = identity(fact)
        alike = select(tables.facts).where(
            FACT.organization == organization, FACT.kind == kind, FACT.object == name
        )
        return any(it.fact == fact for it in await FACTS.all(self.transaction, alike))


@dataclass(frozen=True, slots=True)
class SqlAccesses:
    transaction: Transaction

    async def get(self, organization: OrganizationId, access: AccessId) -> Access | None:
        known = select(tables.accesses).where(
            ACCESS.organization == organization, ACCESS.id == access
        )
        return await ACCESSES.first(self.transaction, known)

    async def of(self, organization: OrganizationId, customer: CustomerId) -> Sequence[Access]:
        owned = select(tables.accesses).where(
            ACCESS.organization == organization, ACCESS.customer == customer
        )
        return await ACCESSES.all(self.transaction, owned.order_by(ACCESS.id))

    async def put(self, access: Access) -> None:
        await ACCESSES.put(self.transaction, access)

    async def inside(self, organization: OrganizationId, channel: ChannelId) -> int:
        counted = select(func.count()).where(
            ACCESS.organization == organization,
            ACCESS.channel == channel,
            ACCESS.may_be_inside.is_(True),
        )
        ((count,),) = await self.transaction.rows(counted)
        return int(count)

    async def at(self, organization: OrganizationId, channel: ChannelId) -> Sequence[Access]:
        there = select(tables.accesses).where(
            ACCESS.organization == organization, ACCESS.channel == channel
        )
        return await ACCESSES.all(self.transaction, there.order_by(ACCESS.id))


@dataclass(frozen=True, slots=True)
class SqlCheckoutRows:
    transaction: Transaction

    async def get(self, organization: OrganizationId, checkout: CheckoutId) -> Checkout | None:
        known = select(tables.checkouts).where(
            CHECKOUT.organization == organization, CHECKOUT.id == checkout
        )
        return await CHECKOUTS.first(self.transaction, known)

    async def open_for(
        self, organization: OrganizationId, customer: CustomerId, plan: PlanId
    ) -> Checkout | None:
        opened = select(tables.checkouts).where(
            CHECKOUT.organization == organization,
            CHECKOUT.customer == customer,
            CHECKOUT.plan == plan,
            CHECKOUT.status == CheckoutStatus.OPEN,
        )
        return await CHECKOUTS.first(self.transaction, opened)

    async def put(self, checkout: Checkout) -> None:
        await CHECKOUTS.put(self.transaction, checkout)

    async def named(self, organization: OrganizationId, reference: str) -> Checkout | None:
        known = select(tables.checkouts).where(
            CHECKOUT.organization == organization, CHECKOUT.reference == reference
        )
        return await CHECKOUTS.first(self.transaction, known)
