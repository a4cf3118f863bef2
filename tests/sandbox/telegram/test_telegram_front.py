"""The Bot API's transport, and what the fault switchboard does to it."""

import httpx
import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from tests.sandbox.telegram.stage import Stage, a_client

pytestmark = pytest.mark.anyio


async def test_a_bot_learns_who_it_is(stage: Stage) -> None:
    me = await stage.bot.get_me()

    assert (me.id, me.username, me.is_bot) == (stage.bot.id, "gate_bot", True)


@pytest.mark.parametrize("form", ["query", "json", "urlencoded", "multipart"])
async def test_parameters_come_in_any_body(stage: Stage, form: str) -> None:
    chat = await stage.a_chat()
    url = f"/bot{stage.bot.token}/createChatInviteLink"
    values = {"chat_id": str(chat), "name": "door", "creates_join_request": "true"}

    answer = await _send(stage.http, url, values, form)

    assert answer.json()["result"]["name"] == "door"
    assert answer.json()["result"]["creates_join_request"] is True


async def _send(
    http: httpx.AsyncClient, url: str, values: dict[str, str], form: str
) -> httpx.Response:
    match form:
        case "query":
            return await http.get(url, params=values)
        case "json":
            return await http.post(url, json=values | {"creates_join_request": True})
        case "urlencoded":
            return await http.post(url, data=values)
        case _:
            return await http.post(url, files={k: (None, v) for k, v in values.items()})


async def test_nested_values_of_a_form_are_json(stage: Stage) -> None:
    url = f"/bot{stage.bot.token}/getUpdates"

    await stage.http.post(url, data={"allowed_updates": '["chat_member"]'})

    info = await stage.http.get(f"/bot{stage.bot.token}/getWebhookInfo")
    assert info.json()["result"]["allowed_updates"] == ["chat_member"]


async def test_an_unknown_token_is_unauthorized(stage: Stage) -> None:
    async with a_client(stage.base_url, "12345:nobody") as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_a_revoked_token_is_unauthorized_and_its_successor_works(stage: Stage) -> None:
    fresh = f"{stage.bot.id}:fresh"

    await stage.do(f"/bots/{stage.bot.id}/revoke-token", token=fresh)

    with pytest.raises(TelegramUnauthorizedError):
        await stage.bot.get_me()
    async with a_client(stage.base_url, fresh) as successor:
        assert (await successor.get_me()).id == stage.bot.id


async def test_a_path_without_a_token_is_not_found(stage: Stage) -> None:
    answer = await stage.http.get("/bot/getMe")

    assert answer.status_code == 404


async def test_what_is_not_modelled_says_so(stage: Stage) -> None:
    with pytest.raises(TelegramServerError, match="refundStarPayment is not modelled"):
        await stage.bot.refund_star_payment(1, "charge")


async def test_the_status_is_the_error_code(stage: Stage) -> None:
    answer = await stage.http.get(f"/bot{stage.bot.token}/getChat", params={"chat_id": "-1"})

    assert answer.status_code == 400
    assert answer.json() == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: chat not found",
    }


async def test_the_ledger_knows_every_call_and_no_secret(stage: Stage) -> None:
    url = f"https://example.org/hook/{stage.bot.token}"

    await stage.bot.set_webhook(url, secret_token="hush")

    [row] = await stage.ledger("setWebhook")
    assert (row["account"], row["status"]) == (str(stage.bot.id), 200)
    assert row["params"]["url"] == "https://example.org/hook/***"
    everything = (await stage.http.get("/sandbox/ledger")).text
    assert stage.bot.token not in everything
    assert "hush" not in everything


async def test_a_limited_method_says_when_to_come_back(stage: Stage) -> None:
    await stage.fault("rate_limit", path="getMe", retry_after=7)

    with pytest.raises(TelegramRetryAfter) as limited:
        await stage.bot.get_me()

    assert limited.value.retry_after == 7
    assert (await stage.bot.get_me()).id == stage.bot.id


async def test_one_chat_can_be_limited_while_another_is_not(stage: Stage) -> None:
    busy, quiet = await stage.a_chat(), await stage.a_chat()
    await stage.fault("rate_limit", path=f"chat/{busy}", retry_after=3)

    with pytest.raises(TelegramRetryAfter):
        await stage.bot.send_message(busy, "hello")

    assert (await stage.bot.send_message(quiet, "hello")).text == "hello"


@pytest.mark.parametrize(
    ("kind", "happened"),
    [("error_before", False), ("error_after", True), ("cut_before", False), ("cut_after", True)],
)
async def test_a_failed_call_may_have_had_its_effect(
    stage: Stage, kind: str, *, happened: bool
) -> None:
    chat = await stage.a_chat()
    member = await stage.a_member(chat)
    await stage.fault(kind, path="banChatMember", status=502)

    with pytest.raises((TelegramServerError, TelegramNetworkError)):
        await stage.bot.ban_chat_member(chat, member)

    assert (member in await stage.banned(chat)) is happened


async def test_a_refusal_has_no_effect(stage: Stage) -> None:
    chat = await stage.a_chat()
    member = await stage.a_member(chat)
    await stage.fault("refuse", path="banChatMember", code="CHAT_ADMIN_REQUIRED")

    with pytest.raises(TelegramBadRequest, match="CHAT_ADMIN_REQUIRED"):
        await stage.bot.ban_chat_member(chat, member)

    assert member in await stage.inside(chat)
