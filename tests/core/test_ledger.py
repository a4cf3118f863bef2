"""The join, where copies of one fact differ, and what concerns whom."""

import pytest
from msgspec.structs import replace

from solynk.core.facts import (
    Blocked,
    Cover,
    Days,
    DisputeStatus,
    Everywhere,
    Fact,
    Forever,
    GracePromised,
    OnChannel,
    OnProduct,
    RefundStatus,
    Scope,
)
from solynk.core.ids import ChannelId, ProductId
from solynk.core.instants import DAY
from solynk.core.ledger import Ledger
from tests.builders import (
    a_block,
    a_dispute,
    a_grant,
    a_payment,
    a_refund,
    a_withdrawal,
    an_observed,
    an_unblock,
    day,
    days,
)


def both_ways(one: Fact, two: Fact) -> list[Ledger]:
    return [Ledger().join_all(order) for order in ((one, two), (two, one))]


@pytest.mark.parametrize(
    ("fact", "ledger"),
    [
        (a_payment(), Ledger(payments={"in_1": a_payment()})),
        (a_refund(), Ledger(refunds={"re_1": a_refund()})),
        (a_dispute(), Ledger(disputes={"du_1": a_dispute()})),
        (an_observed(), Ledger(reads=(an_observed(),))),
        (GracePromised(day(30), DAY), Ledger(promised={day(30): DAY})),
        (a_grant(), Ledger(grants={"gr_1": a_grant()})),
        (a_withdrawal(at=day(3)), Ledger(withdrawn={"gr_1": a_withdrawal(at=day(3))})),
        (a_block(), Ledger(blocks={"bl_1": a_block()})),
        (an_unblock(at=day(3)), Ledger(unblocked={"bl_1": an_unblock(at=day(3))})),
    ],
)
def test_a_fact_is_known_under_what_it_is_about(fact: Fact, ledger: Ledger) -> None:
    assert Ledger().join(fact) == ledger
    assert ledger.join(fact) == ledger


@pytest.mark.parametrize(
    ("one", "two", "joined"),
    [
        (days(0, 30), days(1, 31), days(0, 31)),
        (days(0, 30), days(0, 29), days(0, 30)),
        (Days(30), Days(31), Days(31)),
        (Days(30), Forever(), Forever()),
        (days(0, 30), Forever(), Forever()),
        (days(0, 30), Days(1), Days(1)),
    ],
)
def test_of_two_reports_of_one_cover_the_wider_counts(
    one: Cover, two: Cover, joined: Cover
) -> None:
    ledgers = both_ways(a_payment(cover=one), a_payment(cover=two))

    assert [it.payments["in_1"].cover for it in ledgers] == [joined, joined]


def test_of_two_ends_of_grace_that_were_named_the_later_is_kept() -> None:
    ledgers = both_ways(
        GracePromised(day(30), DAY, day(35)), GracePromised(day(30), 2 * DAY, day(36))
    )

    assert [it.promised_until[day(30)] for it in ledgers] == [day(36), day(36)]
    assert [it.promised[day(30)] for it in ledgers] == [2 * DAY, 2 * DAY]


def test_the_first_withdrawal_of_a_grant_counts() -> None:
    ledgers = both_ways(a_withdrawal(at=day(3)), a_withdrawal(at=day(2)))

    assert [it.withdrawn["gr_1"].at for it in ledgers] == [day(2), day(2)]


def test_copies_of_one_id_that_differ_join_to_the_same_in_either_order() -> None:
    """Which of them it is matters to nobody, but that it is the same one."""
    grants = both_ways(a_grant(until=day(3)), a_grant(until=day(4)))
    withdrawn = a_withdrawal(at=day(3))
    withdrawals = both_ways(withdrawn, replace(withdrawn, by="ben"))
    refunds = both_ways(
        a_refund(payment="in_1"), a_refund(payment="in_2", status=RefundStatus.SUCCEEDED)
    )

    disputes = both_ways(a_dispute(), a_dispute(status=DisputeStatus.LOST))
    blocks = both_ways(a_block(until=day(3)), a_block(until=day(4)))
    unblocked = both_ways(an_unblock(at=day(3)), an_unblock(at=day(4)))

    for one, two in (grants, withdrawals, refunds, disputes, blocks, unblocked):
        assert one == two


def test_reads_that_are_needed_no_more_are_named() -> None:
    old = [an_observed(number=n, read_at=day(n)) for n in (1, 2)]
    new = an_observed(number=3, read_at=day(100))
    stranger = a_payment()
    ledger = Ledger().join_all([*old, new, stranger])

    assert list(ledger.superfluous([*old, new, stranger])) == [old[0]]


@pytest.mark.parametrize(
    ("scope", "concerned", "here"),
    [
        (Everywhere(), True, True),
        (OnProduct(ProductId("pr_1")), True, False),
        (OnProduct(ProductId("pr_2")), False, False),
        (OnChannel(ChannelId("ch_1")), False, True),
        (OnChannel(ChannelId("ch_2")), False, False),
    ],
)
def test_a_block_concerns_what_its_scope_names(
    scope: Scope, *, concerned: bool, here: bool
) -> None:
    block: Blocked = a_block(scope=scope)
    ledger = Ledger().join(block)

    assert (block.id in ledger.within(ProductId("pr_1")).blocks) is concerned
    assert (block.id in ledger.at_channel(ChannelId("ch_1")).blocks) is here


def test_a_grant_of_everything_is_the_products_and_not_the_channels() -> None:
    ledger = Ledger().join(a_grant(scope=Everywhere()))

    assert "gr_1" in ledger.within(ProductId("pr_1")).grants
    assert not ledger.at_channel(ChannelId("ch_1")).grants
