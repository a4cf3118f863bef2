"""Signatures by Ed25519 (RFC 8032), with keys that this process holds."""

from importlib.util import find_spec

if find_spec("cryptography") is None:
    raise ModuleNotFoundError(
        "signed checkpoints need cryptography: pip install 'solynk[crypto]'", name="cryptography"
    )

from solynk.adapters.ed25519.signer import Ed25519Signer

__all__ = ["Ed25519Signer"]
