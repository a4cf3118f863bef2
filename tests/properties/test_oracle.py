"""The core's answer and the oracle's, which was written from the same design by other means."""

from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solynk.core.entitlement import Desired, entitlements
from solynk.core.facts import Blocked, Fact, Granted, GrantWithdrawn, Unblocked
from solynk.core.ids import ChannelId, ProductId
from solynk.core.judge import standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import gives_access
from tests.builders import START, a_holding, a_portfolio, a_product
from tests.core import notation
from tests.core.tables import ROWS, Answer, History
from tests.imports import imports
from tests.properties import oracle
from tests.properties.histories import Told, coherent, histories, instants, people, policies, wild
from tests.properties.test_standing_laws import MOMENT, around

HERE: Final = ChannelId("ch_1")
ONE, TWO = ProductId("pr_1"), ProductId("pr_2")
BOTH: Final = (a_product(id=ONE), a_product(id=TWO))
WORDS: Final = ("facts", "ids", "instants.Period", "policies.AccessPolicy")
"""Of the core, for the oracle: what is told, and the policy's numbers. None of them decides."""


def test_the_oracle_shares_no_rule_with_the_core() -> None:
    files = [Path(__file__).with_name(it) for it in ("oracle.py", "books.py")]

    taken = [name for it in files for _, name in imports(it) if name.startswith("solynk")]

    assert taken
    assert all(name.startswith(tuple(f"solynk.core.{it}" for it in WORDS)) for name in taken)


@pytest.mark.parametrize(
    ("case", "row"), ROWS, ids=[f"{case.name}, at {row.at}" for case, row in ROWS]
)
def test_the_oracle_gives_access_where_the_table_does(case: History, row: Answer) -> None:
    found = oracle.rights(case.facts(), case.access_policy(), notation.instant(row.at))

    assert found is row.access


@given(told=histories(), policy=policies)
def test_a_history_gives_access_when_the_oracle_does(told: Told, policy: AccessPolicy) -> None:
    facts = coherent(told.facts)
    ledger = Ledger().join_all(facts)

    for at in around(ledger, policy=policy):
        found = gives_access(standing(ledger, policy, at))
        assert found is oracle.rights(facts, policy, at)


@given(known=wild, policy=policies)
def test_wild_facts_give_access_when_the_oracle_does(
    known: list[Fact], policy: AccessPolicy
) -> None:
    facts = coherent(known)
    ledger = Ledger().join_all(facts)

    for at in around(ledger, policy=policy):
        found = gives_access(standing(ledger, policy, at))
        assert found is oracle.rights(facts, policy, at)


@settings(max_examples=100)
@given(one=histories(), two=histories(), said=st.lists(people(), max_size=4), policy=policies)
def test_all_that_a_customer_holds_opens_a_channel_when_the_oracle_does(
    one: Told, two: Told, said: list[Fact], policy: AccessPolicy
) -> None:
    held = [(ONE, _provided(one)), (TWO, _provided(two))]
    given_by_people = coherent(said)
    portfolio = a_portfolio(
        holdings=tuple(
            a_holding(
                subscription=f"su of {product}",
                product=product,
                ledger=Ledger().join_all(facts),
                policy=policy,
            )
            for product, facts in held
        ),
        people=Ledger().join_all(given_by_people),
        products=BOTH,
        policy=policy,
    )

    at = START - MOMENT
    while (later := portfolio.due_at(at)) is not None and later > at:
        for instant in (later - MOMENT, later):
            found = portfolio.verdict(HERE, instant)
            due = oracle.may_be_in(held, given_by_people, HERE, policy, instant)
            assert (found.desired is not Desired.OUT) is due
            assert found.evidence is None or not due
        at = later


@given(told=histories(), policy=policies, at=instants)
def test_a_product_is_opened_whole_when_the_oracle_gives_access(
    told: Told, policy: AccessPolicy, at: datetime
) -> None:
    facts, product = coherent(told.facts), a_product(channels=("ch_1", "ch_2"))

    found = entitlements(product, standing(Ledger().join_all(facts), policy, at))

    assert found == (product.opens if oracle.rights(facts, policy, at) else ())


def _provided(told: Told) -> tuple[Fact, ...]:
    by_people = (Granted, Blocked, GrantWithdrawn, Unblocked)
    return tuple(it for it in coherent(told.facts) if not isinstance(it, by_people))
