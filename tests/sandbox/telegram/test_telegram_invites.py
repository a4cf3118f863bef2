"""Invite links and join requests, as aiogram sees them."""

from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import ChatInviteLink, ChatJoinRequest

from tests.sandbox.telegram.stage import INVITE, RESTRICT, Stage, a_client

pytestmark = pytest.mark.anyio


async def a_request_link(stage: Stage, chat: int) -> ChatInviteLink:
    return await stage.bot.create_chat_invite_link(chat, creates_join_request=True)


async def the_request(stage: Stage) -> ChatJoinRequest:
    [request] = [one.chat_join_request for one in await stage.heard() if one.chat_join_request]
    return request


async def test_a_link_has_the_terms_it_was_made_with(stage: Stage) -> None:
    chat = await stage.a_chat()
    end = stage.world.clock.now() + timedelta(days=1)

    link = await stage.bot.create_chat_invite_link(
        chat, name="a" * 40, expire_date=end, member_limit=3
    )

    assert (link.name, link.member_limit) == ("a" * 32, 3)
    assert link.expire_date is not None
    assert (link.creates_join_request, link.is_primary, link.is_revoked) == (False, False, False)
    assert link.creator.id == stage.bot.id


async def test_a_member_limit_and_join_requests_exclude_each_other(stage: Stage) -> None:
    chat = await stage.a_chat()

    with pytest.raises(TelegramBadRequest, match="member limit can't be specified"):
        await stage.bot.create_chat_invite_link(chat, member_limit=1, creates_join_request=True)


async def test_an_end_in_the_past_is_refused(stage: Stage) -> None:
    chat = await stage.a_chat()
    past = stage.world.clock.now() - timedelta(minutes=1)

    with pytest.raises(TelegramBadRequest, match="EXPIRE_DATE_INVALID"):
        await stage.bot.create_chat_invite_link(chat, expire_date=past)


async def test_links_need_the_right_to_invite(stage: Stage) -> None:
    chat = await stage.a_chat(rights=(RESTRICT,))

    with pytest.raises(TelegramBadRequest, match="not enough rights to manage chat invite link"):
        await a_request_link(stage, chat)


async def test_an_edit_puts_back_what_it_leaves_out(stage: Stage) -> None:
    chat = await stage.a_chat()
    link = await stage.bot.create_chat_invite_link(chat, name="door", creates_join_request=True)

    edited = await stage.bot.edit_chat_invite_link(chat, link.invite_link, member_limit=2)

    assert (edited.name, edited.creates_join_request, edited.member_limit) == (None, False, 2)


