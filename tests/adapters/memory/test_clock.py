from datetime import UTC, datetime, timedelta, timezone

import pytest

from solynk.adapters.memory.clock import ManualClock
from solynk.contract_tests.clock import ClockContract

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class TestManualClock(ClockContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOON)


@pytest.mark.anyio
async def test_it_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(NOON)

    assert await clock.now() == NOON
    assert clock.advance(timedelta(days=1)) == NOON + timedelta(days=1)
    clock.set(NOON.astimezone(timezone(timedelta(hours=2))))
    assert await clock.now() == NOON


def test_it_takes_no_instant_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(NOON.replace(tzinfo=None))
