"""What people do in their Telegram apps; none of it is open to a bot.

Each of these raises `Impossible` where the app would show no such button.
"""

import re
from typing import Final

from solynk.apps.sandbox.telegram.announcements import (
    asked_to_join,
    change_membership,
    migrated_chat,
    pressed_button,
    private_contact_changed,
    wrote_to_bot,
)
from solynk.apps.sandbox.telegram.bots import Bot, Contact
from solynk.apps.sandbox.telegram.chats import Chat, InviteLink, JoinRequest
from solynk.apps.sandbox.telegram.errors import Impossible
from solynk.apps.sandbox.telegram.memberships import (
    Administrator,
    Banned,
    Left,
    Member,
    Owner,
    Restricted,
)
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.world import TelegramWorld

PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{0,64}")


def press_start(world: TelegramWorld, person: Person, bot: Bot, payload: str = "") -> None:
    """Start the bot, as a deep link with `payload` does; it unblocks the bot too."""
    if not PAYLOAD.fullmatch(payload):
        raise Impossible("a start payload is 64 of A-Z a-z 0-9 _ - at most")
    if bot.contacts.get(person.id) is Contact.BLOCKED:
        private_contact_changed(world, bot, person, Banned(), Member())
    bot.contacts[person.id] = Contact.STARTED
    wrote_to_bot(world, bot, person, f"/start {payload}".strip())


def block_bot(world: TelegramWorld, person: Person, bot: Bot) -> None:
    if bot.contacts.get(person.id) is not Contact.BLOCKED:
        private_contact_changed(world, bot, person, Member(), Banned())
    bot.contacts[person.id] = Contact.BLOCKED


def write_to_bot(world: TelegramWorld, person: Person, bot: Bot, text: str) -> None:
    if bot.contacts.get(person.id) is not Contact.STARTED:
        raise Impossible("the bot has to be started first")
    wrote_to_bot(world, bot, person, text)


def press_button(
    world: TelegramWorld, person: Person, message_id: int, bot: Bot, data: str
) -> None:
    for message in world.messages:
        if (message.id, message.chat_id, message.sender) == (
            message_id,
            person.id,
            bot.id,
        ):
            pressed_button(world, bot, person, message, data)
            return
    raise Impossible("there is no such message")


def open_link(world: TelegramWorld, person: Person, url: str) -> bool:
    """Join by a link, or ask to; whether a request is pending afterwards."""
    chat, link = world.link(url)
    if chat.has_inside(person.id, world.now()):
        return False
    if isinstance(chat.membership(person.id, world.now()), Banned):
        raise Impossible("this person is banned from the chat")
    if not link.is_open(world.now()):
        raise Impossible("this invite link has expired")
    if link.creates_join_request:
        return _ask(world, chat, person, link)
    link.used_by.add(person.id)
    come_in(world, chat, person, by=person, link=link)
    return False


def withdraw_request(chat: Chat, person: Person) -> None:
    if chat.requests.pop(person.id, None) is None:
        raise Impossible("there is no pending request")


def come_in(
    world: TelegramWorld,
    chat: Chat,
    person: Person,
    *,
    by: Person,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> None:
    """A restriction from before the person left applies again."""
    known = chat.membership(person.id, world.now())
    new = (
        Restricted(known.permissions, inside=True, until=known.until)
        if isinstance(known, Restricted)
        else Member()
    )
    chat.requests.pop(person.id, None)
    change_membership(
        world,
        chat,
        person,
        new,
        by=by,
        link=link,
        via_join_request=via_join_request,
    )


def add_by_hand(world: TelegramWorld, chat: Chat, person: Person, by: Person) -> None:
    """An administrator adds a contact, or makes an invitation of their own."""
    if not chat.has_inside(person.id, world.now()):
        come_in(world, chat, person, by=by)


def leave(world: TelegramWorld, chat: Chat, person: Person) -> None:
    known = chat.membership(person.id, world.now())
    if not chat.has_inside(person.id, world.now()):
        raise Impossible("this person is not in the chat")
    if known == Owner():
        raise Impossible("the owner has to hand the chat over first")
    new = (
        Restricted(known.permissions, inside=False, until=known.until)
        if isinstance(known, Restricted)
        else Left()
    )
    change_membership(world, chat, person, new, by=person)


def kick(world: TelegramWorld, chat: Chat, person: Person, by: Person, *, ban: bool) -> None:
    """An administrator, not a bot, takes somebody out; basic groups know no bans."""
    if chat.memberships.get(person.id) == Owner():
        raise Impossible("nobody can remove the owner")
    chat.requests.pop(person.id, None)
    new = Banned() if ban and chat.type != "group" else Left()
    change_membership(world, chat, person, new, by=by)


def unban(world: TelegramWorld, chat: Chat, person: Person, by: Person) -> None:
    if isinstance(chat.membership(person.id, world.now()), Banned):
        change_membership(world, chat, person, Left(), by=by)


def promote(
    world: TelegramWorld, chat: Chat, person: Person, rights: frozenset[str], by: Person
) -> None:
    """Make somebody an administrator, or change what they may do."""
    if chat.memberships.get(person.id) == Owner():
        raise Impossible("this person is the owner")
    chat.requests.pop(person.id, None)
    change_membership(world, chat, person, Administrator(rights), by=by)


def demote(world: TelegramWorld, chat: Chat, person: Person, by: Person) -> None:
    """In a channel a bot can only be an administrator, so that it leaves."""
    if not isinstance(chat.memberships.get(person.id), Administrator):
        raise Impossible("this person is no administrator")
    gone = chat.type == "channel" and person.is_bot
    change_membership(world, chat, person, Left() if gone else Member(), by=by)


def decide(world: TelegramWorld, chat: Chat, person: Person, by: Person, *, approve: bool) -> None:
    """An administrator answers a join request before the bot does."""
    request = chat.requests.pop(person.id, None)
    if request is None:
        raise Impossible("there is no pending request")
    if approve:
        come_in(world, chat, person, by=by, link=request.link, via_join_request=True)


def upgrade(world: TelegramWorld, group: Chat) -> Chat:
    """A basic group becomes a supergroup, with a new id and the same people."""
    if group.type != "group" or group.migrated_to is not None:
        raise Impossible("only a basic group can be upgraded, and only once")
    new = world.add_chat("supergroup", group.title, world.people[group.owner_id()])
    new.memberships = dict(group.memberships)
    new.links = group.links
    new.requests = group.requests
    group.migrated_to = new.id
    group.memberships, group.links, group.requests = {}, {}, {}
    migrated_chat(world, group, new)
    return new


def _ask(world: TelegramWorld, chat: Chat, person: Person, link: InviteLink) -> bool:
    if person.id not in chat.requests:
        chat.requests[person.id] = JoinRequest(person, world.now(), link)
        asked_to_join(world, chat, chat.requests[person.id])
    return True
