"""The telemetry port over prometheus_client's own registry of one process."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final, TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from solynk.ports.telemetry import METRICS, Measure, Metric

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""Frameworks add the charset to text of their own accord."""
PREFIX: Final = "solynk"
BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds, dense around the promise of two from payment to invite."""
LONG_BUCKETS: Final = (1.0, 10.0, 60.0, 600.0, 3_600.0, 6 * 3_600.0, 24 * 3_600.0, 7 * 24 * 3_600.0)
"""Seconds of what waits for a person's own hand."""
LONG: Final = frozenset({"payment_to_join_seconds"})
MULTIPROC: Final = "PROMETHEUS_MULTIPROC_DIR"

_M = TypeVar("_M", Counter, Histogram)

# Each counter would be told twice, the second time as when it was made, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types


@dataclass(frozen=True, slots=True)
class PrometheusTelemetry:
    """What `METRICS` names begins at nought, or its first increase would be seen by nobody.

    Any other metric is made when it is first used, with the labels of that use.
    """

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _counters: dict[str, Counter] = field(default_factory=dict[str, Counter], repr=False)
    _histograms: dict[str, Histogram] = field(default_factory=dict[str, Histogram], repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        ProcessCollector(registry=self.registry)
        for name, metric in METRICS.items():
            self._begin(name, metric)

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

    def _begin(self, name: str, metric: Metric) -> None:
        labels = tuple(metric.labels)
        if metric.measure is Measure.COUNT:
            counter = self._known(self._counters, name, labels, self._counter)
            for values in product(*metric.labels.values()) if labels else ():
                counter.labels(*values)
        elif metric.measure is Measure.DURATION:
            self._known(self._histograms, name, labels, self._histogram)

    def _add(self, name: str, labels: Mapping[str, str]) -> None:
        counter = self._known(self._counters, name, tuple(labels), self._counter)
        (counter.labels(**labels) if labels else counter).inc()

    def _put(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        histogram = self._known(self._histograms, name, tuple(labels), self._histogram)
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def _known(
        self,
        metrics: dict[str, _M],
        name: str,
        labels: tuple[str, ...],
        make: Callable[[str, tuple[str, ...]], _M],
    ) -> _M:
        with self._making:
            if name not in metrics:
                metrics[name] = make(name, labels)
            return metrics[name]

    def _counter(self, name: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, _words(name), labels, namespace=PREFIX, registry=self.registry)

    def _histogram(self, name: str, labels: tuple[str, ...]) -> Histogram:
        buckets = LONG_BUCKETS if name in LONG else BUCKETS
        return Histogram(
            name, _words(name), labels, namespace=PREFIX, registry=self.registry, buckets=buckets
        )

    def _harmlessly(self, measure: Callable[[], None]) -> None:
        try:
            measure()
        except Exception as fault:  # noqa: BLE001 -- a number that is lost must not cost an event
            log.warning("a measurement was lost: %s", fault)


def gauge(name: str, values: Mapping[tuple[str, ...], float]) -> bytes:
    """A gauge of `METRICS` in the same text form, a line for each of its labels' values."""
    labels = tuple(METRICS[name].labels)
    lines = [f"# HELP {PREFIX}_{name} {_words(name)}", f"# TYPE {PREFIX}_{name} gauge"]
    for given, value in values.items():
        pairs = ",".join(f'{label}="{it}"' for label, it in zip(labels, given, strict=True))
        lines.append(
            f"{PREFIX}_{name}{{{pairs}}} {value:g}" if pairs else f"{PREFIX}_{name} {value:g}"
        )
    return "".join(f"{it}\n" for it in lines).encode()


def _words(name: str) -> str:
    known = METRICS.get(name)
    words = name.replace("_", " ") if known is None else known.words
    return f"Solynk: {words}."
