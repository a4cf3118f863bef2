"""Long polling that loses nothing: updates stay with Telegram until they are stored here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import msgspec
from aiogram import Bot
from aiogram.methods import TelegramMethod

from solynk.adapters.telegram.errors import telegram_errors
from solynk.ports.channels import RawUpdate

WANTED: Final = (
    "message",
    "callback_query",
    "pre_checkout_query",
    "chat_join_request",
    "chat_member",
    "my_chat_member",
    "subscription",
)
"""Named one by one, since by default Telegram leaves `chat_member` out."""
LONGEST_POLL: Final = timedelta(seconds=50)
ANSWER_WITHIN: Final = 10
"""Seconds for the answer itself, after the poll has ended."""


class GetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """The updates as they came.

    aiogram's own method parses them, and would refuse a whole batch for one update that it does
    not understand.
    """

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    allowed_updates: list[str]
    timeout: int
    offset: int | None = None


@dataclass(slots=True)
class Position:
    """How far one bot's updates are stored."""

    offset: int | None = None
    """The first update that is not confirmed; None leaves that to Telegram."""
    open: set[int] = field(default_factory=set[int])
    """Received, and not acknowledged."""

    def received(self, ids: Iterable[int]) -> None:
        self.open = set(ids)

    def acknowledged(self, ids: Iterable[int]) -> None:
        """An update in front that is still open holds back those behind it.

        The offset may also go down, since after a quiet week Telegram begins at a random id.
        """
        stored = set(ids)
        self.open -= stored
        if stored:
            self.offset = min(self.open, default=max(stored) + 1)


async def poll(bot: Bot, offset: int | None, wait: timedelta) -> Sequence[RawUpdate]:
    seconds = int(min(wait, LONGEST_POLL).total_seconds())
    ask = GetUpdates(allowed_updates=list(WANTED), timeout=seconds, offset=offset)
    with telegram_errors():
        updates = await bot(ask, request_timeout=seconds + ANSWER_WITHIN)
    return [_raw(update) for update in updates]


def _raw(update: dict[str, Any]) -> RawUpdate:
    return RawUpdate(
        external_id=str(update["update_id"]),
        kind=next((name for name in update if name != "update_id"), "empty"),
        body=msgspec.json.encode(update, order="sorted"),
    )
