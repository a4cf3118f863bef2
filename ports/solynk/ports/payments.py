"""The payment side, written with Stripe and Telegram Stars open side by side.

A provider delivers events; an event becomes facts, or a wish to read an object. Reading is a
command, and its answer enters the inbox as an event like any other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec
from msgspec import Struct

from solynk.core.catalog import Plan
from solynk.core.facts import ProviderFact
from solynk.core.instants import DAY


class RawEvent(Struct, frozen=True):
    """Exactly the bytes and headers that came in. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    """Real time, for the signature's tolerance."""


class Envelope(Struct, frozen=True):
    """What can be said of a genuine event before its content is read."""

    external_id: str
    account: str
    """The connected account that it is about; empty for the platform's own."""
    livemode: bool
    kind: str


class EventVerifier(Protocol):
    def verify(self, raw: RawEvent) -> Envelope:
        """Check that the provider sent these very bytes, before anything of them is parsed.

        Raises:
            Forged: the signature is missing or wrong, or its time is outside the tolerance.
            Malformed: genuine bytes that are no event. They are stored, and end as a dead letter.
        """
        ...


class Received(Struct, frozen=True):
    """A stored event, as a decoder sees it."""

    kind: str
    body: bytes
    account: str
    livemode: bool


class ObjectRef(Struct, frozen=True):
    """An object at the provider: its kind in the provider's words, and its id."""

    kind: str
    id: str


class Subject(Struct, frozen=True):
    """Whose facts these are, as the provider names it.

    `subscription` is the provider's subscription; None for a one-time purchase. The ids of ours
    that travelled in metadata are claims: they count only inside the account's own organization.
    """

    subscription: str | None = None
    payment: str | None = None
    """Names the subject of a refund or dispute: the payment that it is about."""
    customer_id: str | None = None
    plan_id: str | None = None
    checkout_id: str | None = None
    organization_id: str | None = None


class Finding(Struct, frozen=True):
    subject: Subject
    facts: tuple[ProviderFact, ...]


class Facts(Struct, frozen=True):
    """What the event tells, and which objects must be read to know the rest."""

    findings: tuple[Finding, ...] = ()
    fetch: tuple[ObjectRef, ...] = ()
    closed_checkout: str | None = None
    """The provider's id of a checkout that was completed or has expired."""
    disconnected: bool = False
    """The creator has cut the account's connection: sales stop, members stay."""


class Ignored(Struct, frozen=True):
    """An event that concerns no access, with the reason in a sentence."""

    reason: str


Decoded: TypeAlias = Facts | Ignored


class EventDecoder(Protocol):
    @property
    def version(self) -> str:
        """Changes whenever the same bytes would be read differently."""
        ...

    def decode(self, event: Received) -> Decoded:
        """Read an event, old and new payload shapes alike. Pure: no I/O and no clock.

        Raises:
            Malformed: it names its kind but lacks what that kind must have.
        """
        ...


class Fetched(Struct, frozen=True):
    """A provider's answer about one object, as it enters the inbox."""

    number: int
    """Given before the request was sent; fetches of one object are serial, so it orders them."""
    read_at: datetime
    kind: str
    object: str
    answer: msgspec.Raw
    """The provider's own JSON, in the adapter's arrangement."""


FETCHED: str = "fetched"
"""The kind of an event that carries a `Fetched`."""


class TruthReader(Protocol):
    async def fetch(self, account: str, ref: ObjectRef) -> bytes:
        """The object as it is at the provider, as JSON that the decoder of the adapter reads.

        Raises:
            Unavailable: no answer, or a limit. Nobody may be expelled for it.
            NotFound: no such object in this account.
            NeedsHuman: the account refuses us, or the key was revoked.
        """
        ...

    async def reach(self, account: str) -> None:
        """Ask for as little as shows whether the account lets us in, however much it has sold.

        Raises:
            Disconnected: it does not.
            Unavailable, NeedsHuman: as `fetch`.
        """
        ...

    async def list_since(self, account: str, since: datetime) -> Sequence[ObjectRef]:
        """Every subscription that may have changed since then: for the reconciling sweep.

        Where the provider can list them, also the one-time purchases made since then and what of
        the money went back, so that lost events lose nothing. Each can be fetched, and its answer
        tells the same facts as the events would have.

        Raises: as `fetch`.
        """
        ...


class Order(Struct, frozen=True):
    """What is to be paid, by whom, and the ids of ours that must come back with every event."""

    checkout_id: str
    organization_id: str
    customer_id: str
    account: str
    plan: Plan
    product_name: str
    email: str | None
    success_url: str
    cancel_url: str
    locale: str
    expires_at: datetime


class CheckoutPage(Struct, frozen=True):
    """Where the buyer pays. How it ended arrives later, as events."""

    reference: str
    url: str
    expires_at: datetime


CHECKOUT_LIFE = DAY


class Checkouts(Protocol):
    async def open_checkout(self, order: Order) -> CheckoutPage:
        """Begin a payment on the creator's own account. The same `checkout_id` gives the same page.

        Raises:
            Unavailable: no answer; calling again with the same order is safe.
            NeedsHuman: the account cannot take payments.
            Refused: the plan cannot be sold this way, and why.
        """
        ...

    async def close_checkout(self, account: str, reference: str) -> None:
        """Make the page useless. One that is completed or gone already stays as it is.

        Raises:
            Unavailable: no answer.
            NeedsHuman: the account refuses us.
        """
        ...


class Accounts(Protocol):
    def refuse_account(self, account: str) -> None:
        """Whether this can be the id of a creator's account, before anybody is asked. Pure.

        Raises:
            Refused: it has another form; the reason tells which one it should have.
        """
        ...


class PaymentProvider(EventVerifier, EventDecoder, TruthReader, Checkouts, Accounts, Protocol):
    """All the payment ports that this version of the engine asks of a provider."""
