"""Where payment providers deliver. Stored is acknowledged; nothing else happens here."""

import logging
from http import HTTPStatus
from typing import Final

from litestar import post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from solynk.apps.api.crowding import PATH, Room, TurnedAway
from solynk.apps.api.problems import Incoming, documented
from solynk.apps.container import Container
from solynk.apps.engine import Receipt, receive
from solynk.apps.seldom import Seldom
from solynk.core.catalog import Provider
from solynk.core.event import EventStatus
from solynk.ports.errors import Forged, Lost, Unavailable
from solynk.ports.payments import RawEvent
from solynk.ports.telemetry import correlation

log = logging.getLogger(__name__)

FORGED: Final = Seldom(log, "webhooks with a wrong signature: %d since the last such line")
LARGEST: Final = 1024 * 1024
"""Bytes of a webhook's body."""


class Received(Struct, frozen=True):
    received: bool


@post(
    PATH,
    summary="Stripe's events; signed, so no API key is asked for",
    status_code=HTTPStatus.OK,
    request_max_body_size=LARGEST,
    responses=documented(400, 404, 413, 503),
    tags=["webhooks"],
)
async def stripe_webhook(request: Incoming) -> Received:
    """Answers 200 also for what it will never be able to use: sending it again cannot help."""
    # Litestar starts a task for each dependency, which would be a third of what this costs.
    container: Container = request.app.state.container
    wiring, settings = container.wiring(), container.settings()
    if not settings.stripe_webhook_secrets or Provider.STRIPE not in wiring.providers:
        raise NotFoundException("no webhook secret is set, so nothing is accepted here")
    raw = RawEvent(
        body=await request.body(),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in request.scope["headers"]  # whose names are in lower case
        },
        received_at=await wiring.wall.now(),
    )
    room: Room = request.app.state.room
    if room.full:  # it was not, when this request came
        room.turn_away(wiring.telemetry)
        raise TurnedAway
    outcome = "failed"
    try:
        with room.place():
            receipt = await receive(wiring, Provider.STRIPE, raw)
        outcome = _outcome(receipt)
    except Forged:
        outcome = "forged"
        FORGED.tell()
        raise
    except (Unavailable, Lost):
        outcome = "unavailable"
        raise
    finally:
        wiring.telemetry.count("webhooks", source=Provider.STRIPE.value, outcome=outcome)
    # From here on the log names the event: the provider knows no other name for this request.
    correlation.set(receipt.correlation)
    return Received(received=True)


def _outcome(receipt: Receipt) -> str:
    if receipt.known:
        return "known"
    match receipt.status:
        case EventStatus.DEAD:
            return "malformed"
        case EventStatus.IGNORED:
            return "ignored"
        case _:
            return "stored"
