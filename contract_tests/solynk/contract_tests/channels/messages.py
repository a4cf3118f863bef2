"""The contract of `Messenger`."""

from typing import final

import pytest

from solynk.contract_tests.channels.scenes import UNTIL, ChannelContract, ChatDriver
from solynk.core.command import Tell, Topic
from solynk.ports.channels import ChannelPlatform
from solynk.ports.errors import Unreachable


class MessengerContract(ChannelContract):
    @final
    @pytest.mark.anyio
    async def test_telling_reaches_the_person(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        person = await chat.newcomer()
        await chat.starts(person)

        for topic in Topic:
            for locale in ("en", "fr"):
                message = Tell(
                    topic, person, until=UNTIL, link="https://a.example/b", locale=locale
                )
                await platform.tell(message, "Ann & Bob's <lounge>")

        assert await chat.messages_to(person) == 2 * len(Topic)

    @final
    @pytest.mark.anyio
    async def test_telling_the_unreachable_says_so(
        self, platform: ChannelPlatform, chat: ChatDriver
    ) -> None:
        never_started, blocked = await chat.newcomer(), await chat.newcomer()
        await chat.starts(blocked)
        await chat.blocks_the_bot(blocked)

        for person in (never_started, blocked):
            with pytest.raises(Unreachable):
                await platform.tell(Tell(Topic.ENDED, person), "Lounge")
