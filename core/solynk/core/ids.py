"""Names of things, each its own type, so that a plan's id is never passed for a customer's."""

import uuid
from datetime import datetime
from typing import Final, NewType

OrganizationId = NewType("OrganizationId", str)
CustomerId = NewType("CustomerId", str)
ProductId = NewType("ProductId", str)
PlanId = NewType("PlanId", str)
ChannelId = NewType("ChannelId", str)
SubscriptionId = NewType("SubscriptionId", str)
CheckoutId = NewType("CheckoutId", str)
EventId = NewType("EventId", str)
AccessId = NewType("AccessId", str)
CommandId = NewType("CommandId", str)
AlertId = NewType("AlertId", str)
AuditId = NewType("AuditId", str)
PersonId = NewType("PersonId", str)
"""A person as a channel platform knows them, such as a Telegram user id in decimal digits."""
ChatId = NewType("ChatId", str)
"""A place as its platform names it, such as a Telegram chat id in decimal digits."""

ENTROPY_BYTES: Final = 10


def uuid7(at: datetime, entropy: bytes) -> str:
    """A version 7 UUID (RFC 9562): 48 bits of milliseconds, then 74 random bits.

    Ids made later sort later, to the millisecond. `entropy` is `ENTROPY_BYTES` random bytes.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"entropy must be {ENTROPY_BYTES} bytes, not {len(entropy)}")
    milliseconds = int(at.timestamp() * 1000).to_bytes(6, "big")
    raw = bytearray(milliseconds + entropy)
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def first_id(at: datetime) -> str:
    """No id that `uuid7` makes at this millisecond or later sorts before it."""
    return uuid7(at, bytes(ENTROPY_BYTES))
