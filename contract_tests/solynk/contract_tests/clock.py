"""The contract of `Clock`."""

from datetime import UTC
from typing import final

import pytest

from solynk.contract_tests.contract import Contract
from solynk.ports.clock import Clock


class ClockContract(Contract):
    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError(f"{type(self).__name__} must define `clock`")

    @final
    @pytest.mark.anyio
    async def test_an_instant_is_aware_and_in_utc(self, clock: Clock) -> None:
        assert (await clock.now()).tzinfo is UTC

    @final
    @pytest.mark.anyio
    async def test_time_does_not_run_backwards(self, clock: Clock) -> None:
        before = await clock.now()

        assert await clock.now() >= before
