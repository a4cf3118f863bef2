"""The contracts of `Customers`, `DueCustomers`, `Identities` and `Claims`."""

from typing import final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    ANN,
    BOB,
    LOUNGE,
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    a_claim,
    a_customer,
    an_access,
    an_identity,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.catalog import Platform
from solynk.core.customer import Claim
from solynk.core.ids import ChannelId, CustomerId, PersonId
from solynk.core.instants import HOUR
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store


class CustomersContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_customer_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        changed = replace(a_customer(due_at=NOON), email=None, locale="de")

        async with store.begin() as unit:
            await unit.customers.put(a_customer())
            await unit.customers.put(changed)

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == changed
            assert await unit.customers.lock(OURS, ANN) == changed

    @final
    @pytest.mark.anyio
    async def test_many_are_put_at_once_new_ones_and_known_ones(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer())

        async with store.begin() as unit:
            await unit.customers.put(a_customer(due_at=NOON), a_customer(id=BOB))
            await unit.customers.put()

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == a_customer(due_at=NOON)
            assert await unit.customers.get(OURS, BOB) == a_customer(id=BOB)

    @final
    @pytest.mark.anyio
    async def test_a_customer_that_was_never_put_is_none_also_to_the_lock(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) is None
            assert await unit.customers.lock(OURS, ANN) is None

    @final
    @pytest.mark.anyio
    async def test_customers_are_listed_by_id_a_page_at_a_time(self, store: Store) -> None:
        ids = sorted(CustomerId(new_id()) for _ in range(5))
        async with store.begin() as unit:
            for each in reversed(ids):
                await unit.customers.put(a_customer(id=each))

        async with store.begin() as unit:
            first = await unit.customers.all(OURS, limit=2)
            rest = await unit.customers.all(OURS, after=first[-1].id)

        assert [it.id for it in (*first, *rest)] == ids


class DueCustomersContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_only_customers_whose_instant_has_come_are_due(self, store: Store) -> None:
        due, later = a_customer(due_at=NOON), a_customer(id=BOB, due_at=NOON + MINUTE)
        async with store.begin() as unit:
            for it in (later, due, a_customer(id=CustomerId(new_id()), due_at=None)):
                await unit.customers.put(it)

        async with store.begin() as unit:
            assert list(await unit.due_customers.due(NOON, 10)) == [due]
            assert list(await unit.due_customers.due(NOON - MINUTE, 10)) == []

    @final
    @pytest.mark.anyio
    async def test_due_customers_come_in_rounds_over_organizations_the_longest_due_first(
        self, store: Store
    ) -> None:
        flood = [a_customer(id=CustomerId(new_id()), due_at=NOON + n * MINUTE) for n in range(4)]
        theirs = a_customer(id=BOB, organization=THEIRS, due_at=NOON + HOUR)
        async with store.begin() as unit:
            for it in (*reversed(flood), theirs):
                await unit.customers.put(it)

        async with store.begin() as unit:
            due = await unit.due_customers.due(NOON + HOUR, 4)

        assert list(due) == [flood[0], theirs, flood[1], flood[2]]

    @final
    @pytest.mark.anyio
    async def test_touching_a_channel_makes_those_with_an_access_to_it_due(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer())
            await unit.customers.put(a_customer(id=BOB))
            await unit.accesses.put(an_access(customer=ANN))
            await unit.accesses.put(an_access(customer=BOB, channel=ChannelId(new_id())))

        async with store.begin() as unit:
            touched = await unit.due_customers.touch(OURS, LOUNGE, NOON)

        async with store.begin() as unit:
            assert touched == 1
            assert [it.id for it in await unit.due_customers.due(NOON, 10)] == [ANN]

    @final
    @pytest.mark.anyio
    async def test_touching_an_organization_makes_all_of_its_customers_due(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.customers.put(a_customer(due_at=NOON + HOUR))
            await unit.customers.put(a_customer(id=BOB))
            await unit.customers.put(a_customer(organization=THEIRS))

        async with store.begin() as unit:
            touched = await unit.due_customers.touch(OURS, None, NOON)

        async with store.begin() as unit:
            assert touched == 2
            assert {it.id for it in await unit.due_customers.due(NOON, 10)} == {ANN, BOB}
            assert await unit.customers.get(THEIRS, ANN) == a_customer(organization=THEIRS)

    @final
    @pytest.mark.anyio
    async def test_touching_never_makes_a_customer_due_later(self, store: Store) -> None:
        due = a_customer(due_at=NOON - HOUR)
        async with store.begin() as unit:
            await unit.customers.put(due)

        async with store.begin() as unit:
            await unit.due_customers.touch(OURS, None, NOON)

        async with store.begin() as unit:
            assert await unit.customers.get(OURS, ANN) == due

    @final
    @pytest.mark.anyio
    async def test_of_those_asked_for_who_are_due_are_locked_by_id(self, store: Store) -> None:
        ids = sorted(CustomerId(new_id()) for _ in range(4))
        due = [a_customer(id=it, due_at=NOON) for it in ids[:3]]
        later = a_customer(id=ids[3], due_at=NOON + MINUTE)
        async with store.begin() as unit:
            await unit.customers.put(*due, later, a_customer(id=BOB), a_customer(due_at=NOON))

        async with store.begin() as unit:
            asked = [*reversed(ids), BOB, CustomerId(new_id())]
            locked = await unit.due_customers.lock(OURS, asked, NOON)
            none = await unit.due_customers.lock(THEIRS, asked, NOON)

        assert list(locked) == due
        assert list(none) == []

    @final
    @pytest.mark.anyio
    async def test_of_two_who_lock_the_same_due_customers_at_once_each_is_locked_by_one(
        self, store: Store
    ) -> None:
        ids = [CustomerId(new_id()) for _ in range(10)]
        async with store.begin() as unit:
            await unit.customers.put(*(a_customer(id=it, due_at=NOON) for it in ids))
        done: list[CustomerId] = []

        async def derive() -> None:
            async with store.begin() as unit:
                locked = await unit.due_customers.lock(OURS, ids, NOON)
                await anyio.sleep(0.001)
                await unit.customers.put(*(replace(it, due_at=None) for it in locked))
            done.extend(it.id for it in locked)

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(derive)

        assert sorted(done) == sorted(ids)


class IdentitiesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_bound_person_is_found_by_customer_and_by_person(self, store: Store) -> None:
        bound = an_identity()

        async with store.begin() as unit:
            await unit.identities.put(bound)

        async with store.begin() as unit:
            assert list(await unit.identities.of(OURS, ANN)) == [bound]
            assert await unit.identities.person(OURS, bound.platform, bound.person) == bound
            assert await unit.identities.person(OURS, Platform.DISCORD, bound.person) is None

    @final
    @pytest.mark.anyio
    async def test_the_persons_of_many_customers_are_found_at_once(self, store: Store) -> None:
        anns, bobs = an_identity(), an_identity(customer=BOB, person=PersonId("78"))
        async with store.begin() as unit:
            await unit.identities.put(anns)
            await unit.identities.put(bobs)

        async with store.begin() as unit:
            found = await unit.identities.of(OURS, ANN, BOB, CustomerId(new_id()))

        assert sorted(found, key=lambda it: it.person) == [anns, bobs]

    @final
    @pytest.mark.anyio
    async def test_a_customer_has_one_person_on_a_platform_so_binding_replaces_an_earlier_one(
        self, store: Store
    ) -> None:
        first, second = an_identity(), an_identity(person=PersonId("78"))

        async with store.begin() as unit:
            await unit.identities.put(first)
            await unit.identities.put(second)

        async with store.begin() as unit:
            assert list(await unit.identities.of(OURS, ANN)) == [second]
            assert await unit.identities.person(OURS, first.platform, first.person) is None

    @final
    @pytest.mark.anyio
    async def test_a_person_of_another_customer_is_a_conflict_that_names_the_holder(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.identities.put(an_identity())

        async with store.begin() as unit:
            with pytest.raises(Conflict) as conflict:
                await unit.identities.put(an_identity(customer=BOB))

        assert conflict.value.holder == ANN

    @final
    @pytest.mark.anyio
    async def test_rebinding_to_a_person_of_another_customer_is_a_conflict_too(
        self, store: Store
    ) -> None:
        bobs = an_identity(customer=BOB, person=PersonId("78"))
        async with store.begin() as unit:
            await unit.identities.put(an_identity())
            await unit.identities.put(bobs)

        async with store.begin() as unit:
            with pytest.raises(Conflict) as conflict:
                await unit.identities.put(replace(bobs, person=PersonId("77")))

        assert conflict.value.holder == ANN

    @final
    @pytest.mark.anyio
    async def test_of_many_who_bind_one_person_at_once_one_wins(self, store: Store) -> None:
        won: list[CustomerId] = []

        async def bind(customer: CustomerId) -> None:
            try:
                async with store.begin() as unit:
                    await unit.identities.put(an_identity(customer=customer))
            except Conflict:
                return
            won.append(customer)

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(bind, CustomerId(new_id()))

        assert len(won) == 1


class ClaimsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_a_taken_claim_is_marked_as_used_and_is_not_given_again(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.claims.put(a_claim())

        async with store.begin() as unit:
            taken = await unit.claims.take("h", NOON)

        async with store.begin() as unit:
            assert taken == replace(a_claim(), used_at=NOON)
            assert await unit.claims.take("h", NOON) is None

    @final
    @pytest.mark.anyio
    async def test_an_unknown_or_expired_claim_is_none(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.claims.put(a_claim(expires_at=NOON))

        async with store.begin() as unit:
            assert await unit.claims.take("unknown", NOON) is None
            assert await unit.claims.take("h", NOON) is None
            assert await unit.claims.take("h", NOON - MINUTE) is not None

    @final
    @pytest.mark.anyio
    async def test_of_many_takers_at_once_one_wins(self, store: Store) -> None:
        async with store.begin() as unit:
            await unit.claims.put(a_claim())
        answers: list[Claim | None] = []

        async def take() -> None:
            async with store.begin() as unit:
                answers.append(await unit.claims.take("h", NOON))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(take)

        assert len([it for it in answers if it is not None]) == 1
