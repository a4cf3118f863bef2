"""P8: what becomes due by the clock alone, such as passes that end."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Final

import psycopg

from solynk.apps.engine import advance, new_id
from solynk.core.access import Access, Inside
from solynk.core.catalog import (
    Channel,
    Organization,
    Plan,
    Platform,
    Product,
    ProductStatus,
    Provider,
    ToChannel,
)
from solynk.core.customer import BoundIdentity, Customer, Subscription
from solynk.core.entitlement import Desired
from solynk.core.facts import Days, Payment, PaymentStatus
from solynk.core.ids import (
    AccessId,
    ChannelId,
    ChatId,
    CustomerId,
    OrganizationId,
    PersonId,
    PlanId,
    ProductId,
    SubscriptionId,
)
from solynk.core.instants import DAY, Interval
from solynk.core.money import Money
from solynk.ports.storage import StoredFact
from tests.benchmarks.engines import Engine, an_engine
from tests.benchmarks.ground import Database, Ground
from tests.benchmarks.machine import tree_seconds
from tests.benchmarks.measuring import Contender, Figures, Outcome, Target, measured
from tests.benchmarks.scale import Scale

TARGETS: Final = (
    Target("P8", "sweep with job and audit, of one bare UPDATE", "per second", "solynk",
           least=0.8, over="limit"),
    Target("P8", "the same, of row by row", "per second", "solynk", least=20, over="row by row"),
)  # fmt: skip
PRICE: Final = Money(900, "EUR")


def sweeping(ground: Ground, scale: Scale) -> Outcome:
    database = ground.database()
    engine = an_engine(ground, database.url)
    shop = engine.run(shop_of(engine))
    _crowd(database, shop.organization, scale.stored)
    _bare(database, scale.due)
    contenders = [
        Contender("limit", _at_once(database), "one UPDATE; nothing is derived"),
        Contender(
            "row by row", _one_by_one(database, scale.due), "UPDATE, job, audit, a commit each"
        ),
        Contender(
            "solynk",
            _advance(engine, shop, database, scale.due // 5),
            "derive, decide, command, audit",
        ),
    ]
    title = f"A sweep among {scale.stored:,} customers"
    return measured("sweeping", title, contenders, TARGETS, min(3, scale.rounds))


async def shop_of(engine: Engine) -> Channel:
    """An organization that sells a pass of a week."""
    at = await engine.wiring.clock.now()
    owner, product = OrganizationId(new_id(at)), ProductId(new_id(at))
    channel = Channel(
        ChannelId(new_id(at)), owner, Platform.TELEGRAM, ChatId("-1001"), "The lounge"
    )
    opens = (ToChannel(channel.id),)
    async with engine.wiring.store.begin() as tx:
        await tx.organizations.put(Organization(owner, "Us", "us", payment_account="acct_us"))
        await tx.channels.put(channel)
        await tx.products.put(Product(product, owner, "A pass", ProductStatus.ACTIVE, opens))
        await tx.plans.put(
            Plan(
                id=PlanId(product),
                organization=owner,
                product=product,
                name="A week",
                price=PRICE,
                interval=Interval.ONE_TIME,
                access_days=7,
            )
        )
    return channel


def _crowd(database: Database, owner: str, many: int) -> None:
    """Customers with nothing to do: what is stored must not matter."""
    database.rows(
        "insert into customers (organization_id, id, locale, due_at)"
        " select %s::uuid, gen_random_uuid(), 'en', now() + interval '30 days'"
        " from generate_series(1, %s)",
        (owner, many),
    )


def _advance(engine: Engine, shop: Channel, database: Database, many: int) -> Callable[[], Figures]:
    def run() -> Figures:
        engine.run(members_of(engine, shop, many))
        theirs, began, before = tree_seconds(database.server), perf_counter(), process_time()
        done = engine.run(_until_nobody_is_due(engine))
        seconds, ours = perf_counter() - began, process_time() - before
        if done != many:
            raise RuntimeError(f"{many} were due, {done} were derived")
        return {
            "per second": many / seconds,
            "cpu": 1e6 * ours / many,
            "db cpu": 1e6 * (tree_seconds(database.server) - theirs) / many,
        }

    return run


async def _until_nobody_is_due(engine: Engine) -> int:
    done = 0
    while batch := await advance(engine.wiring):
        done += batch
    return done


async def members_of(engine: Engine, shop: Channel, many: int) -> list[CustomerId]:
    """Who bought a week eight days ago, and is still inside."""
    at = await engine.wiring.clock.now()
    made: list[CustomerId] = []
    for _ in range(many):
        async with engine.wiring.store.begin() as tx:
            [product] = await tx.products.all(shop.organization)
            customer = CustomerId(new_id(at))
            person, owner = PersonId(secrets.token_hex(8)), shop.organization
            pass_ = SubscriptionId(new_id(at))
            await tx.customers.put(Customer(customer, owner, due_at=at - timedelta(seconds=1)))
            await tx.identities.put(BoundIdentity(owner, customer, Platform.TELEGRAM, person, at))
            await tx.subscriptions.put(_a_pass(pass_, customer, product, at))
            await tx.facts.add(StoredFact(owner, customer, pass_, _paid(at - 8 * DAY), None, at))
            await tx.accesses.put(
                Access(
                    id=AccessId(new_id(at)),
                    organization=owner,
                    customer=customer,
                    channel=shop.id,
                    desired=Desired.IN,
                    seen=Inside(),
                    acted_on=person,
                    inside_since=at,
                )
            )
        made.append(customer)
    return made


def _a_pass(it: SubscriptionId, who: CustomerId, product: Product, at: datetime) -> Subscription:
    return Subscription(
        id=it,
        organization=product.organization,
        customer=who,
        product=product.id,
        plan=PlanId(product.id),
        provider=Provider.STRIPE,
        account="acct_us",
        reference=f"passes:{product.id}:{who}",
        created_at=at,
        standing="active",
    )


def _paid(at: datetime) -> Payment:
    return Payment(f"pi_{secrets.token_hex(8)}", Days(7), PRICE, PaymentStatus.PAID, paid_at=at)


def _bare(database: Database, due: int) -> None:
    database.rows(
        "create table bare (id bigint primary key, state int not null, deadline timestamptz)"
    )
    database.rows("create table job (id bigint, at timestamptz default now())")
    database.rows("create table note (id bigint, at timestamptz default now())")
    database.rows("insert into bare select n, 1, now() from generate_series(1, %s) n", (due,))


def _at_once(database: Database) -> Callable[[], Figures]:
    def run() -> Figures:
        database.rows("update bare set state = 1")
        database.rows("vacuum bare")
        began = perf_counter()
        changed = len(database.rows("update bare set state = 2 where state = 1 returning id"))
        return {"per second": changed / (perf_counter() - began)}

    return run


def _one_by_one(database: Database, due: int) -> Callable[[], Figures]:
    many = min(due, 500)

    def run() -> Figures:
        with psycopg.connect(database.url) as connection:
            began = perf_counter()
            for number in range(1, many + 1):
                connection.execute("update bare set state = state + 1 where id = %s", (number,))
                connection.execute("insert into job (id) values (%s)", (number,))
                connection.execute("insert into note (id) values (%s)", (number,))
                connection.commit()
            return {"per second": many / (perf_counter() - began)}

    return run
