"""The join of facts: order, number and grouping of what arrives do not matter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from solynk.core.facts import Fact
from solynk.core.ledger import Ledger
from tests.properties.histories import wild


def ledger(facts: list[Fact]) -> Ledger:
    return Ledger().join_all(facts)


@given(facts=wild, data=st.data())
def test_the_order_of_facts_does_not_matter(facts: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts))

    assert ledger(shuffled) == ledger(facts)


@given(facts=wild, data=st.data())
def test_facts_that_arrive_again_change_nothing(facts: list[Fact], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(facts), max_size=10)) if facts else []

    assert ledger([*facts, *again]) == ledger(facts)


@settings(max_examples=100)
@given(one=wild, two=wild, three=wild)
def test_ledgers_merge_in_any_grouping(one: list[Fact], two: list[Fact], three: list[Fact]) -> None:
    a, b, c = ledger(one), ledger(two), ledger(three)

    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == ledger([*one, *two, *three])


@settings(max_examples=100)
@given(one=wild, two=wild)
def test_ledgers_merge_in_either_order(one: list[Fact], two: list[Fact]) -> None:
    a, b = ledger(one), ledger(two)

    assert a.merge(b) == b.merge(a)


@given(facts=wild)
def test_a_ledger_merged_with_itself_is_itself(facts: list[Fact]) -> None:
    known = ledger(facts)

    assert known.merge(known) == known


@given(facts=wild)
def test_a_ledger_is_rebuilt_from_its_own_facts(facts: list[Fact]) -> None:
    known = ledger(facts)

    assert ledger(list(known.facts())) == known
