"""What is sold: products and their plans."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET
from msgspec.structs import asdict, replace

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
from solynk.apps.engine import Wiring, new_id, save_plan, save_product
from solynk.core.catalog import (
    Entitlement,
    Organization,
    Plan,
    Product,
    ToChannel,
    ToFeature,
    ToQuota,
)
from solynk.core.ids import ChannelId, PlanId, ProductId
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
        id=ProductId(new_id(await wiring.clock.now())),
        organization=owner.id,
        name=data.name,
        status=data.status,
        opens=tuple(entitlement(it) for it in data.opens),
    )
    await save_product(wiring, product, by("created through the API"))
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
    after = await product_of(wiring, organization, product)
    if data.name is not UNSET:
        after = replace(after, name=data.name)
    if data.status is not UNSET:
        after = replace(after, status=data.status)
    if data.opens is not UNSET:
        after = replace(after, opens=tuple(entitlement(it) for it in data.opens))
    await save_product(wiring, after, by(data.reason))
    return after


@post("/", summary="Create a plan", responses=writes(404))
async def create_plan(
    organization: FromPath[UUID], data: JSONBody[NewPlan], wiring: NamedDependency[Wiring]
) -> Plan:
    owner = await organization_of(wiring, organization)
    with refusing_wrong(data):
        plan = Plan(
            id=PlanId(new_id(await wiring.clock.now())),
            organization=owner.id,
            product=ProductId(str(data.product)),
            name=data.name,
            price=Money(data.price.minor, data.price.currency),
            interval=data.interval,
            trial_days=data.trial_days,
            access_days=data.access_days,
            grace_days=data.grace_days,
        )
        refuse_grace(plan, owner)
    await save_plan(wiring, plan, by("created through the API"))
    return plan


def refuse_grace(plan: Plan, owner: Organization) -> None:
    """Raises ValueError where the plan's own grace is outside what a policy allows."""
    try:
        plan.policy(owner.policy)
    except ValueError as error:
        raise ValueError(f"grace_days: {error}") from error


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
    owner = await organization_of(wiring, organization)
    before = await plan_of(wiring, organization, plan)
    sent = {name: it for name, it in asdict(data).items() if it is not UNSET and name != "reason"}
    with refusing_wrong(data):
        after = replace(before, **sent)
        refuse_grace(after, owner)
    await save_plan(wiring, after, by(data.reason))
    return after


products = Router(
    "/products",
    route_handlers=[create_product, list_products, get_product, patch_product],
    tags=["products"],
)
plans = Router(
    "/plans", route_handlers=[create_plan, list_plans, get_plan, patch_plan], tags=["plans"]
)
