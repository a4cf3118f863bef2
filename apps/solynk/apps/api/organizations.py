"""Creators' businesses, and what each decides about access."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET
from msgspec.structs import asdict, replace

from solynk.apps.api.bodies import NewOrganization, OrganizationChange, PolicyChange
from solynk.apps.api.problems import reads, refusing_wrong, writes
from solynk.apps.api.scope import by, organization_of
from solynk.apps.engine import Wiring, new_id, save_organization
from solynk.apps.settings import Settings
from solynk.core.catalog import Organization
from solynk.core.ids import OrganizationId
from solynk.core.policies import AccessPolicy


@post("/", summary="Create an organization", responses=writes(409))
async def create_organization(
    data: JSONBody[NewOrganization],
    wiring: NamedDependency[Wiring],
    settings: NamedDependency[Settings],
) -> Organization:
    standard = AccessPolicy(grace=timedelta(days=settings.grace_period_days))
    organization = Organization(
        id=OrganizationId(new_id(await wiring.clock.now())),
        name=data.name,
        slug=data.slug,
        policy=changed(standard, data.policy),
        payment_account=data.payment_account,
    )
    await save_organization(wiring, organization, by("created through the API"))
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
    responses=writes(404, 409),
)
async def patch_organization(
    organization: FromPath[UUID],
    data: JSONBody[OrganizationChange],
    wiring: NamedDependency[Wiring],
) -> Organization:
    before = await organization_of(wiring, organization)
    after = replace(before, policy=changed(before.policy, data.policy), **given(data))
    await save_organization(wiring, after, by(data.reason))
    return after


def changed(policy: AccessPolicy, change: PolicyChange) -> AccessPolicy:
    wanted = {name: value for name, value in asdict(change).items() if value is not UNSET}
    with refusing_wrong(change, "policy"):
        return replace(policy, **wanted)


def given(data: OrganizationChange) -> dict[str, object]:
    """The fields that were sent, beyond the policy and the reason."""
    return {
        name: value
        for name, value in asdict(data).items()
        if value is not UNSET and name not in {"policy", "reason"}
    }


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
