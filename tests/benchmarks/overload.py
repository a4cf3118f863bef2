"""P12: half of what it can do, for long; three times of what it can do, for a while."""

import secrets
import time
from collections.abc import Callable
from typing import Final

from tests.benchmarks.floor import SECRET
from tests.benchmarks.ground import Ground, Program
from tests.benchmarks.load import Order, Result, fire
from tests.benchmarks.machine import tree_seconds
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.payloads import an_invoice_paid
from tests.benchmarks.scale import Scale

TARGETS: Final = (
    Target("P12", "half of capacity: p99 in ms", "p99", "half", most=25),
    Target("P12", "half of capacity: p99 of the last tenth, in ms", "late", "half", most=25),
    Target("P12", "three times capacity: served, of capacity", "rps", "thrice",
           least=0.9, over="capacity"),
    Target("P12", "three times capacity: p99 of the refusals, in ms", "refusal", "thrice", most=100),
    Target("P12", "recovery after it, in s", "recovery", "thrice", most=5),
)  # fmt: skip
THRICE_SECONDS: Final = 10
MANY: Final = 512


def overload(ground: Ground, scale: Scale) -> Outcome:
    database = ground.database()
    ground.migrate(database.url)
    served = ground.api(database.url)
    fire(_order(served, scale.requests))
    capacity = [0.0]

    def at_most() -> Figures:
        before = tree_seconds(served.pid)
        result = fire(_order(served, scale.requests))
        capacity[0] = result.well / result.seconds
        spent = tree_seconds(served.pid) - before
        return {**_figures(result), "cpu": 1e6 * spent / result.well}

    contenders = [
        Contender("capacity", at_most, "a closed loop of 16 connections"),
        Contender("half", _half(served, capacity, scale), "an open loop at half of that"),
        Contender("thrice", _thrice(served, capacity), f"an open loop of {MANY} connections"),
    ]
    at_most()
    return measured("overload", "More than it can do", contenders, TARGETS, min(3, scale.rounds))


def _half(served: Program, capacity: list[float], scale: Scale) -> Callable[[], Figures]:
    def run() -> Figures:
        rate = capacity[0] / 2
        count = int(rate * 60 * scale.minutes)
        return _figures(fire(_order(served, count, rate=rate, connections=128)))

    return run


def _thrice(served: Program, capacity: list[float]) -> Callable[[], Figures]:
    def run() -> Figures:
        rate = 3 * capacity[0]
        count = int(rate * THRICE_SECONDS)
        figures = _figures(fire(_order(served, count, rate=rate, connections=MANY)))
        began = time.perf_counter()
        while fire(_order(served, 50)).p99 > 0.1:
            if time.perf_counter() - began > 60:
                break
        return {**figures, "recovery": time.perf_counter() - began}

    return run


def _order(
    served: Program, count: int, *, rate: float | None = None, connections: int = 16
) -> Order:
    return Order(
        port=served.port,
        count=count,
        connections=connections,
        paths=("/webhooks/stripe",),
        headers={"Content-Type": "application/json"},
        body=an_invoice_paid(),
        secret=SECRET,
        prefix=f"evt_{secrets.token_hex(6)}_",
        rate=rate,
    )


def _figures(it: Result) -> Figures:
    return {
        "rps": it.well / it.seconds,
        "p50": 1000 * it.p50,
        "p99": 1000 * it.p99,
        "late": 1000 * it.late,
        "refused": it.answered - it.well,
        "refusal": 1000 * it.refusal,
    }
