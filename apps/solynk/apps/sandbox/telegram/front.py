"""The Bot API over HTTP: `/bot<TOKEN>/<method>`, in every form of body it allows."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from solynk.apps.sandbox.answers import Answer, Incoming, answered
from solynk.apps.sandbox.faults import Fault, FaultKind
from solynk.apps.sandbox.ground import Ground
from solynk.apps.sandbox.telegram.bots import Bot
from solynk.apps.sandbox.telegram.call import Call, nested
from solynk.apps.sandbox.telegram.errors import (
    TelegramError,
    bad_request,
    not_modelled,
    too_many_requests,
    unauthorized,
)
from solynk.apps.sandbox.telegram.methods_invites import (
    approve_chat_join_request,
    create_chat_invite_link,
    decline_chat_join_request,
    edit_chat_invite_link,
    export_chat_invite_link,
    revoke_chat_invite_link,
)
from solynk.apps.sandbox.telegram.methods_members import (
    ban_chat_member,
    get_chat,
    get_chat_administrators,
    get_chat_member,
    get_chat_member_count,
    leave_chat,
    restrict_chat_member,
    unban_chat_member,
)
from solynk.apps.sandbox.telegram.methods_messages import (
    accept,
    delete_message,
    delete_webhook,
    get_me,
    get_my_commands,
    get_updates,
    get_webhook_info,
    send_message,
    set_my_commands,
    set_webhook,
)
from solynk.apps.sandbox.telegram.world import TelegramWorld

Method: TypeAlias = Callable[[Call], Any]
"""Gives its result, or an awaitable of it."""

METHODS: Final[Mapping[str, Method]] = {
    "answerCallbackQuery": accept,
    "approveChatJoinRequest": approve_chat_join_request,
    "banChatMember": ban_chat_member,
    "createChatInviteLink": create_chat_invite_link,
    "declineChatJoinRequest": decline_chat_join_request,
    "deleteMessage": delete_message,
    "deleteWebhook": delete_webhook,
    "editChatInviteLink": edit_chat_invite_link,
    "exportChatInviteLink": export_chat_invite_link,
    "getChat": get_chat,
    "getChatAdministrators": get_chat_administrators,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getMe": get_me,
    "getMyCommands": get_my_commands,
    "getUpdates": get_updates,
    "getWebhookInfo": get_webhook_info,
    "leaveChat": leave_chat,
    "restrictChatMember": restrict_chat_member,
    "revokeChatInviteLink": revoke_chat_invite_link,
    "sendChatAction": accept,
    "sendMessage": send_message,
    "setMyCommands": set_my_commands,
    "setWebhook": set_webhook,
    "unbanChatMember": unban_chat_member,
}
NAMES: Final = {name.lower(): name for name in METHODS}
"""Method names are not case-sensitive."""
SECRET_PARAMS: Final = frozenset({"secret_token"})
WELL_FORMED: Final = re.compile(r"\d+:[^\s/]+")


def bot_api_routes(ground: Ground, telegram: TelegramWorld) -> list[HTTPRouteHandler]:
    def obey(bot: Bot, body: bytes) -> None:
        _obey(telegram, bot, body)

    telegram.on_reply = obey

    @route("/{bot_path:str}/{method:str}", http_method=[HttpMethod.GET, HttpMethod.POST])
    async def bot_api(
        request: Request[Any, Any, Any], bot_path: FromPath[str], method: FromPath[str]
    ) -> Response[bytes]:
        token = bot_path.removeprefix("bot")
        if token == bot_path or not WELL_FORMED.fullmatch(token):
            raise NotFoundException
        params = await _params(request)
        name = NAMES.get(method.lower(), method)

        async def work() -> Answer:
            answer = _answer(telegram, token, name, params)
            return await (_until_hung_up(request, answer) if name == "getUpdates" else answer)

        incoming = Incoming(
            vendor="telegram",
            method=request.method,
            path=name,
            account=token.partition(":")[0],
            params=_for_ledger(params, token),
        )
        return await answered(ground, incoming, work, _problem)

    return [bot_api]


async def _answer(telegram: TelegramWorld, token: str, name: str, params: dict[str, Any]) -> Answer:
    try:
        bot = telegram.bot_by_token(token)
        if bot is None:
            raise unauthorized()
        result = METHODS.get(name, _not_modelled(name))(Call(telegram, bot, nested(params)))
        if inspect.isawaitable(result):
            result = await result
    except TelegramError as error:
        return Answer(error.code, error.as_json())
    return Answer(200, {"ok": True, "result": result})


def _not_modelled(name: str) -> Method:
    def refuse(call: Call) -> bool:
        del call
        raise not_modelled(name)

    return refuse


async def _until_hung_up(request: Request[Any, Any, Any], work: Awaitable[Answer]) -> Answer:
    """A long poll ends with its connection, or it would hold up the server's stop."""
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(_hung_up(request))
    await asyncio.wait({working, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
    hanging_up.cancel()
    if working.done():
        return working.result()
    working.cancel()
    return Answer(499, {"ok": False, "error_code": 499, "description": "hung up"})


async def _hung_up(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _params(request: Request[Any, Any, Any]) -> dict[str, Any]:
    query = dict(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True))
    return {**query, **await _body(request)}


async def _body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "multipart/form-data":
        return _plain(await request.form())
    body = await request.body()
    if kind == "application/json":
        return _json_object(body)
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _json_object(body: bytes) -> dict[str, Any]:
    """What is no JSON object has no parameters."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def _plain(form: FormMultiDict) -> dict[str, Any]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _for_ledger(params: dict[str, Any], token: str) -> dict[str, Any]:
    return {name: _shown(name, value, token) for name, value in params.items()}


def _shown(name: str, value: Any, token: str) -> Any:  # noqa: ANN401 - a vendor's JSON
    """Numbers and lists as such, whichever body they came in; secrets never."""
    if name in SECRET_PARAMS:
        return "***"
    if not isinstance(value, str) or name == "text":
        return value
    if value in {"true", "false"}:
        return value == "true"
    if value[:1] in {"[", "{"} or re.fullmatch(r"-?\d{1,18}", value):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value.replace(token, "***")


def _problem(fault: Fault) -> Answer:
    error = _error_of(fault)
    return Answer(error.code, error.as_json())


def _error_of(fault: Fault) -> TelegramError:
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            return too_many_requests(fault.retry_after)
        case FaultKind.REVOKED:
            return unauthorized()
        case FaultKind.REFUSE:
            return bad_request(fault.message or fault.code or "CHAT_ADMIN_REQUIRED")
        case _:
            return TelegramError(fault.status, fault.message or "Internal Server Error")


def _obey(telegram: TelegramWorld, bot: Bot, body: bytes) -> None:
    """Do the call that a webhook's answer carries; its result goes nowhere."""
    params = _json_object(body)
    name = str(params.pop("method", ""))
    if name in METHODS:
        # Nobody waits for it, as at Telegram.
        asyncio.ensure_future(_answer(telegram, bot.token, name, params))  # noqa: RUF006
