"""Own verification against Stripe's SDK as the oracle, and where ours is stricter on purpose."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from types import SimpleNamespace
from typing import Final

import pytest
import stripe
import stripe._webhook
from msgspec import Struct

from solynk.adapters.stripe.signature import TOLERANCE, check, sign
from solynk.ports.errors import Forged
from solynk.ports.payments import RawEvent

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
T: Final = int(NOW.timestamp())
SECRET: Final = "whsec_current"
OLD: Final = "whsec_rotated_out"
BODY: Final = b'{"id": "evt_1", "type": "invoice.paid", "livemode": false}'


def v1(body: bytes = BODY, secret: str = SECRET, at: object = T) -> str:
    return hmac(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()


GOOD: Final = f"t={T},v1={v1()}"
UNTIMED: Final = hmac(SECRET.encode(), BODY, sha256).hexdigest()


class Attempt(Struct, frozen=True):
    name: str
    header: str | None
    accepted: bool
    body: bytes = BODY
    secrets: tuple[str, ...] = (SECRET,)
    sdk: bool | None = None
    """What the SDK answers, where ours differs on purpose."""


def aged(seconds: int) -> str:
    return f"t={T - seconds},v1={v1(at=T - seconds)}"


ATTEMPTS: Final = [
    # Genuine
    Attempt("signed now", GOOD, accepted=True),
    Attempt("v0 beside v1", f"{GOOD},v0={'0' * 64}", accepted=True),
    Attempt("v0 before v1", f"t={T},v0={'0' * 64},v1={v1()}", accepted=True),
    Attempt("the time last", f"v1={v1()},t={T}", accepted=True),
    Attempt("two v1, the right one first", f"{GOOD},v1={'0' * 64}", accepted=True),
    Attempt("two v1, the right one last", f"t={T},v1={'0' * 64},v1={v1()}", accepted=True),
    Attempt("a malformed v1 beside the right one", f"t={T},v1=zz,v1={v1()}", accepted=True),
    Attempt("rotation: both secrets signed", f"t={T},v1={v1(secret=OLD)},v1={v1()}", accepted=True),
    Attempt("rotation: we still keep the old secret", f"t={T},v1={v1(secret=OLD)}", accepted=True,
            secrets=(SECRET, OLD), sdk=False),
    Attempt("an unknown scheme beside v1", f"{GOOD},v2={'f' * 64}", accepted=True),
    Attempt("a part without a value", f"{GOOD},x=", accepted=True),
    Attempt("an empty body, signed", f"t={T},v1={v1(b'')}", accepted=True, body=b""),
    Attempt("a body that is no JSON, signed", f"t={T},v1={v1(b'hello')}", accepted=True,
            body=b"hello"),
    Attempt("a body that is not UTF-8, signed", f"t={T},v1={v1(bytes([255]))}", accepted=True,
            body=b"\xff", sdk=False),
    Attempt("a body with a null character, signed", f"t={T},v1={v1(bytes([0]))}", accepted=True,
            body=b"\x00"),
    Attempt("an empty secret beside the right one", GOOD, accepted=True, secrets=("", SECRET)),
    # Time
    Attempt("299 seconds old", aged(299), accepted=True),
    Attempt("300 seconds old", aged(300), accepted=True),
    Attempt("301 seconds old", aged(301), accepted=False),
    Attempt("a day old", aged(86_400), accepted=False),
    Attempt("299 seconds ahead", aged(-299), accepted=True),
    Attempt("301 seconds ahead", aged(-301), accepted=False, sdk=True),
    Attempt("a year ahead", aged(-31_536_000), accepted=False, sdk=True),
    Attempt("time zero", f"t=0,v1={v1(at=0)}", accepted=False),
    Attempt("the time changed after signing", f"t={T + 1},v1={v1()}", accepted=False),
    # The header's form
    Attempt("no header", None, accepted=False),
    Attempt("an empty header", "", accepted=False),
    Attempt("no time", f"v1={v1()}", accepted=False),
    Attempt("the time twice", f"t={T},t={T},v1={v1()}", accepted=False, sdk=True),
    Attempt("a second, later time", f"t={T},t={T + 9},v1={v1()}", accepted=False, sdk=True),
    Attempt("an empty time", f"t=,v1={v1(at='')}", accepted=False),
    Attempt("a time that is a word", f"t=now,v1={v1(at='now')}", accepted=False),
    Attempt("a negative time", f"t=-{T},v1={v1(at=-T)}", accepted=False),
    Attempt("a time with a sign", f"t=+{T},v1={v1()}", accepted=False, sdk=True),
    Attempt("a time with a space", f"t= {T},v1={v1()}", accepted=False, sdk=True),
    Attempt("a time with an underscore", f"t={str(T)[:3]}_{str(T)[3:]},v1={v1()}", accepted=False,
            sdk=True),
    Attempt("a time in other digits", "t=" + "".join(chr(0x660 + int(d)) for d in str(T))
            + f",v1={v1()}", accepted=False, sdk=True),
    Attempt("a time with a fraction", f"t={T}.0,v1={v1(at=f'{T}.0')}", accepted=False),
    Attempt("an endless time", f"t={'9' * 400},v1={v1(at='9' * 400)}", accepted=False, sdk=True),
    Attempt("leading zeros, signed without them", f"t=000{T},v1={v1()}", accepted=False, sdk=True),
    Attempt("no signature", f"t={T}", accepted=False),
    Attempt("an empty signature", f"t={T},v1=", accepted=False),
    Attempt("v0 alone, though right", f"t={T},v0={v1()}", accepted=False),
    Attempt("V1 in upper case", f"t={T},V1={v1()}", accepted=False),
    Attempt("upper-case digits", f"t={T},v1={v1().upper()}", accepted=False),
    Attempt("a signature cut short", f"t={T},v1={v1()[:-1]}", accepted=False),
    Attempt("a signature with more behind it", f"t={T},v1={v1()}0", accepted=False),
    Attempt("a signature with a space", f"t={T}, v1={v1()}", accepted=False),
    Attempt("a signature with a letter that is none", f"t={T},v1=é{v1()[1:]}", accepted=False),
    Attempt("the digits in quotes", f't={T},v1="{v1()}"', accepted=False),
    Attempt("semicolons", f"t={T};v1={v1()}", accepted=False),
    # What was signed
    Attempt("another body", GOOD, accepted=False, body=BODY.replace(b"evt_1", b"evt_2")),
    Attempt("a byte more", GOOD, accepted=False, body=BODY + b"\n"),
    Attempt("a byte less", GOOD, accepted=False, body=BODY[:-1]),
    Attempt("serialized again", GOOD, accepted=False,
            body=json.dumps(json.loads(BODY), separators=(",", ":")).encode()),
    Attempt("compressed", GOOD, accepted=False, body=gzip.compress(BODY)),
    Attempt("with a byte order mark", GOOD, accepted=False, body=b"\xef\xbb\xbf" + BODY),
    Attempt("no body", GOOD, accepted=False, body=b""),
    Attempt("the body signed without its time", f"t={T},v1={UNTIMED}", accepted=False),
    # The secret
    Attempt("another endpoint's secret", f"t={T},v1={v1(secret='whsec_other')}", accepted=False),
    Attempt("the secret without its prefix", f"t={T},v1={v1(secret='current')}", accepted=False),
    Attempt("no secret configured", GOOD, accepted=False, secrets=()),
    Attempt("an empty secret configured", f"t={T},v1={v1(secret='')}", accepted=False,
            secrets=("",)),
    Attempt("a blank secret configured", f"t={T},v1={v1(secret=' ')}", accepted=False,
            secrets=(" ",)),
]  # fmt: skip


@pytest.fixture
def sdk_at_now(monkeypatch: pytest.MonkeyPatch) -> Callable[[Attempt], bool]:
    monkeypatch.setattr(stripe._webhook, "time", SimpleNamespace(time=lambda: float(T)))  # noqa: SLF001 - the SDK reads the clock

    def accepts(it: Attempt) -> bool:
        secret = it.secrets[-1] if it.secrets else None
        try:
            stripe.WebhookSignature.verify_header(  # pyright: ignore[reportUnknownMemberType] - untyped
                it.body, it.header, secret, int(TOLERANCE.total_seconds())
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
            return False
        return True

    return accepts


def accepts(it: Attempt) -> bool:
    headers = {} if it.header is None else {"stripe-signature": it.header}
    try:
        check(RawEvent(it.body, headers, NOW), it.secrets, TOLERANCE)
    except Forged:
        return False
    return True


@pytest.mark.parametrize("it", ATTEMPTS, ids=lambda it: it.name)
def test_an_attempt_is_judged_as_stated(it: Attempt) -> None:
    assert accepts(it) is it.accepted


@pytest.mark.parametrize("it", ATTEMPTS, ids=lambda it: it.name)
def test_the_sdk_agrees_except_where_it_is_said_not_to(
    it: Attempt, sdk_at_now: Callable[[Attempt], bool]
) -> None:
    if it.name == "rotation: we still keep the old secret":
        it = Attempt(it.name, it.header, it.accepted, secrets=(SECRET,), sdk=False)

    assert sdk_at_now(it) is (it.accepted if it.sdk is None else it.sdk)


def test_there_are_enough_attempts_and_each_has_its_name() -> None:
    assert len({it.name for it in ATTEMPTS}) == len(ATTEMPTS) >= 40


def test_what_we_sign_the_sdk_accepts(sdk_at_now: Callable[[Attempt], bool]) -> None:
    assert sdk_at_now(Attempt("ours", sign(BODY, SECRET, NOW), accepted=True))


def test_a_wider_tolerance_is_kept_on_both_sides() -> None:
    at = NOW - timedelta(minutes=9)
    raw = RawEvent(BODY, {"stripe-signature": sign(BODY, SECRET, at)}, NOW)

    check(raw, (SECRET,), timedelta(minutes=10))

    with pytest.raises(Forged):
        check(raw, (SECRET,), timedelta(minutes=8))


def test_a_refusal_tells_neither_the_secret_nor_the_signature() -> None:
    with pytest.raises(Forged) as refusal:
        check(
            RawEvent(BODY, {"stripe-signature": f"t={T},v1={'0' * 64}"}, NOW), (SECRET,), TOLERANCE
        )

    assert SECRET not in str(refusal.value)
    assert v1() not in str(refusal.value)
