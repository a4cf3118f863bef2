"""Whatever the code counts or measures is named in `METRICS`, with the labels that it has there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from solynk.ports.telemetry import METRICS, Measure
from tests.docs.pages import ROOT

MEASURES = {"count": Measure.COUNT, "observe": Measure.DURATION}
CODE = sorted((ROOT / "apps").rglob("*.py"))


def measured(code: str) -> Iterator[tuple[str, Measure, frozenset[str]]]:
    """(name, measure, labels) of each call such as `w.telemetry.count("commands", kind=…)`."""
    for it in ast.walk(ast.parse(code)):
        if not isinstance(it, ast.Call) or not isinstance(it.func, ast.Attribute):
            continue
        if it.func.attr not in MEASURES or "telemetry" not in ast.unparse(it.func.value):
            continue
        name = it.args[0]
        assert isinstance(name, ast.Constant), ast.unparse(it)
        labels = frozenset(word.arg or "" for word in it.keywords)
        yield str(name.value), MEASURES[it.func.attr], labels


FOUND = [
    pytest.param(*it, id=f"{path.stem}-{it[0]}")
    for path in CODE
    for it in measured(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("name", "measure", "labels"), FOUND)
def test_what_is_measured_is_named(name: str, measure: Measure, labels: frozenset[str]) -> None:
    assert METRICS[name].measure is measure
    assert set(METRICS[name].labels) == labels


def test_what_is_named_is_measured() -> None:
    known = {name for name, it in METRICS.items() if it.measure is not Measure.GAUGE}
    found = {name for path in CODE for name, *_ in measured(path.read_text(encoding="utf-8"))}

    assert found == known


def test_a_call_with_a_name_of_its_own_is_found() -> None:
    assert list(measured("w.telemetry.count('people', name=who)")) == [
        ("people", Measure.COUNT, frozenset({"name"}))
    ]


def test_no_label_is_a_person_or_an_organization() -> None:
    labels = {label for it in METRICS.values() for label in it.labels}

    assert labels == {"source", "outcome", "status", "kind", "vendor", "operation"}


def test_the_code_is_there() -> None:
    assert Path(ROOT / "apps/solynk/apps/engine/apply.py") in CODE
