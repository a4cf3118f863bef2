"""A table that can take back what the running unit of work did to it."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


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
