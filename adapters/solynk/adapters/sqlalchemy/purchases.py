"""What customers bought, what became known about it, and what it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, select

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records, Unique, Values
from solynk.adapters.sqlalchemy.statements import AnyOf, Prepared, by
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


GET_SUBSCRIPTION: Final = Prepared(by(tables.subscriptions, "organization", "id"))
FIND: Final = Prepared(by(tables.subscriptions, "organization", "provider", "account", "reference"))
BOUGHT: Final = Prepared(
    by(tables.subscriptions, "organization")
    .where(AnyOf(SUBSCRIPTION.customer, "customers"))
    .order_by(SUBSCRIPTION.id)
)
KNOWN: Final = Prepared(
    by(tables.facts, "organization").where(AnyOf(FACT.customer, "customers")).order_by(FACT.number)
)
LET_GO: Final = Prepared(
    delete(tables.facts)
    .where(*(FACT[it] == bindparam(it) for it in ("organization", "customer", "digest")))
    .returning(FACT.number)
)
PAYING: Final = Prepared(
    select(FACT.subscription)
    .where(
        FACT.organization == bindparam("organization"),
        FACT.kind == "payment",
        FACT.object == bindparam("payment"),
        FACT.subscription.is_not(None),
    )
    .order_by(FACT.number)
    .limit(1)
)
TOLD: Final = Prepared(by(tables.facts, "event").order_by(FACT.number))
ALIKE: Final = Prepared(by(tables.facts, "organization", "kind", "object"))
GET_ACCESS: Final = Prepared(by(tables.accesses, "organization", "id"))
OPENED: Final = Prepared(
    by(tables.accesses, "organization")
    .where(AnyOf(ACCESS.customer, "customers"))
    .order_by(ACCESS.id)
)
THERE: Final = Prepared(by(tables.accesses, "organization", "channel").order_by(ACCESS.id))
INSIDE: Final = Prepared(
    select(func.count()).where(
        ACCESS.organization == bindparam("organization"),
        ACCESS.channel == bindparam("channel"),
        ACCESS.may_be_inside.is_(True),
    )
)
NAMED: Final = Prepared(by(tables.checkouts, "organization", "reference"))


@dataclass(frozen=True, slots=True)
class SqlSubscriptions:
    transaction: Transaction

    async def get(
        self, organization: OrganizationId, subscription: SubscriptionId
    ) -> Subscription | None:
        this = {"organization": organization, "id": subscription}
        return await SUBSCRIPTIONS.first(self.transaction, GET_SUBSCRIPTION, this)

    async def find(
        self, organization: OrganizationId, provider: Provider, account: str, reference: str
    ) -> Subscription | None:
        its = {"organization": organization, "provider": provider, "account": account}
        return await SUBSCRIPTIONS.first(self.transaction, FIND, {**its, "reference": reference})

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[Subscription]:
        theirs = {"organization": organization, "customers": customers}
        return await SUBSCRIPTIONS.all(self.transaction, BOUGHT, theirs)

    async def put(self, *subscriptions: Subscription) -> None:
        await SUBSCRIPTIONS.put(self.transaction, *subscriptions)


@dataclass(frozen=True, slots=True)
class SqlFactRows:
    transaction: Transaction

    async def add(self, fact: StoredFact) -> bool:
        return await FACTS.add(self.transaction, fact)

    async def let_go(self, fact: StoredFact) -> None:
        this = FACTS.values(fact)
        named = {name: this[name] for name in ("organization", "customer", "digest")}
        await self.transaction.answer(LET_GO, named)

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[StoredFact]:
        theirs = {"organization": organization, "customers": customers}
        return await FACTS.all(self.transaction, KNOWN, theirs)

    async def paying(self, organization: OrganizationId, payment: str) -> SubscriptionId | None:
        paid = {"organization": organization, "payment": payment}
        rows = await self.transaction.answer(PAYING, paid)
        return next((SubscriptionId(row[0]) for row in rows), None)


@dataclass(frozen=True, slots=True)
class SqlEventFacts:
    transaction: Transaction

    async def of(self, event: EventId) -> Sequence[StoredFact]:
        return await FACTS.all(self.transaction, TOLD, {"event": event})

    async def known(self, organization: OrganizationId, fact: Fact) -> bool:
        kind, name = identity(fact)
        named = {"organization": organization, "kind": kind, "object": name}
        return any(it.fact == fact for it in await FACTS.all(self.transaction, ALIKE, named))


@dataclass(frozen=True, slots=True)
class SqlAccesses:
    transaction: Transaction

    async def get(self, organization: OrganizationId, access: AccessId) -> Access | None:
        this = {"organization": organization, "id": access}
        return await ACCESSES.first(self.transaction, GET_ACCESS, this)

    async def of(self, organization: OrganizationId, *customers: CustomerId) -> Sequence[Access]:
        theirs = {"organization": organization, "customers": customers}
        return await ACCESSES.all(self.transaction, OPENED, theirs)

    async def put(self, *accesses: Access) -> None:
        await ACCESSES.put(self.transaction, *accesses)

    async def inside(self, organization: OrganizationId, channel: ChannelId) -> int:
        here = {"organization": organization, "channel": channel}
        ((count,),) = await self.transaction.answer(INSIDE, here)
        return int(count)

    async def at(self, organization: OrganizationId, channel: ChannelId) -> Sequence[Access]:
        here = {"organization": organization, "channel": channel}
        return await ACCESSES.all(self.transaction, THERE, here)


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
        named = {"organization": organization, "reference": reference}
        return await CHECKOUTS.first(self.transaction, NAMED, named)
