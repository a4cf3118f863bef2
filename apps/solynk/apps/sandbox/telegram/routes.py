"""The Telegram half of the sandbox, as the rest of it sees it."""

from typing import TYPE_CHECKING

from litestar.types import ControllerRouterHandler

from solynk.apps.sandbox.telegram.control import telegram_control_routes
from solynk.apps.sandbox.telegram.front import bot_api_routes
from solynk.apps.sandbox.telegram.pages import telegram_page_routes
from solynk.apps.sandbox.telegram.world import TelegramWorld

if TYPE_CHECKING:
    from solynk.apps.sandbox.world import World

__all__ = ["TelegramWorld", "telegram_routes"]


def telegram_routes(world: "World") -> list[ControllerRouterHandler]:
    return [
        *telegram_control_routes(world.telegram),
        *telegram_page_routes(world.telegram),
        *bot_api_routes(world, world.telegram),
    ]
