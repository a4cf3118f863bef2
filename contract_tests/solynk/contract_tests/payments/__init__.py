"""The contract of `PaymentProvider`: subclass it, and give it a `world`."""

from solynk.contract_tests.payments.contract import (
    PaymentProviderContract as PaymentProviderContract,
)
from solynk.contract_tests.payments.world import Capability as Capability
from solynk.contract_tests.payments.world import PaymentWorld as PaymentWorld
from solynk.contract_tests.payments.world import an_order as an_order
