"""The public contract kit: one class per port, for adapters from outside as for our own.

It depends on pytest and anyio alone. A new test in it is a minor release.
"""

import pytest

pytest.register_assert_rewrite(
    "solynk.contract_tests.channels",
    "solynk.contract_tests.clock",
    "solynk.contract_tests.payments",
    "solynk.contract_tests.storage",
    "solynk.contract_tests.telemetry",
    "solynk.contract_tests.waker",
)
