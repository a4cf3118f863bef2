"""What goes wrong on purpose, drawn from one seeded random generator.

A fault names its kind and what it applies to; the first one that matches and
wins its draw is used, and a fault with `times` wears out.
"""

import random
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec


class FaultKind(StrEnum):
    RATE_LIMIT = "rate_limit"
    """A call is answered 429, with `retry_after`."""
    ERROR_BEFORE = "error_before"
    """A call is answered 5xx (`status`) and has had no effect."""
    ERROR_AFTER = "error_after"
    """A call has had its effect and is answered 5xx all the same."""
    CUT_BEFORE = "cut_before"
    """The connection is cut; the call has had no effect."""
    CUT_AFTER = "cut_after"
    """The connection is cut after the effect."""
    SLOW = "slow"
    """A call is answered correctly, after `seconds` of real time."""
    REFUSE = "refuse"
    """A call is refused with `status` and `code`, as lost rights are."""
    REVOKED = "revoked"
    """The key or token is unknown: 401."""
    DUPLICATE = "duplicate"
    """A delivery is sent 1 + `copies` times."""
    REORDER = "reorder"
    """A delivery waits a random part of `seconds`, so that others overtake it."""
    DELAY = "delay"
    """A delivery waits `seconds` of real and `virtual_seconds` of virtual time."""
    DROP = "drop"
    """One attempt of a delivery is lost on the way; it is tried again."""
    LOSE = "lose"
    """A delivery never happens, nor is it tried again."""
    LIVEMODE = "livemode"
    """An event says the opposite livemode."""
    SECOND_SECRET = "second_secret"  # noqa: S105
    """A delivery carries a second signature, by a secret being rotated out."""
    FORGED = "forged"
    """A delivery is signed with a secret that nobody knows."""
    STALE = "stale"
    """A delivery's signature time is `seconds` old."""


class Fault(msgspec.Struct, kw_only=True):
    """One switch. Patterns are shell-like; `times` counts down, None never does.

    `path` is matched against an API path (`/v1/refunds`), a Bot API method
    (`banChatMember`) or the kind of a delivery (`invoice.paid`, `chat_member`).
    """

    kind: FaultKind
    vendor: str = "*"
    method: str = "*"
    path: str = "*"
    account: str = "*"
    times: int | None = None
    probability: float = 1.0
    copies: int = 1
    seconds: float = 0.3
    virtual_seconds: float = 0.0
    retry_after: int = 1
    status: int = 500
    code: str = ""
    message: str = ""

    def applies(self, vendor: str, method: str, path: str, account: str) -> bool:
        return (
            self.times != 0
            and fnmatchcase(vendor, self.vendor)
            and fnmatchcase(method, self.method)
            and fnmatchcase(path, self.path)
            and fnmatchcase(account, self.account)
        )


ON_CALLS = frozenset(
    {
        FaultKind.RATE_LIMIT,
        FaultKind.ERROR_BEFORE,
        FaultKind.ERROR_AFTER,
        FaultKind.CUT_BEFORE,
        FaultKind.CUT_AFTER,
        FaultKind.SLOW,
        FaultKind.REFUSE,
        FaultKind.REVOKED,
    }
)


class Faults:
    def __init__(self, seed: int = 0) -> None:
        self.switches: list[Fault] = []
        self.reset(seed)

    def reset(self, seed: int = 0) -> None:
        self.seed = seed
        self.random = random.Random(seed)  # noqa: S311 - chosen faults must repeat
        self.switches.clear()

    def add(self, fault: Fault) -> None:
        self.switches.append(fault)

    def on_call(self, vendor: str, method: str, path: str, account: str = "") -> Fault | None:
        """The fault that this API call meets, used up once."""
        return self._draw(ON_CALLS, vendor, method, path, account)

    def on_delivery(
        self, kind: FaultKind, vendor: str, what: str, account: str = ""
    ) -> Fault | None:
        """The fault of this kind that this delivery meets, used up once."""
        return self._draw(frozenset({kind}), vendor, "*", what, account)

    def _draw(
        self,
        kinds: frozenset[FaultKind],
        vendor: str,
        method: str,
        path: str,
        account: str,
    ) -> Fault | None:
        for fault in self.switches:
            if fault.kind not in kinds:
                continue
            if not fault.applies(vendor, method, path, account):
                continue
            if self.random.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
