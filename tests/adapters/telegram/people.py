"""The people of Telegram, played inside the sandbox's process."""

from dataclasses import dataclass
from typing import Final

from aiogram.client.session.aiohttp import AiohttpSession

from solynk.apps.sandbox.app import RunningSandbox
from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.telegram import doings
from solynk.apps.sandbox.telegram.chats import Chat, ChatType
from solynk.apps.sandbox.telegram.memberships import Administrator, Member
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.world import TelegramWorld
from solynk.core.ids import ChatId, PersonId
from solynk.ports.channels import Place

TOKEN: Final = "700:secret"
RIGHTS: Final = frozenset({"can_invite_users", "can_restrict_members"})


@dataclass(frozen=True)
class Town:
    sandbox: RunningSandbox
    session: AiohttpSession

    @property
    def telegram(self) -> TelegramWorld:
        return self.sandbox.world.telegram

    def clear(self) -> None:
        self.sandbox.world.reset()

    def breaks(
        self, kind: FaultKind, method: str = "*", *, times: int = 1, message: str = ""
    ) -> None:
        self.sandbox.world.faults.add(
            Fault(kind=kind, vendor="telegram", path=method, times=times, message=message)
        )

    def calls(self) -> list[str]:
        """The methods that were called, oldest first."""
        entries = self.sandbox.world.ledger.entries
        return [it.path for it in entries if it.direction == "call"]


class TelegramDriver:
    """A supergroup with its owner, an admin and the bot."""

    def __init__(self, town: Town, chat_type: ChatType = "supergroup") -> None:
        self.town = town
        self.world = town.telegram
        self.bot = self.world.add_bot(TOKEN, "solynk_test_bot", "Solynk")
        self._owner = self.person(1, "Zoe")
        self._admin = self.person(2, "Adam")
        self.chat = self.world.add_chat(chat_type, "The lounge", self._owner)
        self.chat.memberships[self._admin.id] = Administrator(RIGHTS)
        self.chat.memberships[self.bot.id] = Administrator(RIGHTS)
        self.newcomers = 1000

    def person(self, number: int, name: str, language: str = "en") -> Person:
        return self.world.add_person(Person(number, name, language_code=language))

    def of(self, person: PersonId) -> Person:
        return self.world.person(int(person))

    @property
    def place(self) -> Place:
        return Place(ChatId(str(self.chat.id)), None)

    @property
    def owner(self) -> PersonId:
        return PersonId(str(self._owner.id))

    @property
    def admin(self) -> PersonId:
        return PersonId(str(self._admin.id))

    async def newcomer(self) -> PersonId:
        self.newcomers += 1
        self.person(self.newcomers, f"Newcomer {self.newcomers}")
        return PersonId(str(self.newcomers))

    async def starts(self, person: PersonId, token: str = "") -> None:
        doings.press_start(self.world, self.of(person), self.bot, token)

    async def blocks_the_bot(self, person: PersonId) -> None:
        doings.block_bot(self.world, self.of(person), self.bot)

    async def asks_to_join(self, person: PersonId, place: Place) -> None:
        assert place.join_link is not None
        assert doings.open_link(self.world, self.of(person), place.join_link)

    async def leaves(self, person: PersonId) -> None:
        doings.leave(self.world, self.chat, self.of(person))

    async def is_added_by_admin(self, person: PersonId) -> None:
        doings.add_by_hand(self.world, self.chat, self.of(person), self._admin)

    async def is_kicked_by_admin(self, person: PersonId) -> None:
        doings.kick(self.world, self.chat, self.of(person), self._admin, ban=True)

    async def is_promoted(self, person: PersonId) -> None:
        doings.promote(self.world, self.chat, self.of(person), RIGHTS, self._owner)

    async def is_inside(self, person: PersonId) -> bool:
        return self.chat.has_inside(int(person), self.world.now())

    async def has_request(self, person: PersonId) -> bool:
        return int(person) in self.chat.requests

    async def is_banned(self, person: PersonId) -> bool:
        return int(person) in self.chat.banned(self.world.now())

    async def members(self) -> int:
        return len(self.chat.inside(self.world.now()))

    async def messages_to(self, person: PersonId) -> int:
        return len(self.texts_to(person))

    def texts_to(self, person: PersonId) -> list[str]:
        return [it.text for it in self.world.messages if it.chat_id == int(person)]

    async def takes_rights(self) -> None:
        self.allow(frozenset())

    async def gives_rights(self) -> None:
        self.allow(RIGHTS)

    def allow(self, rights: frozenset[str]) -> None:
        doings.promote(self.world, self.chat, self.bot.account, rights, self._owner)

    async def removes_the_bot(self) -> None:
        doings.kick(self.world, self.chat, self.bot.account, self._owner, ban=True)

    async def is_unavailable(self, times: int) -> None:
        self.town.breaks(FaultKind.ERROR_BEFORE, times=times)

    async def loses_answers(self, times: int) -> None:
        self.town.breaks(FaultKind.CUT_AFTER, times=times)

    async def moved_chat(self) -> tuple[Place, ChatId]:
        group = self.a_group()
        new = doings.upgrade(self.world, group)
        return Place(ChatId(str(group.id)), None), ChatId(str(new.id))

    def a_group(self) -> Chat:
        """A basic one, with the bot in it."""
        group = self.world.add_chat("group", "The kitchen", self._owner)
        group.memberships[self.bot.id] = Member()
        return group
