"""Storage of what is too old: parts of the unit of work, see `storage`.

Which of it goes is the caller's decision; that an entry of the audit log goes only where a signed cut
covers it is the storage's own.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from solynk.core.checkpoint import Checkpoint
from solynk.core.ids import EventId, OrganizationId
from solynk.core.retention import Kept, PastEvent


class PastEvents(Protocol):
    async def page(
        self, before: datetime, *, after: EventId | None, limit: int
    ) -> Sequence[PastEvent]:
        """Events that were received before this instant, by id, from the one behind `after`."""
        ...

    async def unsettled(self, since: datetime) -> Collection[str]:
        """Ids of the dead letters that are open, or were settled at `since` or later."""
        ...

    async def let_go(self, events: Collection[EventId]) -> int:
        """Delete those of these that wait for nothing; how many.

        One of a payment provider is known when it comes again; that of a platform is new then, for
        its id may name another one.
        """
        ...


class PastEntries(Protocol):
    async def owners(self, before: datetime) -> Sequence[OrganizationId | None]:
        """Whose chains have entries from before this instant; None is the chain of nobody."""
        ...

    async def cut(self, organization: OrganizationId | None) -> Checkpoint | None:
        """The last cut of the chain, whoever signed it."""
        ...

    async def let_go(
        self, organization: OrganizationId | None, before: datetime, limit: int
    ) -> int:
        """Delete the oldest entries from before this instant that a cut covers; how many.

        Their seals stay.

        Raises:
            Refused: the role that works on the database may not.
        """
        ...

    async def count(self, organization: OrganizationId | None, before: datetime) -> int:
        """How many entries of the chain are from before this instant."""
        ...


class RetentionRecord(Protocol):
    async def held(self) -> Collection[OrganizationId]:
        """Organizations of which nothing is deleted by age."""
        ...

    async def reached(self, kind: Kept, upto: datetime) -> None:
        """Remember that everything is gone that was too old at a run with this bound."""
        ...

    async def progress(self) -> Mapping[Kept, datetime]:
        """What was remembered, or of a kind that no run was through with: its oldest row."""
        ...


class Months(Protocol):
    """Parts in which a storage keeps events and entries, so that an old one can be dropped whole.

    Nothing depends on a month being there: what finds none is stored all the same. A storage
    without months has none to name.
    """

    async def make(self, at: datetime) -> Sequence[str]:
        """Those of this instant and of some months to come; answers what was not there.

        Raises:
            Lost: others held the table; nothing was made.
            Refused: the role that works on the database may not.
        """
        ...

    async def past(self, kind: Kept, before: datetime) -> Sequence[str]:
        """Those that end before this instant, the oldest first."""
        ...

    async def drop(self, kind: Kept, month: str) -> bool:
        """Drop the month if nothing is left in it.

        Raises:
            Lost: others held the table; it is still there.
            Refused: the role that works on the database may not.
        """
        ...
