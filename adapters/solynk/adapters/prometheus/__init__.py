"""Counts and durations for Prometheus, under names that begin with `solynk_`.

Where PROMETHEUS_MULTIPROC_DIR is set before Python starts, the numbers of all processes that share
the directory are added up when they are read; empty it when the processes start.
"""

from importlib.util import find_spec

if find_spec("prometheus_client") is None:
    raise ModuleNotFoundError(
        "metrics need prometheus_client: pip install '.[api]' in a clone of the repository",
        name="prometheus_client",
    )

from solynk.adapters.prometheus.telemetry import CONTENT_TYPE, PrometheusTelemetry, gauge

__all__ = ["CONTENT_TYPE", "PrometheusTelemetry", "gauge"]
