"""P1, P1b, P3: what it costs to take in a webhook so that it can not be lost."""

import secrets
import sqlite3
from collections.abc import Callable
from typing import Final, LiteralString

from tests.benchmarks import floor
from tests.benchmarks.ground import Database, Ground, Program, answers, free_port
from tests.benchmarks.load import Order, fire
from tests.benchmarks.machine import tree_seconds
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.payloads import an_invoice_paid
from tests.benchmarks.scale import Scale

TARGETS: Final = (
    Target("P1", "webhook intake, of the floor's rate", "rps", "solynk", least=0.9, over="floor"),
    Target("P1", "webhook intake, of the floor's CPU", "cpu", "solynk", most=1.25, over="floor"),
    Target(
        "P1b", "the same with lz4, of a floor without", "rps", "solynk", least=1.2, over="floor"
    ),
    Target("P3", "SQLite, of the floor on PostgreSQL", "rps", "sqlite", least=1.3, over="floor"),
)


def intake(ground: Ground, scale: Scale) -> Outcome:
    contenders = [
        *floor_contenders(ground, scale),
        solynk(ground, scale),
        solynk_on_sqlite(ground, scale),
    ]
    return measured("intake", "Webhook intake", contenders, TARGETS, scale.rounds)


def floor_contenders(ground: Ground, scale: Scale) -> list[Contender]:
    database = ground.database()
    floor.prepare(database.url)
    port = free_port()
    program = ground.program(["-m", "tests.benchmarks.floor", str(port), database.url], {})
    answers(program.process, port)
    served = Program(program.process, port)

    def to(path: str, stored: Callable[[], int] | None) -> Callable[[], Figures]:
        return delivering(served, path, database, scale.requests, stored)

    def plain() -> int:
        return _count(database, "select count(*) from floor")

    def small() -> int:
        return _count(database, "select count(*) from floor_lz4")

    return [
        Contender("limit", to("/undurable", None), "verify alone: nothing is stored"),
        Contender("floor", to("/durable/floor", plain), "verify, insert, commit"),
        Contender("floor lz4", to("/durable/floor_lz4", small), "lz4 in the column"),
    ]


def solynk(ground: Ground, scale: Scale) -> Contender:
    database = ground.database()
    ground.migrate(database.url)
    served = ground.api(database.url)

    def stored() -> int:
        return _count(database, "select count(*) from events")

    run = delivering(served, "/webhooks/stripe", database, scale.requests, stored)
    return Contender("solynk", run, "solynk api on PostgreSQL")


def solynk_on_sqlite(ground: Ground, scale: Scale) -> Contender:
    file = ground.folder / "intake.sqlite3"
    url = f"sqlite:///{file}"
    ground.migrate(url)
    served = ground.api(url)

    def stored() -> int:
        with sqlite3.connect(file) as connection:
            return int(connection.execute("select count(*) from events").fetchone()[0])

    run = delivering(served, "/webhooks/stripe", None, scale.requests, stored)
    return Contender("sqlite", run, "solynk api on SQLite, synchronous=FULL")


def delivering(
    served: Program,
    path: str,
    database: Database | None,
    count: int,
    stored: Callable[[], int] | None,
) -> Callable[[], Figures]:
    """Deliver `count` events; every one of them must be answered well, and be in the store."""

    def run() -> Figures:
        known = stored() if stored else 0
        owners = () if database is None else (database.server,)
        before, theirs = tree_seconds(served.pid), tree_seconds(*owners)
        order = Order(
            port=served.port,
            count=count,
            paths=(path,),
            headers={"Content-Type": "application/json"},
            body=an_invoice_paid(),
            secret=floor.SECRET,
            prefix=f"evt_{secrets.token_hex(6)}_",
        )
        result = fire(order)
        if result.well != count:
            raise RuntimeError(f"{path}: {count} were sent, the answers are {result.statuses}")
        if stored and stored() - known < count:
            raise RuntimeError(f"{path}: {count} were acknowledged, {stored() - known} are stored")
        return {
            "rps": count / result.seconds,
            "p50": 1000 * result.p50,
            "p99": 1000 * result.p99,
            "cpu": 1e6 * (tree_seconds(served.pid) - before) / count,
            "db cpu": 1e6 * (tree_seconds(*owners) - theirs) / count,
        }

    run()
    return run


def _count(database: Database, query: LiteralString) -> int:
    [(count,)] = database.rows(query)
    return int(str(count))
