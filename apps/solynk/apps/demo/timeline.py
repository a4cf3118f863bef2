"""What the demo prints: an instant, a sentence, and whether what was expected came true."""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TextIO

GREEN: Final = "32"
RED: Final = "31"
DIM: Final = "2"
BOLD: Final = "1"


@dataclass(slots=True)
class Timeline:
    """Colours only where a person is looking."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    start: datetime | None = None
    passed: int = 0
    failed: list[str] = field(default_factory=list[str])

    def title(self, words: str) -> None:
        self._line(self._paint(words, BOLD))

    def note(self, words: str) -> None:
        self._line(self._paint(f"  {words}", DIM))

    def happens(self, at: datetime, words: str) -> None:
        self._line(f"{self._day(at)}  {words}")

    def expect(self, *, ok: bool, words: str) -> bool:
        """One expectation, checked: a false one makes the demo end with an error."""
        if ok:
            self.passed += 1
        else:
            self.failed.append(words)
        mark = self._paint("✓", GREEN) if ok else self._paint("✗", RED)
        self._line(f"              {mark} {words}")
        return ok

    def _day(self, at: datetime) -> str:
        self.start = self.start or at
        return f"day {(at - self.start).days:>3} {at:%H:%M}"

    def _line(self, words: str) -> None:
        print(words, file=self.out, flush=True)

    def _paint(self, words: str, colour: str) -> str:
        return f"\033[{colour}m{words}\033[0m" if self.out.isatty() else words
