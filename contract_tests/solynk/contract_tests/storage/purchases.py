"""The contracts of `Subscriptions`, `Accesses` and `CheckoutRows`."""

from typing import final

import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    ANN,
    BOB,
    LOUNGE,
    MONTHLY,
    NOON,
    OURS,
    SOLD,
    a_checkout,
    a_subscription,
    an_access,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.access import By, Exempt, Inside, Invited, Outside, Seen, Unsure, Untouched
from solynk.core.catalog import Provider
from solynk.core.customer import CheckoutStatus
from solynk.core.entitlement import Desired
from solynk.core.ids import AccessId, ChannelId, CustomerId, PersonId, SubscriptionId
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store


class SubscriptionsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_subscription_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        changed = replace(a_subscription(standing="active"), access_until=NOON)

        async with store.begin() as unit:
            await unit.subscriptions.put(a_subscription())
            await unit.subscriptions.put(changed)

        async with store.begin() as unit:
            assert await unit.subscriptions.get(OURS, SOLD) == changed
            assert list(await unit.subscriptions.of(OURS, ANN)) == [changed]

    @final
    @pytest.mark.anyio
    async def test_a_subscription_is_found_by_the_providers_own_name_for_it(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.subscriptions.put(a_subscription())

        async with store.begin() as unit:
            find = unit.subscriptions.find
            assert await find(OURS, Provider.STRIPE, "acct_1", "sub_1") == a_subscription()
            assert await find(OURS, Provider.STRIPE, "acct_2", "sub_1") is None
            assert await find(OURS, Provider.STARS, "acct_1", "sub_1") is None
            assert await find(OURS, Provider.STRIPE, "acct_1", "sub_2") is None

    @final
    @pytest.mark.anyio
    async def test_a_second_subscription_of_this_name_is_a_conflict(self, store: Store) -> None:
        second = a_subscription(id=SubscriptionId(new_id()), customer=BOB)
        async with store.begin() as unit:
            await unit.subscriptions.put(a_subscription())

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.subscriptions.put(second)

        async with store.begin() as unit:
            assert await unit.subscriptions.get(OURS, second.id) is None

    @final
    @pytest.mark.anyio
    async def test_the_subscriptions_of_many_customers_are_put_and_found_at_once(
        self, store: Store
    ) -> None:
        ids = sorted(SubscriptionId(new_id()) for _ in range(3))
        old, hers, his = (
            a_subscription(id=it, customer=customer, reference=it)
            for it, customer in zip(ids, (ANN, ANN, BOB), strict=True)
        )
        changed = replace(old, standing="active")
        async with store.begin() as unit:
            await unit.subscriptions.put(old)

        async with store.begin() as unit:
            await unit.subscriptions.put(his, changed, hers)

        async with store.begin() as unit:
            assert list(await unit.subscriptions.of(OURS, BOB, ANN)) == [changed, hers, his]
            assert list(await unit.subscriptions.of(OURS, BOB)) == [his]

    @final
    @pytest.mark.anyio
    async def test_one_of_many_whose_name_is_anothers_is_a_conflict(self, store: Store) -> None:
        taken = a_subscription(id=SubscriptionId(new_id()), customer=BOB)
        free = a_subscription(id=SubscriptionId(new_id()), customer=BOB, reference="sub_2")
        async with store.begin() as unit:
            await unit.subscriptions.put(a_subscription())

        async with store.begin() as unit:
            with pytest.raises(Conflict) as conflict:
                await unit.subscriptions.put(free, taken)

        assert conflict.value.holder == SOLD


class AccessesContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "seen",
        [Untouched(), Unsure(), Invited(NOON), Inside(), Outside(By.AN_ADMIN), Exempt()],
        ids=lambda it: type(it).__name__,
    )
    async def test_an_access_is_kept_whatever_was_seen(self, store: Store, seen: Seen) -> None:
        access = an_access(seen=seen)

        async with store.begin() as unit:
            await unit.accesses.put(access)

        async with store.begin() as unit:
            assert await unit.accesses.get(OURS, access.id) == access

    @final
    @pytest.mark.anyio
    async def test_putting_an_access_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        access = an_access()
        changed = replace(
            access,
            desired=Desired.OUT,
            generation=2,
            acted_on=PersonId("77"),
            claim_offered=True,
            inside_since=NOON,
            given_up=1,
        )

        async with store.begin() as unit:
            await unit.accesses.put(access)
            await unit.accesses.put(changed)

        async with store.begin() as unit:
            assert await unit.accesses.get(OURS, access.id) == changed
            assert list(await unit.accesses.of(OURS, ANN)) == [changed]

    @final
    @pytest.mark.anyio
    async def test_another_access_of_the_customer_to_this_channel_is_a_conflict(
        self, store: Store
    ) -> None:
        first = an_access()
        async with store.begin() as unit:
            await unit.accesses.put(first)

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.accesses.put(an_access())

        async with store.begin() as unit:
            assert list(await unit.accesses.of(OURS, ANN)) == [first]

    @final
    @pytest.mark.anyio
    async def test_the_accesses_of_many_customers_are_put_and_found_at_once(
        self, store: Store
    ) -> None:
        ids = sorted(AccessId(new_id()) for _ in range(2))
        anns, bobs = an_access(id=ids[0]), an_access(id=ids[1], customer=BOB)
        async with store.begin() as unit:
            await unit.accesses.put(anns)

        async with store.begin() as unit:
            await unit.accesses.put(bobs, replace(anns, seen=Inside()))

        async with store.begin() as unit:
            found = await unit.accesses.of(OURS, BOB, ANN, CustomerId(new_id()))
            assert list(found) == [replace(anns, seen=Inside()), bobs]
            assert await unit.accesses.inside(OURS, LOUNGE) == 1

    @final
    @pytest.mark.anyio
    async def test_every_access_to_a_channel_is_listed_by_id(self, store: Store) -> None:
        ids = sorted(AccessId(new_id()) for _ in range(2))
        anns, bobs = an_access(id=ids[1]), an_access(id=ids[0], customer=BOB)
        async with store.begin() as unit:
            for it in (anns, bobs, an_access(channel=ChannelId(new_id()))):
                await unit.accesses.put(it)

        async with store.begin() as unit:
            assert list(await unit.accesses.at(OURS, LOUNGE)) == [bobs, anns]


class CheckoutRowsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_checkout_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        checkout = a_checkout()
        named = replace(checkout, reference="cs_1")

        async with store.begin() as unit:
            await unit.checkouts.put(checkout)
            await unit.checkouts.put(named)

        async with store.begin() as unit:
            assert await unit.checkouts.get(OURS, checkout.id) == named
            assert await unit.checkouts.open_for(OURS, ANN, MONTHLY) == named
            assert await unit.checkouts.named(OURS, "cs_1") == named

    @final
    @pytest.mark.anyio
    async def test_another_open_checkout_of_this_customer_and_plan_is_a_conflict(
        self, store: Store
    ) -> None:
        first = a_checkout()
        async with store.begin() as unit:
            await unit.checkouts.put(first)

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.checkouts.put(a_checkout())
            await unit.checkouts.put(a_checkout(customer=BOB))

        async with store.begin() as unit:
            assert await unit.checkouts.open_for(OURS, ANN, MONTHLY) == first

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("ended", [CheckoutStatus.COMPLETED, CheckoutStatus.CLOSED])
    async def test_a_checkout_that_has_ended_makes_room_for_another(
        self, store: Store, ended: CheckoutStatus
    ) -> None:
        first, second = a_checkout(), a_checkout()
        async with store.begin() as unit:
            await unit.checkouts.put(first)

        async with store.begin() as unit:
            await unit.checkouts.put(replace(first, status=ended))
            await unit.checkouts.put(second)

        async with store.begin() as unit:
            assert await unit.checkouts.open_for(OURS, ANN, MONTHLY) == second
            with pytest.raises(Conflict):
                await unit.checkouts.put(first)
