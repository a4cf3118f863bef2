"""The contract of `Store`, and of each repository in its unit of work.

`StoreContract` is all of it. The parts are there for whoever builds a store piece by piece.
"""

from solynk.contract_tests.storage.catalog import (
    ChannelsContract,
    OrganizationsContract,
    PlansContract,
    ProductsContract,
)
from solynk.contract_tests.storage.census import CensusContract
from solynk.contract_tests.storage.chains import (
    AuditChainsContract,
    CheckpointsContract,
    SealedLogContract,
)
from solynk.contract_tests.storage.checking import AccessReaderContract
from solynk.contract_tests.storage.commands import CommandsContract
from solynk.contract_tests.storage.customers import (
    ClaimsContract,
    CustomersContract,
    DueCustomersContract,
    IdentitiesContract,
)
from solynk.contract_tests.storage.events import (
    EventListsContract,
    EventsContract,
    ReadsContract,
)
from solynk.contract_tests.storage.facts import EventFactsContract, FactRowsContract
from solynk.contract_tests.storage.lanes import LanesContract, LateWorkContract
from solynk.contract_tests.storage.locks import LocksContract
from solynk.contract_tests.storage.operations import (
    AlertsContract,
    AuditLogContract,
    BrakesContract,
    LeasesContract,
)
from solynk.contract_tests.storage.purchases import (
    AccessesContract,
    CheckoutRowsContract,
    SubscriptionsContract,
)
from solynk.contract_tests.storage.queue import CommandQueueContract
from solynk.contract_tests.storage.retention import (
    MonthsContract,
    PastEntriesContract,
    PastEventsContract,
    RetentionRecordContract,
)
from solynk.contract_tests.storage.tenants import TenantsContract
from solynk.contract_tests.storage.unit_of_work import UnitOfWorkContract

__all__ = [
    "AccessReaderContract",
    "AccessesContract",
    "AlertsContract",
    "AuditChainsContract",
    "AuditLogContract",
    "BrakesContract",
    "CensusContract",
    "ChannelsContract",
    "CheckoutRowsContract",
    "CheckpointsContract",
    "ClaimsContract",
    "CommandQueueContract",
    "CommandsContract",
    "CustomersContract",
    "DueCustomersContract",
    "EventFactsContract",
    "EventListsContract",
    "EventsContract",
    "FactRowsContract",
    "IdentitiesContract",
    "LanesContract",
    "LateWorkContract",
    "LeasesContract",
    "LocksContract",
    "MonthsContract",
    "OrganizationsContract",
    "PastEntriesContract",
    "PastEventsContract",
    "PlansContract",
    "ProductsContract",
    "ReadsContract",
    "RetentionRecordContract",
    "SealedLogContract",
    "StoreContract",
    "SubscriptionsContract",
    "TenantsContract",
    "UnitOfWorkContract",
]


class StoreContract(
    UnitOfWorkContract,
    TenantsContract,
    OrganizationsContract,
    ProductsContract,
    PlansContract,
    ChannelsContract,
    CustomersContract,
    DueCustomersContract,
    IdentitiesContract,
    ClaimsContract,
    SubscriptionsContract,
    FactRowsContract,
    EventFactsContract,
    EventsContract,
    EventListsContract,
    ReadsContract,
    AccessesContract,
    AccessReaderContract,
    CommandsContract,
    CommandQueueContract,
    LanesContract,
    LocksContract,
    LateWorkContract,
    BrakesContract,
    AlertsContract,
    AuditLogContract,
    AuditChainsContract,
    SealedLogContract,
    CheckpointsContract,
    CheckoutRowsContract,
    LeasesContract,
    CensusContract,
    PastEventsContract,
    PastEntriesContract,
    RetentionRecordContract,
    MonthsContract,
):
    """Everything that is asked of a store."""
