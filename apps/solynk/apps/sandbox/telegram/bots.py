"""A bot: its token, who lets it write to them, and what waits for it."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import msgspec

from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.updates import UpdateQueue


class Contact(Enum):
    """What a person has let a bot do; without any the bot can not write first."""

    STARTED = auto()
    BLOCKED = auto()


@dataclass
class Bot:
    account: Person
    token: str
    updates: UpdateQueue
    contacts: dict[int, Contact] = field(default_factory=dict[int, Contact])
    commands: list[Any] = field(default_factory=list[Any])

    @property
    def id(self) -> int:
        return self.account.id

    def me(self) -> dict[str, Any]:
        return self.account.as_json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }


class RawButton(msgspec.Struct):
    text: str
    url: str = ""
    callback_data: str = ""


class Keyboard(msgspec.Struct):
    """The part of `reply_markup` that is modelled; other kinds of it have no rows."""

    inline_keyboard: list[list[RawButton]] = msgspec.field(default_factory=list[list[RawButton]])


@dataclass
class Message:
    """`chat_id` is the person's id in a private chat with `sender`."""

    id: int
    chat_id: int
    sender: int
    at: int
    """Unix seconds of virtual time."""
    text: str
    reply_markup: Any = None
    parse_mode: str = ""

    def keyboard(self) -> Keyboard:
        return msgspec.convert(self.reply_markup or {}, Keyboard)
