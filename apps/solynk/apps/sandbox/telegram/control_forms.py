"""What the control side is sent and what it answers."""

import msgspec

from solynk.apps.sandbox.telegram.chats import ChatType
from solynk.apps.sandbox.telegram.memberships import RIGHTS

WHAT_A_GATE_NEEDS = ("can_invite_users", "can_restrict_members")


class BotIn(msgspec.Struct, kw_only=True):
    """Without a token one is made up, and told in the answer."""

    username: str
    first_name: str = "Bot"
    token: str = ""


class BotOut(msgspec.Struct, frozen=True):
    id: int
    username: str
    webhook: str
    pending_updates: int


class NewBot(msgspec.Struct, frozen=True):
    id: int
    username: str
    token: str


class RevokeIn(msgspec.Struct):
    """The token that takes the old one's place; none leaves the bot without."""

    token: str = ""


class PersonIn(msgspec.Struct, kw_only=True):
    id: int = 0
    first_name: str = "Ann"
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    in_too_many_chats: bool = False


class ChatIn(msgspec.Struct, kw_only=True):
    type: ChatType
    title: str
    owner: int
    username: str = ""
    bots: dict[int, list[str]] = msgspec.field(default_factory=dict[int, list[str]])
    """The rights of each bot that is an administrator from the start."""


class StartIn(msgspec.Struct):
    bot: int
    payload: str = ""


class BotChosen(msgspec.Struct):
    bot: int


class WriteIn(msgspec.Struct):
    bot: int
    text: str


class PressIn(msgspec.Struct):
    bot: int
    message_id: int
    data: str


class LinkIn(msgspec.Struct):
    link: str


class ChatChosen(msgspec.Struct):
    chat: int


class Deed(msgspec.Struct):
    """What an administrator (`by`; the owner, if 0) does to `user`."""

    user: int
    by: int = 0
    ban: bool = True
    rights: list[str] = msgspec.field(default_factory=lambda: sorted(RIGHTS))


class RightsIn(msgspec.Struct):
    bot: int
    rights: list[str] = msgspec.field(default_factory=lambda: list(WHAT_A_GATE_NEEDS))


class Pending(msgspec.Struct, frozen=True):
    pending: bool


class Done(msgspec.Struct, frozen=True):
    done: bool = True


class ChatOut(msgspec.Struct, frozen=True):
    id: int
    type: str
    title: str
    members: int
    migrated_to: int | None


class RequestOut(msgspec.Struct, frozen=True):
    user_id: int
    date: int
    link: str
