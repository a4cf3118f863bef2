import pytest

from solynk.adapters.memory.telemetry import InMemoryTelemetry
from solynk.contract_tests.telemetry import TelemetryContract


class TestInMemoryTelemetry(TelemetryContract):
    @pytest.fixture
    def telemetry(self) -> InMemoryTelemetry:
        return InMemoryTelemetry()


def test_counts_are_kept_by_name_and_labels() -> None:
    telemetry = InMemoryTelemetry()

    telemetry.count("received", source="stripe")
    telemetry.count("received", source="stripe")

    assert telemetry.counted("received", source="stripe") == 2
    assert telemetry.counted("received", source="telegram") == 0


def test_the_latest_durations_are_kept() -> None:
    telemetry = InMemoryTelemetry()

    for number in range(1_100):
        telemetry.observe("apply", float(number))

    observed = telemetry.observed("apply")
    assert len(observed) == 1_000
    assert observed[-1] == 1_099
    assert telemetry.observed("admit") == ()
