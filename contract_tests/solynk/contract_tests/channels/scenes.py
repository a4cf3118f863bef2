"""The people whom a channel's contract needs, and the scenes that its tests begin with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import pytest

from solynk.contract_tests.contract import Contract
from solynk.core.ids import ChatId, PersonId
from solynk.core.signals import Signal
from solynk.ports.channels import ChannelPlatform, Place, RawUpdate

UNTIL: Final = datetime(2030, 1, 1, tzinfo=UTC)
NO_WAIT: Final = timedelta(0)
SOON: Final = timedelta(seconds=5)


class ChatDriver(Protocol):
    """The people, the admins and the mishaps around one chat; made anew for each test."""

    @property
    def place(self) -> Place:
        """A chat where the bot has all its rights, and for which no join link was made yet."""
        ...

    @property
    def owner(self) -> PersonId: ...

    @property
    def admin(self) -> PersonId:
        """A person, not the bot."""
        ...

    async def newcomer(self) -> PersonId:
        """Someone new each time, who never was in the chat nor started the bot; speaks English."""
        ...

    async def starts(self, person: PersonId, token: str = "") -> None:
        """Open the bot, as `start_link(token)` does."""
        ...

    async def blocks_the_bot(self, person: PersonId) -> None: ...

    async def asks_to_join(self, person: PersonId, place: Place) -> None:
        """Use the join link of `place`."""
        ...

    async def leaves(self, person: PersonId) -> None: ...

    async def is_added_by_admin(self, person: PersonId) -> None:
        """Past the bot, without a request."""
        ...

    async def is_kicked_by_admin(self, person: PersonId) -> None: ...

    async def is_promoted(self, person: PersonId) -> None:
        """A member becomes an admin."""
        ...

    async def is_inside(self, person: PersonId) -> bool:
        """The truth, not by way of the adapter; also below."""
        ...

    async def has_request(self, person: PersonId) -> bool: ...

    async def is_banned(self, person: PersonId) -> bool: ...

    async def members(self) -> int:
        """How many are inside, the bot included."""
        ...

    async def messages_to(self, person: PersonId) -> int: ...

    async def takes_rights(self) -> None:
        """From the bot, which stays in the chat."""
        ...

    async def gives_rights(self) -> None: ...

    async def removes_the_bot(self) -> None: ...

    async def is_unavailable(self, times: int) -> None:
        """The next `times` calls to the vendor fail, with no effect."""
        ...

    async def loses_answers(self, times: int) -> None:
        """The next `times` calls to the vendor have their effect, and no answer comes."""
        ...

    async def moved_chat(self) -> tuple[Place, ChatId] | None:
        """Another chat, by its old id, and the id that it has today.

        None where chats never move.
        """
        ...


class ChannelContract(Contract):
    @pytest.fixture
    def platform(self) -> ChannelPlatform:
        raise NotImplementedError(f"{type(self).__name__} must define `platform`")

    @pytest.fixture
    def chat(self) -> ChatDriver:
        raise NotImplementedError(f"{type(self).__name__} must define `chat`")


async def joinable(platform: ChannelPlatform, chat: ChatDriver) -> Place:
    """The driver's chat with its join link."""
    found = await platform.inspect(chat.place)
    return Place(chat.place.chat, found.join_link)


async def asking(chat: ChatDriver, place: Place) -> PersonId:
    """Someone whose request is pending."""
    person = await chat.newcomer()
    await chat.asks_to_join(person, place)
    return person


async def a_member(chat: ChatDriver) -> PersonId:
    person = await chat.newcomer()
    await chat.is_added_by_admin(person)
    return person


async def listened(platform: ChannelPlatform) -> None:
    """From here on updates count: some platforms keep none before the first call."""
    await received(platform)


async def received(platform: ChannelPlatform) -> Sequence[RawUpdate]:
    """All that waits, acknowledged."""
    updates = await platform.receive(NO_WAIT)
    await platform.acknowledge(updates)
    return updates


async def signals(platform: ChannelPlatform) -> list[Signal]:
    return [it for raw in await received(platform) for it in platform.decode_update(raw.body)]
