"""Signed words about how far a chain of audit entries went, to be kept where it can not be changed.

The latest one that agrees with a chain vouches for all that is before it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from solynk.core.chain import Head
from solynk.core.ids import OrganizationId

VERSION: Final = 1
PURPOSE: Final = "solynk audit checkpoint"
"""So that a signature of something else is never taken for one of a checkpoint."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class CheckpointKind(StrEnum):
    HEAD = "head"
    """The chain went this far."""
    CUT = "cut"
    """Retention removed everything up to here: the chain begins after it."""


class Checkpoint(Struct, frozen=True):
    kind: CheckpointKind
    organization: OrganizationId | None
    seq: int
    hash: bytes
    at: datetime
    key: str
    """The public key of whoever signed it."""
    signature: bytes

    @property
    def head(self) -> Head:
        return Head(self.organization, self.seq, self.hash)

    @property
    def statement(self) -> bytes:
        """What was signed."""
        return statement(self.kind, self.head, self.at)


def statement(kind: CheckpointKind, head: Head, at: datetime) -> bytes:
    """What is to be signed, as bytes that no version of this program will write otherwise."""
    return _encode((PURPOSE, VERSION, kind, head.organization, head.seq, head.hash.hex(), at))
