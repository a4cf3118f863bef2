"""Buyers: who they are, what people decided about them, and their checkouts."""

from http import HTTPStatus
from typing import assert_never
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from solynk.apps import engine
from solynk.apps.api.bodies import (
    Bound,
    ClaimOffer,
    Decision,
    InChannel,
    InEverything,
    InProduct,
    NewCheckout,
    NewCustomer,
)
from solynk.apps.api.problems import reads, writes
from solynk.apps.api.scope import Limit, WhyQuery, by, customer_of, organization_of, reading
from solynk.apps.api.views import Made, Page
from solynk.apps.engine import ClaimLink, Target, Wanted, Wiring
from solynk.core.catalog import Platform
from solynk.core.customer import Checkout, Customer
from solynk.core.facts import Everywhere, OnChannel, OnProduct, Scope
from solynk.core.ids import (
    ChannelId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
)


@post("/", summary="Create a customer", responses=writes(404))
async def create_customer(
    organization: FromPath[UUID], data: JSONBody[NewCustomer], wiring: NamedDependency[Wiring]
) -> Customer:
    owner = await organization_of(wiring, organization)
    customer_id = CustomerId(engine.new_id(await wiring.clock.now()))
    customer = Customer(customer_id, owner.id, data.email, data.locale)
    await engine.save_customer(wiring, customer, by("created through the API"))
    return customer


@get("/", summary="List the customers, a page at a time", responses=reads(404))
async def list_customers(
    organization: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    after: FromQuery[UUID | None] = None,
    limit: Limit = 100,
) -> Page[Customer]:
    cursor = None if after is None else CustomerId(str(after))
    async with reading(wiring, organization) as (tx, owner):
        found = await tx.customers.all(owner.id, after=cursor, limit=limit + 1)
    more = len(found) > limit
    return Page(list(found[:limit]), found[limit - 1].id if more else None)


@get("/{customer:uuid}", summary="Read a customer", responses=reads(404))
async def get_customer(
    organization: FromPath[UUID], customer: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Customer:
    return await customer_of(wiring, organization, customer)


@put(
    "/{customer:uuid}/identities/{platform:str}",
    summary="Bind a person of a platform to a customer",
    status_code=HTTPStatus.NO_CONTENT,
    responses=writes(404, 409),
)
async def bind_identity(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    platform: FromPath[Platform],
    data: JSONBody[Bound],
    wiring: NamedDependency[Wiring],
) -> None:
    owner, buyer = ids(organization, customer)
    person = (platform, PersonId(data.person))
    await engine.bind_person(wiring, owner, buyer, person, by(data.reason))


@post(
    "/{customer:uuid}/claim-link",
    summary="A one-time link by which a person becomes this customer",
    responses=writes(404, 422, 502, 503),
)
async def offer_claim(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    data: JSONBody[ClaimOffer],
    wiring: NamedDependency[Wiring],
) -> ClaimLink:
    owner, buyer = ids(organization, customer)
    return await engine.offer_claim(wiring, owner, buyer, data.platform, by(data.reason))


@post("/{customer:uuid}/grants", summary="Give a right", responses=writes(404, 422))
async def grant(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    data: JSONBody[Decision],
    wiring: NamedDependency[Wiring],
) -> Made:
    target = target_of(organization, customer, data)
    return Made(await engine.grant(wiring, target, by(data.reason)))


@delete(
    "/{customer:uuid}/grants/{grant_id:uuid}",
    summary="Take a grant back",
    responses=reads(404),
)
async def withdraw(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    grant_id: FromPath[UUID],
    reason: WhyQuery,
    wiring: NamedDependency[Wiring],
) -> None:
    owner, buyer = ids(organization, customer)
    await engine.withdraw(wiring, owner, buyer, str(grant_id), by(reason))


@post(
    "/{customer:uuid}/blocks",
    summary="Lay a block, which outranks every right",
    responses=writes(404, 422),
)
async def block(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    data: JSONBody[Decision],
    wiring: NamedDependency[Wiring],
) -> Made:
    target = target_of(organization, customer, data)
    return Made(await engine.block(wiring, target, by(data.reason)))


@delete("/{customer:uuid}/blocks/{block_id:uuid}", summary="Lift a block", responses=reads(404))
async def unblock(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    block_id: FromPath[UUID],
    reason: WhyQuery,
    wiring: NamedDependency[Wiring],
) -> None:
    owner, buyer = ids(organization, customer)
    await engine.unblock(wiring, owner, buyer, str(block_id), by(reason))


@post(
    "/checkouts",
    summary="Open a page to pay on; while one is open for the customer and plan, the same one",
    tags=["checkouts"],
    responses=writes(404, 422, 502, 503),
)
async def open_checkout(
    organization: FromPath[UUID], data: JSONBody[NewCheckout], wiring: NamedDependency[Wiring]
) -> Checkout:
    wanted = Wanted(
        customer=CustomerId(str(data.customer)),
        plan=PlanId(str(data.plan)),
        success_url=data.success_url,
        cancel_url=data.cancel_url,
        provider=data.provider,
    )
    owner = await organization_of(wiring, organization)
    return await engine.open_checkout(wiring, owner.id, wanted, by(data.reason))


def ids(organization: UUID, customer: UUID) -> tuple[OrganizationId, CustomerId]:
    return OrganizationId(str(organization)), CustomerId(str(customer))


def target_of(organization: UUID, customer: UUID, data: Decision) -> Target:
    return Target(*ids(organization, customer), scope_of(data.scope), data.ends)


def scope_of(it: InEverything | InProduct | InChannel) -> Scope:
    match it:
        case InEverything():
            return Everywhere()
        case InProduct():
            return OnProduct(ProductId(str(it.product)))
        case InChannel():
            return OnChannel(ChannelId(str(it.channel)))
        case _:
            assert_never(it)


customers = Router(
    "/customers",
    route_handlers=[
        create_customer,
        list_customers,
        get_customer,
        bind_identity,
        offer_claim,
        grant,
        withdraw,
        block,
        unblock,
    ],
    tags=["customers"],
)
