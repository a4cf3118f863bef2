"""A table that can take back what the running unit of work did to it, and turns at its rows."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def in_rounds(queue: Iterable[V], owner: Callable[[V], Hashable]) -> list[V]:
    """The first of each owner, then the second of each, and so on; each round in the queue's order."""
    turns: Counter[Hashable] = Counter()
    placed: list[tuple[int, V]] = []
    for row in queue:
        placed.append((turns[owner(row)], row))
        turns[owner(row)] += 1
    return [row for _, row in sorted(placed, key=lambda it: it[0])]


class Rows(Generic[K, V]):
    """Rows by key, in the order in which they were first put."""

    def __init__(self) -> None:
        self._rows: dict[K, V] = {}
        self._before: dict[K, V | None] = {}
        self._order: list[K] = []

    def __iter__(self) -> Iterator[V]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: K) -> V | None:
        return self._rows.get(key)

    def put(self, key: K, row: V) -> None:
        self._before.setdefault(key, self._rows.get(key))
        self._rows[key] = row

    def drop(self, key: K) -> None:
        """What is not there is no error."""
        if key in self._rows:
            self._order = self._order or list(self._rows)
            row = self._rows.pop(key)
            self._before.setdefault(key, row)

    def where(self, applies: Callable[[V], bool]) -> list[V]:
        return [row for row in self._rows.values() if applies(row)]

    def first(self, applies: Callable[[V], bool]) -> V | None:
        return next((row for row in self._rows.values() if applies(row)), None)

    def keep(self) -> None:
        """Make final what was put or dropped since the last call."""
        self._before.clear()
        self._order.clear()

    def undo(self) -> None:
        """Make it as it was when `keep` was last called."""
        for key, row in self._before.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = row
        if self._order:
            self._rows = {key: self._rows[key] for key in self._order if key in self._rows}
        self.keep()
