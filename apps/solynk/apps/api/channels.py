"""The places where access is given."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from solynk.apps import engine
from solynk.apps.api.bodies import ChannelChange, NewChannel, Why
from solynk.apps.api.problems import reads, writes
from solynk.apps.api.scope import by, channel_of, organization_of, reading
from solynk.apps.engine import Wiring
from solynk.core.catalog import Channel
from solynk.core.ids import ChannelId, ChatId, OrganizationId


class Released(Struct, frozen=True):
    released: int
    """How many expulsions go on."""


@post(
    "/",
    summary="Connect a chat, after looking at it",
    responses=writes(404, 409, 422, 502, 503),
)
async def connect_channel(
    organization: FromPath[UUID], data: JSONBody[NewChannel], wiring: NamedDependency[Wiring]
) -> Channel:
    owner = await organization_of(wiring, organization)
    channel = Channel(
        id=ChannelId(engine.new_id(await wiring.clock.now())),
        organization=owner.id,
        platform=data.platform,
        chat=ChatId(data.chat),
        title=data.title or data.chat,
    )
    return await engine.connect_channel(wiring, channel, by("connected through the API"))


@get("/", summary="List the channels", responses=reads(404))
async def list_channels(
    organization: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Sequence[Channel]:
    async with reading(wiring, organization) as (tx, owner):
        return await tx.channels.all(owner.id)


@get("/{channel:uuid}", summary="Read a channel", responses=reads(404))
async def get_channel(
    organization: FromPath[UUID], channel: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Channel:
    return await channel_of(wiring, organization, channel)


@patch(
    "/{channel:uuid}",
    summary="Change how removals are carried out, and who is never removed",
    responses=writes(404),
)
async def patch_channel(
    organization: FromPath[UUID],
    channel: FromPath[UUID],
    data: JSONBody[ChannelChange],
    wiring: NamedDependency[Wiring],
) -> Channel:
    owner, place = OrganizationId(str(organization)), ChannelId(str(channel))
    change = engine.ChannelChange(**data.sent)
    return await engine.change_channel(wiring, owner, place, change, by(data.reason))


@post(
    "/{channel:uuid}/inspect",
    summary="Look at a channel again; what waits for it goes on when it passes",
    status_code=HTTPStatus.ACCEPTED,
    responses=writes(404),
)
async def inspect_channel(
    organization: FromPath[UUID], channel: FromPath[UUID], wiring: NamedDependency[Wiring]
) -> Channel:
    owner, place = OrganizationId(str(organization)), ChannelId(str(channel))
    return await engine.inspect_channel(wiring, owner, place, by("asked for through the API"))


@post(
    "/{channel:uuid}/release-brake",
    summary="Let the expulsions that the brake holds go on",
    status_code=HTTPStatus.OK,
    responses=writes(404),
)
async def release_brake(
    organization: FromPath[UUID],
    channel: FromPath[UUID],
    data: JSONBody[Why],
    wiring: NamedDependency[Wiring],
) -> Released:
    owner, place = OrganizationId(str(organization)), ChannelId(str(channel))
    return Released(await engine.release_brake(wiring, owner, place, by(data.reason)))


channels = Router(
    "/channels",
    route_handlers=[
        connect_channel,
        list_channels,
        get_channel,
        patch_channel,
        inspect_channel,
        release_brake,
    ],
    tags=["channels"],
)
