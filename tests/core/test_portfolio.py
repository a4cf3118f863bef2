"""All that one customer holds, at one channel."""

import pytest

from solynk.core.entitlement import Desired
from solynk.core.evidence import BlockLaid
from solynk.core.facts import Fact, OnChannel, OnProduct, ProviderStatus
from solynk.core.ids import ChannelId, ProductId
from solynk.core.instants import HOUR
from solynk.core.ledger import Ledger
from solynk.core.standing import Reason
from tests.builders import (
    a_block,
    a_failure,
    a_grant,
    a_holding,
    a_payment,
    a_portfolio,
    a_product,
    an_observed,
    day,
    days,
)

HERE = ChannelId("ch_1")
THERE = ChannelId("ch_2")
BOTH = (a_product(id="pr_1"), a_product(id="pr_2"))


def a_ledger(*facts: Fact) -> Ledger:
    return Ledger().join_all(facts)


def test_two_subscriptions_to_one_channel_give_one_access_that_outlives_either() -> None:
    ended = a_ledger(a_payment(cover=days(0, 1)), an_observed(cancel_at=day(1)))
    paid = a_ledger(a_payment(id="in_9"))
    portfolio = a_portfolio(
        holdings=(
            a_holding(subscription="su_1", product="pr_1", ledger=ended),
            a_holding(subscription="su_2", product="pr_2", ledger=paid),
        ),
        products=BOTH,
    )

    verdict = portfolio.verdict(HERE, day(5))

    assert verdict.desired is Desired.IN
    assert verdict.evidence is None
    assert [it.source for it in verdict.rights] == ["su_1", "su_2"]


def test_grace_of_one_plan_is_outranked_by_the_good_standing_of_another() -> None:
    failing = a_ledger(a_payment(), a_failure())
    paid = a_ledger(a_payment(id="in_9", cover=days(20, 50)))
    portfolio = a_portfolio(
        holdings=(
            a_holding(subscription="su_1", product="pr_1", ledger=failing),
            a_holding(subscription="su_2", product="pr_2", ledger=paid),
        ),
        products=BOTH,
    )

    assert portfolio.verdict(HERE, day(32)).desired is Desired.IN
    assert portfolio.verdict(HERE, day(19)).desired is Desired.IN


def test_a_grant_for_a_channel_opens_that_channel_alone() -> None:
    people = a_ledger(a_grant(scope=OnChannel(THERE)))
    portfolio = a_portfolio(people=people, products=(a_product(channels=("ch_1", "ch_2")),))

    assert portfolio.verdict(THERE, day(1)).desired is Desired.IN
    assert portfolio.verdict(HERE, day(1)).desired is Desired.OUT
    assert portfolio.channels() == (THERE,)


def test_a_grant_for_a_product_opens_its_channels() -> None:
    people = a_ledger(a_grant(scope=OnProduct(ProductId("pr_1")), until=day(10)))
    portfolio = a_portfolio(people=people)

    assert portfolio.verdict(HERE, day(9)).desired is Desired.IN
    assert portfolio.verdict(HERE, day(10)).evidence is not None


def test_a_block_on_a_channel_leaves_the_others_open() -> None:
    people = a_ledger(a_block(scope=OnChannel(HERE)))
    portfolio = a_portfolio(
        holdings=(a_holding(ledger=a_ledger(a_payment())),),
        people=people,
        products=(a_product(channels=("ch_1", "ch_2")),),
    )

    blocked, free = portfolio.verdict(HERE, day(1)), portfolio.verdict(THERE, day(1))

    assert (blocked.desired, free.desired) == (Desired.OUT, Desired.IN)
    assert blocked.evidence is not None
    assert blocked.evidence.proofs == (BlockLaid("bl_1", day(0), "spam"),)


@pytest.mark.parametrize("scope", [OnChannel(HERE), OnProduct(ProductId("pr_1"))])
def test_a_block_everywhere_outranks_a_grant_of_any_scope(scope: OnChannel | OnProduct) -> None:
    people = a_ledger(a_grant(scope=scope), a_block())
    portfolio = a_portfolio(people=people)

    verdict = portfolio.verdict(HERE, day(1))

    assert verdict.desired is Desired.OUT
    assert verdict.evidence is not None


def test_a_block_on_one_product_leaves_the_right_that_another_gives() -> None:
    people = a_ledger(a_block(scope=OnProduct(ProductId("pr_1"))))
    portfolio = a_portfolio(
        holdings=(
            a_holding(subscription="su_1", product="pr_1", ledger=a_ledger(a_payment())),
            a_holding(subscription="su_2", product="pr_2", ledger=a_ledger(a_payment(id="in_9"))),
        ),
        people=people,
        products=BOTH,
    )

    verdict = portfolio.verdict(HERE, day(1))

    assert verdict.desired is Desired.IN
    assert verdict.rights[0].standing.because.reason is Reason.BLOCKED


def test_somebody_who_never_paid_has_no_right_and_there_is_no_evidence_against_them() -> None:
    portfolio = a_portfolio(holdings=(a_holding(),))

    verdict = portfolio.verdict(HERE, day(1))

    assert verdict.desired is Desired.OUT
    assert verdict.evidence is None


def test_the_timer_is_the_earliest_change_of_anything_held() -> None:
    people = a_ledger(a_grant(scope=OnChannel(THERE), until=day(3)))
    portfolio = a_portfolio(
        holdings=(
            a_holding(subscription="su_1", ledger=a_ledger(a_payment())),
            a_holding(subscription="su_2", ledger=a_ledger(a_payment(id="in_9", cover=days(0, 7)))),
        ),
        people=people,
    )

    assert portfolio.due_at(day(0)) == day(3)
    assert portfolio.due_at(day(3)) == day(7)


def test_the_timer_wakes_to_ask_the_provider_an_hour_before_grace_ends() -> None:
    portfolio = a_portfolio(holdings=(a_holding(ledger=a_ledger(a_payment(), a_failure())),))
    grace_end = day(35, HOUR)

    assert portfolio.due_at(day(31)) == grace_end - HOUR
    assert portfolio.due_at(grace_end - HOUR) == grace_end
    assert portfolio.to_verify(day(31)) == ((portfolio.holdings[0], grace_end - HOUR),)


def test_a_fresh_word_of_the_provider_needs_no_question() -> None:
    read = an_observed(
        number=2,
        status=ProviderStatus.PAST_DUE,
        period=days(30, 60),
        paid=False,
        read_at=day(35, HOUR / 2),
    )
    ledger = a_ledger(a_payment(), a_failure(), read)
    portfolio = a_portfolio(holdings=(a_holding(ledger=ledger),))

    assert portfolio.to_verify(day(35, HOUR / 2)) == ()


def test_nothing_held_never_wakes_anybody() -> None:
    assert a_portfolio().due_at(day(0)) is None
    assert a_portfolio().channels() == ()
    assert a_portfolio().verdict(HERE, day(0)).rights == ()


def test_a_product_that_is_not_known_any_more_opens_nothing() -> None:
    portfolio = a_portfolio(holdings=(a_holding(product="pr_gone"),))

    assert portfolio.channels() == ()