async def test_a_revoked_link_lets_nobody_in_and_can_be_revoked_again(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await stage.bot.create_chat_invite_link(chat)

    revoked = await stage.bot.revoke_chat_invite_link(chat, link.invite_link)

    assert revoked.is_revoked
    assert (await stage.bot.revoke_chat_invite_link(chat, link.invite_link)).is_revoked
    answer = await stage.http.post(
        f"/sandbox/telegram/users/{ann}/open-link", json={"link": link.invite_link}
    )
    assert answer.status_code == 409
    assert ann not in await stage.inside(chat)


async def test_a_bot_can_only_change_its_own_links(stage: Stage) -> None:
    chat = await stage.a_chat()
    link = await a_request_link(stage, chat)
    other = await stage.do("/bots", username="other_bot")
    await stage.do(f"/chats/{chat}/bot-rights", bot=other["id"])

    async with a_client(stage.base_url, other["token"]) as stranger:
        with pytest.raises(TelegramBadRequest, match="INVITE_HASH_EXPIRED"):
            await stranger.revoke_chat_invite_link(chat, link.invite_link)


async def test_an_exported_link_replaces_the_one_before(stage: Stage) -> None:
    chat = await stage.a_chat()
    first = await stage.bot.export_chat_invite_link(chat)

    second = await stage.bot.export_chat_invite_link(chat)

    states = {
        one["invite_link"]: one["is_revoked"] for one in await stage.read(f"/chats/{chat}/links")
    }
    assert states == {first: True, second: False}
    assert (await stage.bot.get_chat(chat)).invite_link == second


async def test_a_revoked_primary_link_is_replaced(stage: Stage) -> None:
    chat = await stage.a_chat()
    first = await stage.bot.export_chat_invite_link(chat)

    await stage.bot.revoke_chat_invite_link(chat, first)

    assert (await stage.bot.get_chat(chat)).invite_link not in {first, None}


async def test_a_limited_link_can_be_used_by_the_wrong_person_and_then_by_nobody(
    stage: Stage,
) -> None:
    chat = await stage.a_chat()
    ann, eve = await stage.a_person("Ann"), await stage.a_person("Eve")
    link = await stage.bot.create_chat_invite_link(chat, member_limit=1)

    pending = await stage.asks_to_join(eve, link)

    assert not pending
    assert eve in await stage.inside(chat)
    late = await stage.http.post(
        f"/sandbox/telegram/users/{ann}/open-link", json={"link": link.invite_link}
    )
    assert late.status_code == 409


async def test_asking_to_join_tells_the_bot_and_lets_nobody_in(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await a_request_link(stage, chat)
    await stage.listens()

    pending = await stage.asks_to_join(ann, link)

    request = await the_request(stage)
    assert pending
    assert (request.chat.id, request.from_user.id, request.user_chat_id) == (chat, ann, ann)
    assert request.invite_link is not None
    assert request.invite_link.invite_link == link.invite_link
    assert request.invite_link.pending_join_request_count == 1
    assert ann not in await stage.inside(chat)


async def test_asking_twice_is_one_request(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await a_request_link(stage, chat)
    await stage.listens()

    await stage.asks_to_join(ann, link)
    await stage.asks_to_join(ann, link)

    assert (await the_request(stage)).from_user.id == ann


async def test_a_bot_without_the_right_to_invite_hears_of_no_request(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await a_request_link(stage, chat)
    await stage.do(f"/chats/{chat}/bot-rights", bot=stage.bot.id, rights=[RESTRICT])
    await stage.listens()

    await stage.asks_to_join(ann, link)

    assert await stage.heard() == []


async def test_another_bot_sees_the_link_cut_short(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    other = await stage.do("/bots", username="other_bot")
    await stage.do(f"/chats/{chat}/bot-rights", bot=other["id"], rights=[INVITE])
    link = await a_request_link(stage, chat)

    await stage.asks_to_join(ann, link)

    async with a_client(stage.base_url, other["token"]) as stranger:
        [request] = [
            one.chat_join_request for one in await stranger.get_updates() if one.chat_join_request
        ]
    assert request.invite_link is not None
    assert request.invite_link.invite_link.endswith("…")


async def test_an_approved_person_is_inside_and_the_bot_learns_by_which_way(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await a_request_link(stage, chat)
    await stage.asks_to_join(ann, link)
    await stage.listens()

    await stage.bot.approve_chat_join_request(chat, ann)

    [update] = [one.chat_member for one in await stage.heard() if one.chat_member]
    assert (update.old_chat_member.status, update.new_chat_member.status) == ("left", "member")
    assert update.new_chat_member.user.id == ann
    assert update.via_join_request
    assert update.invite_link is not None
    assert update.invite_link.invite_link == link.invite_link
    assert ann in await stage.inside(chat)
    assert await stage.read(f"/chats/{chat}/requests") == []


async def test_a_declined_person_stays_outside_and_may_ask_again(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    link = await a_request_link(stage, chat)
    await stage.asks_to_join(ann, link)

    await stage.bot.decline_chat_join_request(chat, ann)

    assert ann not in await stage.inside(chat)
    assert await stage.read(f"/chats/{chat}/requests") == []
    assert await stage.asks_to_join(ann, link)


async def test_approving_twice_finds_a_participant(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    await stage.asks_to_join(ann, await a_request_link(stage, chat))
    await stage.bot.approve_chat_join_request(chat, ann)

    with pytest.raises(TelegramBadRequest, match="USER_ALREADY_PARTICIPANT"):
        await stage.bot.approve_chat_join_request(chat, ann)


@pytest.mark.parametrize("decision", ["approve", "decline"])
async def test_a_withdrawn_request_can_not_be_answered(stage: Stage, decision: str) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    await stage.asks_to_join(ann, await a_request_link(stage, chat))
    await stage.do(f"/users/{ann}/withdraw-request", chat=chat)
    answer = {
        "approve": stage.bot.approve_chat_join_request,
        "decline": stage.bot.decline_chat_join_request,
    }[decision]

    with pytest.raises(TelegramBadRequest, match="HIDE_REQUESTER_MISSING"):
        await answer(chat, ann)


async def test_an_administrator_may_answer_before_the_bot(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    await stage.asks_to_join(ann, await a_request_link(stage, chat))

    await stage.do(f"/chats/{chat}/decline", user=ann)

    with pytest.raises(TelegramBadRequest, match="HIDE_REQUESTER_MISSING"):
        await stage.bot.approve_chat_join_request(chat, ann)


async def test_requests_need_the_right_to_invite(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person()
    await stage.asks_to_join(ann, await a_request_link(stage, chat))
    await stage.do(f"/chats/{chat}/bot-rights", bot=stage.bot.id, rights=[RESTRICT])

    with pytest.raises(TelegramBadRequest, match="not enough rights to manage chat join requests"):
        await stage.bot.approve_chat_join_request(chat, ann)

    assert len(await stage.read(f"/chats/{chat}/requests")) == 1


async def test_a_person_in_too_many_chats_can_not_be_let_in(stage: Stage) -> None:
    chat, ann = await stage.a_chat(), await stage.a_person(in_too_many_chats=True)
    await stage.asks_to_join(ann, await a_request_link(stage, chat))

    with pytest.raises(TelegramBadRequest, match="USER_CHANNELS_TOO_MUCH"):
        await stage.bot.approve_chat_join_request(chat, ann)
