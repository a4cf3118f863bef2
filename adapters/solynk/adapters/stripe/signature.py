"""Whether Stripe sent these very bytes: https://docs.stripe.com/webhooks#verify-manually.

Stricter than Stripe's SDK on purpose: a time in the future is refused as one in the past is, no
tolerance switches the check off, and a header is read in one form only.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from msgspec import Struct

from solynk.ports.errors import Forged
from solynk.ports.payments import RawEvent

HEADER: Final = "stripe-signature"
TOLERANCE: Final = timedelta(minutes=5)

_SCHEME: Final = "v1"
"""Others are decoys: Stripe sends a v0 in test mode."""
_TIME: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Signed(Struct, frozen=True):
    """The header, read: when it was signed, and one signature for each secret still alive."""

    seconds: str
    """As it stands in the header, because it is a part of what was signed."""
    signatures: tuple[str, ...]


def check(raw: RawEvent, secrets: Iterable[str], tolerance: timedelta) -> None:
    """Raises Forged, with a reason that gives away neither secret nor signature."""
    signed = _read(raw.headers)
    if not _matches(signed, raw.body, secrets):
        raise Forged("stripe", "no signature of these bytes fits a secret of ours")
    if abs(raw.received_at.timestamp() - int(signed.seconds)) > tolerance.total_seconds():
        raise Forged("stripe", "the signature's time is outside the tolerance")


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The header that Stripe would send at `at`."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},{_SCHEME}={_digest(seconds, body, secret)}"


def _read(headers: Mapping[str, str]) -> Signed:
    header = headers.get(HEADER)
    if not header:
        raise Forged("stripe", "the signature is missing")
    times: list[str] = []
    signatures: list[str] = []
    for part in header.split(","):
        name, _, value = part.partition("=")
        if name == "t":
            times.append(value)
        elif name == _SCHEME and _DIGEST.fullmatch(value):
            signatures.append(value)
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise Forged("stripe", "the signature header needs one time")
    return Signed(times[0], tuple(signatures))


def _matches(signed: Signed, body: bytes, secrets: Iterable[str]) -> bool:
    """Compares every pair to the end, so that the time it takes tells nothing."""
    fits = False
    for secret in secrets:
        if not secret.strip():
            continue
        expected = _digest(signed.seconds, body, secret)
        for signature in signed.signatures:
            fits |= hmac.compare_digest(expected, signature)
    return fits


def _digest(seconds: str, body: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), b"%b.%b" % (seconds.encode(), body), sha256).hex()
