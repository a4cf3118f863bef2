"""What a query of Prometheus names: metrics, and labels with the values that are asked for."""

import re
from collections.abc import Iterator
from typing import Final

from solynk.ports.telemetry import METRICS, Measure, Metric

_NAME: Final = re.compile(r"\b(solynk_\w+)\b(?:\{(?P<labels>[^}]*)\})?")
_MATCHER: Final = re.compile(r'(?P<label>\w+)\s*(?:=~|!~|!=|=)\s*"(?P<values>[^"]*)"')
_BY: Final = re.compile(r"\bby\s*\((?P<labels>[^)]*)\)")
_SUFFIXES: Final = {
    Measure.COUNT: ("_total",),
    Measure.DURATION: ("_bucket", "_sum", "_count"),
    Measure.GAUGE: ("",),
}
OF_PROMETHEUS: Final = {"job", "instance", "le"}

EXPOSED: Final = {
    f"solynk_{name}{suffix}": metric
    for name, metric in METRICS.items()
    for suffix in _SUFFIXES[metric.measure]
}


def faults(query: str) -> Iterator[str]:
    """Every word of a query that no process tells."""
    known: list[Metric] = []
    for it in _NAME.finditer(query):
        metric = EXPOSED.get(it[1])
        if metric is None:
            yield it[1]
            continue
        known.append(metric)
        yield from _wrong_matchers(metric, it["labels"] or "")
    labels = OF_PROMETHEUS.union(*(it.labels for it in known))
    for it in _BY.finditer(query):
        yield from (
            f"by {label}" for label in re.findall(r"\w+", it["labels"]) if label not in labels
        )


def _wrong_matchers(metric: Metric, matchers: str) -> Iterator[str]:
    for it in _MATCHER.finditer(matchers):
        label, values = it["label"], it["values"].split("|")
        if label in OF_PROMETHEUS:
            continue
        if label not in metric.labels:
            yield label
        elif metric.labels[label]:
            yield from (f"{label}={value}" for value in values if value not in metric.labels[label])
