"""Every decision names what keeps it true, and that is there."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import DOCS, ROOT

DECISIONS: Final = sorted((DOCS / "adr").glob("[0-9]*.md"))
HEADINGS: Final = ["Decision", "Why", "Costs", "Enforced by"]
_HEADING: Final = re.compile(r"^\*\*([A-Z][a-z ]+?)\.?\*\*", re.MULTILINE)
_PLACE: Final = re.compile(r"`([\w./-]+\.(?:py|toml|md)|tests/[\w/]+)(?:::(\w+))?`")
ONE_SENTENCE: Final = 1


def section(decision: Path, heading: str) -> str:
    text = decision.read_text(encoding="utf-8")
    return re.split(rf"^\*\*{heading}\.?\*\*", text, flags=re.MULTILINE)[1].split("\n\n**")[0]


def missing(words: str) -> list[str]:
    """The files and names in backquotes that do not exist, as they are written there."""
    found: list[str] = []
    for it in _PLACE.finditer(words):
        place, name = ROOT / it[1], it[2]
        there = place.is_dir() if place.suffix == "" else place.is_file()
        if not there or (name and not _defines(place, name)):
            found.append(it[0].strip("`"))
    return found


def _defines(file: Path, name: str) -> bool:
    return bool(
        re.search(rf"^\s*(?:async )?(?:def|class) {name}\b", file.read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda it: it.stem)
def test_a_decision_has_its_four_parts(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")

    assert _HEADING.findall(text) == HEADINGS
    assert section(decision, "Decision").count(". ") < ONE_SENTENCE


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda it: it.stem)
def test_what_enforces_a_decision_exists(decision: Path) -> None:
    words = section(decision, "Enforced by")

    assert _PLACE.search(words)
    assert missing(words) == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda it: it.stem)
def test_a_case_that_is_quoted_stands_in_its_table(decision: Path) -> None:
    words = " ".join(section(decision, "Enforced by").split())

    for case, file in re.findall(r'the case "([^"]+)" in `([^`]+)`', words):
        assert f'name = "{case}"' in (ROOT / file).read_text(encoding="utf-8")


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    listed = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")

    for number, decision in enumerate(DECISIONS, 1):
        title = decision.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert decision.name.startswith(f"{number:04}-")
        assert title.startswith(f"{number}. ")
        assert f"{number}. [{title.partition('. ')[2]}]({decision.name})" in listed


def test_what_does_not_exist_is_found() -> None:
    words = (
        "`tests/docs/pages.py::name_of` `tests/docs/gone.py` `tests/docs/pages.py::gone` `tests/no`"
    )

    assert missing(words) == ["tests/docs/gone.py", "tests/docs/pages.py::gone", "tests/no"]
