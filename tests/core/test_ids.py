"""Ids that sort by time."""

import uuid
from datetime import timedelta

import pytest

from solynk.core.ids import ENTROPY_BYTES, uuid7
from tests.builders import START

LOW, HIGH = bytes(ENTROPY_BYTES), b"\xff" * ENTROPY_BYTES


@pytest.mark.parametrize("entropy", [LOW, HIGH])
def test_an_id_is_a_version_7_uuid_of_its_millisecond(entropy: bytes) -> None:
    made = uuid.UUID(uuid7(START, entropy))

    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == int(START.timestamp() * 1000)


def test_an_id_made_a_millisecond_later_sorts_later_whatever_the_chance() -> None:
    assert uuid7(START, HIGH) < uuid7(START + timedelta(milliseconds=1), LOW)


def test_ids_of_one_millisecond_differ_by_their_entropy() -> None:
    assert uuid7(START, LOW) != uuid7(START, HIGH)


def test_too_little_entropy_is_refused() -> None:
    with pytest.raises(ValueError, match="10 bytes, not 3"):
        uuid7(START, b"abc")
