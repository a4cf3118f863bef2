"""`solynk`: run it, look into it, mend it. Exit codes are in `codes`."""

from collections.abc import Sequence

from solynk.apps.cli import codes
from solynk.apps.cli.extras import words_for
from solynk.apps.cli.terminal import complain

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the process's exit code."""
    try:
        from solynk.apps.cli import commands  # noqa: PLC0415 -- loads what is an extra

        return commands.run(arguments)
    except ModuleNotFoundError as missing:
        complain(words_for(missing))
        return codes.BAD_INPUT
