"""The notation of the decision tables, as docs/reference/decisions/README.md describes it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

from msgspec.structs import replace

from solynk.core.facts import (
    Cover,
    Days,
    DisputeStatus,
    EndReason,
    Fact,
    Forever,
    GracePromised,
    Pause,
    Payment,
    PaymentStatus,
    ProviderStatus,
    RefundStatus,
)
from solynk.core.instants import DAY, Interval, Period
from solynk.core.money import Money, exponent
from solynk.core.policies import AccessPolicy
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Standing,
    Trialing,
)
from tests.builders import (
    START,
    a_block,
    a_dispute,
    a_grant,
    a_payment,
    a_refund,
    a_withdrawal,
    an_observed,
    an_unblock,
)

Setting: TypeAlias = bool | str
Words: TypeAlias = "re.Match[str]"

_UNITS: Final = {"h": 3600 * 10**6, "m": 60 * 10**6, "s": 10**6, "us": 1}
_INSTANT: Final = r"day -?\d+(?: [+-]\d+(?:h|m|s|us))*"
_AMOUNT: Final = r"\d+(?:\.\d+)? [A-Z]{3}"

SHAPES: Final[Mapping[str, AccessPolicy]] = {
    "stripe": AccessPolicy(),
    "stars": AccessPolicy(verifies=False),
    "one_time": AccessPolicy().for_interval(Interval.ONE_TIME, grace=None),
    "people": AccessPolicy(),
}


class Unreadable(ValueError):
    """A row of a table does not follow the notation."""


def policy(shape: str, overrides: Mapping[str, Setting]) -> AccessPolicy:
    changes = {
        name: _length(value) if isinstance(value, str) else value
        for name, value in overrides.items()
    }
    return replace(SHAPES[shape], **changes)


def history(lines: Sequence[str]) -> list[Fact]:
    return [fact(line, number) for number, line in enumerate(lines, 1)]


def fact(line: str, number: int = 1) -> Fact:
    """One line of a history; `number` is the version of a provider's object without its own."""
    numbered = re.sub(r"^observed (?!#)", f"observed #{number} ", line)
    for pattern, read in _FACTS:
        words = pattern.fullmatch(numbered)
        if words is not None:
            return read(words)
    raise Unreadable(line)


def instant(text: str) -> datetime:
    if not re.fullmatch(_INSTANT, text):
        raise Unreadable(text)
    days, *steps = text.removeprefix("day ").split(" ")
    return START + int(days) * DAY + sum((_step(it) for it in steps), timedelta(0))


def canonical(text: str) -> str:
    """The text with each of its instants in the one form that `words` gives."""
    return re.sub(_INSTANT, lambda found: _words(instant(found[0])), text)


def words(it: Standing) -> str:
    match it:
        case Incomplete():
            return "incomplete"
        case Trialing():
            return f"trialing until {_words(it.until)}"
        case Active():
            return f"active{_end(' until', it.until) or ' for life'}"
        case PastDue():
            return f"past_due since {_words(it.since)} until {_words(it.until)}"
        case Paused():
            return f"paused{_end(' until', it.resumes_at)}"
        case Canceled():
            return f"canceled on {_words(it.at)}"
        case Expired():
            return f"expired on {_words(it.at)}{_end(', verified on', it.verified_at)}"
        case _:
            assert_never(it)


def _end(name: str, at: datetime | None) -> str:
    return "" if at is None else f"{name} {_words(at)}"


def _words(at: datetime) -> str:
    days, rest = divmod(at - START, DAY)
    left, said = rest // timedelta(microseconds=1), [f"day {days}"]
    for unit, length in _UNITS.items():
        count, left = divmod(left, length)
        said += [f"+{count}{unit}"] if count else []
    return " ".join(said)


def _step(text: str) -> timedelta:
    found = re.fullmatch(r"([+-]\d+)(h|m|s|us)", text)
    if found is None:
        raise Unreadable(text)
    return int(found[1]) * timedelta(microseconds=_UNITS[found[2]])


def _length(text: str) -> timedelta:
    if text.endswith("d"):
        return int(text.removesuffix("d")) * DAY
    return _step(f"+{text}")


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def _amount(text: str | None) -> Money:
    number, currency = (text or "10.00 EUR").split(" ")
    return Money(int(Decimal(number).scaleb(exponent(currency))), currency)


