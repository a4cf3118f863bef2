"""The contract of `ChannelInspector`, and of chats that move."""

from typing import final

import pytest

from solynk.contract_tests.channels.scenes import UNTIL, ChannelContract, ChatDriver
from solynk.ports.channels import ChannelPlatform, Place
from solynk.ports.errors import Moved


class ChannelInspectorContract(ChannelContract):
    @final
    @pytest.mark.anyio
    async def test_inspect_finds_no_fault_where_the_bot_can_do_all_of_its_work(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        found = await platform.inspect(chat.place)

        assert found.present
        assert found.fault is None
        assert found.title
        assert found.members == await chat.members()

    @final
    @pytest.mark.anyio
    async def test_inspect_makes_the_join_link_once(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        first = await platform.inspect(chat.place)

        again = await platform.inspect(Place(chat.place.chat, first.join_link))

        assert first.join_link is not None
        assert again.join_link == first.join_link

    @final
    @pytest.mark.anyio
    async def test_inspect_finds_lost_rights(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await chat.takes_rights()

        found = await platform.inspect(chat.place)

        assert found.present
        assert found.fault

    @final
    @pytest.mark.anyio
    async def test_inspect_finds_that_the_bot_was_removed(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        await chat.removes_the_bot()

        found = await platform.inspect(chat.place)

        assert not found.present
        assert found.fault

    @final
    @pytest.mark.anyio
    async def test_a_moved_chat_tells_its_new_id(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        moved = await chat.moved_chat()
        if moved is None:
            pytest.skip("chats of this platform never move")
        place, new = moved
        person = await chat.newcomer()

        for call in (
            platform.inspect(place),
            platform.admit(place, person, UNTIL, lift_ban=False),
            platform.expel(place, person),
            platform.decline(place, person),
            platform.state_of(place, person),
        ):
            with pytest.raises(Moved) as caught:
                await call

            assert caught.value.new_chat == new
