"""The contract of `Store` and of its unit of work."""

from typing import final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    ANN,
    BOB,
    NOON,
    OURS,
    a_customer,
    an_entry,
    an_identity,
    an_organization,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.customer import Customer
from solynk.core.ids import CustomerId, EventId
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store


class Regret(Exception):
    """Raised inside a unit of work by the tests."""


class UnitOfWorkContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_store_that_answers_says_nothing_to_a_ping(self, store: Store) -> None:
        await store.ping()

    @final
    @pytest.mark.anyio
    async def test_what_is_written_in_one_unit_is_seen_in_it_and_committed_together(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.organizations.put(an_organization())
            await unit.customers.put(a_customer())
            await unit.audit.append(an_entry())
            assert await unit.customers.get(OURS, ANN) == a_customer()

        async with store.begin() as unit:
            assert await unit.organizations.get(OURS) == an_organization()
            assert await unit.customers.get(OURS, ANN) == a_customer()
            assert len(await unit.audit.about(OURS)) == 1

    @final
    @pytest.mark.anyio
    async def test_a_unit_that_raises_keeps_nothing(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer())

        async def change_and_regret() -> None:
            async with store.begin() as unit:
                await unit.customers.put(a_customer(due_at=NOON))
                await unit.customers.put(a_customer(id=BOB))
                await unit.audit.append(an_entry())
                raise Regret

        with pytest.raises(Regret):
            await change_and_regret()

        async with store.begin() as unit:
            assert list(await unit.customers.all(OURS)) == [a_customer()]
            assert list(await unit.audit.about(OURS)) == []

    @final
    @pytest.mark.anyio
    async def test_a_unit_that_is_cancelled_keeps_nothing(self, store: Store) -> None:
        with anyio.move_on_after(0.2):
            async with store.begin() as unit:
                await unit.customers.put(a_customer())
                await anyio.sleep_forever()

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) is None

    @final
    @pytest.mark.anyio
    async def test_after_a_conflict_the_unit_can_go_on(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.identities.put(an_identity())
            with pytest.raises(Conflict):
                await unit.identities.put(an_identity(customer=BOB))
            await unit.audit.append(an_entry())

        async with store.begin() as unit:
            assert list(await unit.identities.of(OURS, ANN)) == [an_identity()]
            assert len(await unit.audit.about(OURS)) == 1

    @final
    @pytest.mark.anyio
    async def test_an_id_of_any_form_may_be_asked_for(self, store: Store) -> None:
        """Ids reach us from outside, such as in a provider's metadata."""
        async with store.begin() as unit:
            await unit.customers.put(a_customer())
            for asked in ("", "1", "robert'); --", "\u00fc", str(ANN).upper() + "0"):
                assert await unit.customers.get(OURS, CustomerId(asked)) is None
                assert await unit.events.get(EventId(asked)) is None

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == a_customer()

    @final
    @pytest.mark.anyio
    async def test_nobody_sees_a_change_before_it_is_committed(self, store: Store) -> None:
        changed, seen = anyio.Event(), anyio.Event()
        answers: list[Customer | None] = []

        async def look() -> None:
            await changed.wait()
            async with store.begin() as unit:
                answers.append(await unit.customers.get(OURS, ANN))
            seen.set()

        async def change_and_regret() -> None:
            async with store.begin() as unit:
                await unit.customers.put(a_customer())
                changed.set()
                with anyio.move_on_after(0.2):
                    await seen.wait()
                raise Regret

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look)
            with pytest.raises(Regret):
                await change_and_regret()

        assert answers == [None]

    @final
    @pytest.mark.anyio
    async def test_all_changes_to_one_locked_customer_are_serial(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer(email="0"))

        async def count() -> None:
            async with store.begin() as unit:
                customer = await unit.customers.lock(OURS, ANN)
                assert customer is not None
                await anyio.sleep(0.001)
                counted = int(customer.email or "") + 1
                await unit.customers.put(replace(customer, email=str(counted)))

        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(count)

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == a_customer(email="12")

    @final
    @pytest.mark.anyio
    async def test_two_customers_do_not_block_one_another(self, store: Store) -> None:
        """A serial store makes the second one wait all the same, and says so in `serial`."""
        async with store.begin() as unit:
            await unit.customers.put(a_customer())
            await unit.customers.put(a_customer(id=BOB))
        held, done = anyio.Event(), anyio.Event()
        while_held: list[bool] = []

        async def change_bob() -> None:
            await held.wait()
            async with store.begin() as unit:
                assert await unit.customers.lock(OURS, BOB) is not None
            done.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(change_bob)
            async with store.begin() as unit:
                await unit.customers.lock(OURS, ANN)
                held.set()
                with anyio.move_on_after(0.2 if self.serial else 5):
                    await done.wait()
                while_held.append(done.is_set())

        assert while_held == [not self.serial]
