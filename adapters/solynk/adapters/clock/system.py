"""The one place that reads the machine's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SystemClock:
    async def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock adapter
