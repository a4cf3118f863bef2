"""Sentences that say why."""

import string
from datetime import timedelta, timezone
from typing import Final

import pytest

from solynk.core.access import (
    Access,
    By,
    Exempt,
    Inside,
    Invited,
    Outside,
    Seen,
    Unsure,
    Untouched,
)
from solynk.core.catalog import Channel, ChannelHealth, RemovalMode
from solynk.core.entitlement import Right, Verdict, judge_channel
from solynk.core.explain import Explanation, Holds, explain
from solynk.core.ids import PersonId
from solynk.core.standing import (
    Active,
    Because,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Standing,
)
from solynk.core.words import LANGUAGES, Situation, Tail, Words, words
from tests.builders import a_block, a_channel, an_access, day

ANN: Final = PersonId("42")
PAID: Final = Active(day(30), Because(Reason.PAID, "in_1"))
GRACE: Final = PastDue(day(0), day(5), Because(Reason.PAYMENT_FAILED, "in_2"))
UNPAID: Final = Expired(day(0), Because(Reason.NOT_PAID), day(0))
UNASKED: Final = Expired(day(0), Because(Reason.NOT_PAID))
NEVER: Final = Incomplete(Because(Reason.NEVER_PAID))


def told(
    *standings: Standing,
    seen: Seen = Untouched(),  # noqa: B008 a frozen value
    bound: PersonId | None = ANN,
    acted_on: str | None = "42",
    channel: Channel = a_channel(),  # noqa: B008 a frozen value
    locale: str = "en",
    holds: Holds = Holds(),  # noqa: B008 a frozen value
) -> Explanation:
    verdict = a_verdict(*standings)
    access = an_access(desired=verdict.desired, seen=seen, acted_on=acted_on)
    return explain(verdict, access, bound, channel, day(1), locale=locale, holds=holds)


def a_verdict(*standings: Standing) -> Verdict:
    return judge_channel(Right(f"su_{n}", it) for n, it in enumerate(standings, 1))


NO_RIGHTS: Final = a_channel(health=ChannelHealth.NO_RIGHTS, fault="the bot is no admin")

SITUATIONS: Final = [
    (Situation.INSIDE, told(PAID, seen=Inside())),
    (Situation.INSIDE_IN_GRACE, told(GRACE, seen=Inside())),
    (Situation.PROTECTED, told(PAID, seen=Exempt())),
    (Situation.WAITS_FOR_CLAIM, told(PAID, bound=None, acted_on=None)),
    (Situation.WAITS_FOR_CLAIM, told(PAID, seen=Outside(By.US), bound=None)),
    (Situation.INVITED, told(PAID, seen=Invited(day(2)))),
    (Situation.INVITE_EXPIRED, told(PAID, seen=Invited(day(1)))),
    (Situation.LEFT, told(PAID, seen=Outside(By.THEMSELVES))),
    (Situation.REMOVED_BY_ADMIN, told(PAID, seen=Outside(By.AN_ADMIN))),
    (Situation.OTHER_PERSON_INSIDE, told(PAID, seen=Inside(), acted_on="7")),
    (Situation.BEING_LET_IN, told(PAID, seen=Outside(By.AN_ADMIN), acted_on="7")),
    (Situation.BEING_LET_IN, told(PAID, acted_on=None)),
    (Situation.BEING_LET_IN, told(PAID, seen=Unsure())),
    (Situation.CANNOT_BE_LET_IN, told(PAID, channel=NO_RIGHTS)),
    (Situation.NO_RIGHT, told(UNPAID, seen=Outside(By.US))),
    (Situation.NO_RIGHT, told(NEVER)),
    (Situation.NO_RIGHT, told()),
    (Situation.BEING_TAKEN_OUT, told(UNPAID, seen=Inside())),
    (Situation.CANNOT_BE_TAKEN_OUT, told(UNPAID, seen=Inside(), channel=NO_RIGHTS)),
    (Situation.HELD_BY_BRAKE, told(UNASKED, seen=Inside(), holds=Holds(braked=True))),
    (Situation.BEING_TAKEN_OUT, told(UNPAID, seen=Inside(), holds=Holds(braked=True))),
    (Situation.HELD_BY_SWITCH, told(UNPAID, seen=Inside(), holds=Holds(removals_stopped=True))),
    (
        Situation.HELD_BY_SWITCH,
        told(UNPAID, seen=Inside(), channel=a_channel(removals=RemovalMode.STOPPED)),
    ),
    (
        Situation.HELD_BY_SHADOW,
        told(UNPAID, seen=Inside(), channel=a_channel(removals=RemovalMode.SHADOW)),
    ),
    (Situation.PROTECTED_WITHOUT_RIGHT, told(UNPAID, seen=Exempt())),
    (
        Situation.PROTECTED_WITHOUT_RIGHT,
        told(UNPAID, seen=Inside(), channel=a_channel(never_remove=("42",))),
    ),
    (Situation.INSIDE_WITHOUT_EVIDENCE, told(NEVER, seen=Inside())),
]


