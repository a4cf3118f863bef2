"""Words to a person at a terminal. Colours only where one is looking."""

import os
import sys
from typing import Final, TextIO

GREEN: Final = "32"
RED: Final = "31"
DIM: Final = "2"


def say(words: str) -> None:
    print(words, flush=True)


def complain(words: str) -> None:
    print(f"solynk: {words}", file=sys.stderr, flush=True)


def good(words: str) -> None:
    say(f"{_paint('✓', GREEN)} {words}")


def bad(words: str, fix: str) -> None:
    say(f"{_paint('✗', RED)} {words}\n    {_paint('fix:', DIM)} {fix}")


def _paint(words: str, colour: str, out: TextIO | None = None) -> str:
    colourful = (out or sys.stdout).isatty() and "NO_COLOR" not in os.environ
    return f"\033[{colour}m{words}\033[0m" if colourful else words
