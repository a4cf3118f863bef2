"""How much of everything: enough to see a change in minutes, or all that the targets speak of."""

from typing import Final

from msgspec import Struct


class Scale(Struct, frozen=True):
    rounds: int = 5
    requests: int = 2_000
    """In one run of one contender."""
    blocks: int = 15
    """Rounds of a micro benchmark, which are short."""
    stored: int = 100_000
    """Customers in the database, of whom `due` are due."""
    due: int = 2_000
    minutes: float = 0.5
    """Of an open loop."""


SMALL: Final = Scale()
FULL: Final = Scale(rounds=9, requests=5_000, blocks=30, stored=1_000_000, due=10_000, minutes=20)
