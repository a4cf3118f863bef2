"""What the process says to the shell when it ends."""

from typing import Final

OK: Final = 0
FOUND_FAULTS: Final = 1
"""The command ran, and what it looked at is not in order."""
BAD_INPUT: Final = 2
"""The command line or the settings are wrong; nothing was done."""
UNAVAILABLE: Final = 3
"""Something that is needed does not answer; trying again later may work."""
INTERRUPTED: Final = 130
