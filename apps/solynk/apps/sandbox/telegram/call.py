"""One call of the Bot API: the bot that makes it and its parameters, typed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from solynk.apps.sandbox.faults import FaultKind
from solynk.apps.sandbox.telegram.bots import Bot
from solynk.apps.sandbox.telegram.chats import Chat
from solynk.apps.sandbox.telegram.errors import (
    TelegramError,
    bad_request,
    forbidden,
    migrated,
    too_many_requests,
)
from solynk.apps.sandbox.telegram.memberships import Banned
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.world import TelegramWorld

NESTED: Final = frozenset(
    {
        "allowed_updates",
        "commands",
        "entities",
        "link_preview_options",
        "permissions",
        "prices",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
"""Parameters that are JSON text when the body is a form."""
TRUE: Final = frozenset({1, "1", "true", "True"})
"""`True == 1`, so that JSON's true is here as well."""


@dataclass(frozen=True)
class Call:
    world: TelegramWorld
    bot: Bot
    params: dict[str, Any]

    def now(self) -> datetime:
        return self.world.now()

    def text(self, name: str) -> str:
        return str(self.params.get(name, ""))

    def flag(self, name: str) -> bool:
        return self.params.get(name) in TRUE

    def strings(self, name: str) -> list[str] | None:
        """None when it is left out or no list."""
        try:
            return msgspec.convert(self.params.get(name), list[str])
        except msgspec.ValidationError:
            return None

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(self.params.get(name, default))
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be an integer") from None

    def instant(self, name: str) -> datetime | None:
        """Unix seconds; None when it is left out or 0."""
        seconds = self.number(name)
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None

    def person(self) -> Person:
        """
        Raises:
            TelegramError: 400, when nobody has this `user_id`.
        """
        person = self.world.people.get(self.number("user_id"))
        if person is None:
            raise bad_request("user not found")
        return person

    def chat(self) -> Chat:
        """The channel or group of `chat_id`, which the bot must be in.

        Raises:
            TelegramError: 400, when it does not exist, is a private chat or has
                migrated; 403, when the bot is not in it; 429, by a fault.
        """
        chat = self._chat_by_name()
        self._meet_rate_limit(chat.id)
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        membership = chat.membership(self.bot.id, self.now())
        if membership is None:
            raise bad_request("chat not found")
        if isinstance(membership, Banned):
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if not chat.has_inside(self.bot.id, self.now()):
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def private_chat(self) -> Person | None:
        """The person of `chat_id`; None when it is some other chat."""
        person = self.world.people.get(self._chat_number())
        if person is not None:
            self._meet_rate_limit(person.id)
        return person

    def _chat_by_name(self) -> Chat:
        name = self.text("chat_id")
        if not name:
            raise bad_request("chat_id is empty")
        for chat in self.world.chats.values():
            if name == str(chat.id) or (chat.username and name == f"@{chat.username}"):
                return chat
        raise bad_request("chat not found")

    def _chat_number(self) -> int:
        name = self.text("chat_id").removeprefix("-")
        return self.number("chat_id") if name.isdecimal() else 0

    def _meet_rate_limit(self, chat_id: int) -> None:
        """A fault's path `chat/-100...` limits one chat, whatever the method."""
        fault = self.world.ground.faults.on_delivery(
            FaultKind.RATE_LIMIT, "telegram", f"chat/{chat_id}", str(self.bot.id)
        )
        if fault is not None:
            raise too_many_requests(fault.retry_after)


def nested(params: dict[str, Any]) -> dict[str, Any]:
    """
    Raises:
        TelegramError: 400, when a nested value is no JSON.
    """
    return {name: _nested(name, value) for name, value in params.items()}


def _nested(name: str, value: Any) -> Any:  # noqa: ANN401 - a vendor's JSON
    if name not in NESTED or not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        raise TelegramError(400, f"Bad Request: can't parse {name} JSON object") from None
