"""Customers, who they are on a platform, and when they are to be looked at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, case, func, select, update

from solynk.adapters.sqlalchemy import tables
from solynk.adapters.sqlalchemy.records import Records, Unique
from solynk.adapters.sqlalchemy.statements import AnyOf, Prepared, by
from solynk.adapters.sqlalchemy.transaction import Transaction
from solynk.core.catalog import Platform
from solynk.core.customer import BoundIdentity, Claim, Customer
from solynk.core.ids import ChannelId, CustomerId, OrganizationId, PersonId

CUSTOMER: Final = tables.customers.c
IDENTITY: Final = tables.identities.c
CLAIM: Final = tables.claims.c
ACCESS: Final = tables.accesses.c

CUSTOMERS: Final = Records(tables.customers, Customer)
GET: Final = Prepared(by(tables.customers, "organization", "id"))
LOCK: Final = Prepared(by(tables.customers, "organization", "id").with_for_update())
IDENTITIES: Final = Records(
    tables.identities,
    BoundIdentity,
    uniques=(
        Unique(
            ("organization", "platform", "person"), "customer", "the person is another customer's"
        ),
    ),
)
LOCK_DUE: Final = Prepared(
    by(tables.customers, "organization")
    .where(AnyOf(CUSTOMER.id, "customers"), CUSTOMER.due_at <= bindparam("at"))
    .order_by(CUSTOMER.id)
    .with_for_update(skip_locked=True)
)
BOUND: Final = Prepared(
    by(tables.identities, "organization")
    .where(AnyOf(IDENTITY.customer, "customers"))
    .order_by(IDENTITY.customer, IDENTITY.platform)
)
PERSON: Final = Prepared(by(tables.identities, "organization", "platform", "person"))
CLAIMS: Final = Records(
    tables.claims,
    Claim,
    uniques=(Unique(("token_hash",), "organization", "the token is taken"),),
    key=("organization", "token_hash"),
)


@dataclass(frozen=True, slots=True)
class SqlCustomers:
    transaction: Transaction

    async def get(self, organization: OrganizationId, customer: CustomerId) -> Customer | None:
        return await CUSTOMERS.first(
            self.transaction, GET, {"organization": organization, "id": customer}
        )

    async def lock(self, organization: OrganizationId, customer: CustomerId) -> Customer | None:
        return await CUSTOMERS.first(
            self.transaction, LOCK, {"organization": organization, "id": customer}
        )

    async def put(self, *customers: Customer) -> None:
        await CUSTOMERS.put(self.transaction, *customers)

    async def all(
        self, organization: OrganizationId, *, after: CustomerId | None = None, limit: int = 100
    ) -> Sequence[Customer]:
        page = select(tables.customers).where(CUSTOMER.organization == organization)
        if after is not None:
            page = page.where(CUSTOMER.id > after)
        return await CUSTOMERS.all(self.transaction, page.order_by(CUSTOMER.id).limit(limit))


@dataclass(frozen=True, slots=True)
class SqlDueCustomers:
    transaction: Transaction

    async def due(self, at: datetime, limit: int) -> Sequence[Customer]:
        turn = func.row_number().over(
            partition_by=CUSTOMER.organization, order_by=(CUSTOMER.due_at, CUSTOMER.id)
        )
        due = (
            select(CUSTOMER.organization, CUSTOMER.id, turn.label("turn"))
            .where(CUSTOMER.due_at <= at)
            .subquery()
        )
        rounds = (
            select(tables.customers)
            .join(due, (due.c.organization == CUSTOMER.organization) & (due.c.id == CUSTOMER.id))
            .order_by(due.c.turn, CUSTOMER.due_at, CUSTOMER.id)
        )
        return await CUSTOMERS.all(self.transaction, rounds.limit(limit))

    async def lock(
        self, organization: OrganizationId, customers: Collection[CustomerId], at: datetime
    ) -> Sequence[Customer]:
        those = {"organization": organization, "customers": list(customers), "at": at}
        return await CUSTOMERS.all(self.transaction, LOCK_DUE, those)

    async def any_due(self, organization: OrganizationId, at: datetime) -> bool:
        due = select(CUSTOMER.id).where(CUSTOMER.organization == organization)
        return await self.transaction.row(due.where(CUSTOMER.due_at <= at).limit(1)) is not None

    async def touch(
        self, organization: OrganizationId, channel: ChannelId | None, at: datetime
    ) -> int:
        concerned = select(CUSTOMER.id).where(CUSTOMER.organization == organization)
        if channel is not None:
            here = select(ACCESS.customer).where(
                ACCESS.organization == organization, ACCESS.channel == channel
            )
            concerned = concerned.where(CUSTOMER.id.in_(here))
        # Who is due already is waited for too: whoever derives them at this moment has read what
        # held before, and is about to write that they are not due.
        locked = concerned.order_by(CUSTOMER.id).with_for_update().cte("concerned")
        locked = locked.prefix_with("MATERIALIZED", dialect="postgresql")
        touched = (
            update(tables.customers)
            .where(CUSTOMER.organization == organization, CUSTOMER.id.in_(select(locked.c.id)))
            .values(due_at=case((CUSTOMER.due_at <= at, CUSTOMER.due_at), else_=at))
        )
        return len(await self.transaction.rows(touched.returning(CUSTOMER.id)))


@dataclass(frozen=True, slots=True)
class SqlIdentities:
    transaction: Transaction

    async def of(
        self, organization: OrganizationId, *customers: CustomerId
    ) -> Sequence[BoundIdentity]:
        theirs = {"organization": organization, "customers": customers}
        return await IDENTITIES.all(self.transaction, BOUND, theirs)

    async def person(
        self, organization: OrganizationId, platform: Platform, person: PersonId
    ) -> BoundIdentity | None:
        who = {"organization": organization, "platform": platform, "person": person}
        return await IDENTITIES.first(self.transaction, PERSON, who)

    async def put(self, identity: BoundIdentity) -> None:
        await IDENTITIES.put(self.transaction, identity)


@dataclass(frozen=True, slots=True)
class SqlClaims:
    transaction: Transaction

    async def put(self, claim: Claim) -> None:
        await CLAIMS.put(self.transaction, claim)

    async def take(self, token_hash: str, at: datetime) -> Claim | None:
        taken = (
            update(tables.claims)
            .where(CLAIM.token_hash == token_hash, CLAIM.used_at.is_(None), CLAIM.expires_at > at)
            .values(used_at=at)
            .returning(*tables.claims.c)
        )
        return await CLAIMS.first(self.transaction, taken)
