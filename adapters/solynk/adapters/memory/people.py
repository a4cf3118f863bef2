"""The people's side of the platform in memory: chats, and what only people can do there.

Each deed is a verb in the third person, `asks_to_join`, `leaves`, and is told as an update.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import msgspec

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
from solynk.ports.channels import RawUpdate

BOT_REMOVED: Final = "the bot is not in the chat: add it as an admin"
NO_RIGHTS: Final = "the bot may neither invite nor ban: give it both rights"


@dataclass
class InMemoryChat:
    """`members` holds the owner and the admins too, and not the bot."""

    id: str
    title: str
    owner: str
    admins: set[str] = field(default_factory=set[str])
    members: set[str] = field(default_factory=set[str])
    pending: set[str] = field(default_factory=set[str])
    """Who asked to join and has no answer yet."""
    banned: set[str] = field(default_factory=set[str])
    bot_present: bool = True
    bot_has_rights: bool = True
    basic: bool = False
    """Of the kind that no engine can use."""
    moved_to: str | None = None
    links_made: int = 0

    def is_run_by(self, person: str) -> bool:
        return person == self.owner or person in self.admins

    @property
    def fault(self) -> str | None:
        if not self.bot_present:
            return BOT_REMOVED
        return None if self.bot_has_rights else NO_RIGHTS


@dataclass
class InMemoryPeople:
    chats: dict[str, InMemoryChat] = field(default_factory=dict[str, InMemoryChat])
    reachable: set[str] = field(default_factory=set[str])
    """Who started the bot, and did not block it."""
    updates: deque[RawUpdate] = field(default_factory=deque[RawUpdate])
    """What was not acknowledged yet, oldest first."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _told: int = field(default=0, repr=False)

    def opens(self, chat: str, *, owner: str, title: str = "", basic: bool = False) -> InMemoryChat:
        """The owner makes a chat and gives the bot its rights there."""
        made = InMemoryChat(chat, title or chat, owner, members={owner}, basic=basic)
        self.chats[chat] = made
        return made

    def starts(self, person: str, payload: str = "", *, locale: str = "en") -> None:
        """Open the bot, perhaps by a start link with this payload; this unblocks it too."""
        self.reachable.add(person)
        self._tell(Started(PersonId(person), payload, locale))

    def blocks_the_bot(self, person: str) -> None:
        self.reachable.discard(person)
        self._tell(Silenced(PersonId(person)))

    def asks_to_join(self, chat: str, person: str, *, locale: str = "en") -> None:
        """Does nothing for members, and for those who asked already.

        Raises:
            ValueError: the person is banned, and so is shown no way in.
        """
        here = self.chats[chat]
        if person in here.banned:
            raise ValueError(f"{person} is banned from {chat}")
        if person not in here.members | here.pending:
            here.pending.add(person)
            self._tell(AskedToJoin(ChatId(chat), PersonId(person), locale))

    def leaves(self, chat: str, person: str) -> None:
        self._take_out(self.chats[chat], person, By.THEMSELVES)

    def is_added_by_admin(self, chat: str, person: str) -> None:
        here = self.chats[chat]
        here.banned.discard(person)
        self._let_in(here, person)

    def is_kicked_by_admin(self, chat: str, person: str) -> None:
        """Taken out for good: a ban, which tells also of somebody who was not in."""
        here = self.chats[chat]
        here.pending.discard(person)
        if person not in here.members | here.banned:
            self._tell(Departed(ChatId(chat), PersonId(person), By.AN_ADMIN))
        here.banned.add(person)
        self._take_out(here, person, By.AN_ADMIN)

    def is_promoted(self, chat: str, person: str) -> None:
        here = self.chats[chat]
        self._let_in(here, person)
        if not here.is_run_by(person):
            here.admins.add(person)
            self._tell(Ranked(ChatId(chat), PersonId(person), exempt=True))

    def is_demoted(self, chat: str, person: str) -> None:
        self.chats[chat].admins.remove(person)
        self._tell(Ranked(ChatId(chat), PersonId(person), exempt=False))

    def takes_rights(self, chat: str) -> None:
        """From the bot, which stays in."""
        self.chats[chat].bot_has_rights = False
        self._tell_of_bot(chat)

    def gives_rights(self, chat: str) -> None:
        self.chats[chat].bot_present = self.chats[chat].bot_has_rights = True
        self._tell_of_bot(chat)

    def removes_the_bot(self, chat: str) -> None:
        self.chats[chat].bot_present = self.chats[chat].bot_has_rights = False
        self._tell_of_bot(chat)

    def moves(self, chat: str, to: str) -> InMemoryChat:
        """The same people under another id, as when a group of Telegram is upgraded."""
        old = self.chats[chat]
        self.chats[to] = new = InMemoryChat(
            to, old.title, old.owner, set(old.admins), set(old.members), set(old.pending)
        )
        old.moved_to = to
        self._tell(Migrated(ChatId(chat), ChatId(to)))
        return new

    def _let_in(self, here: InMemoryChat, person: str) -> None:
        here.pending.discard(person)
        if person not in here.members:
            here.members.add(person)
            self._tell(Joined(ChatId(here.id), PersonId(person)))

    def _take_out(self, here: InMemoryChat, person: str, by: By) -> None:
        here.admins.discard(person)
        if person in here.members:
            here.members.remove(person)
            self._tell(Departed(ChatId(here.id), PersonId(person), by))

    def _tell_of_bot(self, chat: str) -> None:
        here = self.chats[chat]
        self._tell(BotRightsChanged(ChatId(chat), here.bot_present, here.fault))

    def _tell(self, signal: Signal) -> None:
        """An update is a signal in JSON."""
        self._told += 1
        body = msgspec.json.encode(signal)
        kind = str(signal.__struct_config__.tag)
        self.updates.append(RawUpdate(str(self._told), kind, body))
        self.arrived.set()
