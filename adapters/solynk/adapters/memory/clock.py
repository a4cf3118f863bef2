"""A clock that stands still until it is told the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from solynk.core.instants import utc


@dataclass(slots=True)
class ManualClock:
    at: datetime

    def __post_init__(self) -> None:
        self.at = utc(self.at)

    async def now(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Returns the instant that it is afterwards."""
        self.at += by
        return self.at
