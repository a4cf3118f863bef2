"""What every payment provider promises, each promise a test in the words of the port.

A subclass gives one fixture, `world`: the adapter, and the buyers and banks around it.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, final

import pytest

from solynk.contract_tests.contract import Contract
from solynk.contract_tests.payments.world import (
    Capability,
    PaymentWorld,
    a_month,
    a_pass,
    everything,
    fetched,
    findings,
    flipped,
    listed_facts,
    paid,
    payments_in,
    read,
    received,
    subscriptions_of,
    the_payment,
)
from solynk.core.facts import Days, Observed, PaymentStatus, Refund
from solynk.core.instants import DAY, Period
from solynk.ports.errors import Forged, Malformed, NeedsHuman, NotFound, Refused
from solynk.ports.payments import (
    Facts,
    Ignored,
    ObjectRef,
    RawEvent,
)

MOMENT: Final = timedelta(minutes=1)
"""Well inside the tolerance of any provider."""
AGE: Final = timedelta(days=2)
"""Well outside of it."""
SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN_ID: Final = "there_is_no_such_object"


class PaymentProviderContract(Contract):
    @pytest.fixture
    def world(self) -> PaymentWorld:
        raise NotImplementedError(f"{type(self).__name__} must define `world`")

    @final
    @pytest.mark.anyio
    async def test_an_account_that_takes_payments_has_the_form_of_one(
        self, world: PaymentWorld
    ) -> None:
        world.provider.refuse_account(world.account)

    @final
    @pytest.mark.anyio
    async def test_no_account_at_all_is_refused_with_the_form_that_it_should_have(
        self, world: PaymentWorld
    ) -> None:
        with pytest.raises(Refused) as raised:
            world.provider.refuse_account("")

        assert raised.value.reason

    @final
    @pytest.mark.anyio
    async def test_a_genuine_event_is_accepted(self, world: PaymentWorld) -> None:
        for raw in await paid(world, a_month(world)):
            envelope = world.provider.verify(raw)

            assert envelope.external_id
            assert envelope.kind
            assert envelope.account == world.account

    @final
    @pytest.mark.anyio
    async def test_every_event_has_its_own_id(self, world: PaymentWorld) -> None:
        raws = await paid(world, a_month(world))

        ids = [world.provider.verify(raw).external_id for raw in raws]

        assert len(set(ids)) == len(ids)

    @final
    @pytest.mark.anyio
    async def test_an_event_sent_again_keeps_its_id(self, world: PaymentWorld) -> None:
        raw, *_ = await paid(world, a_month(world))

        again = world.signed(raw.body, raw.received_at + MOMENT)

        assert world.provider.verify(again) == world.provider.verify(raw)

    @final
    @pytest.mark.anyio
    async def test_an_event_without_its_headers_is_forged(self, world: PaymentWorld) -> None:
        raw, *_ = await paid(world, a_month(world))

        with pytest.raises(Forged):
            world.provider.verify(RawEvent(raw.body, {}, raw.received_at))

    @final
    @pytest.mark.anyio
    async def test_bytes_that_were_not_signed_are_forged(self, world: PaymentWorld) -> None:
        raw, *_ = await paid(world, a_month(world))

        for body in (
            raw.body + b" ",
            raw.body[:-1],
            flipped(raw.body),
            b"\xef\xbb\xbf" + raw.body,
            b"",
        ):
            with pytest.raises(Forged):
                world.provider.verify(RawEvent(body, raw.headers, raw.received_at))

    @final
    @pytest.mark.anyio
    async def test_a_changed_header_is_forged(self, world: PaymentWorld) -> None:
        raw, *_ = await paid(world, a_month(world))

        for headers in (
            dict.fromkeys(raw.headers, ""),
            {name: value[::-1] for name, value in raw.headers.items()},
            {name: value.upper() for name, value in raw.headers.items()},
        ):
            with pytest.raises(Forged):
                world.provider.verify(RawEvent(raw.body, headers, raw.received_at))

    @final
    @pytest.mark.anyio
    async def test_an_event_from_another_time_is_forged(self, world: PaymentWorld) -> None:
        raw, *_ = await paid(world, a_month(world))

        for received_at in (raw.received_at + AGE, raw.received_at - AGE):
            with pytest.raises(Forged):
                world.provider.verify(RawEvent(raw.body, raw.headers, received_at))

    @final
    @pytest.mark.anyio
    async def test_genuine_bytes_that_are_no_event_are_malformed(self, world: PaymentWorld) -> None:
        for body in (b"", b"hello", b"{}", b"[]", b"null", b"\xff"):
            with pytest.raises(Malformed):
                world.provider.verify(world.signed(body, SOME_TIME))

    @final
    @pytest.mark.anyio
    async def test_an_event_without_its_content_is_malformed(self, world: PaymentWorld) -> None:
        event = received(world.provider, world.signed(world.hollow(), SOME_TIME))

        with pytest.raises(Malformed):
            world.provider.decode(event)

    @final
    @pytest.mark.anyio
    async def test_an_event_that_concerns_no_access_is_ignored_with_a_reason(
        self, world: PaymentWorld
    ) -> None:
        decoded = world.provider.decode(
            received(world.provider, world.signed(world.unheard_of(), SOME_TIME))
        )

        assert isinstance(decoded, Ignored)
        assert decoded.reason

    @final
    @pytest.mark.anyio
    async def test_reading_an_event_twice_gives_the_same(self, world: PaymentWorld) -> None:
        for raw in await paid(world, a_month(world)):
            event = received(world.provider, raw)

            assert world.provider.decode(event) == world.provider.decode(event)

    @final
    @pytest.mark.anyio
    async def test_the_decoder_has_a_version(self, world: PaymentWorld) -> None:
        assert world.provider.version

    @final
    @pytest.mark.anyio
    async def test_a_payment_covers_its_period(self, world: PaymentWorld) -> None:
        order = a_month(world)
        before = world.now - MOMENT

        facts = await everything(world, await paid(world, order))

        payment = the_payment(facts)
        assert payment.status is PaymentStatus.PAID
        assert payment.amount == order.plan.price
        assert payment.paid_at is not None
        assert before <= payment.paid_at <= world.now + MOMENT
        assert isinstance(payment.cover, Period)
        assert payment.cover.covers(world.now + MOMENT)
        length = payment.cover.end - payment.cover.start
        assert 28 * DAY <= length <= 31 * DAY

    @final
    @pytest.mark.anyio
    async def test_a_pass_gives_its_days(self, world: PaymentWorld) -> None:
        order = a_pass(world, days=7)

        payment = the_payment(await everything(world, await paid(world, order)))

        assert payment.status is PaymentStatus.PAID
        assert payment.cover == Days(7)
        assert payment.amount == order.plan.price

    @final
    @pytest.mark.anyio
    async def test_our_ids_come_back_with_the_payment(self, world: PaymentWorld) -> None:
        for order in (a_month(world), a_pass(world)):
            raws = await paid(world, order)

            told = await findings(world, raws)

            about = {it.subject for it in told if payments_in(it.facts)}
            assert {
                (it.organization_id, it.customer_id, it.plan_id, it.checkout_id) for it in about
            } == {(order.organization_id, order.customer_id, order.plan.id, order.checkout_id)}

    @final
    @pytest.mark.anyio
    async def test_a_paid_checkout_is_closed(self, world: PaymentWorld) -> None:
        page = await world.provider.open_checkout(a_month(world))

        raws = await world.pay(page)

        closed = {it.closed_checkout for raw in raws if isinstance(it := read(world, raw), Facts)}
        assert closed - {None} == {page.reference}

    @final
    @pytest.mark.anyio
    async def test_a_read_finds_the_subscription_paid(self, world: PaymentWorld) -> None:
        raws = await paid(world, a_month(world))

        facts = await everything(world, raws)

        registers = [it for it in facts if isinstance(it, Observed)]
        assert bool(registers) == (Capability.KEEPS_SUBSCRIPTIONS in world.capabilities)
        for it in registers:
            assert it.paid
            assert it.period is not None
            assert it.period.covers(world.now + MOMENT)

    @final
    @pytest.mark.anyio
    async def test_a_read_and_the_events_agree_on_the_payment(self, world: PaymentWorld) -> None:
        raws = await paid(world, a_month(world))

        facts = await everything(world, raws)

        assert len({it.id for it in payments_in(facts)}) == 1
        assert len({it.cover for it in payments_in(facts)}) == 1

    @final
    @pytest.mark.anyio
    async def test_a_refund_names_the_payment_that_it_is_about(self, world: PaymentWorld) -> None:
        for order in (a_month(world), a_pass(world)):
            payment = the_payment(await everything(world, await paid(world, order)))

            told = await findings(world, await world.refund(payment.id))

            about = {(it.subject.payment, fact.payment, fact.amount)
                     for it in told for fact in it.facts if isinstance(fact, Refund)}  # fmt: skip
            assert about == {(payment.id, payment.id, payment.amount)}

    @final
    @pytest.mark.anyio
    async def test_a_read_of_nothing_is_not_found(self, world: PaymentWorld) -> None:
        for kind in ("subscription", UNKNOWN_ID):
            with pytest.raises(NotFound):
                await world.provider.fetch(world.account, ObjectRef(kind, UNKNOWN_ID))

    @final
    @pytest.mark.anyio
    async def test_a_read_in_another_account_finds_nothing(self, world: PaymentWorld) -> None:
        for id_ in await subscriptions_of(world, await paid(world, a_month(world))):
            with pytest.raises((NotFound, NeedsHuman)):
                await world.provider.fetch(UNKNOWN_ID, ObjectRef("subscription", id_))

    @final
    @pytest.mark.anyio
    async def test_reads_are_ordered_by_their_numbers(self, world: PaymentWorld) -> None:
        for id_ in await subscriptions_of(world, await paid(world, a_month(world))):
            again = await fetched(world, ObjectRef("subscription", id_), number=7)
            registers = [
                fact for it in again.findings for fact in it.facts if isinstance(fact, Observed)
            ]

            assert [it.version for it in registers] == [(0, 7)]

    @final
    @pytest.mark.anyio
    async def test_an_account_that_lets_us_in_is_reached(self, world: PaymentWorld) -> None:
        await world.provider.reach(world.account)

    @final
    @pytest.mark.anyio
    async def test_every_changed_subscription_is_listed(self, world: PaymentWorld) -> None:
        since = world.now - DAY
        known = await subscriptions_of(world, await paid(world, a_month(world)))

        listed = await world.provider.list_since(world.account, since)

        assert known <= {it.id for it in listed if it.kind == "subscription"}

    @final
    @pytest.mark.anyio
    async def test_a_listed_subscription_tells_of_its_payment(self, world: PaymentWorld) -> None:
        since = world.now - DAY
        told = payments_in(await everything(world, await paid(world, a_month(world))))

        found = payments_in(await listed_facts(world, since))

        listed = Capability.KEEPS_SUBSCRIPTIONS in world.capabilities
        assert {it.id for it in found} == ({it.id for it in told} if listed else set())

    @final
    @pytest.mark.anyio
    async def test_a_purchase_whose_events_were_lost_is_found(self, world: PaymentWorld) -> None:
        since = world.now - DAY
        told = the_payment(await everything(world, await paid(world, a_pass(world))))

        found = payments_in(await listed_facts(world, since))

        assert set(found) == ({told} if Capability.LISTS_PURCHASES in world.capabilities else set())

    @final
    @pytest.mark.anyio
    async def test_a_refund_whose_events_were_lost_is_found(self, world: PaymentWorld) -> None:
        since = world.now - DAY
        payment = the_payment(await everything(world, await paid(world, a_pass(world))))
        told = await everything(world, await world.refund(payment.id))

        found = await listed_facts(world, since)

        refunds = {it for it in told if isinstance(it, Refund)}
        assert refunds
        assert {it for it in found if isinstance(it, Refund)} == (
            refunds if Capability.LISTS_PURCHASES in world.capabilities else set()
        )

    @final
    @pytest.mark.anyio
    async def test_the_same_checkout_gives_the_same_page(self, world: PaymentWorld) -> None:
        order = a_month(world)

        first = await world.provider.open_checkout(order)
        second = await world.provider.open_checkout(order)

        assert first == second
        assert first.url
        assert first.reference

    @final
    @pytest.mark.anyio
    async def test_another_checkout_gives_another_page(self, world: PaymentWorld) -> None:
        first = await world.provider.open_checkout(a_month(world, checkout_id="chk_1"))
        second = await world.provider.open_checkout(a_month(world, checkout_id="chk_2"))

        assert first.reference != second.reference

    @final
    @pytest.mark.anyio
    async def test_a_page_ends_when_the_order_does_or_a_little_before(
        self, world: PaymentWorld
    ) -> None:
        order = a_month(world)

        page = await world.provider.open_checkout(order)

        assert order.expires_at - 5 * MOMENT <= page.expires_at <= order.expires_at

    @final
    @pytest.mark.anyio
    async def test_closing_a_checkout_twice_is_harmless(self, world: PaymentWorld) -> None:
        page = await world.provider.open_checkout(a_month(world))

        await world.provider.close_checkout(world.account, page.reference)
        await world.provider.close_checkout(world.account, page.reference)

    @final
    @pytest.mark.anyio
    async def test_closing_a_paid_checkout_changes_nothing(self, world: PaymentWorld) -> None:
        order = a_month(world)
        page = await world.provider.open_checkout(order)
        raws = await world.pay(page)

        await world.provider.close_checkout(world.account, page.reference)

        assert await world.provider.open_checkout(order) == page
        assert the_payment(await everything(world, raws)).status is PaymentStatus.PAID

    @final
    @pytest.mark.anyio
    async def test_closing_a_checkout_that_never_was_is_harmless(self, world: PaymentWorld) -> None:
        await world.provider.close_checkout(world.account, UNKNOWN_ID)
