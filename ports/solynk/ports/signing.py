"""Signatures that outlive the database, and a place outside of it that remembers them."""

from collections.abc import Sequence
from typing import Protocol

from solynk.core.checkpoint import Checkpoint


class Signer(Protocol):
    """Holds a secret key. What it signed can be checked by its public key, for ever."""

    @property
    def key(self) -> str:
        """The public key of what is signed from here on."""
        ...

    def trusts(self, key: str) -> bool:
        """Whether this public key is one of ours: that of today, or an older one."""
        ...

    async def sign(self, statement: bytes) -> bytes:
        """Raises Unavailable where the key is elsewhere and does not answer."""
        ...

    async def verifies(self, key: str, statement: bytes, signature: bytes) -> bool:
        """Whether the holder of this key signed this. Words of a wrong form are not signed."""
        ...


class Witness(Protocol):
    """Remembers checkpoints where whoever can change the database can not change them."""

    async def keep(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Durable when this returns. Keeping one twice is harmless.

        Raises:
            Unavailable: they may not have been kept; they are brought again.
        """
        ...
