"""The control side: `/sandbox/telegram/...` plays the people and tells the truth."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from solynk.apps.sandbox.telegram import doings
from solynk.apps.sandbox.telegram.bots import Bot, Message
from solynk.apps.sandbox.telegram.chats import Chat
from solynk.apps.sandbox.telegram.control_forms import (
    BotChosen,
    BotIn,
    BotOut,
    ChatChosen,
    ChatIn,
    ChatOut,
    Deed,
    Done,
    LinkIn,
    NewBot,
    Pending,
    PersonIn,
    PressIn,
    RequestOut,
    RevokeIn,
    RightsIn,
    StartIn,
    WriteIn,
)
from solynk.apps.sandbox.telegram.errors import Impossible
from solynk.apps.sandbox.telegram.memberships import (
    Left,
    chat_member_json,
    unix,
)
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.world import TelegramWorld


def telegram_control_routes(telegram: TelegramWorld) -> list[ControllerRouterHandler]:
    return [
        Router(
            path="/sandbox/telegram",
            route_handlers=[
                *_bot_routes(telegram),
                *_people_routes(telegram),
                *_deed_routes(telegram),
                *_chat_routes(telegram),
                *_truth_routes(telegram),
            ],
            exception_handlers={Impossible: _impossible},
        )
    ]


def _bot_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    @post("/bots")
    async def create(data: JSONBody[BotIn]) -> NewBot:
        number = 7_000_000_000 + telegram.next_number()
        token = data.token or f"{number}:sandbox-{data.username}"
        bot = telegram.add_bot(token, data.username, data.first_name)
        return NewBot(bot.id, data.username, token)

    @get("/bots")
    async def every() -> list[BotOut]:
        return [_bot_out(bot) for bot in telegram.bots.values()]

    @post("/bots/{bot_id:int}/revoke-token", status_code=200)
    async def revoke(bot_id: FromPath[int], data: JSONBody[RevokeIn]) -> Done:
        telegram.bot(bot_id).token = data.token
        return Done()

    return [create, every, revoke]


def _people_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    @post("/users")
    async def create(data: JSONBody[PersonIn]) -> Person:
        person = Person(
            data.id or 5_000_000_000 + telegram.next_number(),
            data.first_name,
            data.last_name,
            data.username,
            data.language_code,
            in_too_many_chats=data.in_too_many_chats,
        )
        return telegram.add_person(person)

    @get("/users")
    async def every() -> list[Person]:
        return [person for person in telegram.people.values() if not person.is_bot]

    @post("/users/{user_id:int}/deactivate", status_code=200)
    async def deactivate(user_id: FromPath[int]) -> Done:
        telegram.person(user_id).deactivated = True
        return Done()

    @get("/users/{user_id:int}/messages")
    async def messages(user_id: FromPath[int]) -> list[Message]:
        telegram.person(user_id)
        return [one for one in telegram.messages if one.chat_id == user_id]

    return [create, every, deactivate, messages]


def _deed_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    person, bot, chat = telegram.person, telegram.bot, telegram.chat

    @post("/users/{user_id:int}/start", status_code=200)
    async def start(user_id: FromPath[int], data: JSONBody[StartIn]) -> Done:
        doings.press_start(telegram, person(user_id), bot(data.bot), data.payload)
        return Done()

    @post("/users/{user_id:int}/block", status_code=200)
    async def block(user_id: FromPath[int], data: JSONBody[BotChosen]) -> Done:
        doings.block_bot(telegram, person(user_id), bot(data.bot))
        return Done()

    @post("/users/{user_id:int}/write", status_code=200)
    async def write(user_id: FromPath[int], data: JSONBody[WriteIn]) -> Done:
        doings.write_to_bot(telegram, person(user_id), bot(data.bot), data.text)
        return Done()

    @post("/users/{user_id:int}/press", status_code=200)
    async def press(user_id: FromPath[int], data: JSONBody[PressIn]) -> Done:
        doings.press_button(telegram, person(user_id), data.message_id, bot(data.bot), data.data)
        return Done()

    @post("/users/{user_id:int}/open-link", status_code=200)
    async def open_link(user_id: FromPath[int], data: JSONBody[LinkIn]) -> Pending:
        return Pending(doings.open_link(telegram, person(user_id), data.link))

    @post("/users/{user_id:int}/withdraw-request", status_code=200)
    async def withdraw(user_id: FromPath[int], data: JSONBody[ChatChosen]) -> Done:
        doings.withdraw_request(chat(data.chat), person(user_id))
        return Done()

    @post("/users/{user_id:int}/leave", status_code=200)
    async def leave(user_id: FromPath[int], data: JSONBody[ChatChosen]) -> Done:
        doings.leave(telegram, chat(data.chat), person(user_id))
        return Done()

    return [start, block, write, press, open_link, withdraw, leave]


def _chat_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    @post("/chats")
    async def create(data: JSONBody[ChatIn]) -> ChatOut:
        owner = telegram.person(data.owner)
        chat = telegram.add_chat(data.type, data.title, owner)
        chat.username = data.username
        for bot_id, rights in data.bots.items():
            account = telegram.bot(bot_id).account
            doings.promote(telegram, chat, account, frozenset(rights), owner)
        return _chat_out(telegram, chat)

    @get("/chats")
    async def every() -> list[ChatOut]:
        return [_chat_out(telegram, chat) for chat in telegram.chats.values()]

    @post("/chats/{chat_id:int}/bot-rights", status_code=200)
    async def bot_rights(chat_id: FromPath[int], data: JSONBody[RightsIn]) -> Done:
        chat = telegram.chat(chat_id)
        owner = telegram.people[chat.owner_id()]
        account = telegram.bot(data.bot).account
        doings.promote(telegram, chat, account, frozenset(data.rights), owner)
        return Done()

    @post("/chats/{chat_id:int}/upgrade", status_code=200)
    async def upgrade(chat_id: FromPath[int]) -> ChatOut:
        return _chat_out(telegram, doings.upgrade(telegram, telegram.chat(chat_id)))

    @post("/chats/{chat_id:int}/{deed:str}", status_code=200)
    async def do(chat_id: FromPath[int], deed: FromPath[str], data: JSONBody[Deed]) -> Done:
        chat = telegram.chat(chat_id)
        by = telegram.person(data.by or chat.owner_id())
        _do(telegram, chat, deed, data, by)
        return Done()

    return [create, every, bot_rights, upgrade, do]


def _do(telegram: TelegramWorld, chat: Chat, deed: str, data: Deed, by: Person) -> None:
    person = telegram.person(data.user)
    match deed:
        case "add":
            doings.add_by_hand(telegram, chat, person, by)
        case "kick":
            doings.kick(telegram, chat, person, by, ban=data.ban)
        case "unban":
            doings.unban(telegram, chat, person, by)
        case "promote":
            doings.promote(telegram, chat, person, frozenset(data.rights), by)
        case "demote":
            doings.demote(telegram, chat, person, by)
        case "approve" | "decline":
            doings.decide(telegram, chat, person, by, approve=deed == "approve")
        case _:
            raise Impossible(f"nobody can {deed}")


def _truth_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    chat_of = telegram.chat

    @get("/chats/{chat_id:int}/members")
    async def members(chat_id: FromPath[int]) -> list[dict[str, Any]]:
        chat = chat_of(chat_id)
        return [_member(telegram, chat, who) for who in chat.inside(telegram.now())]

    @get("/chats/{chat_id:int}/bans")
    async def bans(chat_id: FromPath[int]) -> list[dict[str, Any]]:
        chat = chat_of(chat_id)
        return [_member(telegram, chat, who) for who in chat.banned(telegram.now())]

    @get("/chats/{chat_id:int}/requests")
    async def requests(chat_id: FromPath[int]) -> list[RequestOut]:
        return [
            RequestOut(one.person.id, unix(one.asked_at), one.link.url)
            for one in chat_of(chat_id).requests.values()
        ]

    @get("/chats/{chat_id:int}/links")
    async def links(chat_id: FromPath[int]) -> list[dict[str, Any]]:
        chat = chat_of(chat_id)
        return [one.as_json(one.creator.id, chat.pending_by(one)) for one in chat.links.values()]

    @get("/chats/{chat_id:int}/messages")
    async def messages(chat_id: FromPath[int]) -> list[Message]:
        return [one for one in telegram.messages if one.chat_id == chat_of(chat_id).id]

    return [members, bans, requests, links, messages]


def _member(telegram: TelegramWorld, chat: Chat, who: int) -> dict[str, Any]:
    membership = chat.membership(who, telegram.now()) or Left()
    return chat_member_json(telegram.people[who], membership, chat.type)


def _bot_out(bot: Bot) -> BotOut:
    webhook = bot.updates.webhook
    return BotOut(
        bot.id,
        bot.account.username,
        webhook.url if webhook else "",
        len(bot.updates.pending),
    )


def _chat_out(telegram: TelegramWorld, chat: Chat) -> ChatOut:
    inside = len(chat.inside(telegram.now()))
    return ChatOut(chat.id, chat.type, chat.title, inside, chat.migrated_to)


def _impossible(request: Request[Any, Any, Any], error: Impossible) -> Response[dict[str, str]]:
    del request
    return Response({"detail": str(error)}, status_code=409)
