"""The telemetry port over prometheus_client's own registry of one process."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""Frameworks add the charset to text of their own accord."""
PREFIX: Final = "solynk"
BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds, dense around the promise of two from payment to invite."""
MULTIPROC: Final = "PROMETHEUS_MULTIPROC_DIR"

_M = TypeVar("_M", Counter, Histogram)


@dataclass(frozen=True, slots=True)
class PrometheusTelemetry:
    """A metric is made when it is first used, with the labels of that use."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _counters: dict[str, Counter] = field(default_factory=dict[str, Counter], repr=False)
    _histograms: dict[str, Histogram] = field(default_factory=dict[str, Histogram], repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, name: str, **labels: str) -> None:
        self._harmlessly(lambda: self._add(name, labels))

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        self._harmlessly(lambda: self._put(name, seconds, labels))

    def exposition(self) -> bytes:
        """All numbers in Prometheus' text form: of every process that shares the directory."""
        if MULTIPROC not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
        return generate_latest(registry)

    def _add(self, name: str, labels: Mapping[str, str]) -> None:
        counter = self._known(self._counters, name, labels, self._counter)
        (counter.labels(**labels) if labels else counter).inc()

    def _put(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        histogram = self._known(self._histograms, name, labels, self._histogram)
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def _known(
        self,
        metrics: dict[str, _M],
        name: str,
        labels: Mapping[str, str],
        make: Callable[[str, tuple[str, ...]], _M],
    ) -> _M:
        with self._making:
            if name not in metrics:
                metrics[name] = make(name, tuple(labels))
            return metrics[name]

    def _counter(self, name: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, _words(name), labels, namespace=PREFIX, registry=self.registry)

    def _histogram(self, name: str, labels: tuple[str, ...]) -> Histogram:
        return Histogram(
            name, _words(name), labels, namespace=PREFIX, registry=self.registry, buckets=BUCKETS
        )

    def _harmlessly(self, measure: Callable[[], None]) -> None:
        try:
            measure()
        except Exception as fault:  # noqa: BLE001 -- a number that is lost must not cost an event
            log.warning("a measurement was lost: %s", fault)


def _words(name: str) -> str:
    return f"Solynk: {name.replace('_', ' ')}."
