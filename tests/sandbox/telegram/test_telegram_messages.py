"""Whom a bot may write to, and what it may not say."""

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

from tests.sandbox.telegram.stage import INVITE, Stage, a_client

pytestmark = pytest.mark.anyio


async def test_a_person_who_started_the_bot_gets_its_messages(stage: Stage) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)

    sent = await stage.bot.send_message(ann, "Welcome")

    assert (sent.chat.id, sent.chat.type, sent.text) == (ann, "private", "Welcome")
    [received] = await stage.read(f"/users/{ann}/messages")
    assert (received["id"], received["text"]) == (sent.message_id, "Welcome")


async def test_a_bot_can_not_write_first(stage: Stage) -> None:
    ann = await stage.a_person()

    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation"):
        await stage.bot.send_message(ann, "Hello")


async def test_a_blocked_bot_is_told_so_until_it_is_started_again(stage: Stage) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    await stage.do(f"/users/{ann}/block", bot=stage.bot.id)

    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await stage.bot.send_message(ann, "Hello")

    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    assert (await stage.bot.send_message(ann, "Hello")).text == "Hello"


async def test_a_deactivated_account_and_another_bot_get_nothing(stage: Stage) -> None:
    ann = await stage.a_person()
    other = await stage.do("/bots", username="other_bot")
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    await stage.http.post(f"/sandbox/telegram/users/{ann}/deactivate")

    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await stage.bot.send_message(ann, "Hello")
    with pytest.raises(TelegramForbiddenError, match="bot can't send messages to bots"):
        await stage.bot.send_message(other["id"], "Hello")


async def test_who_asked_to_join_can_be_written_to_for_five_minutes(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    await stage.asks_to_join(ann, link)

    assert (await stage.bot.send_message(ann, "Just a moment")).chat.id == ann

    await stage.later(seconds=301)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation"):
        await stage.bot.send_message(ann, "Still there?")


async def test_the_five_minutes_end_when_the_request_is_answered(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    await stage.asks_to_join(ann, link)

    await stage.bot.decline_chat_join_request(chat, ann)

    with pytest.raises(TelegramForbiddenError):
        await stage.bot.send_message(ann, "Sorry")


async def test_the_five_minutes_are_not_for_a_bot_of_another_chat(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    other = await stage.do("/bots", username="other_bot")
    await stage.asks_to_join(ann, link)

    async with a_client(stage.base_url, other["token"]) as stranger:
        with pytest.raises(TelegramForbiddenError):
            await stranger.send_message(ann, "Hello")


@pytest.mark.parametrize(
    ("text", "reason"), [("  ", "message text is empty"), ("a" * 4097, "message is too long")]
)
async def test_a_message_has_some_text_but_not_too_much(
    stage: Stage, text: str, reason: str
) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)

    with pytest.raises(TelegramBadRequest, match=reason):
        await stage.bot.send_message(ann, text)


async def test_a_channel_wants_the_right_to_post(stage: Stage) -> None:
    silent, open_to_us = (
        await stage.a_chat("channel", rights=(INVITE,)),
        await stage.a_chat("channel"),
    )

    with pytest.raises(TelegramBadRequest, match="need administrator rights in the channel chat"):
        await stage.bot.send_message(silent, "News")

    sent = await stage.bot.send_message(open_to_us, "News")
    assert sent.sender_chat is not None
    assert sent.sender_chat.id == open_to_us


async def test_a_message_can_be_deleted_once(stage: Stage) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    sent = await stage.bot.send_message(ann, "Oops")

    assert await stage.bot.delete_message(ann, sent.message_id)

    assert await stage.read(f"/users/{ann}/messages") == []
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await stage.bot.delete_message(ann, sent.message_id)


async def test_a_pressed_button_comes_back_as_a_callback(stage: Stage) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="yes")]]
    )
    sent = await stage.bot.send_message(ann, "Sure?", reply_markup=keyboard)
    await stage.listens()

    await stage.do(f"/users/{ann}/press", bot=stage.bot.id, message_id=sent.message_id, data="yes")

    [query] = [one.callback_query for one in await stage.heard() if one.callback_query]
    assert (query.from_user.id, query.data) == (ann, "yes")
    assert query.message is not None
    assert query.message.message_id == sent.message_id
    assert await stage.bot.answer_callback_query(query.id)


async def test_the_commands_of_a_bot_are_kept(stage: Stage) -> None:
    command = BotCommand(command="status", description="What you have access to")

    assert await stage.bot.set_my_commands([command])

    [kept] = await stage.bot.get_my_commands()
    assert kept.model_dump() == command.model_dump()


async def test_a_private_chat_is_known_once_it_was_started(stage: Stage) -> None:
    ann = await stage.a_person("Ann", last_name="Lee")

    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await stage.bot.get_chat(ann)

    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    chat = await stage.bot.get_chat(ann)
    assert (chat.type, chat.first_name, chat.last_name) == ("private", "Ann", "Lee")
