"""Why somebody has access or not, and everything that happened to them."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Annotated, Final, TypeAlias, cast
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from solynk.apps.api.problems import reads
from solynk.apps.api.scope import Limit, known, reading
from solynk.apps.api.views import AccessView, CommandView, Entry, EventView
from solynk.apps.engine import Wiring, explain_customer
from solynk.core.command import Admit, Command, Expel, Tell
from solynk.core.customer import Subscription
from solynk.core.facts import identity
from solynk.core.ids import AccessId, CustomerId, OrganizationId
from solynk.ports.storage import StoredFact, UnitOfWork

LANGUAGES: Final = ("en", "fr")
SEARCHED: Final = 1000
"""The newest commands of the organization, among which the customer's are looked for."""
NOT_SEARCHED: Final = {
    "words": f"commands up to this instant are not shown: only the newest {SEARCHED} of the"
    " organization are searched"
}

AcceptLanguage: TypeAlias = Annotated[str, HeaderParameter(name="Accept-Language")]


@get(
    "/{customer:uuid}/access",
    summary="Each channel of a customer: state, wish, what was seen, and why (en, fr)",
    responses=reads(404),
)
async def get_access(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    language: AcceptLanguage = "en",
) -> list[AccessView]:
    owner, buyer = OrganizationId(str(organization)), CustomerId(str(customer))
    found = await explain_customer(wiring, owner, buyer, preferred(language))
    return [AccessView.of(it) for it in found]


def preferred(accepted: str) -> str:
    """Of the languages that are spoken here the one that the header likes best."""
    wishes = [_wish(it) for it in accepted.split(",")]
    spoken = [(weight, name) for name, weight in wishes if name in LANGUAGES and weight > 0]
    return max(spoken, key=lambda it: it[0])[1] if spoken else LANGUAGES[0]


def _wish(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    weight = parameter.strip().removeprefix("q=")
    try:
        return name.strip().lower()[:2], float(weight or 1)
    except ValueError:
        return "", 0


@get(
    "/{customer:uuid}/timeline",
    summary="Facts, events, commands and audit entries of a customer, the newest first;"
    " where older commands were not searched, an entry says so",
    responses=reads(404),
)
async def get_timeline(
    organization: FromPath[UUID],
    customer: FromPath[UUID],
    wiring: NamedDependency[Wiring],
    limit: Limit = 200,
) -> list[Entry]:
    async with reading(wiring, organization) as (tx, owner):
        buyer = CustomerId(str(customer))
        known(await tx.customers.get(owner.id, buyer), "customer", customer)
        entries = await _entries(tx, owner.id, buyer, limit)
    return sorted(entries, key=lambda it: (it.at, it.id), reverse=True)[:limit]


async def _entries(
    tx: UnitOfWork, owner: OrganizationId, customer: CustomerId, limit: int
) -> list[Entry]:
    facts = await tx.facts.of(owner, customer)
    accesses = {it.id for it in await tx.accesses.of(owner, customer)}
    subscriptions = await tx.subscriptions.of(owner, customer)
    commands = await tx.queue.all(owner, limit=SEARCHED + 1)
    searched, further = commands[:SEARCHED], commands[SEARCHED:]
    mine = (it for it in searched if _concerns(it, customer, accesses, subscriptions))
    resources = [f"customer:{customer}", *(f"access:{it}" for it in accesses)]
    resources += [f"subscription:{it.id}" for it in subscriptions]
    return [
        *(_of_fact(it) for it in facts),
        *[it async for it in _events(tx, owner, facts)],
        *(_of_command(it) for it in mine),
        *(Entry(it.created_at, "command", "truncated", "", NOT_SEARCHED) for it in further),
        *[it for name in resources for it in await _audited(tx, owner, name, limit)],
    ]


def _concerns(
    command: Command,
    customer: CustomerId,
    accesses: set[AccessId],
    subscriptions: Iterable[Subscription],
) -> bool:
    match command.order:
        case Admit() | Expel():
            return command.order.access in accesses
        case Tell():
            return command.order.customer == customer
        case _:
            return any(command.subject.endswith(f":{it.reference}") for it in subscriptions)


async def _events(
    tx: UnitOfWork, owner: OrganizationId, facts: Iterable[StoredFact]
) -> AsyncGenerator[Entry]:
    for event_id in sorted({it.event for it in facts if it.event is not None}):
        event = await tx.events.get(event_id)
        if event is not None and event.organization == owner:
            view = EventView.of(event)
            yield Entry(event.received_at, "event", event.kind, event.id, _details(view))


def _of_fact(it: StoredFact) -> Entry:
    kind, name = identity(it.fact)
    return Entry(it.recorded_at, "fact", kind, name, _details(it.fact))


def _of_command(it: Command) -> Entry:
    view = CommandView.of(it)
    return Entry(it.created_at, "command", view.kind, it.id, _details(view))


async def _audited(tx: UnitOfWork, owner: OrganizationId, resource: str, limit: int) -> list[Entry]:
    found = await tx.audit.about(owner, resource=resource, limit=limit)
    return [Entry(it.at, "audit", it.action, it.id, _details(it)) for it in found]


def _details(it: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", msgspec.to_builtins(it))


access = Router("/customers", route_handlers=[get_access, get_timeline], tags=["access"])
