"""Bot API methods about the bot itself, its messages and its updates."""

import re
from datetime import timedelta
from typing import Any, Final

from solynk.apps.sandbox.telegram.announcements import message_json
from solynk.apps.sandbox.telegram.bots import Contact, Message
from solynk.apps.sandbox.telegram.call import Call
from solynk.apps.sandbox.telegram.errors import bad_request, forbidden
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.updates import Webhook

LONGEST_TEXT: Final = 4096
AFTER_ASKING: Final = timedelta(minutes=5)
"""How long a bot may write to somebody who asked to join and never started it."""
SECRET_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{0,256}")
LARGEST_PAGE: Final = 100


def get_me(call: Call) -> dict[str, Any]:
    return call.bot.me()


def set_my_commands(call: Call) -> bool:
    commands = call.params.get("commands")
    call.bot.commands = commands if isinstance(commands, list) else []
    return True


def get_my_commands(call: Call) -> list[Any]:
    return call.bot.commands


def accept(call: Call) -> bool:
    """For methods that change nothing here."""
    del call
    return True


def send_message(call: Call) -> dict[str, Any]:
    chat_id = _writable_chat(call)
    text = call.text("text").strip()
    if not text:
        raise bad_request("message text is empty")
    if len(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    private = chat_id in call.world.people
    number = call.world.next_message_id(chat_id, call.bot.id if private else 0)
    message = Message(
        id=number,
        chat_id=chat_id,
        sender=call.bot.id,
        at=call.world.ground.clock.timestamp(),
        text=text,
        reply_markup=call.params.get("reply_markup"),
        parse_mode=call.text("parse_mode"),
    )
    call.world.messages.append(message)
    return message_json(call.world, call.bot, message)


def delete_message(call: Call) -> bool:
    chat_id, number = call.number("chat_id"), call.number("message_id")
    for message in call.world.messages:
        if (message.chat_id, message.id, message.sender) == (
            chat_id,
            number,
            call.bot.id,
        ):
            call.world.messages.remove(message)
            return True
    raise bad_request("message to delete not found")


async def get_updates(call: Call) -> list[dict[str, Any]]:
    _set_allowed(call)
    limit = call.number("limit", LARGEST_PAGE)
    updates = await call.bot.updates.poll(
        call.number("offset"),
        limit if 1 <= limit <= LARGEST_PAGE else LARGEST_PAGE,
        call.number("timeout"),
    )
    return [update.as_json() for update in updates]


def set_webhook(call: Call) -> bool:
    """An empty address takes the webhook away."""
    url, secret = call.text("url"), call.text("secret_token")
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not SECRET_TOKEN.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if call.flag("drop_pending_updates"):
        call.bot.updates.forget()
    _set_allowed(call)
    most = call.number("max_connections", 40)
    call.bot.updates.set_webhook(Webhook(url, secret, most) if url else None)
    return True


def delete_webhook(call: Call) -> bool:
    if call.flag("drop_pending_updates"):
        call.bot.updates.forget()
    call.bot.updates.set_webhook(None)
    return True


def get_webhook_info(call: Call) -> dict[str, Any]:
    updates = call.bot.updates
    updates.drop_expired()
    info: dict[str, Any] = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
    }
    if updates.allowed:
        info["allowed_updates"] = list(updates.allowed)
    if updates.webhook is None:
        return info
    info["url"] = updates.webhook.url
    info["max_connections"] = updates.webhook.max_connections
    return info | _last_error(call)


def _last_error(call: Call) -> dict[str, Any]:
    for entry in reversed(call.world.ground.ledger.entries):
        if (entry.direction, entry.account) == ("delivery", str(call.bot.id)):
            if 200 <= entry.status < 300:  # noqa: PLR2004
                return {}
            reason = f"Wrong response from the webhook: {entry.status}"
            return {
                "last_error_date": int(entry.at.timestamp()),
                "last_error_message": reason if entry.status else "Connection refused",
            }
    return {}


def _set_allowed(call: Call) -> None:
    """Left out keeps what was set before; an empty list means the default set."""
    allowed = call.strings("allowed_updates")
    if allowed is not None:
        call.bot.updates.allowed = tuple(allowed)


def _writable_chat(call: Call) -> int:
    person = call.private_chat()
    if person is not None:
        _require_contact(call, person)
        return person.id
    chat = call.chat()
    if chat.type == "channel" and not chat.allows(call.bot.id, "can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    return chat.id


def _require_contact(call: Call, person: Person) -> None:
    if person.is_bot:
        raise forbidden("bot can't send messages to bots")
    if person.deactivated:
        raise forbidden("user is deactivated")
    match call.bot.contacts.get(person.id):
        case Contact.STARTED:
            return
        case Contact.BLOCKED:
            raise forbidden("bot was blocked by the user")
        case None:
            if not _just_asked_to_join(call, person):
                raise forbidden("bot can't initiate conversation with a user")


def _just_asked_to_join(call: Call, person: Person) -> bool:
    return any(
        person.id in chat.requests and call.now() - chat.requests[person.id].asked_at < AFTER_ASKING
        for chat in call.world.chats_open_to(call.bot)
    )
