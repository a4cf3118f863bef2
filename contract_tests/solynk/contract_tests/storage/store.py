"""The store under test, empty."""

from typing import ClassVar

import pytest

from solynk.contract_tests.contract import Contract
from solynk.ports.storage import Store


class NeedsStore(Contract):
    serial: ClassVar[bool] = False
    """True for a store that has one unit of work at a time, so that the next one waits."""

    @pytest.fixture
    def store(self) -> Store:
        """A store that holds nothing when the test begins."""
        raise NotImplementedError(f"{type(self).__name__} must define `store`")
