"""Breaks one thing at a time, at random, and mends it: what it did is told, for a repetition."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.chaos.arena import Arena
from tests.chaos.figures import Figures

VENDORS = [
    {"kind": "error_before", "vendor": "telegram", "method": "POST", "probability": 0.3},
    {"kind": "cut_after", "vendor": "telegram", "path": "*Chat*", "probability": 0.3},
    {"kind": "rate_limit", "vendor": "telegram", "path": "send*", "retry_after": 2, "probability": 0.3},
    {"kind": "cut_after", "vendor": "stripe", "method": "GET", "probability": 0.4},
    {"kind": "error_before", "vendor": "stripe", "path": "/v1/*", "method": "GET", "probability": 0.4},
]  # fmt: skip
DELIVERIES = [
    {"kind": "duplicate", "probability": 0.5, "copies": 2},
    {"kind": "reorder", "probability": 0.5, "seconds": 0.4},
    {"kind": "drop", "vendor": "stripe", "probability": 0.3},
]
POINTS = (1, 2, 3, 5, 8, 13, 21, 34)


@dataclass(slots=True)
class Nemesis:
    arena: Arena
    chance: random.Random
    figures: Figures
    told: list[str] = field(default_factory=list[str])
    frozen: list[str] = field(default_factory=list[str])

    async def strike(self) -> None:
        faults: list[Mapping[str, object]] = [self.chance.choice(DELIVERIES)]
        if self.chance.random() < 0.5:
            faults.append(self.chance.choice(VENDORS))
        seed = self.chance.randrange(1 << 20)
        await self.arena.town.misbehave(*faults, seed=seed)
        blow = self.chance.choice(self._blows())
        self.told.append(f"{blow.__name__} {faults} {seed}")
        self.figures.count(f"blow: it {blow.__name__.replace('_', ' ').strip()}")
        blow()

    def _blows(self) -> list[Callable[[], None]]:
        blows = [self._kills, self._orders_a_death, self._leaves_alone]
        if self.arena.redis is not None:
            blows += [self._freezes, self._wipes, self._cuts, self._crashes, self._slows]
        return blows

    def _some(self) -> str:
        return self.chance.choice(sorted(self.arena.processes))

    def _leaves_alone(self) -> None:
        """Nothing but what the vendors do."""

    def _kills(self) -> None:
        self.arena.program(self._some()).kill()

    def _orders_a_death(self) -> None:
        door = self.chance.choice(["database", "vendor"])
        number, when = self.chance.choice(POINTS), self.chance.choice(["before", "after"])
        self.arena.tell(self._some(), "die", door=door, number=number, when=when)

    def _freezes(self) -> None:
        self.frozen.append(self._some())
        self.arena.freeze(self.frozen[-1])

    def _wipes(self) -> None:
        if self.arena.redis is not None:
            self.arena.redis.wipe()

    def _cuts(self) -> None:
        self.arena.wires[self.chance.choice(sorted(self.arena.wires))].cut()

    def _slows(self) -> None:
        self.arena.wires["postgres"].delay = 0.02

    def _crashes(self) -> None:
        if self.arena.postgres is not None:
            self.arena.postgres.crash()

    async def relent(self) -> None:
        """All is mended, and a minute goes by for the leases of the dead."""
        await self.arena.heal()
        self.arena.leases_lapse()
        self.frozen.clear()
