"""The form of the events that the provider in memory sends, and of its answers."""

from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from solynk.core.facts import Observed
from solynk.ports.errors import Malformed
from solynk.ports.payments import Facts, Fetched, Finding

T = TypeVar("T")

HEADER: Final = "memory-signature"
VERSION: Final = "memory-1"
KINDS: Final = frozenset(
    {
        "account.disconnected",
        "checkout.expired",
        "payment.disputed",
        "payment.failed",
        "payment.paid",
        "payment.pending",
        "payment.refunded",
        "subscription.changed",
    }
)


class Head(Struct, frozen=True):
    id: str
    kind: str
    account: str
    livemode: bool


class Event(Head, frozen=True):
    content: Facts


def parsed(body: bytes | msgspec.Raw, form: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Malformed("memory", f"not a {form.__name__}") from error


def decode_fetched(body: bytes) -> Facts:
    """The answer is a finding; only the inbox knows which read it was, and when."""
    fetched = parsed(body, Fetched)
    found = parsed(fetched.answer, Finding)
    facts = tuple(
        replace(it, version=(0, fetched.number), read_at=fetched.read_at)
        if isinstance(it, Observed)
        else it
        for it in found.facts
    )
    return Facts((replace(found, facts=facts),))
