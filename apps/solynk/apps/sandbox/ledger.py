"""The record of truth for tests: every call that came in, every delivery out."""

from datetime import datetime
from typing import Any, Literal

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`path` as in `Fault.path`; `fault` is the kind of the fault that was met."""

    number: int
    at: datetime
    """Virtual time."""
    direction: Literal["call", "delivery", "control"]
    vendor: str
    method: str
    path: str
    account: str = ""
    """The connected account, or the bot's id."""
    params: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    status: int
    """The HTTP status; 0 when the connection was cut or nobody answered."""
    fault: str = ""
    answer: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """For a call, what it was answered; for a delivery, empty."""
    took: float = 0.0
    """For a call, the real seconds from when it came in to `at`: which calls overlapped."""


class Ledger:
    """Append-only."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(
        self,
        *,
        at: datetime,
        direction: Literal["call", "delivery", "control"],
        vendor: str,
        method: str,
        path: str,
        status: int,
        account: str = "",
        params: dict[str, Any] | None = None,
        fault: str = "",
        answer: dict[str, Any] | None = None,
        took: float = 0.0,
    ) -> None:
        self.entries.append(
            Entry(
                number=len(self.entries) + 1,
                at=at,
                direction=direction,
                vendor=vendor,
                method=method,
                path=path,
                account=account,
                params=params or {},
                status=status,
                fault=fault,
                answer=answer or {},
                took=took,
            )
        )

    def clear(self) -> None:
        self.entries.clear()
