"""Long polling: what waits, what confirms it, and what is never queued."""

import asyncio

import pytest
from aiogram.exceptions import TelegramConflictError
from aiogram.types import Update

from tests.sandbox.telegram.stage import ALL_KINDS, Stage

pytestmark = pytest.mark.anyio


async def a_starter(stage: Stage, *payloads: str) -> int:
    ann = await stage.a_person()
    for payload in payloads:
        await stage.do(f"/users/{ann}/start", bot=stage.bot.id, payload=payload)
    return ann


def texts(updates: list[Update]) -> list[str]:
    return [one.message.text or "" for one in updates if one.message]


async def test_a_start_button_is_a_message_with_the_payload(stage: Stage) -> None:
    ann = await a_starter(stage, "token-123")

    [update] = await stage.bot.get_updates()

    assert update.message is not None
    assert update.message.text == "/start token-123"
    assert (update.message.chat.id, update.message.chat.type) == (ann, "private")
    assert update.message.entities is not None
    assert update.message.entities[0].type == "bot_command"


@pytest.mark.parametrize("payload", ["a" * 65, "no spaces", "é"])
async def test_a_start_payload_has_telegrams_alphabet(stage: Stage, payload: str) -> None:
    ann = await stage.a_person()

    answer = await stage.http.post(
        f"/sandbox/telegram/users/{ann}/start", json={"bot": stage.bot.id, "payload": payload}
    )

    assert answer.status_code == 409


async def test_updates_stay_until_a_later_offset_confirms_them(stage: Stage) -> None:
    await a_starter(stage, "one", "two", "three")

    first = await stage.bot.get_updates()
    again = await stage.bot.get_updates(offset=first[0].update_id)
    after_one = await stage.bot.get_updates(offset=first[0].update_id + 1)
    still = await stage.bot.get_updates()

    assert [one.update_id for one in first] == [first[0].update_id + step for step in range(3)]
    assert texts(again) == texts(first)
    assert texts(after_one) == texts(still) == ["/start two", "/start three"]


async def test_a_limit_cuts_the_answer_and_confirms_nothing(stage: Stage) -> None:
    await a_starter(stage, "one", "two")

    assert texts(await stage.bot.get_updates(limit=1)) == ["/start one"]

    assert len(await stage.bot.get_updates()) == 2


async def test_a_negative_offset_keeps_the_latest(stage: Stage) -> None:
    await a_starter(stage, "one", "two", "three")

    assert texts(await stage.bot.get_updates(offset=-1)) == ["/start three"]

    assert texts(await stage.bot.get_updates()) == ["/start three"]


async def test_a_long_poll_waits_for_what_comes(stage: Stage) -> None:
    ann = await stage.a_person()
    poll = asyncio.create_task(stage.bot.get_updates(timeout=20))
    await asyncio.sleep(0.05)

    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)

    assert texts(await asyncio.wait_for(poll, 5)) == ["/start"]


async def test_a_poll_ends_the_one_before_it(stage: Stage) -> None:
    first = asyncio.create_task(stage.bot.get_updates(timeout=20))
    await asyncio.sleep(0.05)

    await stage.bot.get_updates()

    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first


async def test_polling_is_refused_while_a_webhook_is_set(stage: Stage) -> None:
    await stage.bot.set_webhook("https://example.org/hook")

    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await stage.bot.get_updates()

    await stage.bot.delete_webhook()
    assert await stage.bot.get_updates() == []


async def test_membership_of_others_is_told_only_when_asked_for(stage: Stage) -> None:
    chat = await stage.a_chat()
    await stage.heard()

    await stage.a_member(chat)
    unasked = await stage.heard()
    await stage.bot.get_updates(allowed_updates=ALL_KINDS)
    await stage.a_member(chat)
    asked = await stage.heard()
    await stage.bot.get_updates(allowed_updates=[])
    await stage.a_member(chat)

    assert unasked == []
    assert [one.event_type for one in asked] == ["chat_member"]
    assert await stage.heard() == []


async def test_the_kinds_asked_for_are_kept_when_left_out(stage: Stage) -> None:
    await stage.bot.get_updates(allowed_updates=["chat_member"])

    await stage.bot.get_updates()
    await a_starter(stage, "unwanted")

    assert await stage.bot.get_updates() == []


async def test_updates_are_kept_for_a_day(stage: Stage) -> None:
    await a_starter(stage, "old")
    await stage.later(seconds=23 * 3600)
    assert len(await stage.bot.get_updates()) == 1

    await stage.later(seconds=3600)

    assert await stage.bot.get_updates() == []


async def test_after_a_silent_week_the_ids_start_anywhere(stage: Stage) -> None:
    ann = await a_starter(stage, "before")
    [before] = await stage.heard()
    await stage.later(seconds=8 * 24 * 3600)

    await stage.do(f"/users/{ann}/start", bot=stage.bot.id, payload="after")

    [after] = await stage.bot.get_updates(offset=before.update_id + 1)
    assert texts([after]) == ["/start after"]
    assert after.update_id != before.update_id + 1


async def test_a_lost_update_never_comes(stage: Stage) -> None:
    await stage.fault("lose", path="message")

    await a_starter(stage, "lost", "found")

    assert texts(await stage.bot.get_updates()) == ["/start found"]


async def test_a_duplicated_update_keeps_its_id(stage: Stage) -> None:
    await stage.fault("duplicate", path="message", copies=2)

    await a_starter(stage, "thrice")

    updates = await stage.heard()
    assert len(updates) == 3
    assert len({one.update_id for one in updates}) == 1
    assert await stage.bot.get_updates() == []


async def test_a_delayed_update_is_overtaken(stage: Stage) -> None:
    await stage.fault("delay", path="message", virtual_seconds=60, seconds=0)

    await a_starter(stage, "slow", "quick")
    early = texts(await stage.bot.get_updates())
    await stage.later(seconds=61)

    assert early == ["/start quick"]
    assert texts(await stage.bot.get_updates()) == ["/start quick", "/start slow"]
