"""The contract of `FactRows`."""

from datetime import timedelta
from typing import Final, final

import anyio
import pytest
from msgspec.structs import replace

from solynk.contract_tests.storage.rows import (
    ANN,
    BOB,
    LOUNGE,
    MINUTE,
    MONTHLY,
    NOON,
    OURS,
    SOLD,
    THEIRS,
    a_payment,
    a_stored_fact,
    new_id,
)
from solynk.contract_tests.storage.store import NeedsStore
from solynk.core.facts import (
    Blocked,
    Days,
    Dispute,
    DisputeStatus,
    EndReason,
    Everywhere,
    Fact,
    GracePromised,
    Granted,
    GrantWithdrawn,
    Observed,
    OnChannel,
    OnProduct,
    Pause,
    Payment,
    PaymentStatus,
    ProviderStatus,
    Refund,
    RefundStatus,
    Unblocked,
)
from solynk.core.ids import EventId, ProductId, SubscriptionId
from solynk.core.instants import DAY, Period
from solynk.core.money import Money
from solynk.ports.storage import Store

PERIOD: Final = Period(NOON, NOON + 30 * DAY)
SOME: Final = Money(250, "EUR")

EVERY_KIND: Final[tuple[Fact, ...]] = (
    a_payment(),
    Payment("in_2", PERIOD, SOME, PaymentStatus.PENDING, pending_since=NOON),
    Payment("in_3", Days(30), SOME, PaymentStatus.FAILED, failed_at=NOON),
    Refund("re_1", "in_1", SOME, RefundStatus.SUCCEEDED),
    Dispute("dp_1", "in_1", DisputeStatus.INQUIRY),
    Observed((0, 1), ProviderStatus.INCOMPLETE, period=None, paid=False, read_at=NOON),
    Observed(
        version=(1, 7),
        status=ProviderStatus.ENDED,
        period=PERIOD,
        paid=True,
        read_at=NOON,
        paid_by="in_1",
        plan=MONTHLY,
        trial_end=NOON,
        cancel_at=NOON + DAY,
        pause=Pause(resumes_at=None),
        ended_at=NOON + 2 * DAY,
        ended_reason=EndReason.REQUESTED,
    ),
    Granted("g1", Everywhere(), since=NOON, until=None, reason="a gift", by="ann"),
    Granted("g2", OnChannel(LOUNGE), since=NOON, until=NOON + DAY, reason="ü", by="ann"),
    GrantWithdrawn("g1", at=NOON, reason="a mistake", by="ann"),
    Blocked("b1", OnProduct(ProductId("p")), since=NOON, until=None, reason="spam", by="ann"),
    Unblocked("b1", at=NOON, reason="sorry", by="ann"),
    GracePromised(unpaid_from=NOON, length=timedelta(days=5, seconds=1, microseconds=1)),
)


class _Failed(Exception):
    pass


def _read(number: int) -> Observed:
    return Observed((0, number), ProviderStatus.ACTIVE, PERIOD, paid=True, read_at=NOON)


class FactRowsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("fact", EVERY_KIND, ids=lambda it: type(it).__name__)
    async def test_a_fact_of_every_kind_comes_back_as_it_was_added(
        self, store: Store, fact: Fact
    ) -> None:
        stored = a_stored_fact(fact, event=EventId(new_id()))

        async with store.begin() as unit:
            assert await unit.facts.add(stored)

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN)) == [stored]

    @final
    @pytest.mark.anyio
    @pytest.mark.parametrize("subscription", [SOLD, None], ids=["subscription", "customer"])
    async def test_a_fact_that_was_known_for_its_subject_is_not_added_again(
        self, store: Store, subscription: SubscriptionId | None
    ) -> None:
        first = a_stored_fact(subscription=subscription, event=EventId(new_id()))
        again = replace(first, event=EventId(new_id()), recorded_at=NOON + MINUTE)

        async with store.begin() as unit:
            assert await unit.facts.add(first)
            assert not await unit.facts.add(again)

        async with store.begin() as unit:
            assert not await unit.facts.add(again)
            assert list(await unit.facts.of(OURS, ANN)) == [first]

    @final
    @pytest.mark.anyio
    async def test_another_content_or_another_subject_is_another_fact(self, store: Store) -> None:
        facts = [
            a_stored_fact(),
            a_stored_fact(a_payment(minor=901)),
            a_stored_fact(a_payment(id="in_2")),
            a_stored_fact(subscription=SubscriptionId(new_id())),
            a_stored_fact(subscription=None),
        ]

        async with store.begin() as unit:
            assert [await unit.facts.add(it) for it in facts] == [True] * 5
            assert await unit.facts.add(a_stored_fact(customer=BOB))

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN)) == facts

    @final
    @pytest.mark.anyio
    async def test_facts_come_in_the_order_of_recording(self, store: Store) -> None:
        facts = [a_stored_fact(a_payment(id=f"in_{9 - n}")) for n in range(9)]

        for fact in facts:
            async with store.begin() as unit:
                await unit.facts.add(fact)

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN)) == facts

    @final
    @pytest.mark.anyio
    async def test_facts_of_many_customers_come_in_the_order_of_recording_too(
        self, store: Store
    ) -> None:
        facts = [
            a_stored_fact(a_payment(id=f"in_{number}"), customer=customer)
            for number, customer in enumerate((BOB, ANN, BOB))
        ]
        async with store.begin() as unit:
            for fact in facts:
                await unit.facts.add(fact)

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN, BOB)) == facts

    @final
    @pytest.mark.anyio
    async def test_a_fact_that_is_let_go_is_gone_and_no_other(self, store: Store) -> None:
        reads = [a_stored_fact(_read(number)) for number in range(4)]
        of_another = a_stored_fact(_read(1), customer=BOB)
        async with store.begin() as unit:
            for fact in (*reads, of_another):
                await unit.facts.add(fact)

        async with store.begin() as unit:
            await unit.facts.let_go(replace(reads[1], event=None, recorded_at=NOON + MINUTE))
            await unit.facts.let_go(reads[1])

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN)) == [reads[0], *reads[2:]]
            assert list(await unit.facts.of(OURS, BOB)) == [of_another]
            assert await unit.facts.add(reads[1])

    @final
    @pytest.mark.anyio
    async def test_a_unit_that_fails_lets_nothing_go(self, store: Store) -> None:
        reads = [a_stored_fact(_read(number)) for number in range(3)]
        async with store.begin() as unit:
            for fact in reads:
                await unit.facts.add(fact)

        async def fail() -> None:
            async with store.begin() as unit:
                await unit.facts.let_go(reads[0])
                await unit.facts.add(a_stored_fact(_read(9)))
                raise _Failed

        with pytest.raises(_Failed):
            await fail()

        async with store.begin() as unit:
            assert list(await unit.facts.of(OURS, ANN)) == reads

    @final
    @pytest.mark.anyio
    async def test_a_payment_tells_its_subscription(self, store: Store) -> None:
        refund = Refund("re_1", "in_9", SOME, RefundStatus.PENDING)
        async with store.begin() as unit:
            await unit.facts.add(a_stored_fact())
            await unit.facts.add(a_stored_fact(refund))

        async with store.begin() as unit:
            assert await unit.facts.paying(OURS, "in_1") == SOLD
            assert await unit.facts.paying(OURS, "in_9") is None
            assert await unit.facts.paying(OURS, "re_1") is None

    @final
    @pytest.mark.anyio
    async def test_of_many_who_add_one_fact_at_once_one_is_told_that_it_is_new(
        self, store: Store
    ) -> None:
        answers: list[bool] = []

        async def add() -> None:
            async with store.begin() as unit:
                answers.append(await unit.facts.add(a_stored_fact()))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(add)

        assert sorted(answers) == [False] * 19 + [True]


class EventFactsContract(NeedsStore):
    @final
    @pytest.mark.anyio
    async def test_facts_are_found_by_the_event_that_told_them_first(self, store: Store) -> None:
        first, second = EventId(new_id()), EventId(new_id())
        told = [a_stored_fact(a_payment(id=f"in_{n}"), event=first) for n in (1, 2)]
        async with store.begin() as unit:
            for it in (*told, replace(told[0], event=second), a_stored_fact(a_payment(id="in_3"))):
                await unit.facts.add(it)

        async with store.begin() as unit:
            assert list(await unit.event_facts.of(first)) == told
            assert list(await unit.event_facts.of(second)) == []

    @final
    @pytest.mark.anyio
    async def test_a_fact_is_known_by_its_whole_content_in_its_organization(
        self, store: Store
    ) -> None:
        async with store.begin() as unit:
            await unit.facts.add(a_stored_fact(a_payment(minor=900)))

        async with store.begin() as unit:
            assert await unit.event_facts.known(OURS, a_payment(minor=900))
            assert not await unit.event_facts.known(OURS, a_payment(minor=901))
            assert not await unit.event_facts.known(THEIRS, a_payment(minor=900))
