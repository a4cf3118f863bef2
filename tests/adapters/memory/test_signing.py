from collections.abc import Sequence

import pytest

from solynk.adapters.memory.signing import InMemorySigner, InMemoryWitness
from solynk.contract_tests.signing import SignerContract, WitnessContract
from solynk.core.checkpoint import Checkpoint


class TestInMemorySigner(SignerContract):
    @pytest.fixture
    def signer(self) -> InMemorySigner:
        return InMemorySigner()

    @pytest.fixture
    def stranger(self) -> InMemorySigner:
        return InMemorySigner()


class TestInMemoryWitness(WitnessContract):
    @pytest.fixture
    def witness(self) -> InMemoryWitness:
        self.it = InMemoryWitness()
        return self.it

    def kept(self) -> Sequence[Checkpoint]:
        return self.it.kept
