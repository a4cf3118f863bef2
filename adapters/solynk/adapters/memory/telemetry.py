"""Counts and durations, kept where a test or a page can read them."""

from collections import Counter, deque
from dataclasses import dataclass, field

REMEMBERED = 1_000

Key = tuple[str, frozenset[tuple[str, str]]]


def _key(name: str, labels: dict[str, str]) -> Key:
    return name, frozenset(labels.items())


@dataclass(frozen=True, slots=True)
class InMemoryTelemetry:
    """Of every series of durations the latest ones are kept."""

    _counts: Counter[Key] = field(default_factory=Counter[Key])
    _seconds: dict[Key, deque[float]] = field(default_factory=dict[Key, deque[float]])

    def count(self, name: str, **labels: str) -> None:
        self._counts[_key(name, labels)] += 1

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        kept = self._seconds.setdefault(_key(name, labels), deque(maxlen=REMEMBERED))
        kept.append(seconds)

    def counted(self, name: str, **labels: str) -> int:
        return self._counts[_key(name, labels)]

    def observed(self, name: str, **labels: str) -> tuple[float, ...]:
        return tuple(self._seconds.get(_key(name, labels), ()))
