"""The decision tables of docs/reference/decisions, row by row."""

import random
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

import pytest

from solynk.core.facts import Fact
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.standing import Standing, gives_access, name_of
from tests.core import notation
from tests.core.tables import HISTORIES, ROWS, Answer, History

AT_LEAST: Final = 70
FEW: Final = 6
"""So many facts have 720 orders: all are tried. Of more facts, as many by chance."""
ORDERS: Final = 720


@pytest.mark.parametrize(
    ("case", "row"), ROWS, ids=[f"{case.name}, at {row.at}" for case, row in ROWS]
)
def test_the_standing_is_what_the_table_says(case: History, row: Answer) -> None:
    found = standing(case.ledger(), case.access_policy(), notation.instant(row.at))

    assert notation.words(found) == notation.canonical(row.answer)
    assert row.answer.startswith(name_of(found))
    assert _because(found) == row.because
    assert gives_access(found) is row.access


@pytest.mark.parametrize("case", HISTORIES, ids=[it.name for it in HISTORIES])
def test_no_order_of_delivery_changes_a_history(case: History) -> None:
    ledgers = [Ledger().join_all(order) for order in _orders(case.facts())]

    assert all(it == case.ledger() for it in ledgers)


def _orders(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    if len(facts) <= FEW:
        yield from permutations(facts)
        return
    chance = random.Random(len(facts))  # noqa: S311 -- the same orders in every run, no secret
    yield from (chance.sample(facts, len(facts)) for _ in range(ORDERS))


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
