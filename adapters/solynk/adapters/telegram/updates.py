"""What an update of the Bot API means (https://core.telegram.org/bots/api#update).

The structs name only the fields that are read, so that what Telegram adds later can not harm.
"""

from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct, field

from solynk.adapters.telegram.rights import BASIC_GROUP, NO_ADMIN, REMOVED, admin_fault
from solynk.core.access import By
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import (
    AskedToJoin,
    BotRightsChanged,
    Departed,
    Joined,
    Migrated,
    Ranked,
    Signal,
    Silenced,
    Started,
)
from solynk.ports.errors import Malformed


class ChatType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


_KNOWN: Final = frozenset(it.value for it in Status)


class User(Struct, frozen=True):
    id: int
    language_code: str = ""


class Chat(Struct, frozen=True):
    id: int
    type: str
    """One of `ChatType`, or what Telegram adds later."""


class Message(Struct, frozen=True):
    chat: Chat
    sender: User | None = field(name="from", default=None)
    text: str = ""
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None


class JoinRequest(Struct, frozen=True):
    chat: Chat
    sender: User = field(name="from")


class Member(Struct, frozen=True):
    user: User
    status: str
    """One of `Status`, or what Telegram adds later."""
    is_member: bool = False
    """Told for the restricted alone: a restriction outlives a departure."""
    can_invite_users: bool = False
    can_restrict_members: bool = False

    @property
    def exempt(self) -> bool:
        return self.status in {Status.CREATOR, Status.ADMINISTRATOR}

    @property
    def inside(self) -> bool:
        if self.status == Status.RESTRICTED:
            return self.is_member
        return self.exempt or self.status == Status.MEMBER


class MemberUpdated(Struct, frozen=True):
    chat: Chat
    sender: User = field(name="from")
    """Whoever made the change; an anonymous admin appears as a bot of Telegram's own."""
    old: Member = field(name="old_chat_member")
    new: Member = field(name="new_chat_member")


class Update(Struct, frozen=True):
    """At most one of the optional fields is there."""

    update_id: int
    message: Message | None = None
    chat_join_request: JoinRequest | None = None
    chat_member: MemberUpdated | None = None
    my_chat_member: MemberUpdated | None = None


_decoder: Final = msgspec.json.Decoder(Update)


def meaning(body: bytes, account: str) -> tuple[Signal, ...]:
    """The signals in an update for the bot with this id; none for kinds that do not matter.

    Raises:
        Malformed: these bytes are no update.
    """
    try:
        update = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("telegram", "these bytes are no update") from error
    if update.message is not None:
        return _message(update.message)
    if update.chat_join_request is not None:
        return _join_request(update.chat_join_request)
    if update.chat_member is not None:
        return _membership(update.chat_member, account)
    if update.my_chat_member is not None:
        return _bot(update.my_chat_member)
    return ()


def _message(message: Message) -> tuple[Signal, ...]:
    here = _chat(message.chat)
    if message.migrate_to_chat_id is not None:
        return (Migrated(here, ChatId(str(message.migrate_to_chat_id))),)
    if message.migrate_from_chat_id is not None:
        return (Migrated(ChatId(str(message.migrate_from_chat_id)), here),)
    command, _, payload = message.text.partition(" ")
    if message.chat.type == ChatType.PRIVATE and message.sender and command == "/start":
        return (Started(_person(message.sender), payload.strip(), _locale(message.sender)),)
    return ()


def _join_request(request: JoinRequest) -> tuple[Signal, ...]:
    person = request.sender
    return (AskedToJoin(_chat(request.chat), _person(person), _locale(person)),)


def _membership(change: MemberUpdated, account: str) -> tuple[Signal, ...]:
    if change.new.status not in _KNOWN:
        return ()  # a word that nobody knows says nothing about where the person is
    chat, person = _chat(change.chat), _person(change.new.user)
    old, new, by = change.old, change.new, _by(change, account)
    signals: list[Signal] = []
    if new.inside and not old.inside:
        signals.append(Joined(chat, person))
    if new.exempt != old.exempt:
        signals.append(Ranked(chat, person, exempt=new.exempt))
    if (old.inside and not new.inside) or _shut_out(old, new, by):
        signals.append(Departed(chat, person, by))
    return tuple(signals)


def _shut_out(old: Member, new: Member, by: By) -> bool:
    """An admin's ban counts also for someone who was not in: our invitation is void."""
    return new.status == Status.KICKED and old.status != Status.KICKED and by is By.AN_ADMIN


def _by(change: MemberUpdated, account: str) -> By:
    if change.sender.id == change.new.user.id:
        return By.THEMSELVES
    return By.US if str(change.sender.id) == account else By.AN_ADMIN


def _bot(change: MemberUpdated) -> tuple[Signal, ...]:
    """In a private chat, `kicked` is how Telegram says that the person blocked the bot."""
    if change.chat.type == ChatType.PRIVATE:
        blocked = change.new.status == Status.KICKED
        return (Silenced(_person(change.sender)),) if blocked else ()
    fault = _fault(change)
    return (BotRightsChanged(_chat(change.chat), present=change.new.inside, fault=fault),)


def _fault(change: MemberUpdated) -> str | None:
    if not change.new.inside:
        return REMOVED
    if change.chat.type == ChatType.GROUP:
        return BASIC_GROUP
    if not change.new.exempt:
        return NO_ADMIN
    return admin_fault(
        invites=change.new.can_invite_users, restricts=change.new.can_restrict_members
    )


def _chat(chat: Chat) -> ChatId:
    return ChatId(str(chat.id))


def _person(user: User) -> PersonId:
    return PersonId(str(user.id))


def _locale(user: User) -> str:
    return "fr" if user.language_code.lower().startswith("fr") else "en"
