"""What every telemetry promises: it may lose a number, it never costs an access."""

from typing import final

import pytest

from solynk.contract_tests.contract import Contract
from solynk.ports.telemetry import Telemetry


class TelemetryContract(Contract):
    @pytest.fixture
    def telemetry(self) -> Telemetry:
        raise NotImplementedError(f"{type(self).__name__} must define `telemetry`")

    @final
    def test_counting_and_measuring_never_raise(self, telemetry: Telemetry) -> None:
        telemetry.count("contract_events", source="stripe")
        telemetry.observe("contract_seconds", 0.2, source="stripe")

    @final
    def test_labels_that_differ_from_the_first_ones_never_raise(self, telemetry: Telemetry) -> None:
        telemetry.count("contract_labelled", source="stripe")

        telemetry.count("contract_labelled", platform="telegram")
        telemetry.count("contract_labelled")

    @final
    def test_an_impossible_name_or_number_never_raises(self, telemetry: Telemetry) -> None:
        telemetry.count("not a name: é\n")
        telemetry.observe("contract_negative", -1.0)
        telemetry.observe("contract_not_a_number", float("nan"))
