"""`solynk`: run it, look into it, mend it. Exit codes are in `codes`."""

from solynk.apps.cli.commands import main

__all__ = ["main"]
