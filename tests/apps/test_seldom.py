import logging

import pytest

from solynk.apps.seldom import EVERY, Seldom


def test_a_line_a_minute_tells_how_many_there_were_since_the_one_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds = [0.0]
    seldom = Seldom(logging.getLogger("a test"), "%d of them", lambda: seconds[0])

    for _ in range(5):
        seldom.tell()
    seconds[0] = EVERY
    seldom.tell()

    assert caplog.messages == ["1 of them", "5 of them"]
