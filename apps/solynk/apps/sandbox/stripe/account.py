"""One account's shelf: its objects by kind, its events, its appointments.

Everything of one creator lives on their account and is invisible elsewhere.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from solynk.apps.sandbox.clock import Appointment
from solynk.apps.sandbox.stripe.form import Obj
from solynk.apps.sandbox.stripe.problems import missing

if TYPE_CHECKING:
    from solynk.apps.sandbox.stripe.universe import StripeWorld

DAY = 86_400

PREFIXES = {
    "customer": "cus",
    "product": "prod",
    "price": "price",
    "checkout.session": "cs_test",
    "subscription": "sub",
    "subscription_item": "si",
    "invoice": "in",
    "line_item": "il",
    "invoice_payment": "inpay",
    "payment_intent": "pi",
    "payment_method": "pm",
    "charge": "ch",
    "refund": "re",
    "dispute": "du",
    "event": "evt",
    "webhook_endpoint": "we",
    "billing_portal.session": "bps",
    "billing_portal.configuration": "bpc",
    "balance_transaction": "txn",
    "account": "acct",
}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}


def fresh_id(kind: str) -> str:
    """Random even under a seed: a system under test keeps ids for longer than we do."""
    return f"{PREFIXES[kind]}_{secrets.token_hex(12)}"


SMART_RETRIES = (3.0, 5.0, 7.0)


@dataclass
class Behaviour:
    """What a customer's means of payment does when it is charged."""

    mode: str = "pay"
    """`pay`, `decline`, `delayed`, `delayed_fail` or `no_card`."""
    declines: int = 0
    """Decline this many charges first, whatever the mode."""
    settle_days: float = 5
    """How long a delayed method takes to settle or to fail."""

    def next(self) -> str:
        if self.declines:
            self.declines -= 1
            return "decline"
        return self.mode


@dataclass
class Dunning:
    """The creator's own settings for failed renewals."""

    retry_after_days: list[float] = field(default_factory=lambda: list(SMART_RETRIES))
    """Days between attempts, like Smart Retries."""
    finally_: str = "cancel"
    """`cancel`, `unpaid` or `past_due`."""
    draft_seconds: int = 3600
    """How long a renewal invoice stays a draft."""


@dataclass
class Account:
    id: str
    world: "StripeWorld"
    facts: Obj
    """What /v1/accounts tells."""
    revoked: bool = False
    shelf: dict[str, dict[str, Obj]] = field(default_factory=dict[str, dict[str, Obj]])
    behaviours: dict[str, Behaviour] = field(default_factory=dict[str, Behaviour])
    dunning: Dunning = field(default_factory=Dunning)
    prorations: dict[str, list[Obj]] = field(default_factory=dict[str, list[Obj]])
    booked: dict[str, Appointment] = field(default_factory=dict[str, Appointment])

    @property
    def now(self) -> int:
        return self.world.ground.clock.timestamp()

    def moment(self, at: int | None) -> datetime | None:
        """Unix seconds as a time."""
        return None if at is None else datetime.fromtimestamp(at, UTC)

    @property
    def livemode(self) -> bool:
        return self.world.livemode

    def add(self, obj: Obj) -> Obj:
        self.shelf.setdefault(obj["object"], {})[obj["id"]] = obj
        return obj

    def every(self, kind: str) -> list[Obj]:
        """Oldest first."""
        return list(self.shelf.get(kind, {}).values())

    def find(self, kind: str, id_: str) -> Obj | None:
        return self.shelf.get(kind, {}).get(id_)

    def get(self, kind: str, id_: str, param: str = "id") -> Obj:
        """Raises StripeProblem 404 `resource_missing`."""
        found = self.find(kind, id_)
        if found is None:
            raise missing(kind.rpartition(".")[2], id_, param)
        return found

    def behaviour(self, *ids: str | None) -> Behaviour:
        """The first id that has one decides: name the subscription, then the customer."""
        for id_ in ids:
            if id_ in self.behaviours:
                return self.behaviours[id_]
        return Behaviour()

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None) -> None:
        self.world.emit(self, kind, obj, previous)

    def book(self, key: str, due: int, what: str, do: Callable[[], None]) -> None:
        """Book or move the appointment known as `key`."""
        self.call_off(key)
        self.booked[key] = self.world.ground.agenda.at(
            datetime.fromtimestamp(due, UTC), f"{what} ({self.id})", do
        )

    def call_off(self, key: str) -> None:
        if (appointment := self.booked.pop(key, None)) is not None:
            appointment.call_off()
