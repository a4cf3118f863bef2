"""Bot API methods about members: looking them up, and taking them out."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from solynk.apps.sandbox.telegram.announcements import change_membership
from solynk.apps.sandbox.telegram.call import Call
from solynk.apps.sandbox.telegram.chats import Chat
from solynk.apps.sandbox.telegram.errors import bad_request
from solynk.apps.sandbox.telegram.memberships import (
    PERMISSIONS,
    Administrator,
    Banned,
    Left,
    Member,
    Owner,
    Restricted,
    chat_member_json,
)
from solynk.apps.sandbox.telegram.people import Person

SHORTEST_BAN: Final = timedelta(seconds=30)
LONGEST_BAN: Final = timedelta(days=366)


def get_chat(call: Call) -> dict[str, Any]:
    person = call.private_chat()
    limits = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if person is not None:
        if person.id not in call.bot.contacts:
            raise bad_request("chat not found")
        return person.as_private_chat() | limits
    chat = call.chat()
    shown = chat.as_json() | limits
    primary = chat.primary_link_of(call.bot.id)
    return shown | {"invite_link": primary.url} if primary else shown


def get_chat_member(call: Call) -> dict[str, Any]:
    chat, person = call.chat(), call.person()
    membership = chat.membership(person.id, call.now())
    hidden = chat.type == "channel" and not chat.is_run_by(call.bot.id)
    if hidden and person.id != call.bot.id:
        raise bad_request("member list is inaccessible")
    if membership is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return chat_member_json(person, membership, chat.type)


def get_chat_administrators(call: Call) -> list[dict[str, Any]]:
    """Other bots are left out unless they are asked for."""
    chat = call.chat()
    others = call.flag("return_bots")
    return [
        chat_member_json(person, chat.memberships[person.id], chat.type)
        for person in (call.world.people[who] for who in chat.memberships)
        if chat.is_run_by(person.id) and (others or not person.is_bot or person.id == call.bot.id)
    ]


def get_chat_member_count(call: Call) -> int:
    return len(call.chat().inside(call.now()))


def ban_chat_member(call: Call) -> bool:
    """In a basic group it only removes: such groups know no bans."""
    chat = call.chat()
    person = _removable(call, chat)
    new = Left() if chat.type == "group" else Banned(_ban_end(call))
    chat.requests.pop(person.id, None)
    change_membership(call.world, chat, person, new, by=call.bot.account)
    return True


def unban_chat_member(call: Call) -> bool:
    """Takes out a member who is in the chat, unless `only_if_banned`."""
    chat = call.chat()
    if chat.type == "group":
        raise bad_request("method is available for supergroup and channel chats only")
    _require_right(call, chat)
    person = call.person()
    if isinstance(chat.membership(person.id, call.now()), Banned):
        change_membership(call.world, chat, person, Left(), by=call.bot.account)
    elif not call.flag("only_if_banned") and chat.has_inside(person.id, call.now()):
        removed = _removable(call, chat)
        change_membership(call.world, chat, removed, Left(), by=call.bot.account)
    return True


def restrict_chat_member(call: Call) -> bool:
    chat = call.chat()
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    person = _removable(call, chat)
    allowed = _permissions(call)
    inside = chat.has_inside(person.id, call.now())
    free = allowed == PERMISSIONS and inside
    new = Member() if free else Restricted(allowed, inside, _ban_end(call))
    change_membership(call.world, chat, person, new, by=call.bot.account)
    return True


def _permissions(call: Call) -> frozenset[str]:
    try:
        asked = msgspec.convert(call.params.get("permissions"), dict[str, bool])
    except msgspec.ValidationError:
        raise bad_request("can't parse permissions JSON object") from None
    return frozenset(name for name in PERMISSIONS if asked.get(name))


def leave_chat(call: Call) -> bool:
    account = call.bot.account
    change_membership(call.world, call.chat(), account, Left(), by=account)
    return True


def _removable(call: Call, chat: Chat) -> Person:
    _require_right(call, chat)
    person = call.person()
    if person.id == call.bot.id:
        raise bad_request("can't restrict self")
    match chat.memberships.get(person.id):
        case Owner():
            raise bad_request("can't remove chat owner")
        case Administrator():
            raise bad_request("user is an administrator of the chat")
        case _:
            return person


def _require_right(call: Call, chat: Chat) -> None:
    if not chat.is_run_by(call.bot.id):
        raise bad_request("CHAT_ADMIN_REQUIRED")
    if not chat.allows(call.bot.id, "can_restrict_members"):
        raise bad_request("not enough rights to restrict/unrestrict chat member")


def _ban_end(call: Call) -> datetime | None:
    """An end that is too near or too far means for ever."""
    until = call.instant("until_date")
    if until is None or not SHORTEST_BAN <= until - call.now() <= LONGEST_BAN:
        return None
    return until
