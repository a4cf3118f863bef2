from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from solynk.adapters.telegram.words import ENGLISH, FRENCH, Wording, text
from solynk.core.command import Tell, Topic
from solynk.core.ids import PersonId

ANN = PersonId("5")
MAY = datetime(2026, 5, 2, 16, 30, tzinfo=UTC)
LINK = "https://pay.example/?a=1&b=2"


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_there_are_words_for_every_topic(words: Mapping[Topic, Wording]) -> None:
    assert set(words) == set(Topic)


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_message_names_the_channel_and_leaves_no_hole(topic: Topic, locale: str) -> None:
    message = text(Tell(topic, ANN, locale=locale), "The lounge")

    assert "<b>The lounge</b>" in message
    assert "None" not in message
    assert not set("{}") & set(message)
    assert len(message) < 400


@pytest.mark.parametrize("topic", [Topic.INVITED, Topic.CLAIM])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_ways_in_carry_their_link(topic: Topic, locale: str) -> None:
    message = text(Tell(topic, ANN, link=LINK, locale=locale), "Lounge")

    assert message.endswith("\nhttps://pay.example/?a=1&amp;b=2")


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "You keep your access until 2 May 2026, 16:30 UTC."),
        ("fr", "Vous gardez votre accès jusqu'au 2 mai 2026 à 16:30 UTC."),
    ],
)
def test_a_failed_renewal_says_until_when_access_holds(locale: str, sentence: str) -> None:
    message = text(Tell(Topic.RENEWAL_FAILED, ANN, until=MAY, locale=locale), "Lounge")

    assert sentence in message


def test_dates_are_told_in_utc() -> None:
    elsewhere = MAY.astimezone(timezone(timedelta(hours=9)))

    assert "2 May 2026, 16:30 UTC" in text(Tell(Topic.INVITED, ANN, until=elsewhere), "Lounge")


def test_every_month_has_its_name() -> None:
    december = datetime(2026, 12, 31, tzinfo=UTC)

    assert "31 December" in text(Tell(Topic.INVITED, ANN, until=december), "Lounge")
    assert "31 décembre" in text(Tell(Topic.INVITED, ANN, until=december, locale="fr"), "Lounge")


def test_a_language_nobody_wrote_is_told_in_english() -> None:
    assert text(Tell(Topic.ENDED, ANN, locale="de"), "Lounge").startswith("Your access")


@pytest.mark.parametrize("title", ["<b>{until}</b>", "{title}", "a & b"])
def test_a_title_is_text_and_nothing_else(title: str) -> None:
    message = text(Tell(Topic.ENDED, ANN), title)

    assert "<b>" + title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in message
