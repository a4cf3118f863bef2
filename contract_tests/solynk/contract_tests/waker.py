"""The contract of `Waker`. Whether a hint arrives is not promised, so it is not tested."""

from typing import final

import pytest

from solynk.contract_tests.contract import Contract
from solynk.ports.wake import Waker, Work, WorkKind

WORK = Work(WorkKind.COMMAND, "0195f2a0-0000-7000-8000-000000000001")


class WakerContract(Contract):
    @pytest.fixture
    def waker(self) -> Waker:
        raise NotImplementedError(f"{type(self).__name__} must define `waker`")

    @pytest.fixture
    def unreachable_waker(self) -> Waker:
        """A waker that cannot reach anybody, such as one whose server is not there."""
        raise NotImplementedError(f"{type(self).__name__} must define `unreachable_waker`")

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("kind", WorkKind)
    async def test_a_doubled_hint_is_harmless(self, waker: Waker, kind: WorkKind) -> None:
        await waker.wake(Work(kind, WORK.id))
        await waker.wake(Work(kind, WORK.id))

    @final
    @pytest.mark.anyio
    async def test_a_waker_that_cannot_reach_anybody_never_raises(
        self, unreachable_waker: Waker
    ) -> None:
        await unreachable_waker.wake(WORK)
