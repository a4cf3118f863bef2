from solynk.apps.engine import new_id
from tests.apps.engine.offers import START


def test_ids_of_one_instant_are_in_the_order_in_which_they_were_made() -> None:
    made = [new_id(START) for _ in range(1000)]

    assert sorted(set(made)) == made
