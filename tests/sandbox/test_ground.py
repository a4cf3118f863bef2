from datetime import UTC, datetime, timedelta

import pytest

from solynk.apps.sandbox.app import LiveKeyError, refuse_live_keys
from solynk.apps.sandbox.clock import Agenda, SandboxClock
from solynk.apps.sandbox.faults import Fault, FaultKind, Faults

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)


def test_the_clock_flows_and_never_goes_back() -> None:
    clock = SandboxClock(NOON)

    clock.advance_to(NOON + timedelta(days=3))
    clock.advance_to(NOON)

    assert timedelta(days=3) <= clock.now() - NOON < timedelta(days=3, seconds=5)


def test_a_held_clock_stands_still() -> None:
    clock = SandboxClock(NOON)

    with clock.held():
        first, second = clock.now(), clock.now()

    assert first == second
    assert clock.now() >= second


def test_the_agenda_keeps_the_order_of_booking_among_ties() -> None:
    agenda = Agenda()
    for what in ("a", "b", "c"):
        agenda.at(NOON, what, lambda: None)
    agenda.at(NOON - timedelta(hours=1), "before", lambda: None)
    agenda.at(NOON, "never", lambda: None).call_off()

    taken = [one.what for one in iter(lambda: agenda.next_due(NOON), None)]

    assert taken == ["before", "a", "b", "c"]


def test_a_seed_repeats_its_faults() -> None:
    def met() -> list[bool]:
        faults = Faults(seed=3)
        faults.add(Fault(kind=FaultKind.SLOW, probability=0.5))
        return [faults.on_call("stripe", "GET", "/v1/prices") is not None for _ in range(40)]

    first, again = met(), met()

    assert first == again
    assert {True, False} == set(first)


def test_a_fault_meets_only_what_it_names_and_wears_out() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.RATE_LIMIT, vendor="telegram", path="ban*", times=1))

    met = [
        faults.on_call("stripe", "POST", "banChatMember"),
        faults.on_call("telegram", "POST", "getMe"),
        faults.on_call("telegram", "POST", "banChatMember"),
        faults.on_call("telegram", "POST", "banChatMember"),
    ]

    assert [one is not None for one in met] == [False, False, True, False]


def test_a_live_key_in_the_environment_is_refused_and_not_printed() -> None:
    with pytest.raises(LiveKeyError) as refused:
        refuse_live_keys({"STRIPE_SECRET_KEY": "sk_live_abc", "PATH": "/bin"})

    assert "STRIPE_SECRET_KEY" in str(refused.value)
    assert "abc" not in str(refused.value)


def test_test_keys_are_welcome() -> None:
    refuse_live_keys({"STRIPE_SECRET_KEY": "sk_test_abc"})
