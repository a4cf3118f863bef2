"""The contract of `Membership`: letting in, turning down, and looking up."""

from typing import final

import pytest

from solynk.contract_tests.channels.scenes import (
    UNTIL,
    ChannelContract,
    ChatDriver,
    a_member,
    asking,
    joinable,
)
from solynk.core.access import By, Exempt, Inside, Invited, Outside, Seen
from solynk.core.ids import PersonId
from solynk.ports.channels import ChannelPlatform
from solynk.ports.errors import Unavailable


class AdmissionContract(ChannelContract):
    @final
    @pytest.mark.anyio
    async def test_an_admitted_person_who_asks_is_inside(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await chat.newcomer()

        before = await platform.admit(place, person, UNTIL, lift_ban=False)
        await chat.asks_to_join(person, place)
        after = await platform.admit(place, person, UNTIL, lift_ban=False)

        assert before == Invited(UNTIL)
        assert after == Inside()
        assert await chat.is_inside(person)
        assert not await chat.has_request(person)

    @final
    @pytest.mark.anyio
    async def test_admitting_twice_is_harmless(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await asking(chat, place)

        await platform.admit(place, person, UNTIL, lift_ban=False)
        again = await platform.admit(place, person, UNTIL, lift_ban=False)

        assert again == Inside()
        assert await chat.is_inside(person)

    @final
    @pytest.mark.anyio
    async def test_a_strangers_request_is_untouched_by_admitting_someone_else(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        stranger = await asking(chat, place)
        person = await asking(chat, place)

        await platform.admit(place, person, UNTIL, lift_ban=False)

        assert await chat.has_request(stranger)
        assert not await chat.is_inside(stranger)

    @final
    @pytest.mark.anyio
    async def test_admitting_someone_who_did_not_ask_lets_nobody_in(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        stranger, person = await asking(chat, place), await chat.newcomer()

        seen = await platform.admit(place, person, UNTIL, lift_ban=False)

        assert seen == Invited(UNTIL)
        assert not await chat.is_inside(person)
        assert not await chat.is_inside(stranger)

    @final
    @pytest.mark.anyio
    async def test_a_ban_is_lifted_only_where_it_may_be_our_own(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        """Where platforms know no bans, an admin's kick leaves none, and the person is invited."""
        place = await joinable(platform, chat)
        person = await a_member(chat)
        await chat.is_kicked_by_admin(person)
        banned = await chat.is_banned(person)

        left = await platform.admit(place, person, UNTIL, lift_ban=False)
        stayed = await chat.is_banned(person)
        lifted = await platform.admit(place, person, UNTIL, lift_ban=True)

        assert left == (Outside(By.AN_ADMIN) if banned else Invited(UNTIL))
        assert stayed is banned
        assert lifted == Invited(UNTIL)
        assert not await chat.is_banned(person)

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("lost", [False, True], ids=["no effect", "answer lost"])
    async def test_unavailable_then_success_converges(
        self, platform: ChannelPlatform, chat: ChatDriver, *, lost: bool
    ) -> None:
        place = await joinable(platform, chat)
        person = await asking(chat, place)
        break_down = chat.loses_answers if lost else chat.is_unavailable

        await break_down(1)
        with pytest.raises(Unavailable):
            await platform.admit(place, person, UNTIL, lift_ban=False)
        admitted = await platform.admit(place, person, UNTIL, lift_ban=False)
        await break_down(1)
        with pytest.raises(Unavailable):
            await platform.expel(place, person)
        expelled = await platform.expel(place, person)

        assert (admitted, expelled) == (Inside(), Outside(By.US))
        assert not await chat.is_inside(person)
        assert not await chat.is_banned(person)

    @final
    @pytest.mark.anyio
    async def test_decline_turns_down_a_request_and_the_person_may_ask_again(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await asking(chat, place)

        await platform.decline(place, person)

        assert not await chat.has_request(person)
        assert not await chat.is_inside(person)
        await chat.asks_to_join(person, place)
        assert await chat.has_request(person)

    @final
    @pytest.mark.anyio
    async def test_decline_without_a_request_is_harmless(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        never_there, member = await chat.newcomer(), await a_member(chat)

        await platform.decline(chat.place, never_there)
        await platform.decline(chat.place, member)

        assert await chat.is_inside(member)

    @final
    @pytest.mark.anyio
    async def test_state_of_tells_the_truth(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        member, gone, kicked = [await a_member(chat) for _ in range(3)]
        await chat.leaves(gone)
        await chat.is_kicked_by_admin(kicked)
        never_there = await chat.newcomer()

        async def state(person: PersonId) -> Seen:
            return await platform.state_of(chat.place, person)

        assert await state(member) == Inside()
        assert isinstance(await state(gone), Outside)
        assert isinstance(await state(kicked), Outside)
        assert isinstance(await state(never_there), Outside)
        assert await state(chat.owner) == Exempt()
        assert await state(chat.admin) == Exempt()
