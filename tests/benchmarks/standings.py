"""P5: what a history of facts is worth at an instant, and when that changes by itself."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.core.facts import Fact, PaymentStatus, ProviderStatus
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.timer import next_change_at
from tests.benchmarks.blocks import contenders
from tests.benchmarks.ground import Ground
from tests.benchmarks.measuring import Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale
from tests.builders import POLICY, a_failure, a_payment, an_observed, day, days

FACTS: Final = 10
TARGETS: Final = (
    Target("P5", "a fact's step of the real machine, in µs", "us", "solynk", most=2.0),
    Target("P5", "the same, of a bare table's step", "us", "solynk", most=7, over="table"),
)


class State(StrEnum):
    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"


class Subscription(Struct, frozen=True):
    state: State
    version: int


TABLE: Final[Mapping[tuple[State, PaymentStatus], State]] = {
    (State.INCOMPLETE, PaymentStatus.PAID): State.ACTIVE,
    (State.ACTIVE, PaymentStatus.PAID): State.ACTIVE,
    (State.ACTIVE, PaymentStatus.FAILED): State.PAST_DUE,
    (State.PAST_DUE, PaymentStatus.PAID): State.ACTIVE,
    (State.PAST_DUE, PaymentStatus.FAILED): State.PAST_DUE,
}
STEPS: Final = (PaymentStatus.PAID,) * 4 + (PaymentStatus.FAILED, PaymentStatus.PAID) * 3


def a_history() -> tuple[Fact, ...]:
    """Four paid months with a read of each, then a renewal that failed, and a read of that."""
    months = [days(30 * number, 30 * (number + 1)) for number in range(5)]
    paid = [a_payment(id=f"in_{n}", cover=it) for n, it in enumerate(months[:4])]
    reads = [
        an_observed(number=n, period=it, read_at=it.start) for n, it in enumerate(months[:4], 1)
    ]
    failed = an_observed(
        number=5,
        status=ProviderStatus.PAST_DUE,
        period=months[4],
        paid=False,
        read_at=day(120, timedelta(hours=2)),
    )
    return (*paid, *reads, a_failure(id="in_4", cover=months[4]), failed)


def standings(ground: Ground, scale: Scale) -> Outcome:
    del ground
    calls = {"table": lambda: _by_table(STEPS), "solynk": derived()}
    notes = {
        "table": "a dictionary and a frozen struct: no history, no reason, no deadline",
        "solynk": "join the facts, derive the standing with its reason, and the next change",
    }
    entrants = contenders(calls, notes, FACTS)
    return measured("standings", "A step of the machine", entrants, TARGETS, scale.blocks)


def step_of_solynk() -> Callable[[], Figures]:
    [it] = contenders({"step": derived()}, {}, FACTS)
    return it.run


def derived() -> Callable[[], object]:
    facts, at = a_history(), day(121, timedelta(hours=5))
    if len(facts) != FACTS or len(STEPS) != FACTS:
        raise ValueError("both histories have ten steps")

    def derive() -> object:
        ledger = Ledger().join_all(facts)
        return standing(ledger, POLICY, at), next_change_at(ledger, POLICY, at)

    return derive


def _by_table(steps: Iterable[PaymentStatus]) -> Subscription:
    it = Subscription(State.INCOMPLETE, 0)
    for step in steps:
        it = replace(it, state=TABLE[it.state, step], version=it.version + 1)
    return it
