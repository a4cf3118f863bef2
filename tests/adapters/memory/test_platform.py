from datetime import timedelta

import pytest

from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.contract_tests.channels import ChannelPlatformContract
from solynk.contract_tests.channels.scenes import UNTIL
from solynk.core.access import By, Inside, Outside
from solynk.core.command import Tell, Topic
from solynk.core.ids import ChatId, PersonId
from solynk.ports.channels import Place
from solynk.ports.errors import NeedsHuman, Refused, Unavailable

LOUNGE = Place(ChatId("lounge"), None)
ANN, ZOE = PersonId("ann"), PersonId("zoe")


class InMemoryDriver:
    place = LOUNGE
    owner = ZOE
    admin = PersonId("adam")

    def __init__(self, platform: InMemoryPlatform) -> None:
        self.platform = platform
        self.chat = platform.opens("lounge", owner=ZOE)
        platform.is_promoted("lounge", self.admin)
        self.newcomers = 0

    async def newcomer(self) -> PersonId:
        self.newcomers += 1
        return PersonId(f"newcomer-{self.newcomers}")

    async def starts(self, person: PersonId, token: str = "") -> None:
        self.platform.starts(person, token)

    async def blocks_the_bot(self, person: PersonId) -> None:
        self.platform.blocks_the_bot(person)

    async def asks_to_join(self, person: PersonId, place: Place) -> None:
        self.platform.asks_to_join(place.chat, person)

    async def leaves(self, person: PersonId) -> None:
        self.platform.leaves("lounge", person)

    async def is_added_by_admin(self, person: PersonId) -> None:
        self.platform.is_added_by_admin("lounge", person)

    async def is_kicked_by_admin(self, person: PersonId) -> None:
        self.platform.is_kicked_by_admin("lounge", person)

    async def is_promoted(self, person: PersonId) -> None:
        self.platform.is_promoted("lounge", person)

    async def is_inside(self, person: PersonId) -> bool:
        return person in self.chat.members

    async def has_request(self, person: PersonId) -> bool:
        return person in self.chat.pending

    async def is_banned(self, person: PersonId) -> bool:
        return person in self.chat.banned

    async def members(self) -> int:
        return len(self.chat.members) + 1

    async def messages_to(self, person: PersonId) -> int:
        return sum(it.tell.person == person for it in self.platform.messages)

    async def takes_rights(self) -> None:
        self.platform.takes_rights("lounge")

    async def gives_rights(self) -> None:
        self.platform.gives_rights("lounge")

    async def removes_the_bot(self) -> None:
        self.platform.removes_the_bot("lounge")

    async def is_unavailable(self, times: int) -> None:
        self.platform.is_unavailable(times=times)

    async def loses_answers(self, times: int) -> None:
        self.platform.is_unavailable(times=times, after_effect=True)

    async def moved_chat(self) -> tuple[Place, ChatId]:
        self.platform.opens("old", owner=ZOE)
        self.platform.moves("old", "new")
        return Place(ChatId("old"), None), ChatId("new")


class TestInMemoryPlatform(ChannelPlatformContract):
    @pytest.fixture
    def platform(self) -> InMemoryPlatform:
        return InMemoryPlatform()

    @pytest.fixture
    def chat(self, platform: InMemoryPlatform) -> InMemoryDriver:
        return InMemoryDriver(platform)


def a_platform() -> InMemoryPlatform:
    platform = InMemoryPlatform()
    platform.opens("lounge", owner=ZOE, title="The lounge")
    return platform


@pytest.mark.anyio
async def test_a_fault_meets_only_the_calls_that_it_names() -> None:
    platform = a_platform()
    platform.is_unavailable("expel", retry_after=timedelta(seconds=7))

    await platform.admit(LOUNGE, ANN, UNTIL, lift_ban=False)
    with pytest.raises(Unavailable) as caught:
        await platform.expel(LOUNGE, ANN)

    assert caught.value.retry_after == timedelta(seconds=7)
    assert await platform.expel(LOUNGE, ANN) == Outside(By.US)


@pytest.mark.anyio
async def test_an_answer_can_be_lost_after_the_effect() -> None:
    platform = a_platform()
    platform.asks_to_join("lounge", ANN)
    platform.is_unavailable("admit", after_effect=True)

    with pytest.raises(Unavailable):
        await platform.admit(LOUNGE, ANN, UNTIL, lift_ban=False)

    assert await platform.state_of(LOUNGE, ANN) == Inside()


@pytest.mark.anyio
async def test_any_error_of_the_ports_can_be_planted() -> None:
    platform = a_platform()
    platform.fails("admit", error=Refused("memory", "the account is deleted"), times=2)

    for _ in range(2):
        with pytest.raises(Refused, match="deleted"):
            await platform.admit(LOUNGE, ANN, UNTIL, lift_ban=False)

    assert not platform.faults


@pytest.mark.anyio
async def test_admitting_lifts_a_ban() -> None:
    platform = a_platform()
    platform.is_kicked_by_admin("lounge", ANN)

    await platform.admit(LOUNGE, ANN, UNTIL, lift_ban=True)
    platform.asks_to_join("lounge", ANN)

    assert await platform.admit(LOUNGE, ANN, UNTIL, lift_ban=False) == Inside()


@pytest.mark.anyio
async def test_a_message_is_kept_with_the_title_of_its_channel() -> None:
    platform = a_platform()
    platform.starts(ANN)

    await platform.tell(Tell(Topic.ENDED, ANN), "The lounge")

    (message,) = platform.messages
    assert (message.tell.topic, message.title) == (Topic.ENDED, "The lounge")


@pytest.mark.anyio
async def test_a_basic_group_is_refused() -> None:
    platform = a_platform()
    platform.opens("kitchen", owner=ZOE, basic=True)

    with pytest.raises(Refused, match="supergroup"):
        await platform.inspect(Place(ChatId("kitchen"), None))


@pytest.mark.anyio
async def test_a_chat_that_does_not_exist_needs_a_human() -> None:
    with pytest.raises(NeedsHuman):
        await a_platform().admit(Place(ChatId("nowhere"), None), ANN, UNTIL, lift_ban=False)


@pytest.mark.anyio
async def test_receive_waits_for_the_first_update() -> None:
    platform = a_platform()

    nothing = await platform.receive(timedelta(milliseconds=1))
    platform.starts(ANN)
    (started,) = await platform.receive(timedelta(seconds=60))

    assert not nothing
    assert started.kind == "started"


def test_the_banned_are_shown_no_way_in() -> None:
    platform = a_platform()
    platform.is_kicked_by_admin("lounge", ANN)

    with pytest.raises(ValueError, match="banned"):
        platform.asks_to_join("lounge", ANN)
