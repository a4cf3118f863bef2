"""P9: whether somebody has access, asked in the process and over HTTP."""

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import psycopg

from solynk.apps.engine import check_access
from solynk.core.catalog import Channel
from solynk.core.ids import CustomerId
from solynk.ports.checking import OfCustomer
from tests.benchmarks.engines import Engine, an_engine
from tests.benchmarks.ground import KEY, Database, Ground, Program, answers, free_port
from tests.benchmarks.load import Order, fire
from tests.benchmarks.machine import tree_seconds
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale
from tests.benchmarks.sweeping import members_of, shop_of

ASKED: Final = 50
READS: Final = 300
TARGETS: Final = (
    Target("P9", "in the process, of a bare prepared statement", "us", "library",
           most=1.3, over="statement"),
    Target("P9", "over HTTP, of a bare route's rate", "rps", "http", least=0.33, over="bare route"),
    Target("P9", "over HTTP at 16 connections, p99 in ms", "p99", "http", most=20),
)  # fmt: skip
STATEMENT: Final = (
    "select c.id, c.due_at, a.desired, a.generation from customers c"
    " left join accesses a on a.organization_id = c.organization_id and a.customer_id = c.id"
    " where c.organization_id = %s and c.id = %s and a.channel_id = %s"
)
"""The least that tells it."""
Ask = Callable[[CustomerId], Coroutine[Any, Any, object]]


def reading(ground: Ground, scale: Scale) -> Outcome:
    database = ground.database()
    engine = an_engine(ground, database.url)
    shop = engine.run(shop_of(engine))
    people = engine.run(members_of(engine, shop, ASKED))
    database.rows("update customers set due_at = now() + interval '1 day'")  # nobody is late
    contenders = [
        Contender("statement", _statement(engine, database, shop, people), "psycopg"),
        Contender("library", _library(engine, shop, people), "check_access"),
        Contender("bare route", _served(_bare(ground), ("/bare",), scale), "no database at all"),
        Contender("http", _checked(ground, database, shop, people, scale), "one customer's access"),
    ]  # fmt: skip
    return measured("reading", "Has somebody access?", contenders, TARGETS, min(3, scale.rounds))


def _statement(
    engine: Engine, database: Database, shop: Channel, people: list[CustomerId]
) -> Callable[[], Figures]:
    connection = engine.run(
        psycopg.AsyncConnection.connect(database.url, autocommit=True, prepare_threshold=0)
    )

    async def ask(customer: CustomerId) -> object:
        values = (shop.organization, customer, shop.id)
        return await (await connection.execute(STATEMENT, values)).fetchone()

    return _timed(engine, ask, people)


def _library(engine: Engine, shop: Channel, people: list[CustomerId]) -> Callable[[], Figures]:
    async def ask(customer: CustomerId) -> object:
        whose = OfCustomer(customer)
        told = await check_access(engine.wiring, shop.organization, shop.id, whose)
        if not told.has_access:
            raise RuntimeError(f"{customer} has no access")
        return told

    return _timed(engine, ask, people)


def _timed(engine: Engine, ask: Ask, people: list[CustomerId]) -> Callable[[], Figures]:
    """The processor's time of this process: what the database does meanwhile is the same."""

    async def all_of_them() -> float:
        for it in people:
            await ask(it)
        began = time.process_time()
        for number in range(READS):
            await ask(people[number % len(people)])
        return time.process_time() - began

    return lambda: {"us": 1e6 * engine.run(all_of_them()) / READS}


def _bare(ground: Ground) -> Program:
    port = free_port()
    url = ground.database().url
    program = ground.program(["-m", "tests.benchmarks.floor", str(port), url], {})
    answers(program.process, port)
    return Program(program.process, port)


def _checked(
    ground: Ground, database: Database, shop: Channel, people: list[CustomerId], scale: Scale
) -> Callable[[], Figures]:
    root = f"/v1/organizations/{shop.organization}/customers"
    paths = tuple(f"{root}/{it}/access/{shop.id}" for it in people)
    return _served(ground.api(database.url), paths, scale)


def _served(program: Program, paths: tuple[str, ...], scale: Scale) -> Callable[[], Figures]:
    def run() -> Figures:
        before = tree_seconds(program.pid)
        many = scale.requests // 10
        order = Order(
            port=program.port,
            count=many,
            method="GET",
            paths=paths,
            headers={"Authorization": f"Bearer {KEY}"},
        )
        result = fire(order)
        if result.well != many:
            raise RuntimeError(f"{paths[0]}: the answers are {result.statuses}")
        return {
            "rps": many / result.seconds,
            "p50": 1000 * result.p50,
            "p99": 1000 * result.p99,
            "cpu": 1e6 * (tree_seconds(program.pid) - before) / many,
        }

    run()
    return run
