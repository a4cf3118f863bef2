"""The contracts of `Organizations`, `Products`, `Plans` and `Channels`."""

from typing import final

import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    COURSE,
    LOUNGE,
    MONTHLY,
    NOON,
    OURS,
    THEIRS,
    a_channel,
    a_plan,
    a_product,
    an_organization,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.catalog import (
    Channel,
    Closed,
    Organization,
    Platform,
    ToChannel,
    ToFeature,
    ToQuota,
)
from solynk.core.ids import ChannelId, ChatId
from solynk.core.instants import DAY, Interval
from solynk.core.money import Money
from solynk.core.policies import AccessPolicy
from solynk.ports.errors import Conflict
from solynk.ports.storage import Store


class OrganizationsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_an_organization_that_was_never_put_is_none(self, store: Store) -> None:
        async with store.begin() as unit:
            assert await unit.organizations.get(OURS) is None

    @final
    @pytest.mark.anyio
    async def test_putting_an_organization_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        policy = AccessPolicy(grace=3 * DAY, suspend_on_dispute=True)
        changed = replace(
            an_organization(account="acct_1"), name="Others", policy=policy, removals_stopped=True
        )

        async with store.begin() as unit:
            await unit.organizations.put(an_organization())
            await unit.organizations.put(changed)

        async with store.begin() as unit:
            assert await unit.organizations.get(OURS) == changed
            assert list(await unit.organizations.all()) == [changed]

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "taken",
        [an_organization(id=THEIRS, slug=OURS), an_organization(id=THEIRS, account="acct_1")],
        ids=["slug", "payment account"],
    )
    async def test_a_slug_or_payment_account_of_another_organization_is_a_conflict(
        self, store: Store, taken: Organization
    ) -> None:
        ours = an_organization(account="acct_1")
        async with store.begin() as unit:
            await unit.organizations.put(ours)
            await unit.organizations.put(an_organization(id=THEIRS))

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.organizations.put(taken)

        async with store.begin() as unit:
            assert await unit.organizations.get(THEIRS) == an_organization(id=THEIRS)

    @final
    @pytest.mark.anyio
    async def test_organizations_without_a_payment_account_do_not_collide(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.organizations.put(an_organization())
            await unit.organizations.put(an_organization(id=THEIRS))

        async with store.begin() as unit:
            assert len(await unit.organizations.all()) == 2

    @final
    @pytest.mark.anyio
    async def test_a_payment_account_tells_its_organization(self, store: Store) -> None:
        ours = an_organization(account="acct_1")
        async with store.begin() as unit:
            await unit.organizations.put(ours)

        async with store.begin() as unit:
            assert await unit.organizations.owning("acct_1") == ours
            assert await unit.organizations.owning("acct_2") is None

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("account", [None, "acct_2"])
    async def test_a_payment_account_stays_its_organizations_after_a_change(
        self, store: Store, account: str | None
    ) -> None:
        async with store.begin() as unit:
            await unit.organizations.put(an_organization(account="acct_1"))
        changed = an_organization(account=account)

        async with store.begin() as unit:
            await unit.organizations.put(changed)

        async with store.begin() as unit:
            assert await unit.organizations.owning("acct_1") == changed
            known = [it for it in ("acct_1", account) if it is not None]
            assert list(await unit.organizations.accounts(OURS)) == known
            with pytest.raises(Conflict) as caught:
                await unit.organizations.put(an_organization(id=THEIRS, account="acct_1"))
        assert caught.value.holder == OURS


class ProductsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_product_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        opens = (ToChannel(LOUNGE), ToFeature("search"), ToQuota("seats", 3))
        changed = replace(a_product(opens=opens), closed=(Closed(ChannelId(new_id()), NOON),))

        async with store.begin() as unit:
            await unit.products.put(a_product())
            await unit.products.put(changed)

        async with store.begin() as unit:
            assert await unit.products.get(OURS, COURSE) == changed
            assert list(await unit.products.all(OURS)) == [changed]


class PlansContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_plan_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        changed = replace(a_plan(), grace_days=3, active=False)

        async with store.begin() as unit:
            await unit.plans.put(a_plan())
            await unit.plans.put(changed)

        async with store.begin() as unit:
            assert await unit.plans.get(OURS, MONTHLY) == changed
            assert list(await unit.plans.all(OURS)) == [changed]

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "price", [Money(0, "EUR"), Money(10**12, "JPY"), Money(5, "XTR")], ids=str
    )
    async def test_a_price_keeps_every_minor_unit_and_its_currency(
        self, store: Store, price: Money
    ) -> None:
        plan = a_plan(price=price, interval=Interval.ONE_TIME, trial_days=0)

        async with store.begin() as unit:
            await unit.plans.put(plan)

        async with store.begin() as unit:
            assert await unit.plans.get(OURS, MONTHLY) == plan


class ChannelsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_putting_a_channel_inserts_it_or_replaces_the_one_of_this_id(
        self, store: Store
    ) -> None:
        changed = replace(a_channel(chat=ChatId("-1002")), never_remove=("7", "8"), fault="gone")

        async with store.begin() as unit:
            await unit.channels.put(a_channel())
            await unit.channels.put(changed)

        async with store.begin() as unit:
            assert await unit.channels.get(OURS, LOUNGE) == changed
            assert list(await unit.channels.all(OURS)) == [changed]
            assert await unit.channels.at(Platform.TELEGRAM, ChatId("-1001")) is None

    @final
    @pytest.mark.anyio
    async def test_those_of_some_ids_are_found_by_id(self, store: Store) -> None:
        ids = sorted(ChannelId(new_id()) for _ in range(3))
        channels = [a_channel(id=it, chat=ChatId(it)) for it in ids]
        async with store.begin() as unit:
            for it in channels:
                await unit.channels.put(it)

        async with store.begin() as unit:
            found = await unit.channels.among(OURS, [ids[1], ChannelId(new_id()), ids[0]])
            none = await unit.channels.among(OURS, [])

        assert list(found) == channels[:2]
        assert list(none) == []

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "second",
        [a_channel(id=ChannelId(new_id())), a_channel(id=ChannelId(new_id()), organization=THEIRS)],
        ids=["ours", "another organization's"],
    )
    async def test_a_chat_that_is_a_channel_already_is_a_conflict(
        self, store: Store, second: Channel
    ) -> None:
        async with store.begin() as unit:
            await unit.channels.put(a_channel())

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.channels.put(second)

        async with store.begin() as unit:
            assert await unit.channels.get(second.organization, second.id) is None

    @final
    @pytest.mark.anyio
    async def test_moving_a_channel_to_a_chat_that_is_a_channel_already_is_a_conflict(
        self, store: Store
    ) -> None:
        other = a_channel(id=ChannelId(new_id()), chat=ChatId("-1002"))
        async with store.begin() as unit:
            await unit.channels.put(a_channel())
            await unit.channels.put(other)

        async with store.begin() as unit:
            with pytest.raises(Conflict):
                await unit.channels.put(replace(other, chat=ChatId("-1001")))

        async with store.begin() as unit:
            assert await unit.channels.get(OURS, other.id) == other

    @final
    @pytest.mark.anyio
    async def test_the_platform_tells_which_channel_a_chat_is(self, store: Store) -> None:
        theirs = a_channel(organization=THEIRS)
        async with store.begin() as unit:
            await unit.channels.put(theirs)

        async with store.begin() as unit:
            assert await unit.channels.at(Platform.TELEGRAM, ChatId("-1001")) == theirs
            assert await unit.channels.at(Platform.DISCORD, ChatId("-1001")) is None
