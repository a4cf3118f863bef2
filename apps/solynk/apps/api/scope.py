"""Reads inside one organization. What is not there, and what is somebody else's, is not found."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Final, TypeAlias, TypeVar
from uuid import UUID

from litestar.params import QueryParameter

from solynk.apps.api.problems import BadInput, Fault
from solynk.apps.engine import Person, Wiring
from solynk.core.catalog import Channel, Organization, Plan, Product
from solynk.core.customer import Customer
from solynk.core.ids import ChannelId, CustomerId, OrganizationId, PlanId, ProductId
from solynk.ports.errors import NotFound
from solynk.ports.storage import UnitOfWork
from solynk.ports.telemetry import correlation

ACTOR: Final = "api"

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=500)]
WhyQuery: TypeAlias = Annotated[str, QueryParameter(min_length=1, max_length=500)]

T = TypeVar("T")


def by(reason: str) -> Person:
    try:
        return Person(ACTOR, reason, correlation.get())
    except ValueError as error:
        raise BadInput(Fault("reason", reason, f"{error}")) from error


def known(it: T | None, what: str, name: UUID | str) -> T:
    if it is None:
        raise NotFound("solynk", f"no {what} {name} in this organization")
    return it


@asynccontextmanager
async def reading(w: Wiring, organization: UUID) -> AsyncGenerator[tuple[UnitOfWork, Organization]]:
    """A unit of work, and whose it is.

    Raises:
        NotFound: no such organization.
    """
    async with w.store.begin() as tx:
        owner = await tx.organizations.get(OrganizationId(str(organization)))
        if owner is None:
            raise NotFound("solynk", f"no organization {organization}")
        yield tx, owner


async def organization_of(w: Wiring, organization: UUID) -> Organization:
    async with reading(w, organization) as (_, owner):
        return owner


async def product_of(w: Wiring, organization: UUID, product: UUID) -> Product:
    async with reading(w, organization) as (tx, owner):
        found = await tx.products.get(owner.id, ProductId(str(product)))
    return known(found, "product", product)


async def plan_of(w: Wiring, organization: UUID, plan: UUID) -> Plan:
    async with reading(w, organization) as (tx, owner):
        return known(await tx.plans.get(owner.id, PlanId(str(plan))), "plan", plan)


async def channel_of(w: Wiring, organization: UUID, channel: UUID) -> Channel:
    async with reading(w, organization) as (tx, owner):
        found = await tx.channels.get(owner.id, ChannelId(str(channel)))
    return known(found, "channel", channel)


async def customer_of(w: Wiring, organization: UUID, customer: UUID) -> Customer:
    async with reading(w, organization) as (tx, owner):
        found = await tx.customers.get(owner.id, CustomerId(str(customer)))
    return known(found, "customer", customer)
