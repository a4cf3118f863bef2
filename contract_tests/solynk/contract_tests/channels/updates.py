"""The contract of `UpdateFeed` and `SignalDecoder`."""

from typing import final

import pytest

from solynk.contract_tests.channels.scenes import (
    NO_WAIT,
    SOON,
    UNTIL,
    ChannelContract,
    ChatDriver,
    a_member,
    asking,
    joinable,
    listened,
    signals,
)
from solynk.core.access import By
from solynk.core.signals import (
    AskedToJoin,
    BotRightsChanged,
    Departed,
    Joined,
    Ranked,
    Silenced,
    Started,
)
from solynk.ports.channels import ChannelPlatform
from solynk.ports.errors import Malformed


class UpdateFeedContract(ChannelContract):
    @final
    @pytest.mark.anyio
    async def test_updates_come_again_until_they_are_acknowledged(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await listened(platform)
        await chat.starts(await chat.newcomer())
        await chat.starts(await chat.newcomer())

        first = await platform.receive(SOON)
        again = await platform.receive(SOON)
        await platform.acknowledge(first[:1])
        rest = await platform.receive(SOON)
        await platform.acknowledge(rest)
        nothing = await platform.receive(NO_WAIT)

        assert len(first) == 2
        assert again == first
        assert list(rest) == list(first[1:])
        assert not nothing

    @final
    @pytest.mark.anyio
    async def test_acknowledging_a_later_update_loses_none_before_it(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await listened(platform)
        await chat.starts(await chat.newcomer())
        await chat.starts(await chat.newcomer())
        first, second = await platform.receive(SOON)

        await platform.acknowledge([second])
        again = await platform.receive(SOON)

        assert first in again

    @final
    @pytest.mark.anyio
    async def test_an_update_is_told_apart_by_its_id(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await listened(platform)
        person = await chat.newcomer()
        await chat.starts(person)
        await chat.starts(person)

        updates = await platform.receive(SOON)

        assert len({(platform.account, it.external_id) for it in updates}) == len(updates) == 2
        assert all(it.kind and it.body for it in updates)

    @final
    @pytest.mark.anyio
    async def test_the_start_link_carries_the_token_and_comes_back_as_an_update(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await listened(platform)
        person = await chat.newcomer()

        link = await platform.start_link("t0ken-_A")
        await chat.starts(person, "t0ken-_A")

        assert link.endswith("t0ken-_A")
        assert Started(person, "t0ken-_A") in await signals(platform)

    @final
    @pytest.mark.anyio
    async def test_asking_joining_and_leaving_are_told(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await listened(platform)
        place = await joinable(platform, chat)
        person = await asking(chat, place)
        await platform.admit(place, person, UNTIL, lift_ban=False)
        await chat.leaves(person)

        told = await signals(platform)

        assert told == [
            AskedToJoin(place.chat, person),
            Joined(place.chat, person),
            Departed(place.chat, person, By.THEMSELVES),
        ]

    @final
    @pytest.mark.anyio
    async def test_an_update_says_who_took_a_person_out(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        ours, theirs = await a_member(chat), await a_member(chat)
        await listened(platform)
        await platform.expel(chat.place, ours)
        await chat.is_kicked_by_admin(theirs)

        told = await signals(platform)

        assert told == [
            Departed(chat.place.chat, ours, By.US),
            Departed(chat.place.chat, theirs, By.AN_ADMIN),
        ]

    @final
    @pytest.mark.anyio
    async def test_new_admins_and_lost_rights_are_told(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await a_member(chat)
        await listened(platform)
        await chat.is_promoted(person)
        await chat.takes_rights()
        await chat.gives_rights()

        ranked, lost, back = await signals(platform)

        assert ranked == Ranked(chat.place.chat, person, exempt=True)
        assert isinstance(lost, BotRightsChanged)
        assert lost.present
        assert lost.fault
        assert back == BotRightsChanged(chat.place.chat, present=True, fault=None)

    @final
    @pytest.mark.anyio
    async def test_a_blocked_bot_is_told(self, platform: ChannelPlatform, chat: ChatDriver) -> None:
        person = await chat.newcomer()
        await chat.starts(person)
        await listened(platform)

        await chat.blocks_the_bot(person)

        assert await signals(platform) == [Silenced(person)]

    @final
    @pytest.mark.parametrize("body", [b"", b"nothing", b"[]", b"{}", b'"\xff"'])
    def test_bytes_that_are_no_update_are_malformed(
        self, platform: ChannelPlatform, body: bytes
    ) -> None:
        with pytest.raises(Malformed):
            platform.decode_update(body)
