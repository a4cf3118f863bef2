"""Time as business sees it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Business time comes from one clock; in the sandbox every process follows the sandbox's.

    Leases, webhook tolerances and rate limits are about real time and use another instance.
    """

    async def now(self) -> datetime:
        """This instant, aware, in UTC.

        Raises:
            Unavailable: the clock is elsewhere and does not answer. Nothing may be guessed then.
        """
        ...
