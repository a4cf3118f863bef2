"""Writes the pages that are drawn from the code and from the decision tables.

    python docs/generate.py

A test fails while a committed page differs from what this writes.
"""  # noqa: INP001 a program, no package

import sys
import tomllib
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for the notation of the tables, which the tests read too

from solynk.core.access import (  # noqa: E402
    AccessState,
    By,
    Exempt,
    Identity,
    Inside,
    Invited,
    Kind,
    Outside,
    Seen,
    Step,
    Unsure,
    Untouched,
    kind,
    plan,
    state,
)
from solynk.core.entitlement import Desired  # noqa: E402
from solynk.core.judge import RULES, standing  # noqa: E402
from solynk.core.ledger import Ledger  # noqa: E402
from solynk.core.standing import Standing, gives_access  # noqa: E402
from solynk.core.timer import next_change_at  # noqa: E402
from tests.builders import START, day  # noqa: E402
from tests.core import notation  # noqa: E402

REFERENCE: Final = ROOT / "docs" / "reference"
WRITTEN_BY: Final = "<!-- Written by docs/generate.py: change the code or the tables, not this. -->"
SEEN: Final[tuple[Seen, ...]] = (
    Untouched(),
    Unsure(),
    Invited(day(1)),
    Invited(START),
    Inside(),
    *(Outside(it) for it in By),
    Exempt(),
)


def pages() -> dict[Path, str]:
    return {
        REFERENCE / "decisions" / "standings.md": standings_page(),
        REFERENCE / "decisions" / "access.md": access_page(),
        REFERENCE / "diagrams.md": diagrams_page(),
    }


def standings_page() -> str:
    """All rows of the decision tables, one section for each file."""
    parts = [WRITTEN_BY, "# The decision table of standings"]
    for file in tables():
        text = file.read_text(encoding="utf-8")
        parts.append(f"## {text.splitlines()[0].removeprefix('# ')}")
        parts += [_case(it) for it in cases(file)]
    return "\n\n".join(parts) + "\n"


def access_page() -> str:
    """The total table of `plan`, a row for each of 162 combinations, two to a line."""
    head = ["desired", "seen", "bound is", "usable", "unusable"]
    rows = [
        [desired, seen, who, *(plan(desired, seen, who, usable=it) for it in (True, False))]
        for who, desired, seen in product(Identity, Desired, Kind)
    ]
    states = [[kind(it, START), *(state(desired, it) for desired in Desired)] for it in SEEN]
    parts = [
        WRITTEN_BY,
        "# What is done next about an access",
        _table(head, rows),
        "## The state of an access",
        _table(["seen", *Desired], states),
    ]
    return "\n\n".join(parts) + "\n"


def diagrams_page() -> str:
    parts = [
        WRITTEN_BY,
        "# State diagrams",
        "## The rules of a standing\n\nThe first that applies decides.",
        _mermaid("flowchart TD", _rule_lines()),
        "## What the clock alone does to a standing\n\nA double frame gives access.",
        _mermaid("flowchart LR", _clock_lines()),
        "## The states of an access\n\nBy a change of what is desired, and by the calls that follow.",
        _mermaid("stateDiagram-v2", _access_lines()),
        "## The next step, for the person bound\n\nOn a channel that can be used.",
        _mermaid("flowchart LR", _step_lines()),
    ]
    return "\n\n".join(parts) + "\n"


def tables() -> list[Path]:
    return sorted((REFERENCE / "decisions").glob("standings-*.toml"))


def cases(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    return found


def _case(it: Mapping[str, Any]) -> str:
    policy = "".join(f", {name} = {value}" for name, value in it.get("policy", {}).items())
    history = "\n".join(f"- `{line}`" for line in it["history"]) or "- nothing"
    rows = [
        [row["at"], row["is"], row["because"], "yes" if row["access"] else "no"]
        for row in it["answers"]
    ]
    name = it["name"][0].upper() + it["name"][1:]
    answers = _table(["at", "standing", "because", "access"], rows)
    return f"### {name}\n\n{it['shape']}{policy}\n\n{history}\n\n{answers}"


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _mermaid(kind_: str, lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", kind_, *(f"  {line}" for line in lines), "```"])


def _rule_lines() -> list[str]:
    names = [rule.__name__.strip("_").replace("_", " ") for rule in RULES]
    boxes = [f'r{number}["{number + 1}. {name}?"]' for number, name in enumerate(names)]
    links = [f"r{number} -- no --> r{number + 1}" for number in range(len(names) - 1)]
    return [*boxes, *links, f"r{len(names) - 1} -- no --> none([incomplete])"]


def _clock_lines() -> list[str]:
    """Every change with no new fact, found by following each history from edge to edge."""
    found: set[tuple[str, str]] = set()
    nodes: dict[str, str] = {}
    for it in (case for file in tables() for case in cases(file)):
        ledger = Ledger().join_all(notation.history(it["history"]))
        policy = notation.policy(it["shape"], it.get("policy", {}))
        at = day(-1)
        before = standing(ledger, policy, at)
        nodes |= _node(before)
        while (later := next_change_at(ledger, policy, at)) is not None:
            at, after = later, standing(ledger, policy, later)
            nodes |= _node(after)
            if _name(before) != _name(after):
                found.add((_name(before), _name(after)))
            before = after
    return [*(nodes[it] for it in sorted(nodes)), *(f"{a} --> {b}" for a, b in sorted(found))]


def _name(it: Standing) -> str:
    return f"{it.__struct_config__.tag}_{it.because.reason.value}"


def _node(it: Standing) -> dict[str, str]:
    words = f"{it.__struct_config__.tag}: {it.because.reason.value}"
    shape = f'[["{words}"]]' if gives_access(it) else f'["{words}"]'
    return {_name(it): f"{_name(it)}{shape}"}


def _access_lines() -> list[str]:
    links: set[tuple[AccessState, AccessState, str]] = set()
    for seen, desired in product(SEEN, Desired):
        here = state(desired, seen)
        links |= {(here, state(it, seen), f"desired is {it}") for it in Desired if it != desired}
        step = plan(desired, kind(seen, START), Identity.BOUND, usable=True)
        links |= {(here, state(desired, it), step) for it in _outcomes(step)}
    loud = sorted((a, b, why) for a, b, why in links if a != b)
    return ["[*] --> revoked", *(f"{a} --> {b}: {why}" for a, b, why in loud)]


def _outcomes(step: Step) -> tuple[Seen, ...]:
    """What may be seen after a call; no other step changes what is seen."""
    if step is Step.ADMIT:
        return Invited(day(1)), Inside()
    return (Outside(By.US),) if step is Step.EXPEL else ()


def _step_lines() -> list[str]:
    lines: list[str] = []
    for desired, seen in product((Desired.IN, Desired.OUT), Kind):
        step = plan(desired, seen, Identity.BOUND, usable=True)
        side = "with a right" if desired is Desired.IN else "without a right"
        lines.append(f'{desired}_{seen}["{seen}, {side}"] --> {step}(["{step}"])')
    return lines


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
