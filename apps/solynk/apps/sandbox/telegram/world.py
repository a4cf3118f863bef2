"""Telegram in memory: who exists, which chats there are, who wrote what."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import httpx

from solynk.apps.sandbox.ground import Ground
from solynk.apps.sandbox.places import Place
from solynk.apps.sandbox.telegram.bots import Bot, Message
from solynk.apps.sandbox.telegram.chats import Chat, ChatType, InviteLink
from solynk.apps.sandbox.telegram.errors import Impossible
from solynk.apps.sandbox.telegram.memberships import Administrator, Owner
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.updates import UpdateQueue


class TelegramWorld:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.on_reply: Callable[[Bot, bytes], None] = lambda _bot, _body: None
        """A webhook's answer may carry one API call, whose result nobody learns."""
        self.reset()

    def reset(self) -> None:
        self.people: dict[int, Person] = {}
        self.bots: dict[int, Bot] = {}
        self.chats: dict[int, Chat] = {}
        self.messages: list[Message] = []
        self._message_ids: Counter[tuple[int, int]] = Counter()
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        return self.ground.clock.now()

    def places(self) -> list[Place]:
        chats = [self._place(chat) for chat in self.chats.values()]
        bots = [
            Place("bots", f"@{bot.account.username}", f"/telegram/bot/{bot.id}")
            for bot in self.bots.values()
        ]
        return chats + bots

    def add_person(self, person: Person) -> Person:
        if person.id in self.people:
            raise Impossible(f"there is a user {person.id} already")
        self.people[person.id] = person
        return person

    def add_bot(self, token: str, username: str, first_name: str) -> Bot:
        number = token.partition(":")[0]
        if not number.isdecimal():
            raise Impossible("a token is a number, a colon and a secret")
        account = Person(int(number), first_name, username=username, is_bot=True)
        self.add_person(account)
        bot = Bot(account, token, UpdateQueue(self.ground, account.id))
        bot.updates.answered = lambda response: self._replied(bot, response)
        self.bots[bot.id] = bot
        return bot

    def add_chat(self, chat_type: ChatType, title: str, owner: Person) -> Chat:
        chat = Chat(self._chat_id(chat_type), chat_type, title)
        chat.memberships[owner.id] = Owner()
        self.chats[chat.id] = chat
        return chat

    def next_number(self) -> int:
        return next(self._numbers)

    def next_message_id(self, chat_id: int, bot_id: int = 0) -> int:
        """Private chats count for each bot on its own."""
        self._message_ids[chat_id, bot_id] += 1
        return self._message_ids[chat_id, bot_id]

    def bot_by_token(self, token: str) -> Bot | None:
        return next((bot for bot in self.bots.values() if bot.token == token), None)

    def bots_in(self, chat: Chat) -> list[Bot]:
        at = self.now()
        return [bot for bot in self.bots.values() if chat.has_inside(bot.id, at)]

    def bots_running(self, chat: Chat) -> list[Bot]:
        return [
            bot
            for bot in self.bots.values()
            if isinstance(chat.memberships.get(bot.id), Administrator)
        ]

    def chats_open_to(self, bot: Bot) -> list[Chat]:
        """The chats whose join requests this bot sees."""
        return [chat for chat in self.chats.values() if chat.allows(bot.id, "can_invite_users")]

    def link(self, url: str) -> tuple[Chat, InviteLink]:
        """
        Raises:
            Impossible: no chat has this link.
        """
        for chat in self.chats.values():
            if url in chat.links and chat.migrated_to is None:
                return chat, chat.links[url]
        raise Impossible("there is no such invite link")

    def person(self, person_id: int) -> Person:
        """
        Raises:
            Impossible: nobody has this id.
        """
        if person_id not in self.people:
            raise Impossible(f"there is no user {person_id}")
        return self.people[person_id]

    def bot(self, bot_id: int) -> Bot:
        """
        Raises:
            Impossible: no bot has this id.
        """
        if bot_id not in self.bots:
            raise Impossible(f"there is no bot {bot_id}")
        return self.bots[bot_id]

    def chat(self, chat_id: int) -> Chat:
        """
        Raises:
            Impossible: no chat has this id.
        """
        if chat_id not in self.chats:
            raise Impossible(f"there is no chat {chat_id}")
        return self.chats[chat_id]

    def _chat_id(self, chat_type: ChatType) -> int:
        number = self.next_number()
        return -4_000_000 - number if chat_type == "group" else -(10**12) - 10**9 - number

    def _place(self, chat: Chat) -> Place:
        inside = len(chat.inside(self.now()))
        state = "migrated" if chat.migrated_to else f"{chat.type}, {inside}"
        return Place("chats", chat.title, f"/chat/{chat.id}", state)

    def _replied(self, bot: Bot, response: httpx.Response) -> None:
        if response.content.startswith(b"{"):
            self.on_reply(bot, response.content)
