"""How a person stands to a chat: one small type for each of Telegram's statuses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from solynk.apps.sandbox.telegram.people import Person

RIGHTS = frozenset(
    {
        "can_change_info",
        "can_delete_messages",
        "can_delete_stories",
        "can_edit_messages",
        "can_edit_stories",
        "can_invite_users",
        "can_manage_chat",
        "can_manage_topics",
        "can_manage_video_chats",
        "can_pin_messages",
        "can_post_messages",
        "can_post_stories",
        "can_promote_members",
        "can_restrict_members",
        "can_send_welcome_messages",
    }
)
"""What an administrator can be allowed to do."""

CHANNEL_ONLY = frozenset({"can_post_messages", "can_edit_messages"})
GROUP_ONLY = frozenset({"can_pin_messages", "can_manage_topics"})

PERMISSIONS = frozenset(
    {
        "can_add_web_page_previews",
        "can_change_info",
        "can_edit_tag",
        "can_invite_users",
        "can_manage_topics",
        "can_pin_messages",
        "can_react_to_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_messages",
        "can_send_other_messages",
        "can_send_photos",
        "can_send_polls",
        "can_send_video_notes",
        "can_send_videos",
        "can_send_voice_notes",
    }
)
"""What an ordinary member of a supergroup can be allowed to do."""


@dataclass(frozen=True)
class Owner:
    pass


@dataclass(frozen=True)
class Administrator:
    rights: frozenset[str]


@dataclass(frozen=True)
class Member:
    pass


@dataclass(frozen=True)
class Restricted:
    """`inside` is what Telegram calls is_member: a restriction outlives a leave."""

    permissions: frozenset[str]
    inside: bool
    until: datetime | None = None


@dataclass(frozen=True)
class Left:
    pass


@dataclass(frozen=True)
class Banned:
    """`until` None means for ever."""

    until: datetime | None = None


Membership: TypeAlias = Owner | Administrator | Member | Restricted | Left | Banned


def is_inside(membership: Membership | None) -> bool:
    match membership:
        case Owner() | Administrator() | Member():
            return True
        case Restricted():
            return membership.inside
        case Left() | Banned() | None:
            return False
        case _:
            assert_never(membership)


def lapsed(membership: Membership, at: datetime) -> Membership:
    """What is left of it at `at`: bans and restrictions end by themselves."""
    match membership:
        case Banned() if membership.until and membership.until <= at:
            return Left()
        case Restricted() if membership.until and membership.until <= at:
            return Member() if membership.inside else Left()
        case _:
            return membership


def chat_member_json(person: Person, membership: Membership, chat_type: str) -> dict[str, Any]:
    return {"user": person.as_json(), **_status_json(membership, chat_type)}


def _status_json(membership: Membership, chat_type: str) -> dict[str, Any]:
    match membership:
        case Owner():
            return {"status": "creator", "is_anonymous": False}
        case Administrator():
            return _administrator_json(membership.rights, chat_type)
        case Member():
            return {"status": "member"}
        case Restricted():
            return _restricted_json(membership)
        case Left():
            return {"status": "left"}
        case Banned():
            return {"status": "kicked", "until_date": unix(membership.until)}
        case _:
            assert_never(membership)


def _administrator_json(rights: frozenset[str], chat_type: str) -> dict[str, Any]:
    foreign = GROUP_ONLY if chat_type == "channel" else CHANNEL_ONLY
    held: dict[str, Any] = {right: right in rights for right in RIGHTS - foreign}
    return held | {
        "status": "administrator",
        "can_be_edited": False,
        "is_anonymous": False,
        "can_manage_chat": True,
    }


def _restricted_json(membership: Restricted) -> dict[str, Any]:
    held: dict[str, Any] = {one: one in membership.permissions for one in PERMISSIONS}
    return held | {
        "status": "restricted",
        "is_member": membership.inside,
        "until_date": unix(membership.until),
    }


def unix(instant: datetime | None) -> int:
    """Seconds since 1970; 0 stands for 'for ever', as in the Bot API."""
    return int(instant.timestamp()) if instant else 0