def _cover(text: str) -> Cover:
    if text == "life":
        return Forever()
    if text.endswith(" days"):
        return Days(int(text.removesuffix(" days")))
    start, end = text.split(" .. ")
    return Period(instant(start), instant(end))


def _payment(it: Words) -> Payment:
    return a_payment(
        id=it["id"],
        cover=_cover(it["cover"]),
        amount=_amount(it["amount"]),
        status=PaymentStatus(it["status"]),
        pending_since=_maybe(it["since"]),
        failed_at=_maybe(it["on"]) if it["status"] == "failed" else None,
        paid_at=_maybe(it["on"]) if it["status"] == "paid" else None,
    )


def _observed(it: Words) -> Fact:
    return an_observed(
        number=int(it["number"]),
        status=ProviderStatus(it["status"]),
        period=None if it["start"] is None else Period(instant(it["start"]), instant(it["end"])),
        paid=(it["paid"] or "").startswith("paid"),
        paid_by=it["by"],
        trial_end=_maybe(it["trial"]),
        cancel_at=_maybe(it["cancel"]),
        pause=Pause(_maybe(it["resumes"])) if it["pause"] else None,
        ended_at=_maybe(it["ended"]),
        ended_reason=None if it["why"] is None else EndReason(it["why"]),
        read_at=instant(it["read"]),
    )


_Reader: TypeAlias = Callable[[Words], Fact]


def _patterns(
    table: Iterable[tuple[str, _Reader]],
) -> tuple[tuple["re.Pattern[str]", _Reader], ...]:
    """`<name>` in a pattern is an instant of that name."""
    return tuple(
        (re.compile(re.sub(r"(?<!P)<(\w+)>", _named_instant, pattern)), read)
        for pattern, read in table
    )


def _named_instant(it: Words) -> str:
    return f"(?P<{it[1]}>{_INSTANT})"


_FACTS: Final = _patterns(
    (
        (
            r"(?P<status>paid|failed|pending) (?P<id>\S+)(?: (?P<amount>" + _AMOUNT + r"))?"
            r" for (?P<cover>life|\d+ days|" + _INSTANT + " .. " + _INSTANT + ")"
            r"(?: since <since>)?(?: on <on>)?",
            _payment,
        ),
        (
            (
                r"observed #(?P<number>\d+) (?P<status>\w+)"
                r"(?:, <start> .. <end> (?P<paid>unpaid|paid(?: by (?P<by>\S+))?))?"
                r"(?:, trial to <trial>)?(?:, cancel at <cancel>)?"
                r"(?P<pause>, collection paused(?: until <resumes>)?)?"
                r"(?:, ended on <ended> as (?P<why>\w+))?, read on <read>"
            ),
            _observed,
        ),
        (
            rf"refund (?P<id>\S+) of (?P<amount>{_AMOUNT}) from (?P<payment>\S+): (?P<status>\w+)",
            lambda it: a_refund(
                id=it["id"],
                payment=it["payment"],
                amount=_amount(it["amount"]),
                status=RefundStatus(it["status"]),
            ),
        ),
        (
            r"dispute (?P<id>\S+) on (?P<payment>\S+): (?P<status>\w+)",
            lambda it: a_dispute(
                id=it["id"], payment=it["payment"], status=DisputeStatus(it["status"])
            ),
        ),
        (
            r"granted (?P<id>\S+) from <since> (?:until <until>|for life)",
            lambda it: a_grant(id=it["id"], since=instant(it["since"]), until=_maybe(it["until"])),
        ),
        (
            r"withdrawn (?P<id>\S+) on <on>",
            lambda it: a_withdrawal(id=it["id"], at=instant(it["on"])),
        ),
        (
            r"blocked (?P<id>\S+) from <since> (?:until <until>|for good)",
            lambda it: a_block(id=it["id"], since=instant(it["since"]), until=_maybe(it["until"])),
        ),
        (
            r"unblocked (?P<id>\S+) on <on>",
            lambda it: an_unblock(id=it["id"], at=instant(it["on"])),
        ),
        (
            r"promised (?P<days>\d+) days of grace from <since>",
            lambda it: GracePromised(instant(it["since"]), int(it["days"]) * DAY),
        ),
    )
)
