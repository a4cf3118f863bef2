"""Looking members up and taking them out, as aiogram sees it."""

from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberRestricted,
    ChatPermissions,
)

from tests.sandbox.telegram.stage import INVITE, RESTRICT, Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["supergroup", "channel"])
async def test_a_banned_member_is_out_and_can_not_come_back_by_a_link(
    stage: Stage, kind: str
) -> None:
    chat = await stage.a_chat(kind)
    ann = await stage.a_member(chat)
    link = await stage.bot.create_chat_invite_link(chat)

    assert await stage.bot.ban_chat_member(chat, ann)

    member = await stage.bot.get_chat_member(chat, ann)
    assert isinstance(member, ChatMemberBanned)
    answer = await stage.http.post(
        f"/sandbox/telegram/users/{ann}/open-link", json={"link": link.invite_link}
    )
    assert answer.status_code == 409
    assert ann not in await stage.inside(chat)


async def test_banning_again_or_somebody_who_was_never_here_is_fine(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()

    assert await stage.bot.ban_chat_member(chat, ann)
    assert await stage.bot.ban_chat_member(chat, ann)

    assert await stage.banned(chat) == {ann}


async def test_a_ban_ends_by_itself(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.bot.ban_chat_member(chat, ann, until_date=timedelta(hours=1))

    await stage.later(seconds=3700)

    assert (await stage.bot.get_chat_member(chat, ann)).status == "left"


@pytest.mark.parametrize("length", [timedelta(seconds=5), timedelta(days=400)])
async def test_a_ban_that_is_too_short_or_too_long_is_for_ever(
    stage: Stage, length: timedelta
) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)

    await stage.bot.ban_chat_member(chat, ann, until_date=stage.world.clock.now() + length)

    await stage.later(seconds=timedelta(days=500).total_seconds())
    assert ann in await stage.banned(chat)


async def test_a_ban_takes_the_pending_request_away(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await stage.bot.create_chat_invite_link(chat, creates_join_request=True)
    await stage.asks_to_join(ann, link)

    await stage.bot.ban_chat_member(chat, ann)

    with pytest.raises(TelegramBadRequest, match="HIDE_REQUESTER_MISSING"):
        await stage.bot.approve_chat_join_request(chat, ann)


async def test_unbanning_a_present_member_removes_them(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)

    assert await stage.bot.unban_chat_member(chat, ann)

    assert (await stage.bot.get_chat_member(chat, ann)).status == "left"


async def test_unbanning_only_if_banned_leaves_a_present_member_alone(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)

    assert await stage.bot.unban_chat_member(chat, ann, only_if_banned=True)

    assert ann in await stage.inside(chat)


async def test_unbanning_opens_the_door_and_adds_nobody(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    link = await stage.bot.create_chat_invite_link(chat)
    await stage.bot.ban_chat_member(chat, ann)

    await stage.bot.unban_chat_member(chat, ann, only_if_banned=True)

    assert (await stage.bot.get_chat_member(chat, ann)).status == "left"
    await stage.asks_to_join(ann, link)
    assert ann in await stage.inside(chat)


async def test_the_owner_and_the_administrators_can_not_be_removed(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.a_chat(owner=owner)
    deputy = await stage.a_member(chat, "Henri")
    await stage.do(f"/chats/{chat}/promote", user=deputy, rights=[INVITE])

    for who, reason in ((owner, "can't remove chat owner"), (deputy, "user is an administrator")):
        with pytest.raises(TelegramBadRequest, match=reason):
            await stage.bot.ban_chat_member(chat, who)
        with pytest.raises(TelegramBadRequest, match=reason):
            await stage.bot.unban_chat_member(chat, who)

    with pytest.raises(TelegramBadRequest, match="can't restrict self"):
        await stage.bot.ban_chat_member(chat, stage.bot.id)
    assert {owner, deputy} <= await stage.inside(chat)


async def test_removing_needs_the_right_to_restrict(stage: Stage) -> None:
    chat = await stage.a_chat(rights=(INVITE,))
    ann = await stage.a_member(chat)

    for method in (stage.bot.ban_chat_member, stage.bot.unban_chat_member):
        with pytest.raises(TelegramBadRequest, match="not enough rights to restrict"):
            await method(chat, ann)

    assert ann in await stage.inside(chat)


async def test_a_bot_that_is_no_administrator_can_remove_nobody(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)
    await stage.do(f"/chats/{chat}/demote", user=stage.bot.id)

    with pytest.raises(TelegramBadRequest, match="CHAT_ADMIN_REQUIRED"):
        await stage.bot.ban_chat_member(chat, ann)


async def test_a_basic_group_knows_removal_but_no_bans(stage: Stage) -> None:
    chat = await stage.a_chat("group")
    ann = await stage.a_member(chat)

    await stage.bot.ban_chat_member(chat, ann)

    assert ann not in await stage.inside(chat)
    assert await stage.banned(chat) == set()
    with pytest.raises(TelegramBadRequest, match="available for supergroup and channel chats only"):
        await stage.bot.unban_chat_member(chat, ann, only_if_banned=True)


@pytest.mark.parametrize("method", ["banChatMember", "getChatMember", "approveChatJoinRequest"])
async def test_a_user_whom_nobody_knows_is_not_found(stage: Stage, method: str) -> None:
    chat = await stage.a_chat()
    params = {"chat_id": chat, "user_id": 424242}

    answer = await stage.http.post(f"/bot{stage.bot.token}/{method}", json=params)

    assert answer.json()["description"] == "Bad Request: user not found"


async def test_a_member_looked_up_is_what_they_are(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.a_chat(owner=owner)
    ann, left = await stage.a_member(chat), await stage.a_member(chat, "Leo")
    await stage.do(f"/users/{left}/leave", chat=chat)

    statuses = [
        (await stage.bot.get_chat_member(chat, who)).status
        for who in (owner, stage.bot.id, ann, left)
    ]

    assert statuses == ["creator", "administrator", "member", "left"]
    with pytest.raises(TelegramBadRequest, match="PARTICIPANT_ID_INVALID"):
        await stage.bot.get_chat_member(chat, await stage.a_person("Never"))


async def test_a_bot_sees_its_own_rights(stage: Stage) -> None:
    chat = await stage.a_chat("channel", rights=(RESTRICT,))

    me = await stage.bot.get_chat_member(chat, stage.bot.id)

    assert isinstance(me, ChatMemberAdministrator)
    assert (me.can_restrict_members, me.can_invite_users, me.can_post_messages) == (
        True,
        False,
        False,
    )


async def test_the_administrators_of_a_chat_are_listed_without_other_bots(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.a_chat(owner=owner)
    other = await stage.do("/bots", username="other_bot")
    await stage.do(f"/chats/{chat}/bot-rights", bot=other["id"])
    await stage.a_member(chat)

    administrators = await stage.bot.get_chat_administrators(chat)

    assert {one.user.id for one in administrators} == {owner, stage.bot.id}
    assert await stage.bot.get_chat_member_count(chat) == 4


async def test_a_restricted_member_may_be_inside_or_not(stage: Stage) -> None:
    chat = await stage.a_chat()
    ann = await stage.a_member(chat)

    await stage.bot.restrict_chat_member(chat, ann, ChatPermissions(can_send_messages=False))

    inside = await stage.bot.get_chat_member(chat, ann)
    assert isinstance(inside, ChatMemberRestricted)
    assert (inside.is_member, inside.can_send_messages) == (True, False)
    await stage.do(f"/users/{ann}/leave", chat=chat)
    outside = await stage.bot.get_chat_member(chat, ann)
    assert isinstance(outside, ChatMemberRestricted)
    assert not outside.is_member


async def test_nobody_is_restricted_in_a_channel(stage: Stage) -> None:
    chat = await stage.a_chat("channel")
    ann = await stage.a_member(chat)

    with pytest.raises(TelegramBadRequest, match="available only for supergroups"):
        await stage.bot.restrict_chat_member(chat, ann, ChatPermissions())


async def test_a_bot_that_was_removed_is_told_how(stage: Stage) -> None:
    chat, channel = await stage.a_chat(), await stage.a_chat("channel")

    await stage.do(f"/chats/{chat}/kick", user=stage.bot.id)
    await stage.do(f"/chats/{channel}/demote", user=stage.bot.id)

    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await stage.bot.get_chat(chat)
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the channel chat"):
        await stage.bot.get_chat(channel)


async def test_a_bot_that_was_never_here_finds_no_chat(stage: Stage) -> None:
    owner = await stage.a_person("Olga")
    chat = await stage.do("/chats", type="channel", title="Closed", owner=owner)

    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await stage.bot.get_chat(chat["id"])
