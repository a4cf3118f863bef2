"""No expulsion without evidence, and no evidence while any right stands."""

from itertools import product

import pytest

from solynk.core.entitlement import Desired, Right, Withdrawn, judge_channel
from solynk.core.evidence import (
    BlockLaid,
    Ended,
    Evidence,
    NoLongerOffered,
    Suspended,
    VerifiedNonPayment,
    WrongIdentity,
    prove,
    wrong_identity,
)
from solynk.core.ids import PersonId, ProductId
from solynk.core.standing import (
    Active,
    Because,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Standing,
    Trialing,
    gives_access,
)
from tests.builders import a_block, day

ACTIVE = Active(None, Because(Reason.PAID))
PAUSED = Paused(None, Because(Reason.PAUSED))
CANCELED = Canceled(day(1), Because(Reason.CANCEL_REQUESTED))
REFUNDED = Expired(day(1), Because(Reason.REFUNDED))
UNPAID = Expired(day(1), Because(Reason.NOT_PAID), day(1))
UNASKED = Expired(day(1), Because(Reason.PAYMENT_FAILED))
NEVER = Incomplete(Because(Reason.NEVER_PAID))
ANY = (
    ACTIVE,
    Trialing(day(7), Because(Reason.TRIAL)),
    PastDue(day(1), day(6), Because(Reason.NOT_PAID)),
    PAUSED,
    CANCELED,
    REFUNDED,
    UNPAID,
    UNASKED,
    NEVER,
)


def test_evidence_is_never_empty() -> None:
    with pytest.raises(ValueError, match="needs a proof"):
        Evidence(())


@pytest.mark.parametrize("standings", list(product(ANY, repeat=2)))
def test_nothing_is_proved_while_any_right_stands_or_where_none_ever_did(
    standings: tuple[Standing, Standing],
) -> None:
    evidence = prove([("su_1", standings[0]), ("su_2", standings[1])], [])

    lapsed = [it for it in standings if not gives_access(it) and it != NEVER]
    stands = any(gives_access(it) for it in standings)
    assert (evidence is not None) is (not stands and bool(lapsed))
    assert evidence is None or len(evidence.proofs) == len(lapsed)


@pytest.mark.parametrize("standings", list(product(ANY, repeat=2)))
def test_evidence_exists_only_where_the_person_should_be_out(
    standings: tuple[Standing, Standing],
) -> None:
    verdict = judge_channel([Right("su_1", standings[0]), Right("su_2", standings[1])])

    assert verdict.evidence is None or verdict.desired is Desired.OUT


@pytest.mark.parametrize(
    ("standing", "proof"),
    [
        (CANCELED, Ended("su_1", day(1), Reason.CANCEL_REQUESTED)),
        (REFUNDED, Ended("su_1", day(1), Reason.REFUNDED)),
        (UNPAID, VerifiedNonPayment("su_1", day(1), day(1))),
        (UNASKED, VerifiedNonPayment("su_1", day(1), None)),
        (PAUSED, Suspended("su_1", Reason.PAUSED)),
    ],
)
def test_a_proof_says_what_became_of_the_right(standing: Standing, proof: object) -> None:
    evidence = prove([("su_1", standing)], [])

    assert evidence is not None
    assert evidence.proofs == (proof,)


def test_a_block_proves_whatever_was_paid() -> None:
    evidence = prove([("su_1", ACTIVE)], [a_block()])

    assert evidence == Evidence((BlockLaid("bl_1", day(0), "spam"),))


def test_only_silence_of_the_provider_is_uncertain() -> None:
    proofs = [prove([("su_1", it)], []) for it in (CANCELED, REFUNDED, UNPAID, PAUSED, UNASKED)]

    assert [it is not None and it.certain for it in proofs] == [True, True, True, True, False]


def test_a_channel_that_was_taken_out_of_a_product_is_no_certain_evidence() -> None:
    withdrawn = Withdrawn(ProductId("pr_1"), day(1))

    verdict = judge_channel([Right("su_1", ACTIVE, withdrawn), Right("su_2", CANCELED)])
    kept = judge_channel([Right("su_1", ACTIVE, withdrawn), Right("su_2", ACTIVE)])

    assert verdict.desired is Desired.OUT
    assert verdict.evidence is not None
    assert not verdict.evidence.certain
    assert NoLongerOffered("su_1", ProductId("pr_1"), day(1)) in verdict.evidence.proofs
    assert (kept.desired, kept.evidence) == (Desired.IN, None)


def test_another_person_than_the_bound_one_is_proved_wrong() -> None:
    ann, ben = PersonId("1"), PersonId("2")

    assert wrong_identity(ben, ann).proofs == (WrongIdentity(ben, ann),)
    assert wrong_identity(ben, None).certain
    with pytest.raises(ValueError, match="nothing wrong"):
        wrong_identity(ann, ann)
