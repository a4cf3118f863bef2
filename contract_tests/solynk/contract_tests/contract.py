"""What all contracts share: a known failure is written down with its reason, and expires by itself.

A contract is a plain class. Subclass it under a name that begins with `Test`, and define its
fixtures: one that is forgotten is an error, never a green run without tests.

    class TestMyStore(StoreContract):
        not_yet = {"test_two_customers_do_not_block_one_another": "one writer at a time, see #41"}

        @pytest.fixture
        async def store(self) -> AsyncIterator[Store]: ...

The tests are run by anyio's pytest plugin; choose its back end with the fixture `anyio_backend`.
"""

from collections.abc import Mapping
from typing import ClassVar

import pytest


class Contract:
    not_yet: ClassVar[Mapping[str, str]] = {}
    """Tests that are known to fail, by name, and why. One that passes after all fails the run."""

    @pytest.fixture(autouse=True)
    def known_failure(self, request: pytest.FixtureRequest) -> None:
        node: pytest.Item = request.node
        name = node.name.partition("[")[0]
        reason = self.not_yet.get(name)
        if reason is not None:
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
