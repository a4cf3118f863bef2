"""What the world tells the bots: every update that the sandbox can emit."""

from typing import Any

from solynk.apps.sandbox.telegram.bots import Bot, Message
from solynk.apps.sandbox.telegram.chats import Chat, InviteLink, JoinRequest
from solynk.apps.sandbox.telegram.memberships import (
    Left,
    Membership,
    chat_member_json,
    unix,
)
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.world import TelegramWorld


def change_membership(
    world: TelegramWorld,
    chat: Chat,
    person: Person,
    new: Membership,
    *,
    by: Person,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> None:
    """Make it so, and tell the administrators among the bots, and the bot it meets."""
    old = chat.membership(person.id, world.now()) or Left()
    told = {bot.id: bot for bot in world.bots_running(chat)}
    chat.memberships[person.id] = new
    if old == new:
        return
    _record(world, chat, person, (old, new), by=by)
    told |= {bot.id: bot for bot in world.bots_running(chat)}
    if person.id in world.bots:
        told[person.id] = world.bots[person.id]
    for bot in told.values():
        update = _member_updated(world, chat.as_json(), by)
        update["old_chat_member"] = chat_member_json(person, old, chat.type)
        update["new_chat_member"] = chat_member_json(person, new, chat.type)
        if link is not None:
            update["invite_link"] = link.as_json(bot.id, chat.pending_by(link))
        if via_join_request:
            update["via_join_request"] = True
        kind = "my_chat_member" if bot.id == person.id else "chat_member"
        bot.updates.add(kind, update, lane=f"{kind}/{by.id}")


def private_contact_changed(
    world: TelegramWorld, bot: Bot, person: Person, old: Membership, new: Membership
) -> None:
    """A person blocked the bot (kicked) or let it write again (member)."""
    update = _member_updated(world, person.as_private_chat(), person)
    update["old_chat_member"] = chat_member_json(bot.account, old, "private")
    update["new_chat_member"] = chat_member_json(bot.account, new, "private")
    bot.updates.add("my_chat_member", update, lane=f"my_chat_member/{person.id}")


def asked_to_join(world: TelegramWorld, chat: Chat, request: JoinRequest) -> None:
    """Told only to bots that may invite."""
    for bot in world.bots_running(chat):
        if chat.allows(bot.id, "can_invite_users"):
            update = {
                "chat": chat.as_json(),
                "from": request.person.as_json(),
                "user_chat_id": request.person.id,
                "date": unix(request.asked_at),
                "invite_link": request.link.as_json(bot.id, chat.pending_by(request.link)),
            }
            lane = f"chat_join_request/{request.person.id}"
            bot.updates.add("chat_join_request", update, lane)


def wrote_to_bot(world: TelegramWorld, bot: Bot, person: Person, text: str) -> None:
    update: dict[str, Any] = {
        "message_id": world.next_message_id(person.id, bot.id),
        "from": person.as_json(),
        "chat": person.as_private_chat(),
        "date": world.ground.clock.timestamp(),
        "text": text,
    }
    if text.startswith("/"):
        length = len(text.split(maxsplit=1)[0])
        command = {"type": "bot_command", "offset": 0, "length": length}
        update["entities"] = [command]
    bot.updates.add("message", update, lane=f"chat/{person.id}")


def pressed_button(
    world: TelegramWorld, bot: Bot, person: Person, message: Message, data: str
) -> None:
    update = {
        "id": str(world.next_number()),
        "from": person.as_json(),
        "chat_instance": f"{bot.id}/{person.id}",
        "message": message_json(world, bot, message),
        "data": data,
    }
    bot.updates.add("callback_query", update, lane=f"callback_query/{person.id}")


def migrated_chat(world: TelegramWorld, old: Chat, new: Chat) -> None:
    """One service message in the old chat and one in the new."""
    owner = world.people[new.owner_id()]
    for bot in world.bots_in(new):
        to = _service_message(world, old, owner) | {"migrate_to_chat_id": new.id}
        bot.updates.add("message", to, lane=f"chat/{old.id}")
        came = _service_message(world, new, owner) | {"migrate_from_chat_id": old.id}
        bot.updates.add("message", came, lane=f"chat/{new.id}")


def message_json(world: TelegramWorld, bot: Bot, message: Message) -> dict[str, Any]:
    chat = world.chats.get(message.chat_id)
    shown: dict[str, Any] = {
        "message_id": message.id,
        "date": message.at,
        "chat": chat.as_json() if chat else world.people[message.chat_id].as_private_chat(),
        "text": message.text,
    }
    if chat is not None and chat.type == "channel":
        shown["sender_chat"] = chat.as_json()
    else:
        shown["from"] = bot.account.as_json()
    if message.keyboard().inline_keyboard:
        shown["reply_markup"] = message.reply_markup
    return shown


def _record(
    world: TelegramWorld,
    chat: Chat,
    person: Person,
    change: tuple[Membership, Membership],
    *,
    by: Person,
) -> None:
    """The truth for checkers: who was in which chat, from when until when."""
    world.ground.ledger.add(
        at=world.now(),
        direction="control",
        vendor="telegram",
        method="",
        path="membership",
        account=str(chat.id),
        params={
            "user_id": person.id,
            "from": type(change[0]).__name__.lower(),
            "to": type(change[1]).__name__.lower(),
            "by": by.id,
        },
        status=200,
    )


def _service_message(world: TelegramWorld, chat: Chat, by: Person) -> dict[str, Any]:
    return {
        "message_id": world.next_message_id(chat.id),
        "from": by.as_json(),
        "chat": chat.as_json(),
        "date": world.ground.clock.timestamp(),
    }


def _member_updated(world: TelegramWorld, chat: dict[str, Any], by: Person) -> dict[str, Any]:
    return {"chat": chat, "from": by.as_json(), "date": world.ground.clock.timestamp()}
