"""The decision tables of docs/reference/decisions, row by row."""

from itertools import islice, permutations
from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec import Struct

from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Standing, gives_access
from tests.core import notation

TABLES: Final = Path(__file__).parents[2] / "docs" / "reference" / "decisions"
AT_LEAST: Final = 70


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

    def ledger(self) -> Ledger:
        return Ledger().join_all(notation.history(self.history))

    def access_policy(self) -> AccessPolicy:
        return notation.policy(self.shape, self.policy)


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    case: tuple[History, ...]


def _histories() -> list[History]:
    files = sorted(TABLES.glob("standings*.toml"))
    return [it for file in files for it in msgspec.toml.decode(file.read_bytes(), type=Table).case]


HISTORIES: Final = _histories()
ROWS: Final = [(case, answer) for case in HISTORIES for answer in case.answers]


@pytest.mark.parametrize(
    ("case", "row"), ROWS, ids=[f"{case.name}, at {row.at}" for case, row in ROWS]
)
def test_the_standing_is_what_the_table_says(case: History, row: Answer) -> None:
    found = standing(case.ledger(), case.access_policy(), notation.instant(row.at))

    assert notation.words(found) == notation.canonical(row.answer)
    assert _because(found) == row.because
    assert gives_access(found) is row.access


@pytest.mark.parametrize("case", HISTORIES, ids=[it.name for it in HISTORIES])
def test_no_order_of_delivery_changes_a_history(case: History) -> None:
    facts = notation.history(case.history)

    ledgers = [Ledger().join_all(order) for order in islice(permutations(facts), 720)]

    assert all(it == case.ledger() for it in ledgers)


def test_every_history_has_its_own_name() -> None:
    names = [it.name for it in HISTORIES]

    assert sorted(names) == sorted(set(names))


def test_the_table_has_enough_rows_and_every_shape() -> None:
    shapes = {it.shape for it in HISTORIES}

    assert len(HISTORIES) >= AT_LEAST
    assert shapes == set(notation.SHAPES)


@pytest.mark.parametrize("line", ["paid in_1", "failed", "observed active", "refund re_1: lost"])
def test_a_line_outside_the_notation_is_refused(line: str) -> None:
    with pytest.raises(notation.Unreadable):
        notation.fact(line)


def _because(it: Standing) -> str:
    return f"{it.because.reason.value} {it.because.fact}".strip()
