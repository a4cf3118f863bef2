"""The contract of `Census`."""

from typing import final

import pytest

from solynk.contract_tests.storage.rows import (
    BOB,
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    a_command,
    a_customer,
    an_alert,
    an_event,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.alert import AlertKind
from solynk.core.command import CommandStatus
from solynk.core.instants import HOUR
from solynk.ports.census import Queues, Waiting
from solynk.ports.storage import Lane, Store


class CensusContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_where_nothing_is_nothing_waits(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.census.queues(NOON, 10) == Queues(Waiting(), Waiting(), Waiting())
            assert not any((await unit.census.open_alerts()).values())
            assert not any((await unit.census.open_breakers()).values())

    @final
    @pytest.mark.anyio
    async def test_what_is_due_waits_since_the_oldest_became_due(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.events.add(an_event(external_id="late", due_at=NOON - HOUR))
            await unit.events.add(an_event(external_id="soon", due_at=NOON + MINUTE))
            await unit.events.add(an_event(external_id="done"))
            await unit.commands.add(a_command(due_at=NOON))
            await unit.commands.add(a_command(due_at=NOON - MINUTE))
            await unit.customers.put(a_customer(due_at=NOON - 2 * HOUR))
            await unit.customers.put(a_customer(id=BOB, due_at=NOON + MINUTE))

        async with store.begin() as unit:
            found = await unit.census.queues(NOON, 10)

        assert found.events == Waiting(1, NOON - HOUR)
        assert found.commands == Waiting(2, NOON - MINUTE)
        assert found.customers == Waiting(1, NOON - 2 * HOUR)

    @final
    @pytest.mark.anyio
    async def test_a_leased_command_waits_and_one_that_is_parked_or_over_does_not(
        self, store: Store
    ) -> None:
        over = (CommandStatus.PARKED, CommandStatus.DONE, CommandStatus.DEAD, CommandStatus.DROPPED)
        async with store.begin() as unit:
            for it in over:
                await unit.commands.add(a_command(status=it, due_at=NOON - HOUR))
            await unit.commands.add(a_command(status=CommandStatus.LEASED, due_at=NOON))

        async with store.begin() as unit:
            assert (await unit.census.queues(NOON, 10)).commands == Waiting(1, NOON)

    @final
    @pytest.mark.anyio
    async def test_a_long_queue_is_counted_up_to_the_limit_and_its_oldest_is_known(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            for minutes in range(5):
                await unit.commands.add(a_command(due_at=NOON - minutes * MINUTE))

        async with store.begin() as unit:
            assert (await unit.census.queues(NOON, 3)).commands == Waiting(3, NOON - 4 * MINUTE)

    @final
    @pytest.mark.anyio
    async def test_open_alerts_of_everybody_are_counted_by_kind(self, store: Store) -> None:
        resolved = an_alert(subject="mended")
        async with store.begin() as unit:
            await unit.alerts.open(an_alert(subject="one"))
            await unit.alerts.open(an_alert(organization=THEIRS, subject="two"))
            await unit.alerts.open(an_alert(organization=None, subject="three"))
            await unit.alerts.open(an_alert(kind=AlertKind.BRAKE))
            await unit.alerts.open(resolved)
            await unit.alerts.resolve(OURS, resolved.kind, resolved.subject, NOON)

        async with store.begin() as unit:
            found = await unit.census.open_alerts()

        assert found[an_alert().kind] == 3
        assert found[AlertKind.BRAKE] == 1

    @final
    @pytest.mark.anyio
    async def test_open_breakers_are_counted_by_vendor(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.lanes.put(Lane("telegram", 5, NOON))
            await unit.lanes.put(Lane("telegram:messages", 5, NOON + HOUR))
            await unit.lanes.put(Lane("telegram:inspect", 1))
            await unit.lanes.put(Lane("stripe:acct_1", 5, NOON - HOUR))

        async with store.begin() as unit:
            found = await unit.census.open_breakers()

        assert {it: count for it, count in found.items() if count} == {"telegram": 2, "stripe": 1}
