import os
import subprocess
import sys
from pathlib import Path

import pytest

from solynk.adapters.prometheus import PrometheusTelemetry
from solynk.contract_tests.telemetry import TelemetryContract
from solynk.ports.telemetry import Telemetry


class TestPrometheus(TelemetryContract):
    @pytest.fixture
    def telemetry(self) -> Telemetry:
        return PrometheusTelemetry()


def test_counts_and_durations_are_told_under_our_name() -> None:
    telemetry = PrometheusTelemetry()

    telemetry.count("members_joined")
    telemetry.count("commands", kind="admit", outcome="done")
    telemetry.count("commands", outcome="dead", kind="admit")
    telemetry.observe("payment_to_invite_seconds", 1.5)

    told = telemetry.exposition().decode()
    assert "solynk_members_joined_total 1.0" in told
    assert 'solynk_commands_total{kind="admit",outcome="done"} 1.0' in told
    assert 'solynk_commands_total{kind="admit",outcome="dead"} 1.0' in told
    assert 'solynk_payment_to_invite_seconds_bucket{le="1.0"} 0.0' in told
    assert 'solynk_payment_to_invite_seconds_bucket{le="2.0"} 1.0' in told


def test_it_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = PrometheusTelemetry()
    telemetry.count("things", kind="admit")

    telemetry.count("things", colour="red")
    telemetry.count("things")
    telemetry.observe("things", float("nan"))

    assert 'solynk_things_total{kind="admit"} 1.0' in telemetry.exposition().decode()
    assert len(caplog.records) == 3


def test_processes_that_share_a_directory_add_up(tmp_path: Path) -> None:
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    code = (
        "from solynk.adapters.prometheus import PrometheusTelemetry as T; t = T();"
        "t.count('members_joined'); t.observe('payment_to_invite_seconds', 1.0);"
        "print(t.exposition().decode())"
    )

    told = [
        subprocess.run(
            [sys.executable, "-c", code], env=environ, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]

    assert "solynk_members_joined_total 1.0" in told[0]
    assert "solynk_members_joined_total 2.0" in told[1]
    assert "solynk_payment_to_invite_seconds_count 2.0" in told[1]
