"""The contracts of `Signer` and `Witness`."""

from collections.abc import Sequence
from typing import Final, final

import pytest

from solynk.contract_tests.contract import Contract
from solynk.contract_tests.storage.rows import OURS, a_checkpoint
from solynk.core.chain import Head
from solynk.core.checkpoint import Checkpoint
from solynk.ports.signing import Signer, Witness

WORDS: Final = b"the chain goes to 12"


class SignerContract(Contract):
    @pytest.fixture
    def signer(self) -> Signer:
        raise NotImplementedError(f"{type(self).__name__} must define `signer`")

    @pytest.fixture
    def stranger(self) -> Signer:
        """A signer with another key, that knows nothing of the first one."""
        raise NotImplementedError(f"{type(self).__name__} must define `stranger`")

    @final
    @pytest.mark.anyio
    async def test_what_was_signed_verifies_under_the_signers_key(self, signer: Signer) -> None:
        signature = await signer.sign(WORDS)

        assert await signer.verifies(signer.key, WORDS, signature)
        assert signer.trusts(signer.key)

    @final
    @pytest.mark.anyio
    async def test_other_words_or_another_signature_do_not_verify(self, signer: Signer) -> None:
        signature = await signer.sign(WORDS)
        changed = bytes([signature[0] ^ 1]) + signature[1:]

        assert not await signer.verifies(signer.key, WORDS + b"0", signature)
        for other in (changed, signature[:-1], b""):
            assert not await signer.verifies(signer.key, WORDS, other)

    @final
    @pytest.mark.anyio
    async def test_a_strangers_key_is_not_trusted_and_does_not_sign_for_us(
        self, signer: Signer, stranger: Signer
    ) -> None:
        signature = await stranger.sign(WORDS)

        assert not signer.trusts(stranger.key)
        assert not await signer.verifies(signer.key, WORDS, signature)

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("key", ["", "no key", "00", "é"])
    async def test_what_is_no_key_verifies_nothing(self, signer: Signer, key: str) -> None:
        assert not signer.trusts(key)
        assert not await signer.verifies(key, WORDS, await signer.sign(WORDS))


class WitnessContract(Contract):
    @pytest.fixture
    def witness(self) -> Witness:
        raise NotImplementedError(f"{type(self).__name__} must define `witness`")

    def kept(self) -> Sequence[Checkpoint]:
        """All that the witness remembers, in the order in which it was brought."""
        raise NotImplementedError(f"{type(self).__name__} must define `kept`")

    @final
    @pytest.mark.anyio
    async def test_what_was_brought_is_remembered_in_order(self, witness: Witness) -> None:
        first, second, third = (a_checkpoint(Head(OURS, n, bytes(32))) for n in (1, 2, 3))

        await witness.keep([first, second])
        await witness.keep([])
        await witness.keep([third])

        assert list(self.kept()) == [first, second, third]

    @final
    @pytest.mark.anyio
    async def test_what_is_brought_twice_is_not_lost(self, witness: Witness) -> None:
        checkpoint = a_checkpoint(Head(None, 1, bytes(32)))

        await witness.keep([checkpoint])
        await witness.keep([checkpoint])

        assert set(self.kept()) == {checkpoint}
