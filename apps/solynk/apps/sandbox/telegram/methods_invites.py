"""Bot API methods about the way in: invite links and join requests."""

from typing import Any, Final

from solynk.apps.sandbox.telegram.call import Call
from solynk.apps.sandbox.telegram.chats import Chat, InviteLink, JoinRequest
from solynk.apps.sandbox.telegram.doings import come_in
from solynk.apps.sandbox.telegram.errors import bad_request

LONGEST_NAME: Final = 32
MOST_MEMBERS: Final = 99_999


def create_chat_invite_link(call: Call) -> dict[str, Any]:
    chat = _chat_with_links(call)
    _check_terms(call)
    link = chat.add_link(call.bot.account)
    _set_terms(call, link)
    return link.as_json(call.bot.id)


def edit_chat_invite_link(call: Call) -> dict[str, Any]:
    """What is left out goes back to its default: an edit is a new set of terms."""
    chat = _chat_with_links(call)
    link = _own_link(call, chat)
    if link.is_revoked:
        raise bad_request("INVITE_HASH_EXPIRED")
    if link.is_primary:
        raise bad_request("CHAT_INVITE_PERMANENT")
    _check_terms(call)
    _set_terms(call, link)
    return link.as_json(call.bot.id, chat.pending_by(link))


def revoke_chat_invite_link(call: Call) -> dict[str, Any]:
    """Whoever came in by it stays; a revoked primary link is replaced."""
    chat = _chat_with_links(call)
    link = _own_link(call, chat)
    replace = link.is_primary and not link.is_revoked
    link.is_revoked = True
    if replace:
        chat.add_link(call.bot.account).is_primary = True
    return link.as_json(call.bot.id, chat.pending_by(link))


def export_chat_invite_link(call: Call) -> str:
    """A new primary link; the one before it stops working."""
    chat = _chat_with_links(call)
    before = chat.primary_link_of(call.bot.id)
    if before is not None:
        before.is_revoked = True
    link = chat.add_link(call.bot.account)
    link.is_primary = True
    return link.url


def approve_chat_join_request(call: Call) -> bool:
    chat, request = _pending(call)
    if request.person.in_too_many_chats:
        raise bad_request("USER_CHANNELS_TOO_MUCH")
    request.link.used_by.add(request.person.id)
    come_in(
        call.world,
        chat,
        request.person,
        by=call.bot.account,
        link=request.link,
        via_join_request=True,
    )
    return True


def decline_chat_join_request(call: Call) -> bool:
    chat, request = _pending(call)
    del chat.requests[request.person.id]
    return True


def _pending(call: Call) -> tuple[Chat, JoinRequest]:
    chat, person = call.chat(), call.person()
    _require_right(call, chat, "not enough rights to manage chat join requests")
    if person.id in chat.requests:
        return chat, chat.requests[person.id]
    if chat.has_inside(person.id, call.now()):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    raise bad_request("HIDE_REQUESTER_MISSING")


def _chat_with_links(call: Call) -> Chat:
    chat = call.chat()
    _require_right(call, chat, "not enough rights to manage chat invite link")
    return chat


def _require_right(call: Call, chat: Chat, refusal: str) -> None:
    if not chat.allows(call.bot.id, "can_invite_users"):
        raise bad_request(refusal)


def _own_link(call: Call, chat: Chat) -> InviteLink:
    """A link of another administrator is as good as unknown."""
    link = chat.links.get(call.text("invite_link"))
    if link is None or link.creator.id != call.bot.id:
        raise bad_request("INVITE_HASH_EXPIRED")
    return link


def _check_terms(call: Call) -> None:
    if call.flag("creates_join_request") and call.number("member_limit") > 0:
        raise bad_request(
            "member limit can't be specified for links requiring administrator approval"
        )
    expires_at = call.instant("expire_date")
    if expires_at is not None and expires_at <= call.now():
        raise bad_request("EXPIRE_DATE_INVALID")


def _set_terms(call: Call, link: InviteLink) -> None:
    link.name = call.text("name")[:LONGEST_NAME]
    link.creates_join_request = call.flag("creates_join_request")
    link.member_limit = min(max(call.number("member_limit"), 0), MOST_MEMBERS)
    link.expires_at = call.instant("expire_date")