@pytest.mark.parametrize(("expected", "found"), SITUATIONS)
def test_the_situation_is_told_apart(expected: Situation, found: Explanation) -> None:
    assert found.situation is expected


def test_every_situation_is_reached() -> None:
    assert {it for it, _ in SITUATIONS} == set(Situation)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_language_has_words_for_everything(language: Words) -> None:
    assert set(language.reasons) == set(Reason)
    assert set(language.situations) == set(Situation)
    assert set(language.tails) == set(Tail)


@pytest.mark.parametrize("situation", Situation)
def test_the_languages_fill_in_the_same_things(situation: Situation) -> None:
    filled = [_blanks(it.situations[situation]) for it in LANGUAGES.values()]

    assert all(it == filled[0] for it in filled)
    assert {"channel", "why"} <= filled[0]


SAMPLES: Final = [
    (
        told(PAID, seen=Inside()),
        "The member is in VIP: the current period is paid, until 2026-03-31 00:00 UTC.",
    ),
    (
        told(GRACE, seen=Inside()),
        (
            "The member is still in VIP: the renewal's payment failed,"
            " and access is kept until 2026-03-06 00:00 UTC."
        ),
    ),
    (
        told(UNPAID, seen=Outside(By.US)),
        (
            "The member has no access to VIP: the renewal was not paid, since 2026-03-01 00:00 UTC,"
            " as the provider confirmed on 2026-03-01 00:00 UTC."
        ),
    ),
    (
        told(PAID, channel=NO_RIGHTS),
        (
            "The member has a right to VIP (the current period is paid, until 2026-03-31 00:00 UTC),"
            " but nobody can be let in there now: the bot is no admin."
        ),
    ),
    (
        told(PAID, seen=Invited(day(2)), locale="fr"),
        (
            "Le membre est invité dans VIP jusqu'au 2026-03-03 00:00 UTC et n'est pas encore entré"
            " (la période en cours est payée, jusqu'au 2026-03-31 00:00 UTC)."
        ),
    ),
    (
        told(UNASKED, seen=Inside(), locale="fr-CA"),
        (
            "Le membre est en train d'être retiré de VIP : le renouvellement n'a pas été payé,"
            " depuis le 2026-03-01 00:00 UTC, et le prestataire n'a pas répondu à temps."
        ),
    ),
    (
        told(locale="de"),
        "The member has no access to VIP: nothing that was bought or granted opens it.",
    ),
    (
        told(Paused(None, Because(Reason.DISPUTED, "in_1")), seen=Outside(By.US)),
        "The member has no access to VIP: the payment is disputed.",
    ),
    (
        told(Paused(day(9), Because(Reason.COLLECTION_PAUSED)), seen=Outside(By.US)),
        (
            "The member has no access to VIP: the collection of payments is paused,"
            " until 2026-03-10 00:00 UTC."
        ),
    ),
]


@pytest.mark.parametrize(("found", "sentence"), SAMPLES)
def test_samples_read_well(found: Explanation, sentence: str) -> None:
    assert found.sentence == sentence


def test_the_right_that_gives_access_is_the_one_that_is_told() -> None:
    found = told(UNPAID, PAID, GRACE, NEVER, seen=Inside())

    assert found.sentence.startswith("The member is in VIP: the current period is paid")
    assert len([it for it in found.facts if it.startswith("su_")]) == 4


def test_the_facts_carry_their_ids() -> None:
    found = told(GRACE, seen=Inside())

    why = "the renewal's payment failed, and access is kept until 2026-03-06 00:00 UTC"
    assert found.facts == (
        f"su_1: {why} [past_due, in_2]",
        "bound to 42",
        "seen: inside (42)",
    )


def test_a_block_on_the_channel_is_the_reason_whatever_was_paid() -> None:
    verdict = judge_channel([Right("su_1", PAID)], [a_block()])

    found = explain(verdict, None, None, a_channel(), day(1))

    assert found.sentence == (
        "The member has no access to VIP: a block was laid, since 2026-03-01 00:00 UTC."
    )
    assert found.facts[0] == "block bl_1, since 2026-03-01 00:00 UTC: spam"
    assert found.facts[-1] == "nobody is bound"


def test_times_are_told_in_the_zone_that_is_asked_for() -> None:
    access: Access = an_access(seen=Inside(), acted_on="42")
    paris = timezone(timedelta(hours=2), "CEST")

    found = explain(a_verdict(PAID), access, ANN, a_channel(), day(1), zone=paris)

    assert "2026-03-31 02:00 CEST" in found.sentence


@pytest.mark.parametrize(("locale", "language"), [("FR", "fr"), ("en-GB", "en"), ("xx", "en")])
def test_a_locale_finds_its_language(locale: str, language: str) -> None:
    assert words(locale) is LANGUAGES[language]


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
