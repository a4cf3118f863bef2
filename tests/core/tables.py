"""The decision tables of docs/reference/decisions, as data."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from solynk.core.facts import Fact
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from tests.core import notation

TABLES: Final = Path(__file__).parents[2] / "docs" / "reference" / "decisions"


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    at: str
    answer: str = msgspec.field(name="is")
    because: str
    access: bool


class History(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    shape: str
    history: tuple[str, ...]
    answers: tuple[Answer, ...]
    policy: dict[str, notation.Setting] = {}

    def facts(self) -> list[Fact]:
        return notation.history(self.history)

    def ledger(self) -> Ledger:
        return Ledger().join_all(self.facts())

    def access_policy(self) -> AccessPolicy:
        return notation.policy(self.shape, self.policy)


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    case: tuple[History, ...]


def _histories() -> list[History]:
    files = sorted(TABLES.glob("standings*.toml"))
    return [it for file in files for it in msgspec.toml.decode(file.read_bytes(), type=Table).case]


HISTORIES: Final = _histories()
ROWS: Final = [(case, answer) for case in HISTORIES for answer in case.answers]
