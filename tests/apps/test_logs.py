import io
import json
import logging
from collections.abc import Iterator

import pytest

from solynk.apps.logs import Readable, configure
from solynk.ports.telemetry import correlation

SECRET = "sk_live_abcdefgh"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("DEBUG", [SECRET, "ab", ""], stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_each_line_is_one_object_whatever_is_in_it(lines: io.StringIO) -> None:
    logging.getLogger("solynk.test").info('a "name"\r\n{"level": "forged"}\x1b[31m')

    [line] = lines.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"]) == ("info", "solynk.test")
    assert told["at"].endswith("+00:00")


def test_a_line_names_what_it_is_about(lines: io.StringIO) -> None:
    token = correlation.set("request-1")
    logging.getLogger("solynk.test").warning("tired")
    correlation.reset(token)
    logging.getLogger("solynk.test").warning("awake")

    tired, awake = (json.loads(it) for it in lines.getvalue().splitlines())
    assert tired["correlation"] == "request-1"
    assert "correlation" not in awake


def test_secrets_are_taken_out_of_messages(lines: io.StringIO) -> None:
    logging.getLogger("a.library").error("POST %s with %s", "https://x.example", SECRET)

    assert SECRET not in lines.getvalue()
    assert json.loads(lines.getvalue())["message"] == "POST https://x.example with <secret>"


def test_an_error_tells_its_kind_and_place_and_not_its_words(lines: io.StringIO) -> None:
    try:
        int("ann@example.com")
    except ValueError:
        logging.getLogger("solynk.test").exception("it failed")

    told = json.loads(lines.getvalue())
    assert told["error"].startswith("ValueError <- test_an_error")
    assert "ann@example.com" not in lines.getvalue()


def test_on_a_terminal_a_line_is_readable_and_holds_no_secret_either() -> None:
    record = logging.LogRecord("solynk.test", logging.INFO, "", 1, "key %s", (SECRET,), None)

    line = Readable((SECRET,)).format(record)

    assert "key <secret>" in line
    assert not line.startswith("{")
