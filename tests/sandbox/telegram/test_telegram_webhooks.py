"""Updates pushed to a webhook: the secret, the order, the retries, the end."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from tests.sandbox.receiver import Receiver, listening_receiver
from tests.sandbox.telegram.stage import ALL_KINDS, Stage

pytestmark = pytest.mark.anyio

SECRET_HEADER = "x-telegram-bot-api-secret-token"


@pytest.fixture
async def receiver(stage: Stage) -> AsyncGenerator[Receiver]:
    async with listening_receiver() as receiver:
        yield receiver
        await stage.bot.delete_webhook()


async def a_started(stage: Stage, first_name: str, *payloads: str) -> int:
    person = await stage.a_person(first_name)
    for payload in payloads:
        await stage.do(f"/users/{person}/start", bot=stage.bot.id, payload=payload)
    return person


async def arrived(stage: Stage) -> None:
    assert (await stage.http.post("/sandbox/settle")).json()["settled"]


async def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to hold")


def _waits_for_another_try(stage: Stage) -> bool:
    return any(one.attempts for one in stage.world.deliveries.waiting)


def texts(receiver: Receiver) -> list[str]:
    return [one.event["message"]["text"] for one in receiver.received]


async def test_an_update_arrives_with_the_secret(stage: Stage, receiver: Receiver) -> None:
    await stage.bot.set_webhook(receiver.url, secret_token="hush-123")

    ann = await a_started(stage, "Ann", "hello")
    await arrived(stage)

    [update] = receiver.received
    assert update.headers[SECRET_HEADER] == "hush-123"
    assert update.event["message"]["chat"]["id"] == ann
    assert (await stage.bot.get_webhook_info()).pending_update_count == 0


async def test_without_a_secret_there_is_no_header(stage: Stage, receiver: Receiver) -> None:
    await stage.bot.set_webhook(receiver.url)

    await a_started(stage, "Ann", "hello")
    await arrived(stage)

    assert SECRET_HEADER not in receiver.received[0].headers


async def test_what_waited_before_the_webhook_was_set_arrives_too(
    stage: Stage, receiver: Receiver
) -> None:
    await a_started(stage, "Ann", "one", "two")

    await stage.bot.set_webhook(receiver.url)
    await arrived(stage)

    assert texts(receiver) == ["/start one", "/start two"]


async def test_pending_updates_can_be_dropped(stage: Stage, receiver: Receiver) -> None:
    await a_started(stage, "Ann", "old")

    await stage.bot.set_webhook(receiver.url, drop_pending_updates=True)
    await a_started(stage, "Bea", "new")
    await arrived(stage)

    assert texts(receiver) == ["/start new"]


async def test_only_the_kinds_asked_for_arrive(stage: Stage, receiver: Receiver) -> None:
    chat = await stage.a_chat()
    await stage.bot.set_webhook(
        receiver.url, allowed_updates=["chat_member"], drop_pending_updates=True
    )

    ann = await stage.a_member(chat)
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    await arrived(stage)

    assert [set(one.event) for one in receiver.received] == [{"update_id", "chat_member"}]


async def test_a_refused_update_comes_again_before_the_next_of_its_chat(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.answers = [500, 503]
    await stage.bot.set_webhook(receiver.url)

    await a_started(stage, "Ann", "one", "two")
    await arrived(stage)

    assert texts(receiver) == ["/start one"] * 3 + ["/start two"]
    assert len({one.event["update_id"] for one in receiver.received[:3]}) == 1


async def test_a_chat_does_not_wait_for_another(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [500]
    await stage.bot.set_webhook(receiver.url)

    await a_started(stage, "Ann", "one")
    await a_started(stage, "Bea", "two")
    await arrived(stage)

    assert texts(receiver) == ["/start one", "/start two", "/start one"]


async def test_the_last_error_is_told(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [500] * 10
    await stage.bot.set_webhook(receiver.url, allowed_updates=ALL_KINDS)

    await a_started(stage, "Ann", "one")
    await eventually(lambda: bool(receiver.received))
    info = await stage.bot.get_webhook_info()

    assert (info.url, info.pending_update_count) == (receiver.url, 1)
    assert info.last_error_message == "Wrong response from the webhook: 500"
    assert info.allowed_updates == ALL_KINDS


async def test_without_the_webhook_what_was_refused_can_be_polled(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.answers = [500] * 10
    await stage.bot.set_webhook(receiver.url)
    await a_started(stage, "Ann", "one")
    await eventually(lambda: _waits_for_another_try(stage))

    await stage.bot.delete_webhook()

    before = len(receiver.received)
    await stage.later(seconds=60)
    await arrived(stage)
    assert len(receiver.received) == before
    [update] = await stage.bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start one"
    assert (await stage.bot.get_webhook_info()).url == ""


async def test_an_update_that_is_refused_for_a_day_is_given_up(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.answers = [500] * 10
    await stage.bot.set_webhook(receiver.url)
    ann = await a_started(stage, "Ann", "old")
    await eventually(lambda: _waits_for_another_try(stage))
    before = len(receiver.received)

    await stage.later(seconds=24 * 3600 + 1)
    receiver.answers = []
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id, payload="new")
    await arrived(stage)

    assert texts(receiver)[before:] == ["/start new"]
    assert (await stage.bot.get_webhook_info()).pending_update_count == 0


async def test_a_lost_update_does_not_hold_up_its_chat(stage: Stage, receiver: Receiver) -> None:
    await stage.bot.set_webhook(receiver.url)
    await stage.fault("lose", path="message")

    await a_started(stage, "Ann", "lost", "found")
    await arrived(stage)

    assert texts(receiver) == ["/start found"]


async def test_a_duplicated_update_arrives_with_the_same_id(
    stage: Stage, receiver: Receiver
) -> None:
    await stage.bot.set_webhook(receiver.url)
    await stage.fault("duplicate", path="message")

    await a_started(stage, "Ann", "twice")
    await arrived(stage)

    assert texts(receiver) == ["/start twice"] * 2
    assert len({one.event["update_id"] for one in receiver.received}) == 1


async def test_the_answer_may_carry_one_call(stage: Stage) -> None:
    ann = await stage.a_person()
    async with _answering({"method": "sendMessage", "chat_id": ann, "text": "At once"}) as url:
        await stage.bot.set_webhook(url)

        await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
        await arrived(stage)

        [message] = await stage.read(f"/users/{ann}/messages")
        assert message["text"] == "At once"
        await stage.bot.delete_webhook()


@pytest.mark.parametrize(
    ("url", "secret", "reason"),
    [
        ("http://example.org/hook", "", "An HTTPS URL must be provided"),
        ("https://example.org/hook", "no spaces", "unallowed characters"),
    ],
)
async def test_a_webhook_needs_https_and_a_plain_secret(
    stage: Stage, url: str, secret: str, reason: str
) -> None:
    params = {"url": url, "secret_token": secret}

    answer = await stage.http.post(f"/bot{stage.bot.token}/setWebhook", json=params)

    assert answer.status_code == 400
    assert reason in answer.json()["description"]


@asynccontextmanager
async def _answering(call: dict[str, Any]) -> AsyncGenerator[str]:
    """The address of a webhook that answers every update with this call."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = msgspec.json.encode(call)
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
