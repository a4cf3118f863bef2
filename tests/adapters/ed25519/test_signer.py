import pytest

from solynk.adapters.ed25519 import Ed25519Signer
from solynk.contract_tests.signing import WORDS, SignerContract

SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""The first test vector of RFC 8032, section 7.1."""
OTHER = "11" * 32


class TestEd25519Signer(SignerContract):
    @pytest.fixture
    def signer(self) -> Ed25519Signer:
        return Ed25519Signer.of([SEED])

    @pytest.fixture
    def stranger(self) -> Ed25519Signer:
        return Ed25519Signer.of([OTHER])


@pytest.mark.anyio
async def test_it_signs_as_the_standard_says() -> None:
    signer = Ed25519Signer.of([SEED])

    signature = await signer.sign(b"")

    assert signer.key == PUBLIC
    assert signature.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065")


@pytest.mark.anyio
async def test_a_key_that_was_replaced_is_still_trusted() -> None:
    before = await Ed25519Signer.of([OTHER]).sign(WORDS)
    signer = Ed25519Signer.of([SEED, OTHER])

    old = Ed25519Signer.of([OTHER]).key
    assert signer.key == PUBLIC
    assert signer.trusts(old)
    assert await signer.verifies(old, WORDS, before)


def test_a_public_key_of_another_machine_can_be_trusted() -> None:
    assert Ed25519Signer.of([OTHER], [PUBLIC.upper()]).trusts(PUBLIC)


@pytest.mark.parametrize("key", ["", "11" * 31, "zz" * 32])
def test_a_key_of_a_wrong_form_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Ed25519Signer.of([key])


def test_the_secret_key_is_not_shown() -> None:
    assert SEED not in repr(Ed25519Signer.of([SEED]))
