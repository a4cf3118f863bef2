"""Telegram from the member's side: a chat, a conversation with a bot, t.me links."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from litestar import Request, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from solynk.apps.sandbox.telegram import doings
from solynk.apps.sandbox.telegram.bots import Bot, Contact, Message
from solynk.apps.sandbox.telegram.chats import Chat
from solynk.apps.sandbox.telegram.errors import Impossible
from solynk.apps.sandbox.telegram.memberships import Membership, Restricted
from solynk.apps.sandbox.telegram.people import Person
from solynk.apps.sandbox.telegram.shown import shown
from solynk.apps.sandbox.telegram.words import WORDS
from solynk.apps.sandbox.telegram.world import TelegramWorld
from solynk.apps.sandbox.words import language_of, page

Form: TypeAlias = dict[str, str]
Thing = TypeVar("Thing")


def telegram_page_routes(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    return [*_chat_pages(telegram), *_bot_pages(telegram), _links(telegram)]


def _chat_pages(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    @get("/chat/{chat_id:int}")
    async def show(
        request: Request[Any, Any, Any],
        chat_id: FromPath[int],
        viewer: Annotated[int, QueryParameter(name="as")] = 0,
    ) -> Template:
        chat = _found(telegram.chats, chat_id)
        person = telegram.people.get(viewer)
        seen = _chat(telegram, chat, person) if person else {}
        return _page(telegram, request, "telegram_chat.html", person, heading=chat.title, **seen)

    @post("/chat/{chat_id:int}/{deed:str}")
    async def do(
        chat_id: FromPath[int], deed: FromPath[str], data: URLEncodedBody[Form]
    ) -> Redirect:
        chat = _found(telegram.chats, chat_id)
        person = _found(telegram.people, int(data.get("as", "0")))
        return _tried(
            f"/chat/{chat.id}", data, lambda: _in_chat(telegram, chat, person, deed, data)
        )

    return [show, do]


def _bot_pages(telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    @get("/telegram/bot/{bot_id:int}")
    async def show(
        request: Request[Any, Any, Any],
        bot_id: FromPath[int],
        viewer: Annotated[int, QueryParameter(name="as")] = 0,
    ) -> Template:
        bot = _found(telegram.bots, bot_id)
        person = telegram.people.get(viewer)
        seen = _bot(telegram, bot, person) if person else {}
        return _page(
            telegram, request, "telegram_bot.html", person, heading=bot.account.name, **seen
        )

    @post("/telegram/bot/{bot_id:int}/{deed:str}")
    async def do(
        bot_id: FromPath[int], deed: FromPath[str], data: URLEncodedBody[Form]
    ) -> Redirect:
        bot = _found(telegram.bots, bot_id)
        person = _found(telegram.people, int(data.get("as", "0")))
        return _tried(
            f"/telegram/bot/{bot.id}", data, lambda: _with_bot(telegram, bot, person, deed, data)
        )

    return [show, do]


def _links(telegram: TelegramWorld) -> HTTPRouteHandler:
    @get("/t.me/{slug:str}")
    async def follow(request: Request[Any, Any, Any], slug: FromPath[str]) -> Redirect:
        """Where https://t.me/<slug> leads: a chat by its link, or a bot by its name."""
        query = f"?{urlencode(dict(request.query_params.items()))}"
        for bot in telegram.bots.values():
            if bot.account.username.lower() == slug.lower():
                return Redirect(f"/telegram/bot/{bot.id}{query}")
        try:
            chat, _ = telegram.link(f"https://t.me/{slug}")
        except Impossible as error:
            raise NotFoundException(str(error)) from error
        return Redirect(f"/chat/{chat.id}{query}")

    return follow


def _in_chat(telegram: TelegramWorld, chat: Chat, person: Person, deed: str, data: Form) -> None:
    match deed:
        case "open-link":
            doings.open_link(telegram, person, data.get("link", ""))
        case "withdraw":
            doings.withdraw_request(chat, person)
        case "leave":
            doings.leave(telegram, chat, person)
        case _:
            raise NotFoundException


def _with_bot(telegram: TelegramWorld, bot: Bot, person: Person, deed: str, data: Form) -> None:
    match deed:
        case "start":
            doings.press_start(telegram, person, bot, data.get("payload", ""))
        case "block":
            doings.block_bot(telegram, person, bot)
        case "write":
            doings.write_to_bot(telegram, person, bot, data.get("text", ""))
        case "press":
            number = int(data.get("message_id", "0"))
            doings.press_button(telegram, person, number, bot, data.get("data", ""))
        case _:
            raise NotFoundException


def _tried(page: str, data: Form, deed: Callable[[], None]) -> Redirect:
    """Back to the page, which says so if the deed was impossible."""
    query = {"as": data.get("as", ""), "lang": data.get("lang", "")}
    try:
        deed()
    except Impossible as error:
        query["refused"] = str(error)
    return Redirect(f"{page}?{urlencode(query, quote_via=quote)}", status_code=303)


def _found(things: dict[int, Thing], number: int) -> Thing:
    if number not in things:
        raise NotFoundException
    return things[number]


def _page(
    telegram: TelegramWorld,
    request: Request[Any, Any, Any],
    template: str,
    viewer: Person | None,
    **context: Any,  # noqa: ANN401 - a template takes what it likes
) -> Template:
    """The page, or first the question who is looking at it."""
    asked = request.query_params
    return page(
        request,
        template if viewer else "telegram_who.html",
        words=WORDS[language_of(request)],
        me=viewer,
        people=[one for one in telegram.people.values() if not one.is_bot],
        payload=asked.get("start", ""),
        refused=asked.get("refused", ""),
        query={name: value for name, value in asked.items() if name != "refused"},
        **context,
    )


def _chat(telegram: TelegramWorld, chat: Chat, person: Person) -> dict[str, Any]:
    at = telegram.now()
    inside = chat.has_inside(person.id, at)
    posts = [one for one in telegram.messages if one.chat_id == chat.id]
    return {
        "chat": chat,
        "standing": _standing(chat, person, chat.membership(person.id, at)),
        "inside": inside,
        "pending": person.id in chat.requests,
        "links": [(link, link.is_open(at)) for link in chat.links.values()],
        "bots": telegram.bots_in(chat),
        "messages": _all_shown(telegram, posts if inside else [], person),
    }


def _standing(chat: Chat, person: Person, membership: Membership | None) -> str:
    """The key of the words that say it."""
    if chat.migrated_to is not None:
        return "migrated"
    if person.id in chat.requests:
        return "pending"
    if membership is None:
        return "outside"
    if isinstance(membership, Restricted) and not membership.inside:
        return "left"
    return type(membership).__name__.lower()


def _bot(telegram: TelegramWorld, bot: Bot, person: Person) -> dict[str, Any]:
    said = [one for one in telegram.messages if (one.chat_id, one.sender) == (person.id, bot.id)]
    return {
        "bot": bot,
        "started": bot.contacts.get(person.id) is Contact.STARTED,
        "blocked": bot.contacts.get(person.id) is Contact.BLOCKED,
        "messages": _all_shown(telegram, said, person),
    }


def _all_shown(telegram: TelegramWorld, messages: list[Message], person: Person) -> list[Any]:
    return [shown(one, telegram.people[one.sender].name, person.id) for one in messages]
