"""What is sold: products and their plans."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from solynk.apps import engine
from solynk.apps.api.bodies import (
    NewPlan,
    NewProduct,
    Opens,
    OpensChannel,
    OpensFeature,
    OpensQuota,
    PlanChange,
    ProductChange,
)
from solynk.apps.api.problems import reads, refusing_wrong, writes
from solynk.apps.api.scope import by, organization_of, plan_of, product_of, reading
from solynk.apps.engine import Wiring
from solynk.core.catalog import (
    Entitlement,
    Plan,
    Product,
    ToChannel,
    ToFeature,
    ToQuota,
)
from solynk.core.ids import ChannelId, OrganizationId, PlanId, ProductId
from solynk.core.money import Money


def entitlement(it: Opens) -> Entitlement:
    match it:
        case OpensChannel():
            return ToChannel(ChannelId(str(it.channel)))
        case OpensFeature():
            return ToFeature(it.name)
        case OpensQuota():
            return ToQuota(it.name, it.amount)
        case _:
            assert_never(it)


@post("/", summary="Create a product", responses=writes(404))
async def create_product(
    organization: FromPath[UUID], data: JSONBody[NewProduct], wiring: NamedDependency[Wiring]
) -> Product:
    owner = await organization_of(wiring, organization)
    product = Product(
        id=ProductId(engine.new_id(await wiring.clock.now())),
        organization=owner.id,
        name=data.name,
        status=data.status,
        opens=tuple(entitlement(it) for it in data.opens),
    )
    await engine.save_product(wiring, product, by("created through the API"))
    return product


@get("/", summary="List the products", responses=reads(404))
async def list_products(
    organization: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Sequence[Product]:
    async with reading(wiring, organization) as (tx, owner):
        return await tx.products.all(owner.id)


@get("/{product:uuid}", summary="Read a product", responses=reads(404))
async def get_product(
    organization: FromPath[UUID], product: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Product:
    return await product_of(wiring, organization, product)


@patch("/{product:uuid}", summary="Change a product", responses=writes(404))
async def patch_product(
    organization: FromPath[UUID],
    product: FromPath[UUID],
    data: JSONBody[ProductChange],
    wiring: NamedDependency[Wiring],
) -> Product:
    sent = data.sent
    if data.opens is not UNSET:
        sent["opens"] = tuple(entitlement(it) for it in data.opens)
    owner, product_id = OrganizationId(str(organization)), ProductId(str(product))
    change = engine.ProductChange(**sent)
    return await engine.change_product(wiring, owner, product_id, change, by(data.reason))


@post("/", summary="Create a plan", responses=writes(404))
async def create_plan(
    organization: FromPath[UUID], data: JSONBody[NewPlan], wiring: NamedDependency[Wiring]
) -> Plan:
    owner = await organization_of(wiring, organization)
    with refusing_wrong(data):
        plan = Plan(
            id=PlanId(engine.new_id(await wiring.clock.now())),
            organization=owner.id,
            product=ProductId(str(data.product)),
            name=data.name,
            price=Money(data.price.minor, data.price.currency),
            interval=data.interval,
            trial_days=data.trial_days,
            access_days=data.access_days,
            grace_days=data.grace_days,
        )
    await engine.save_plan(wiring, plan, by("created through the API"))
    return plan


@get("/", summary="List the plans", responses=reads(404))
async def list_plans(
    organization: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Sequence[Plan]:
    async with reading(wiring, organization) as (tx, owner):
        return await tx.plans.all(owner.id)


@get("/{plan:uuid}", summary="Read a plan", responses=reads(404))
async def get_plan(
    organization: FromPath[UUID], plan: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Plan:
    return await plan_of(wiring, organization, plan)


@patch(
    "/{plan:uuid}",
    summary="Change a plan's name or grace, or take it off sale",
    responses=writes(404, 422),
)
async def patch_plan(
    organization: FromPath[UUID],
    plan: FromPath[UUID],
    data: JSONBody[PlanChange],
    wiring: NamedDependency[Wiring],
) -> Plan:
    owner, plan_id = OrganizationId(str(organization)), PlanId(str(plan))
    change = engine.PlanChange(**data.sent)
    with refusing_wrong(data):
        return await engine.change_plan(wiring, owner, plan_id, change, by(data.reason))


products = Router(
    "/products",
    route_handlers=[create_product, list_products, get_product, patch_product],
    tags=["products"],
)
plans = Router(
    "/plans", route_handlers=[create_plan, list_plans, get_plan, patch_plan], tags=["plans"]
)
