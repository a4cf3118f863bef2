"""Every owned row names its organization, and every read of owned rows asks for it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias, final

import pytest

from solynk.contract_tests.storage.rows import (
    ANN,
    COURSE,
    LOUNGE,
    MONTHLY,
    NOON,
    OURS,
    SOLD,
    THEIRS,
    a_brake,
    a_channel,
    a_checkout,
    a_claim,
    a_command,
    a_customer,
    a_plan,
    a_product,
    a_stored_fact,
    a_subscription,
    an_access,
    an_alert,
    an_entry,
    an_event,
    an_identity,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.catalog import Platform, Provider
from solynk.core.event import EventStatus
from solynk.core.ids import (
    AccessId,
    AlertId,
    AuditId,
    CheckoutId,
    CommandId,
    EventId,
    OrganizationId,
    PersonId,
)
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store, UnitOfWork

Put: TypeAlias = Callable[[UnitOfWork, OrganizationId], Awaitable[object]]

ACCESS: Final = AccessId(new_id())
ALERT: Final = AlertId(new_id())
CHECKOUT: Final = CheckoutId(new_id())
COMMAND: Final = CommandId(new_id())
ENTRY: Final = AuditId(new_id())
EVENT: Final = EventId(new_id())


@dataclass(frozen=True, slots=True)
class Owned:
    """One way to see a row: `put` writes it for an organization, always with the same ids."""

    name: str
    put: Put
    see: Put


def _put_product(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.products.put(a_product(organization=o))


def _put_plan(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.plans.put(a_plan(organization=o))


def _put_channel(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.channels.put(a_channel(organization=o))


def _put_customer(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.customers.put(a_customer(organization=o))


def _put_identity(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.identities.put(an_identity(organization=o))


def _put_subscription(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.subscriptions.put(a_subscription(organization=o, standing=f"of {o}"))


def _put_fact(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.facts.add(a_stored_fact(organization=o))


def _put_event(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    event = an_event(id=EVENT, organization=o, status=EventStatus.UNMATCHED, reference="s")
    return u.events.add(event)


def _put_access(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.accesses.put(an_access(id=ACCESS, organization=o))


def _put_command(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.commands.add(a_command(id=COMMAND, organization=o))


def _put_brake(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.brakes.put(a_brake(organization=o))


def _put_alert(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.alerts.open(an_alert(id=ALERT, organization=o))


def _put_entry(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.audit.append(an_entry(id=ENTRY, organization=o))


def _put_checkout(u: UnitOfWork, o: OrganizationId) -> Awaitable[object]:
    return u.checkouts.put(a_checkout(id=CHECKOUT, organization=o, reference="cs_1"))


TELEGRAM: Final = Platform.TELEGRAM
PERSON: Final = PersonId("77")

EVERY_WAY: Final = (
    Owned("products.get", _put_product, lambda u, o: u.products.get(o, COURSE)),
    Owned("products.lock", _put_product, lambda u, o: u.products.lock(o, COURSE)),
    Owned("products.among", _put_product, lambda u, o: u.products.among(o, [COURSE])),
    Owned("products.all", _put_product, lambda u, o: u.products.all(o)),
    Owned("plans.get", _put_plan, lambda u, o: u.plans.get(o, MONTHLY)),
    Owned("plans.lock", _put_plan, lambda u, o: u.plans.lock(o, MONTHLY)),
    Owned("plans.among", _put_plan, lambda u, o: u.plans.among(o, [MONTHLY])),
    Owned("plans.all", _put_plan, lambda u, o: u.plans.all(o)),
    Owned("channels.get", _put_channel, lambda u, o: u.channels.get(o, LOUNGE)),
    Owned("channels.lock", _put_channel, lambda u, o: u.channels.lock(o, LOUNGE)),
    Owned("channels.among", _put_channel, lambda u, o: u.channels.among(o, [LOUNGE])),
    Owned("channels.all", _put_channel, lambda u, o: u.channels.all(o)),
    Owned("customers.get", _put_customer, lambda u, o: u.customers.get(o, ANN)),
    Owned("customers.lock", _put_customer, lambda u, o: u.customers.lock(o, ANN)),
    Owned("customers.all", _put_customer, lambda u, o: u.customers.all(o)),
    Owned("identities.of", _put_identity, lambda u, o: u.identities.of(o, ANN)),
    Owned(
        "identities.person", _put_identity, lambda u, o: u.identities.person(o, TELEGRAM, PERSON)
    ),
    Owned("subscriptions.get", _put_subscription, lambda u, o: u.subscriptions.get(o, SOLD)),
    Owned("subscriptions.of", _put_subscription, lambda u, o: u.subscriptions.of(o, ANN)),
    Owned(
        "subscriptions.find",
        _put_subscription,
        lambda u, o: u.subscriptions.find(o, Provider.STRIPE, "acct_1", "sub_1"),
    ),
    Owned("facts.of", _put_fact, lambda u, o: u.facts.of(o, ANN)),
    Owned("facts.paying", _put_fact, lambda u, o: u.facts.paying(o, "in_1")),
    Owned("event_lists.unmatched", _put_event, lambda u, o: u.event_lists.unmatched(o, "s")),
    Owned("event_lists.all", _put_event, lambda u, o: u.event_lists.all(o)),
    Owned("accesses.get", _put_access, lambda u, o: u.accesses.get(o, ACCESS)),
    Owned("accesses.of", _put_access, lambda u, o: u.accesses.of(o, ANN)),
    Owned("accesses.at", _put_access, lambda u, o: u.accesses.at(o, LOUNGE)),
    Owned("queue.all", _put_command, lambda u, o: u.queue.all(o)),
    Owned("brakes.among", _put_brake, lambda u, o: u.brakes.among(o, [LOUNGE])),
    Owned("alerts.get", _put_alert, lambda u, o: u.alerts.get(o, ALERT)),
    Owned("alerts.all", _put_alert, lambda u, o: u.alerts.all(o)),
    Owned("audit.about", _put_entry, lambda u, o: u.audit.about(o)),
    Owned(
        "audit.about a resource",
        _put_entry,
        lambda u, o: u.audit.about(o, resource="access:1"),
    ),
    Owned("checkouts.get", _put_checkout, lambda u, o: u.checkouts.get(o, CHECKOUT)),
    Owned("checkouts.named", _put_checkout, lambda u, o: u.checkouts.named(o, "cs_1")),
    Owned("checkouts.open_for", _put_checkout, lambda u, o: u.checkouts.open_for(o, ANN, MONTHLY)),
)
each_way = pytest.mark.parametrize("row", EVERY_WAY, ids=lambda it: it.name)


class TenantsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @each_way
    async def test_nobody_sees_the_rows_of_another_organization_by_their_ids(
        self, store: Store, row: Owned
    ) -> None:
        async with store.begin() as unit:
            await row.put(unit, OURS)

        async with store.begin() as unit:
            assert await row.see(unit, OURS)
            assert not await row.see(unit, THEIRS)

    @final
    @pytest.mark.anyio
    @each_way
    async def test_nobody_changes_the_rows_of_another_organization_by_their_ids(
        self, store: Store, row: Owned
    ) -> None:
        async with store.begin() as unit:
            await row.put(unit, OURS)
            ours = await row.see(unit, OURS)

        async with store.begin() as unit:
            with suppress(Conflict):
                await row.put(unit, THEIRS)

        async with store.begin() as unit:
            assert await row.see(unit, OURS) == ours

    @final
    @pytest.mark.anyio
    async def test_nobody_resolves_the_alert_of_another_organization(self, store: Store) -> None:
        alert = an_alert()
        async with store.begin() as unit:
            await unit.alerts.open(alert)

        async with store.begin() as unit:
            for other in (THEIRS, None):
                assert not await unit.alerts.resolve(other, alert.kind, alert.subject, NOON)

        async with store.begin() as unit:
            assert await unit.alerts.get(OURS, alert.id) == alert

    @final
    @pytest.mark.anyio
    async def test_nobody_keeps_another_organization_from_its_own_alert(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.alerts.open(an_alert(organization=THEIRS))
            assert await unit.alerts.open(an_alert(organization=None))
            assert await unit.alerts.open(an_alert())

    @final
    @pytest.mark.anyio
    async def test_nobody_touches_the_customers_of_another_organization(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer())
            await unit.accesses.put(an_access())
            await unit.customers.put(a_customer(organization=THEIRS))

        async with store.begin() as unit:
            assert await unit.due_customers.touch(THEIRS, LOUNGE, NOON) == 0
            assert await unit.due_customers.touch(THEIRS, None, NOON) == 1

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == a_customer()

    @final
    @pytest.mark.anyio
    async def test_nobody_replaces_the_claim_of_another_organization(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.claims.put(a_claim())

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.claims.put(a_claim(organization=THEIRS))

        async with store.begin() as unit:
            taken = await unit.claims.take("h", NOON)

        assert taken is not None
        assert taken.organization == OURS
