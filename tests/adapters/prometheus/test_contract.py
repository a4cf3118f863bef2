import pytest

from solynk.adapters.prometheus import PrometheusTelemetry
from solynk.contract_tests.telemetry import TelemetryContract


class TestPrometheusTelemetry(TelemetryContract):
    @pytest.fixture
    def telemetry(self) -> PrometheusTelemetry:
        return PrometheusTelemetry()
