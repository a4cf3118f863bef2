import pytest

from solynk.adapters.memory.store import InMemoryStore
from solynk.contract_tests.storage import StoreContract


class TestInMemoryStore(StoreContract):
    serial = True

    @pytest.fixture
    def store(self) -> InMemoryStore:
        return InMemoryStore()
