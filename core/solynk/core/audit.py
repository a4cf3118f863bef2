"""What was done, by whom, to what. Entries hold ids, never personal data."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from solynk.core.ids import AuditId, OrganizationId


class AuditEntry(Struct, frozen=True):
    """Written in the transaction of the change it tells."""

    id: AuditId
    organization: OrganizationId | None
    at: datetime
    actor: str
    action: str
    resource: str
    correlation: str
    details: Mapping[str, str] = {}
