"""What Prometheus is told of the metrics that are known beforehand."""

from prometheus_client.parser import text_string_to_metric_families

from solynk.adapters.prometheus import PrometheusTelemetry, gauge
from solynk.ports.telemetry import METRICS, Measure

AS_IN_PROMETHEUS = {Measure.COUNT: "counter", Measure.DURATION: "histogram"}


def test_every_count_and_duration_is_there_before_its_first_use() -> None:
    told = PrometheusTelemetry().exposition().decode()

    found = {it.name: it.type for it in text_string_to_metric_families(told)}
    known = {
        f"solynk_{name}": AS_IN_PROMETHEUS[it.measure]
        for name, it in METRICS.items()
        if it.measure is not Measure.GAUGE
    }
    assert {name: kind for name, kind in found.items() if name.startswith("solynk_")} == known


def test_a_count_begins_at_nought_for_every_value_of_its_labels() -> None:
    told = PrometheusTelemetry().exposition().decode()

    assert 'solynk_commands_total{kind="admit",outcome="dead"} 0.0' in told
    assert 'solynk_webhooks_total{outcome="failed",source="stripe"} 0.0' in told
    assert "solynk_storage_outages_total 0.0" in told


def test_the_series_of_a_process_are_few() -> None:
    told = PrometheusTelemetry().exposition().decode()

    series = [it for it in told.splitlines() if it.startswith("solynk_")]

    assert len(series) < 200


def test_the_process_itself_is_told() -> None:
    assert "process_resident_memory_bytes" in PrometheusTelemetry().exposition().decode()


def test_a_gauge_is_told_as_prometheus_reads_it() -> None:
    told = gauge("backlog", {("events",): 3, ("commands",): 0}) + gauge("store_up", {(): 1})

    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(told.decode())
        for sample in family.samples
    }
    assert found == {
        ("solynk_backlog", "events"): 3,
        ("solynk_backlog", "commands"): 0,
        ("solynk_store_up",): 1,
    }
