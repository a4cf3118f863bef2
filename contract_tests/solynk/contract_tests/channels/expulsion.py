"""The contract of `Membership`: taking out."""

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
from solynk.core.access import By, Exempt, Inside, Invited, Outside
from solynk.ports.channels import ChannelPlatform
from solynk.ports.errors import NeedsHuman


class ExpulsionContract(ChannelContract):
    @final
    @pytest.mark.anyio
    async def test_expel_takes_out_and_leaves_no_lasting_ban(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await a_member(chat)

        seen = await platform.expel(chat.place, person)

        assert seen == Outside(By.US)
        assert not await chat.is_inside(person)
        assert not await chat.is_banned(person)

    @final
    @pytest.mark.anyio
    async def test_expelling_twice_is_harmless(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await a_member(chat)

        await platform.expel(chat.place, person)
        again = await platform.expel(chat.place, person)

        assert again == Outside(By.US)
        assert not await chat.is_banned(person)

    @final
    @pytest.mark.anyio
    async def test_expelling_someone_who_never_was_there_answers_outside(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await chat.newcomer()

        seen = await platform.expel(chat.place, person)

        assert seen == Outside(By.US)
        assert not await chat.is_banned(person)

    @final
    @pytest.mark.anyio
    async def test_expel_turns_down_a_request(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await asking(chat, place)

        await platform.expel(place, person)

        assert not await chat.has_request(person)
        assert not await chat.is_inside(person)

    @final
    @pytest.mark.anyio
    async def test_an_expelled_person_may_be_admitted_again(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await a_member(chat)
        await platform.expel(place, person)

        invited = await platform.admit(place, person, UNTIL, lift_ban=False)
        await chat.asks_to_join(person, place)
        inside = await platform.admit(place, person, UNTIL, lift_ban=False)

        assert invited == Invited(UNTIL)
        assert inside == Inside()
        assert await chat.is_inside(person)

    @final
    @pytest.mark.anyio
    async def test_owners_and_admins_are_exempt(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        for person in (chat.owner, chat.admin):
            expelled = await platform.expel(chat.place, person)
            admitted = await platform.admit(chat.place, person, UNTIL, lift_ban=False)

            assert (expelled, admitted) == (Exempt(), Exempt())
            assert await chat.is_inside(person)

    @final
    @pytest.mark.anyio
    async def test_lost_rights_need_a_human_and_the_person_is_still_inside(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await a_member(chat)
        await chat.takes_rights()

        with pytest.raises(NeedsHuman):
            await platform.expel(chat.place, person)

        assert await chat.is_inside(person)

    @final
    @pytest.mark.anyio
    async def test_with_its_rights_back_the_same_call_works(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await a_member(chat)
        await chat.takes_rights()
        with pytest.raises(NeedsHuman):
            await platform.expel(chat.place, person)
        await chat.gives_rights()

        seen = await platform.expel(chat.place, person)

        assert seen == Outside(By.US)

    @final
    @pytest.mark.anyio
    async def test_a_removed_bot_needs_a_human(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        place = await joinable(platform, chat)
        person = await a_member(chat)
        await chat.removes_the_bot()

        with pytest.raises(NeedsHuman):
            await platform.admit(place, person, UNTIL, lift_ban=False)
        with pytest.raises(NeedsHuman):
            await platform.expel(place, person)
        with pytest.raises(NeedsHuman):
            await platform.decline(place, person)
        with pytest.raises(NeedsHuman):
            await platform.state_of(place, person)

        assert await chat.is_inside(person)
