"""Whether somebody has access, for programs that ask often."""

from typing import Annotated, Final, TypeAlias
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, PathParameter

from solynk.apps.api.problems import Incoming, reads
from solynk.apps.container import Container
from solynk.apps.engine import AccessCheck, check_access
from solynk.core.ids import ChannelId, CustomerId, OrganizationId, PersonId
from solynk.ports.checking import OfCustomer, OfPerson, Whose

ABOUT: Final = "Whether {} has access to a channel now, and until when that is sure"

PersonName: TypeAlias = Annotated[
    str,
    PathParameter(
        max_length=255,
        pattern=r"^[^\x00]+$",
        description="Their id at the channel's platform, such as a Telegram user id.",
    ),
]


@get(
    "/customers/{customer:uuid}/access/{channel:uuid}",
    summary=ABOUT.format("a customer"),
    responses=reads(404),
)
async def check_customer(
    request: Incoming,
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    channel: FromPath[UUID],
) -> AccessCheck:
    return await _check(request, organization, channel, OfCustomer(CustomerId(str(customer))))


@get(
    "/channels/{channel:uuid}/persons/{person:str}/access",
    summary=ABOUT.format("a person of the platform"),
    responses=reads(404),
)
async def check_person(
    request: Incoming, organization: FromPath[UUID], channel: FromPath[UUID], person: PersonName
) -> AccessCheck:
    return await _check(request, organization, channel, OfPerson(PersonId(person)))


async def _check(request: Incoming, organization: UUID, channel: UUID, whose: Whose) -> AccessCheck:
    # Litestar starts a task for each dependency: here that would cost more than the answer.
    container: Container = request.app.state.container
    owner, place = OrganizationId(str(organization)), ChannelId(str(channel))
    return await check_access(container.wiring(), owner, place, whose)


checks = Router("/", route_handlers=[check_customer, check_person], tags=["access"])
