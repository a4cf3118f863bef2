"""Whether somebody has access, as it is kept."""

from datetime import datetime
from typing import Final, final

import pytest

from solynk.contract_tests.storage.rows import (
    ANN,
    BOB,
    LOUNGE,
    MINUTE,
    NOON,
    OURS,
    THEIRS,
    a_channel,
    a_customer,
    an_access,
    an_identity,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.access import Access
from solynk.core.customer import Customer
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, CustomerId, PersonId
from solynk.ports.checking import KeptAccess, OfCustomer, OfPerson, Whose
from solynk.ports.storage import Store

HER: Final = OfCustomer(ANN)


async def _kept(store: Store, access: Access | None, customer: Customer) -> None:
    async with store.begin() as unit:
        await unit.channels.put(a_channel())
        await unit.customers.put(customer)
        await unit.identities.put(an_identity())
        if access is not None:
            await unit.accesses.put(access)


class AccessReaderContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("whose", [HER, OfPerson(an_identity().person)])
    async def test_tells_what_was_derived_for_a_customer_and_for_their_person(
        self, store: Store, whose: Whose
    ) -> None:
        access = an_access(desired=Desired.GRACE, generation=3)
        await _kept(store, access, a_customer(due_at=NOON))

        found = await store.kept_access(OURS, LOUNGE, whose)

        assert found == KeptAccess(ANN, Desired.GRACE, 3, NOON)

    @final
    @pytest.mark.anyio
    async def test_nothing_was_ever_wished_for_is_out(self, store: Store) -> None:
        await _kept(store, None, a_customer())

        found = await store.kept_access(OURS, LOUNGE, HER)

        assert found == KeptAccess(ANN, Desired.OUT, 0, None)

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        ("due_at", "failing_since", "until"),
        [(None, None, None), (NOON + MINUTE, NOON, NOON), (NOON, NOON + MINUTE, NOON)],
    )
    async def test_it_stands_until_what_comes_first_of_the_timer_and_a_failure(
        self,
        store: Store,
        due_at: datetime | None,
        failing_since: datetime | None,
        until: datetime | None,
    ) -> None:
        customer = a_customer(due_at=due_at, failing_since=failing_since)
        await _kept(store, an_access(desired=Desired.IN), customer)

        found = await store.kept_access(OURS, LOUNGE, HER)

        assert found is not None
        assert found.until == until

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        ("channel", "whose"),
        [
            (LOUNGE, OfCustomer(BOB)),
            (LOUNGE, OfCustomer(CustomerId("no id at all"))),
            (LOUNGE, OfPerson(PersonId("nobody"))),
            (ChannelId(new_id()), HER),
            (ChannelId("no id at all"), HER),
        ],
    )
    async def test_whoever_is_unknown_and_wherever_that_is_is_nothing(
        self, store: Store, channel: ChannelId, whose: Whose
    ) -> None:
        await _kept(store, an_access(desired=Desired.IN), a_customer())

        assert await store.kept_access(OURS, channel, whose) is None

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("whose", [HER, OfPerson(an_identity().person)])
    async def test_what_is_another_organizations_is_nothing(
        self, store: Store, whose: Whose
    ) -> None:
        await _kept(store, an_access(desired=Desired.IN), a_customer())

        assert await store.kept_access(THEIRS, LOUNGE, whose) is None

    @final
    @pytest.mark.anyio
    async def test_what_was_committed_is_told_at_once(self, store: Store) -> None:
        await _kept(store, an_access(desired=Desired.IN), a_customer())
        before = await store.kept_access(OURS, LOUNGE, HER)

        async with store.begin() as unit:
            [access] = await unit.accesses.of(OURS, ANN)
            await unit.accesses.put(an_access(id=access.id, desired=Desired.OUT))
        after = await store.kept_access(OURS, LOUNGE, HER)

        assert before is not None
        assert after is not None
        assert (before.desired, after.desired) == (Desired.IN, Desired.OUT)
