"""A table to read, and the same as JSON to compare."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests.benchmarks.measuring import Outcome, Spread, Target, Verdict

FIGURES: Final = (
    ("rps", "requests/s"),
    ("p50", "p50 ms"),
    ("p95", "p95 ms"),
    ("p99", "p99 ms"),
    ("late", "p99 at the end, ms"),
    ("us", "µs"),
    ("ms", "ms"),
    ("seconds", "s"),
    ("per second", "per s"),
    ("cpu", "CPU µs/request"),
    ("db cpu", "database CPU µs/request"),
    ("mebibytes", "MiB"),
    ("recovery", "recovery s"),
    ("refused", "refused"),
    ("refusal", "p99 of refusals, ms"),
)
"""What a contender may have measured, and what its column is called."""


WORDS: Final = "benchmarks.md"
NUMBERS: Final = "benchmarks.json"


class Report(Struct, frozen=True):
    python: str
    cores: int
    database: str
    outcomes: list[Outcome]


def write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NUMBERS).write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    (folder / WORDS).write_text(in_words(report), encoding="utf-8")


def in_words(report: Report) -> str:
    about = f"Python {report.python}, {report.cores} cores, PostgreSQL {report.database}"
    parts = [about, *(_of_outcome(it) for it in report.outcomes), _of_targets(report.outcomes)]
    return "\n\n".join(parts) + "\n"


def _of_outcome(it: Outcome) -> str:
    known = [(key, name) for key, name in FIGURES if any(it.spread(who, key) for who in it.rounds)]
    head = ["", *(name for _, name in known), "of others"]
    rows = [[who, *(_middle(it.spread(who, key)) for key, _ in known), _foreign(it, who)]
            for who in it.rounds]  # fmt: skip
    notes = [f"{who}: {note}." for who, note in it.notes.items()]
    return "\n".join([f"## {it.title}", "", *_table(head, rows), "", *notes])


def _foreign(it: Outcome, who: str) -> str:
    worst = max(sample.foreign for sample in it.rounds[who])
    return f"{worst:.0%}"


def _of_targets(outcomes: Iterable[Outcome]) -> str:
    head = ["", "target", "asked", "least", "middle", "most", ""]
    rows = [
        [it.target.id, it.target.claim, asked(it.target), *_numbers(it.spread), _word(it)]
        for outcome in outcomes
        for it in outcome.verdicts
    ]
    return "\n".join(["## Targets", "", *_table(head, rows)])


def asked(it: Target) -> str:
    unit = " x" if it.over else ""
    return f"≥ {it.least:g}{unit}" if it.least is not None else f"≤ {it.most:g}{unit}"


def _word(it: Verdict) -> str:
    return "met" if it.met else "missed by less than a fifth" if it.held else "missed"


def _numbers(it: Spread) -> tuple[str, str, str]:
    return _number(it.least), _number(it.middle), _number(it.most)


def _middle(it: Spread | None) -> str:
    return "" if it is None else f"{_number(it.middle)} ({_number(it.least)} to {_number(it.most)})"


def _number(it: float) -> str:
    return f"{it:,.0f}" if it >= 100 else f"{it:.3g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    lines = [head, ["-" * it for it in widths], *rows]
    return ["| " + " | ".join(_cells(line, widths)) + " |" for line in lines]


def _cells(line: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    return (it.ljust(width) for it, width in zip(line, widths, strict=True))
