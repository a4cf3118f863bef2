"""Keys are written in hexadecimal digits, 64 of them: secret ones as their seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """The first secret key signs; the public keys of all of them, and further ones, are trusted."""

    secret: Ed25519PrivateKey = field(repr=False)
    trusted: frozenset[str]

    @classmethod
    def of(cls, seeds: Sequence[str], further: Sequence[str] = ()) -> "Ed25519Signer":
        """Raises ValueError where one is not 64 hexadecimal digits."""
        secrets = [Ed25519PrivateKey.from_private_bytes(_raw(it)) for it in seeds]
        own = (it.public_key().public_bytes_raw().hex() for it in secrets)
        return cls(secrets[0], frozenset([*own, *(_raw(it).hex() for it in further)]))

    @property
    def key(self) -> str:
        return self.secret.public_key().public_bytes_raw().hex()

    def trusts(self, key: str) -> bool:
        return key in self.trusted

    async def sign(self, statement: bytes) -> bytes:
        return self.secret.sign(statement)

    async def verifies(self, key: str, statement: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(_raw(key)).verify(signature, statement)
        except (ValueError, InvalidSignature):
            return False
        return True


def _raw(digits: str) -> bytes:
    raw = bytes.fromhex(digits)
    if len(raw) != 32:  # noqa: PLR2004 -- the length of every key of this kind
        raise ValueError("use 64 hexadecimal digits")
    return raw
