"""What went wrong, sorted by what the caller does next.

Adapters translate their SDK's errors into these, in one table; nothing else leaks out.
"""

from datetime import timedelta


class PortError(Exception):
    """The root of everything that an adapter may raise. `vendor` names who could not do it."""

    def __init__(self, vendor: str, reason: str) -> None:
        super().__init__(f"{vendor}: {reason}")
        self.vendor = vendor
        self.reason = reason


class Unavailable(PortError):
    """Try later: down, slow, or limiting us. The call may or may not have had its effect."""

    def __init__(self, vendor: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(vendor, reason)
        self.retry_after = retry_after
        """The vendor's own wish: never call again before it has passed."""


class NeedsHuman(PortError):
    """Someone must mend it (rights, a token, an account); retrying alone cannot help."""


class Disconnected(NeedsHuman):
    """The account does not let us in: it never did, or it has cut the connection."""


class Refused(PortError):
    """This call will never work, and why."""


class Forged(PortError):
    """The signature is missing, wrong, or outside the tolerance: nothing may be believed."""


class Malformed(PortError):
    """Well signed, but not in the form that was agreed."""


class NotFound(PortError):
    """There is no such thing, as far as the vendor lets us see. Never evidence against a member."""


class Moved(PortError):
    """The chat has a new id; the same call works there."""

    def __init__(self, vendor: str, new_chat: str) -> None:
        super().__init__(vendor, f"the chat moved to {new_chat}")
        self.new_chat = new_chat


class Unreachable(PortError):
    """This person cannot be written to (never started the bot, or blocked it)."""


class Conflict(PortError):
    """Something unique exists already; `holder` is whose it is."""

    def __init__(self, vendor: str, reason: str, *, holder: str = "") -> None:
        super().__init__(vendor, reason)
        self.holder = holder


class Lost(PortError):
    """The storage lost the transaction; nothing of it was kept. Try again from its start."""
