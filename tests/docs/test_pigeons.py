"""The platform of the how-to keeps every promise of the port."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from solynk.contract_tests.channels import ChannelPlatformContract
from solynk.core.ids import ChatId, PersonId
from solynk.ports.channels import ChannelPlatform, Place
from tests.docs.pages import DOCS, code
from tests.docs.pigeons import Pigeons

LOFT = "loft"
ZOE = PersonId("zoe")


class PigeonDriver:
    place = Place(ChatId(LOFT), None)
    owner = ZOE
    admin = PersonId("adam")

    def __init__(self, pigeons: Pigeons) -> None:
        self.pigeons = pigeons
        self.chat = pigeons.opens(LOFT, owner=ZOE)
        pigeons.is_promoted(LOFT, self.admin)
        self.newcomers = 0

    async def newcomer(self) -> PersonId:
        self.newcomers += 1
        return PersonId(f"newcomer-{self.newcomers}")

    async def starts(self, person: PersonId, token: str = "") -> None:
        self.pigeons.starts(person, token)

    async def blocks_the_bot(self, person: PersonId) -> None:
        self.pigeons.blocks_the_bot(person)

    async def asks_to_join(self, person: PersonId, place: Place) -> None:
        self.pigeons.asks_to_join(place.chat, person)

    async def leaves(self, person: PersonId) -> None:
        self.pigeons.leaves(LOFT, person)

    async def is_added_by_admin(self, person: PersonId) -> None:
        self.pigeons.is_added_by_admin(LOFT, person)

    async def is_kicked_by_admin(self, person: PersonId) -> None:
        self.pigeons.is_kicked_by_admin(LOFT, person)

    async def is_promoted(self, person: PersonId) -> None:
        self.pigeons.is_promoted(LOFT, person)

    async def is_inside(self, person: PersonId) -> bool:
        return person in self.chat.members

    async def has_request(self, person: PersonId) -> bool:
        return person in self.chat.pending

    async def is_banned(self, person: PersonId) -> bool:
        return person in self.chat.banned

    async def members(self) -> int:
        return len(self.chat.members) + 1

    async def messages_to(self, person: PersonId) -> int:
        return sum(it.startswith(f"{person}: ") for it in self.pigeons.letters)

    async def takes_rights(self) -> None:
        self.pigeons.takes_rights(LOFT)

    async def gives_rights(self) -> None:
        self.pigeons.gives_rights(LOFT)

    async def removes_the_bot(self) -> None:
        self.pigeons.removes_the_bot(LOFT)

    async def is_unavailable(self, times: int) -> None:
        self.pigeons.faults += [False] * times

    async def loses_answers(self, times: int) -> None:
        self.pigeons.faults += [True] * times

    async def moved_chat(self) -> tuple[Place, ChatId]:
        self.pigeons.opens("old", owner=ZOE)
        self.pigeons.moves("old", "new")
        return Place(ChatId("old"), None), ChatId("new")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The code of the how-to, as a module."""
    file = Path(tmp_path_factory.mktemp("page")) / "pigeon_page.py"
    file.write_text(code(DOCS / "how-to" / "write-a-channel-platform.md", "python"), "utf-8")
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[file.stem] = module  # msgspec looks up annotations there
    spec.loader.exec_module(module)
    return module


class TestPigeonPlatform(ChannelPlatformContract):
    @pytest.fixture
    def pigeons(self, page: ModuleType) -> Pigeons:
        return Pigeons(page=page)

    @pytest.fixture
    def platform(self, page: ModuleType, pigeons: Pigeons) -> ChannelPlatform:
        made: ChannelPlatform = page.PigeonPlatform(pigeons)
        return made

    @pytest.fixture
    def chat(self, pigeons: Pigeons) -> PigeonDriver:
        return PigeonDriver(pigeons)
