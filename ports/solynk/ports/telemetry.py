"""What is counted and measured, without personal data, and what the running code works for.

`METRICS` names every number there is. A label takes few values, all known beforehand: a person, an
organization or an account is none of them.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto
from typing import Final, Protocol

from msgspec import Struct

from solynk.core.alert import AlertKind
from solynk.core.catalog import Platform, Provider
from solynk.core.command import CommandStatus
from solynk.core.event import EventStatus
from solynk.core.retention import Kept

correlation: Final[ContextVar[str]] = ContextVar("correlation", default="")
"""The request or event that the running code works for; empty is none."""


@contextmanager
def working_for(about: str) -> Generator[None]:
    """What is done inside is done for this request or event; log lines name it."""
    token = correlation.set(about)
    try:
        yield
    finally:
        correlation.reset(token)


class Telemetry(Protocol):
    """Labels are few and never hold a person, an e-mail or a token. It never raises."""

    def count(self, name: str, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, **labels: str) -> None: ...


class Measure(Enum):
    COUNT = auto()
    """How often it happened in this process since its start."""
    DURATION = auto()
    """How long it took, in seconds."""
    GAUGE = auto()
    """How it is now, read when it is asked for: the same in every process."""


class Metric(Struct, frozen=True):
    measure: Measure
    words: str
    labels: Mapping[str, tuple[str, ...]] = {}
    """Every value that a label may take; none where an adapter names them."""


PROVIDERS: Final = tuple(it.value for it in Provider)
VENDORS: Final = (*PROVIDERS, *(it.value for it in Platform))
QUEUES: Final = ("events", "commands", "customers")
ORDERS: Final = ("admit", "expel", "decline", "tell", "fetch", "inspect")
WEBHOOKS: Final = (
    "stored",
    "known",
    "ignored",
    "malformed",
    "forged",
    "unavailable",
    "refused",
    "failed",
)
BROKEN: Final = tuple(
    it.value
    for it in (
        AlertKind.SHUT_OUT,
        AlertKind.STILL_INSIDE,
        AlertKind.UNEXPLAINED,
        AlertKind.LATE,
        AlertKind.UNSEALED,
    )
)
OUTCOMES: Final = ("done", "unavailable", "cancelled", "needs_human", "disconnected", "refused",
                   "not_found", "moved", "unreachable", "failed")  # fmt: skip
"""How a call ended. One that was cancelled had no answer in time."""

METRICS: Final[Mapping[str, Metric]] = {
    "webhooks": Metric(
        Measure.COUNT,
        "webhooks that came in, by what became of them",
        {"source": PROVIDERS, "outcome": WEBHOOKS},
    ),
    "events_received": Metric(
        Measure.COUNT,
        "events that were stored, by the state they were stored in",
        {"source": VENDORS, "status": ("received", "ignored", "dead", "duplicate")},
    ),
    "events_applied": Metric(
        Measure.COUNT,
        "events that were applied, by the state it left them in",
        {"source": VENDORS, "status": tuple(it.value for it in EventStatus)},
    ),
    "commands": Metric(
        Measure.COUNT,
        "commands that were tried, by what became of them",
        {
            "kind": ORDERS,
            "outcome": tuple(
                it.value
                for it in (
                    CommandStatus.DONE,
                    CommandStatus.READY,
                    CommandStatus.PARKED,
                    CommandStatus.DEAD,
                )
            ),
        },
    ),
    "calls": Metric(
        Measure.COUNT,
        "calls to providers and platforms, by how they ended",
        {"vendor": VENDORS, "operation": (), "outcome": OUTCOMES},
    ),
    "call_seconds": Metric(
        Measure.DURATION,
        "how long calls to providers and platforms took",
        {"vendor": VENDORS, "operation": ()},
    ),
    "payment_to_invite_seconds": Metric(
        Measure.DURATION, "from a payment's event to the invitation in the member's hands"
    ),
    "payment_to_join_seconds": Metric(
        Measure.DURATION, "from a payment's event to the member inside, their own time included"
    ),
    "members_joined": Metric(Measure.COUNT, "members who came in"),
    "derivations_failed": Metric(Measure.COUNT, "customers who could not be derived"),
    "comparisons_failed": Metric(
        Measure.COUNT, "purchases and members that a reconciliation could not compare"
    ),
    "watches": Metric(Measure.COUNT, "times that the running system was asked what must hold"),
    "invariants_broken": Metric(
        Measure.COUNT, "alerts that were opened because something did not hold", {"kind": BROKEN}
    ),
    "audit_batches_sealed": Metric(Measure.COUNT, "batches of audit entries that were sealed"),
    "seals_failed": Metric(Measure.COUNT, "times that sealing or signing failed"),
    "storage_outages": Metric(Measure.COUNT, "times that work was interrupted by the storage"),
    "store_up": Metric(Measure.GAUGE, "1 while the database answers"),
    "redis_up": Metric(Measure.GAUGE, "1 while Redis answers; not told where none is set"),
    "backlog": Metric(Measure.GAUGE, "how much is due and not done", {"kind": QUEUES}),
    "oldest_due_seconds": Metric(
        Measure.GAUGE, "for how long the oldest of it has been due", {"kind": QUEUES}
    ),
    "unsealed_audit_seconds": Metric(
        Measure.GAUGE, "for how long the oldest audit entry has waited for its seal"
    ),
    "retention_behind_seconds": Metric(
        Measure.GAUGE,
        "for how long something has been kept that is too old, at most",
        {"kind": tuple(it.value for it in Kept)},
    ),
    "open_alerts": Metric(
        Measure.GAUGE,
        "alerts that wait for a person; of kind dead_letter, the dead letters",
        {"kind": tuple(it.value for it in AlertKind)},
    ),
    "open_breakers": Metric(Measure.GAUGE, "lanes whose calls are held back", {"vendor": VENDORS}),
}
