from datetime import timedelta
from time import monotonic

import msgspec
import pytest

from solynk.adapters.telegram import TelegramPlatform
from solynk.adapters.telegram.polling import WANTED, Position
from tests.adapters.telegram.people import TelegramDriver, Town

NO_WAIT = timedelta(0)

pytestmark = pytest.mark.anyio


async def test_every_kind_that_matters_is_asked_for_by_name(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await platform.receive(NO_WAIT)

    assert chat.bot.updates.allowed == WANTED
    assert "chat_member" in WANTED


async def test_an_update_is_kept_as_it_came_with_fields_nobody_knows(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await platform.receive(NO_WAIT)
    unheard_of = {"id": 7, "type": "moon", "deep": {"b": [1.5, None], "a": "é"}}
    chat.bot.updates.add("message", unheard_of, lane="one")

    (update,) = await platform.receive(NO_WAIT)

    told = msgspec.json.decode(update.body)
    assert told == {"update_id": int(update.external_id), "message": unheard_of}
    assert update.kind == "message"


async def test_the_bytes_of_an_update_do_not_depend_on_the_order_of_its_fields(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await platform.receive(NO_WAIT)
    chat.bot.updates.add("message", {"b": {"d": 1, "c": 2}, "a": 3}, lane="one")

    (update,) = await platform.receive(NO_WAIT)

    number = update.external_id
    assert update.body.decode() == (
        f'{{"message":{{"a":3,"b":{{"c":2,"d":1}}}},"update_id":{number}}}'
    )


async def test_another_process_gets_what_was_not_confirmed(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await chat.starts(chat.owner)
    before = await platform.receive(NO_WAIT)

    after_a_crash = TelegramPlatform(platform.bot)

    assert await after_a_crash.receive(NO_WAIT) == before


async def test_receive_waits_for_an_update(
    platform: TelegramPlatform, chat: TelegramDriver
) -> None:
    await platform.receive(NO_WAIT)
    started = monotonic()

    nothing = await platform.receive(timedelta(seconds=1))

    assert not nothing
    assert 0.9 < monotonic() - started < 3
    assert not chat.bot.updates.pending


async def test_one_poll_is_never_longer_than_telegram_allows(
    platform: TelegramPlatform, chat: TelegramDriver, town: Town
) -> None:
    await chat.starts(chat.owner)

    await platform.receive(timedelta(hours=1))

    (entry,) = town.sandbox.world.ledger.entries[-1:]
    assert entry.params["timeout"] == 50


def test_nothing_is_confirmed_at_first() -> None:
    assert Position().offset is None


def test_the_offset_stands_behind_what_is_stored() -> None:
    position = Position()
    position.received([5, 6, 7])

    position.acknowledged([5, 6])
    behind_two = position.offset
    position.acknowledged([7])

    assert (behind_two, position.offset) == (7, 8)


def test_a_gap_holds_the_offset_back() -> None:
    position = Position()
    position.received([5, 6, 7])

    position.acknowledged([6, 7])

    assert position.offset == 5


def test_the_offset_follows_telegram_down_to_a_random_beginning() -> None:
    position = Position()
    position.received([900])
    position.acknowledged([900])
    position.received([3])

    position.acknowledged([3])

    assert position.offset == 4


def test_acknowledging_nothing_moves_nothing() -> None:
    position = Position()
    position.received([5])

    position.acknowledged([])

    assert position.offset is None
