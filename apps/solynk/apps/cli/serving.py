"""The HTTP API alone. Nothing is imported here that only a worker needs."""

import asyncio

from solynk.apps.api import create_app
from solynk.apps.container import container_of
from solynk.apps.lifetime import running
from solynk.apps.listening import answer, open_door
from solynk.apps.settings import Settings


async def serve_api(settings: Settings, stopping: asyncio.Event) -> None:
    """The API alone: workers are other processes."""
    container = container_of(settings)
    with open_door(settings.host, settings.port) as door:
        async with running(container):
            await answer(create_app(container), door, stopping)
