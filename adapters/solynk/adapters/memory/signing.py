"""A signer whose key dies with the process, and a witness that remembers as long as it."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from solynk.core.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class InMemorySigner:
    """Signs with a shared secret: whoever can check could sign too."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def key(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()

    def trusts(self, key: str) -> bool:
        return key == self.key

    async def sign(self, statement: bytes) -> bytes:
        return hmac.digest(self.secret, statement, "sha256")

    async def verifies(self, key: str, statement: bytes, signature: bytes) -> bool:
        return self.trusts(key) and hmac.compare_digest(await self.sign(statement), signature)


@dataclass(frozen=True, slots=True)
class InMemoryWitness:
    kept: list[Checkpoint] = field(default_factory=list[Checkpoint])

    async def keep(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.kept.extend(checkpoints)
