"""Whether somebody has access, as it is kept: one read, which locks nothing and waits for nobody."""

from datetime import datetime
from typing import Protocol, TypeAlias

from msgspec import Struct

from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, CustomerId, OrganizationId, PersonId


class OfCustomer(Struct, frozen=True):
    customer: CustomerId


class OfPerson(Struct, frozen=True):
    """Whoever the person is of the channel's own platform."""

    person: PersonId


Whose: TypeAlias = OfCustomer | OfPerson


class KeptAccess(Struct, frozen=True):
    """What was last derived. It is worth nothing from `until` on."""

    customer: CustomerId
    desired: Desired
    """OUT where nothing was ever wished for."""
    generation: int
    """Of the access; 0 where there is none."""
    until: datetime | None
    """The customer's `settled_until`; exclusive, and None is for good."""


class AccessReader(Protocol):
    async def kept_access(
        self, organization: OrganizationId, channel: ChannelId, whose: Whose
    ) -> KeptAccess | None:
        """What is committed when it is asked for; None where organization, channel, customer or
        person is unknown, or is another organization's.

        Raises:
            Unavailable: the database does not answer.
        """
        ...
