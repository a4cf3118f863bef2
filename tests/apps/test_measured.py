"""Each call to a vendor is counted, timed, and told in the log without whom it was about."""

import asyncio
import logging
from datetime import timedelta

import pytest

from solynk.adapters.memory.platform import InMemoryPlatform
from solynk.adapters.memory.telemetry import InMemoryTelemetry
from solynk.apps import measured
from solynk.apps.measured import Calls, MeasuredPlatform
from solynk.core.ids import ChatId, PersonId
from solynk.ports import errors
from solynk.ports.channels import Place
from solynk.ports.errors import Disconnected, NeedsHuman, PortError, Unavailable
from solynk.ports.telemetry import OUTCOMES, working_for
from tests.builders import START

pytestmark = pytest.mark.anyio

ANN = PersonId("4711004711")
LOUNGE = Place(ChatId("-100200300400"), "https://t.me/+abc")


def counted(telemetry: InMemoryTelemetry, outcome: str) -> int:
    return telemetry.counted("calls", vendor="telegram", operation="admit", outcome=outcome)


async def test_a_call_that_is_answered_is_counted_timed_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    platform, telemetry = InMemoryPlatform(), InMemoryTelemetry()
    platform.opens(LOUNGE.chat, owner="the-owner")

    watched = MeasuredPlatform(platform, Calls("telegram", telemetry))
    with working_for("evt_1"):
        await watched.admit(LOUNGE, ANN, START + timedelta(days=7), lift_ban=False)

    assert counted(telemetry, "done") == 1
    assert len(telemetry.observed("call_seconds", vendor="telegram", operation="admit")) == 1
    assert "telegram admit: done" in caplog.text
    assert ANN not in caplog.text
    assert LOUNGE.chat not in caplog.text


async def failing(fault: BaseException) -> None:
    raise fault


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Unavailable("telegram", "down"), "unavailable"),
        (NeedsHuman("telegram", "no rights"), "needs_human"),
        (Disconnected("stripe", "the account has cut the connection"), "disconnected"),
        (RuntimeError("unforeseen"), "failed"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_a_call_that_fails_fails_as_before_and_is_counted_by_how(
    fault: BaseException, outcome: str
) -> None:
    telemetry = InMemoryTelemetry()

    with pytest.raises(type(fault)) as raised:
        await Calls("telegram", telemetry).made("admit", failing(fault))

    assert raised.value is fault
    assert counted(telemetry, outcome) == 1


def test_every_outcome_is_known_beforehand() -> None:
    assert set(measured.OUTCOMES.values()) | {"done", "cancelled", "failed"} == set(OUTCOMES)


def test_the_errors_of_a_call_have_an_outcome_of_their_own() -> None:
    of_no_call = {errors.Forged, errors.Malformed, errors.Conflict, errors.Lost}
    known = {
        it for it in vars(errors).values() if isinstance(it, type) and issubclass(it, PortError)
    }

    assert known - of_no_call - {PortError} == set(measured.OUTCOMES)
