"""Pigeon, the invented vendor of the how-to: its SDK, over the people in memory."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import msgspec

from solynk.adapters.memory.people import InMemoryChat, InMemoryPeople
from solynk.core.access import By
from solynk.core.signals import (
    AskedToJoin,
    BotRightsChanged,
    Departed,
    Joined,
    Ranked,
    Signal,
    Silenced,
    Started,
)

BY: Final = {By.US: "bot", By.AN_ADMIN: "admin", By.THEMSELVES: "themselves"}


@dataclass
class Pigeons(InMemoryPeople):
    """`page` is the code of the how-to: the SDK's types and errors are told there."""

    page: ModuleType = field(kw_only=True)
    bot: str = "pigeon-bot"
    letters: list[str] = field(default_factory=list[str])
    faults: list[bool] = field(default_factory=list[bool])
    """One for each call that fails; whether it fails after its effect."""

    async def loft(self, loft: str) -> Any:  # noqa: ANN401 -- a type of the page
        with self._call():
            here = self._here(loft)
            link = f"https://pigeon.example/join/{loft}"
            return self.page.Loft(here.title, len(here.members) + 1, here.bot_has_rights, link)

    async def rank(self, loft: str, bird: str) -> str:
        with self._call():
            here = self._usable(loft)
            if bird == here.owner:
                return "owner"
            if bird in here.admins:
                return "admin"
            inside = "member" if bird in here.members else "none"
            return "banned" if bird in here.banned else inside

    async def approve(self, loft: str, bird: str) -> bool:
        with self._call():
            here = self._usable(loft)
            asked = bird in here.pending
            if asked:
                self._let_in(here, bird)
            return asked

    async def decline(self, loft: str, bird: str) -> None:
        with self._call():
            self._usable(loft).pending.discard(bird)

    async def ban(self, loft: str, bird: str) -> None:
        with self._call():
            here = self._usable(loft)
            here.banned.add(bird)
            self._take_out(here, bird, By.US)

    async def unban(self, loft: str, bird: str) -> None:
        with self._call():
            self._usable(loft).banned.discard(bird)

    async def write(self, bird: str, text: str) -> None:
        with self._call():
            if bird not in self.reachable:
                raise self.page.PigeonError("blocked")
            self.letters.append(f"{bird}: {text}")

    async def news(self, after: int, wait: float) -> list[Any]:
        del wait
        with self._call():
            return [
                self._news(int(it.external_id), msgspec.json.decode(it.body, type=Signal))
                for it in self.updates
                if int(it.external_id) > after
            ]

    def _news(self, number: int, it: Signal) -> Any:  # noqa: ANN401 -- a type of the page
        news = self.page.News
        match it:
            case AskedToJoin():
                return news(number, "asked", it.chat, it.person)
            case Joined():
                return news(number, "came", it.chat, it.person)
            case Departed():
                return news(number, "left", it.chat, it.person, BY[it.by])
            case Ranked():
                return news(number, "ranked", it.chat, it.person, yes=it.exempt)
            case BotRightsChanged():
                return news(number, "rights", it.chat, text=it.fault or "", yes=it.present)
            case Started():
                return news(number, "started", bird=it.person, text=it.payload)
            case Silenced():
                return news(number, "blocked", bird=it.person)
            case _:
                return news(number, "weather")

    def _here(self, loft: str) -> InMemoryChat:
        here = self.chats[loft]
        if here.moved_to is not None:
            raise self.page.PigeonError("moved", here.moved_to)
        if not here.bot_present:
            raise self.page.PigeonError("not_there")
        return here

    def _usable(self, loft: str) -> InMemoryChat:
        here = self._here(loft)
        if not here.bot_has_rights:
            raise self.page.PigeonError("no_rights")
        return here

    @contextmanager
    def _call(self) -> Generator[None]:
        fault = self.faults.pop(0) if self.faults else None
        if fault is False:
            raise self.page.PigeonError("storm")
        yield
        if fault is True:
            raise self.page.PigeonError("storm")
