"""Creators' businesses, and what each decides about access."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from solynk.apps import engine
from solynk.apps.api.bodies import NewOrganization, OrganizationChange
from solynk.apps.api.problems import reads, refusing_wrong, writes
from solynk.apps.api.scope import by, organization_of
from solynk.apps.engine import Wiring
from solynk.apps.settings import Settings
from solynk.core.catalog import Organization
from solynk.core.ids import OrganizationId
from solynk.core.policies import AccessPolicy


@post("/", summary="Create an organization", responses=writes(409, 502))
async def create_organization(
    data: JSONBody[NewOrganization],
    wiring: NamedDependency[Wiring],
    settings: NamedDependency[Settings],
) -> Organization:
    standard = AccessPolicy(grace=timedelta(days=settings.grace_period_days))
    organization = Organization(
        id=OrganizationId(engine.new_id(await wiring.clock.now())),
        name=data.name,
        slug=data.slug,
        policy=standard,
        payment_account=data.payment_account,
    )
    with refusing_wrong(data):
        organization = engine.OrganizationChange(policy=data.policy).over(organization)
        await engine.save_organization(wiring, organization, by("created through the API"))
    return organization


@get("/", summary="List the organizations", responses=reads())
async def list_organizations(wiring: NamedDependency[Wiring]) -> Sequence[Organization]:
    async with wiring.store.begin() as tx:
        return await tx.organizations.all()


@get("/{organization:uuid}", summary="Read an organization", responses=reads(404))
async def get_organization(
    organization: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Organization:
    return await organization_of(wiring, organization)


@patch(
    "/{organization:uuid}",
    summary="Change an organization: its policy, stop switch or payment account",
    responses=writes(404, 409, 502),
)
async def patch_organization(
    organization: FromPath[UUID],
    data: JSONBody[OrganizationChange],
    wiring: NamedDependency[Wiring],
) -> Organization:
    owner, change = OrganizationId(str(organization)), engine.OrganizationChange(**data.sent)
    with refusing_wrong(data):
        return await engine.change_organization(wiring, owner, change, by(data.reason))


organizations = Router(
    "/organizations",
    route_handlers=[
        create_organization,
        list_organizations,
        get_organization,
        patch_organization,
    ],
    tags=["organizations"],
)
