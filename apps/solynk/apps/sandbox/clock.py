"""Virtual time: the sandbox's clock, and the agenda of what is due when.

Real time flows on top of an offset. While the time machine runs the clock is
held at each due instant, so that all that happens there is stamped with it.
"""

import heapq
import itertools
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Never goes backwards, except by `reset`."""

    def __init__(self, start: datetime | None = None) -> None:
        self._base = start or _wall_now()
        self._since: float | None = time.monotonic()

    def now(self) -> datetime:
        if self._since is None:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def timestamp(self) -> int:
        """Unix seconds of virtual time, as vendors stamp their objects."""
        return int(self.now().timestamp())

    def advance_to(self, instant: datetime) -> None:
        """Jump forward; an instant in the past changes nothing."""
        self._base = max(self.now(), instant)
        if self._since is not None:
            self._since = time.monotonic()

    def reset(self, start: datetime | None = None) -> None:
        self._base = start or _wall_now()
        self._since = time.monotonic()

    @contextmanager
    def held(self) -> Generator[None, None, None]:
        """Stand still inside the block, then flow again from where it stands."""
        self._base, self._since = self.now(), None
        try:
            yield
        finally:
            self._since = time.monotonic()


@dataclass(order=True)
class Appointment:
    """Something that will happen at `due` in virtual time."""

    due: datetime
    order: int
    what: str = field(compare=False)
    do: Callable[[], None] = field(compare=False, repr=False)
    called_off: bool = field(default=False, compare=False)

    def call_off(self) -> None:
        self.called_off = True


class Agenda:
    """Everything that is due, soonest first; ties in the order of booking."""

    def __init__(self) -> None:
        self._heap: list[Appointment] = []
        self._order = itertools.count()

    def at(self, due: datetime, what: str, do: Callable[[], None]) -> Appointment:
        appointment = Appointment(due, next(self._order), what, do)
        heapq.heappush(self._heap, appointment)
        return appointment

    def next_due(self, until: datetime) -> Appointment | None:
        """Take out the next appointment that is due at `until` or before."""
        while self._heap and self._heap[0].due <= until:
            appointment = heapq.heappop(self._heap)
            if not appointment.called_off:
                return appointment
        return None

    def ahead(self) -> list[Appointment]:
        return sorted(one for one in self._heap if not one.called_off)

    def clear(self) -> None:
        self._heap.clear()


def _wall_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - real time is what virtual time flows on
