"""What people do to a chat and to the bot in it, and what the bot hears of it."""

import pytest
from aiogram.exceptions import TelegramMigrateToChat
from aiogram.types import ChatMemberUpdated

from tests.sandbox.telegram.stage import INVITE, RESTRICT, Stage

pytestmark = pytest.mark.anyio


async def the_change(stage: Stage) -> ChatMemberUpdated:
    [update] = await stage.heard()
    change = update.chat_member or update.my_chat_member
    assert change is not None
    return change


def statuses(change: ChatMemberUpdated) -> tuple[str, str]:
    return change.old_chat_member.status, change.new_chat_member.status


async def test_a_person_who_leaves_is_the_one_who_did_it(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.listens()

    await stage.do(f"/users/{ann}/leave", chat=chat)

    change = await the_change(stage)
    assert statuses(change) == ("member", "left")
    assert change.from_user.id == change.new_chat_member.user.id == ann


async def test_a_person_kicked_by_the_bot_names_the_bot(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.listens()

    await stage.bot.ban_chat_member(chat, ann)
    await stage.bot.unban_chat_member(chat, ann, only_if_banned=True)

    changes = [one.chat_member for one in await stage.heard() if one.chat_member]
    assert [statuses(one) for one in changes] == [("member", "kicked"), ("kicked", "left")]
    assert {one.from_user.id for one in changes} == {stage.bot.id}


async def test_a_person_kicked_by_an_administrator_names_them(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.a_chat(owner=owner)
    ann = await stage.a_member(chat)
    await stage.listens()

    await stage.do(f"/chats/{chat}/kick", user=ann)

    change = await the_change(stage)
    assert statuses(change) == ("member", "kicked")
    assert change.from_user.id == owner
    assert await stage.banned(chat) == {ann}


async def test_a_person_added_by_hand_came_by_no_link(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.a_chat(owner=owner)
    await stage.listens()

    ann = await stage.a_member(chat)

    change = await the_change(stage)
    assert statuses(change) == ("left", "member")
    assert (change.from_user.id, change.new_chat_member.user.id) == (owner, ann)
    assert change.invite_link is None
    assert not change.via_join_request


async def test_a_promotion_and_its_end_are_told(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.listens()

    await stage.do(f"/chats/{chat}/promote", user=ann, rights=[INVITE])
    await stage.do(f"/chats/{chat}/demote", user=ann)

    changes = [one.chat_member for one in await stage.heard() if one.chat_member]
    assert [statuses(one) for one in changes] == [
        ("member", "administrator"),
        ("administrator", "member"),
    ]


async def test_rights_that_are_cut_are_told_to_the_bot_itself(stage: Stage) -> None:
    chat = await stage.a_chat()
    await stage.listens()

    await stage.do(f"/chats/{chat}/bot-rights", bot=stage.bot.id, rights=[RESTRICT])

    change = await the_change(stage)
    assert statuses(change) == ("administrator", "administrator")
    me = change.new_chat_member.model_dump()
    assert (me["can_invite_users"], me["can_restrict_members"]) == (False, True)


async def test_a_removed_bot_hears_of_that_and_of_nothing_more(stage: Stage) -> None:
    chat = await stage.a_chat()
    await stage.listens()

    await stage.do(f"/chats/{chat}/kick", user=stage.bot.id)
    await stage.a_member(chat)

    change = await the_change(stage)
    assert change.new_chat_member.user.id == stage.bot.id
    assert statuses(change) == ("administrator", "kicked")


async def test_a_bot_that_is_only_a_member_hears_nothing_of_others(stage: Stage) -> None:
    chat = await stage.a_chat()
    await stage.do(f"/chats/{chat}/demote", user=stage.bot.id)
    await stage.listens()

    await stage.a_member(chat)

    assert await stage.heard() == []


async def test_a_bot_that_is_only_a_member_hears_of_itself(stage: Stage) -> None:
    chat = await stage.a_chat()
    await stage.do(f"/chats/{chat}/demote", user=stage.bot.id)
    await stage.listens()

    await stage.do(f"/chats/{chat}/kick", user=stage.bot.id)

    assert statuses(await the_change(stage)) == ("member", "kicked")


async def test_blocking_and_starting_again_are_told_in_the_private_chat(stage: Stage) -> None:
    ann = await stage.a_person()
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)
    await stage.listens()

    await stage.do(f"/users/{ann}/block", bot=stage.bot.id)
    await stage.do(f"/users/{ann}/start", bot=stage.bot.id)

    updates = await stage.heard()
    changes = [one.my_chat_member for one in updates if one.my_chat_member]
    assert [statuses(one) for one in changes] == [("member", "kicked"), ("kicked", "member")]
    assert {(one.chat.id, one.chat.type) for one in changes} == {(ann, "private")}
    assert updates[-1].message is not None


async def test_an_upgraded_group_has_a_new_id_that_the_old_one_names(stage: Stage) -> None:
    group = await stage.a_chat("group")
    ann = await stage.a_member(group)
    await stage.listens()

    new = await stage.http.post(f"/sandbox/telegram/chats/{group}/upgrade")

    messages = [one.message for one in await stage.heard() if one.message]
    assert [one.chat.id for one in messages] == [group, new.json()["id"]]
    assert messages[0].migrate_to_chat_id == messages[1].chat.id
    assert messages[1].migrate_from_chat_id == group
    with pytest.raises(TelegramMigrateToChat) as moved:
        await stage.bot.get_chat_member(group, ann)
    assert moved.value.migrate_to_chat_id == new.json()["id"]
    assert (await stage.bot.get_chat_member(new.json()["id"], ann)).status == "member"


async def test_the_ledger_tells_who_was_inside_from_when_until_when(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.later(seconds=3600)
    await stage.bot.ban_chat_member(chat, ann)

    rows = [one for one in await stage.ledger("membership") if one["params"]["user_id"] == ann]

    assert [(one["params"]["from"], one["params"]["to"]) for one in rows] == [
        ("left", "member"),
        ("member", "banned"),
    ]
    assert rows[0]["at"] < rows[1]["at"]
    assert rows[1]["params"]["by"] == stage.bot.id
