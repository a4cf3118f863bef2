"""The question that comes before an expulsion for non-payment, and how long an answer may take.

Pure. Whatever the clock says, the provider is asked first: we may have been away ourselves. Its
silence counts as an answer only after the whole outage allowance, counted from the first time it was
asked, however often that was tried since.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

from solynk.core.command import Command, CommandStatus
from solynk.core.instants import DAY
from solynk.core.portfolio import Holding

ASK_AGAIN: Final = DAY
"""How long after a question that came to nothing, such as a read that was refused for good, it is
put again."""


class Question(Struct, frozen=True):
    """A subscription whose payment the provider was asked about."""

    since: datetime
    last: datetime
    """When it was last put."""
    read: Command | None
    """The read that is to bring the answer, as long as it is live."""

    @property
    def waits_for_person(self) -> bool:
        return self.read is not None and self.read.status is CommandStatus.PARKED


def unanswered(holding: Holding, question: Question | None) -> Question | None:
    """The question, unless there was a good read since: that is an answer, whatever it says."""
    read_at = holding.ledger.read_at
    if question is None or (read_at is not None and read_at >= question.since):
        return None
    return question


def kept_silent(holding: Holding, question: Question | None, at: datetime) -> bool:
    """Whether the provider gave no answer through the whole outage allowance.

    A read that waits for a person is no silence of the provider.
    """
    put = unanswered(holding, question)
    if put is None or put.waits_for_person:
        return False
    return at - put.since > holding.policy.outage_allowance


def is_to_be_put(holding: Holding, question: Question | None, at: datetime) -> bool:
    """Whether to ask now: for the first time, or again where the last try came to nothing."""
    put = unanswered(holding, question)
    if put is None or put.waits_for_person:
        return True
    return put.read is None and at - put.last >= ASK_AGAIN


def looked_at_again(
    holding: Holding, question: Question | None, at: datetime
) -> Iterable[datetime]:
    """When the clock alone changes what follows from a question: all after `at`."""
    put = unanswered(holding, question)
    since, last = (at, at) if put is None else (put.since, put.last)
    later = (since + holding.policy.outage_allowance, last + ASK_AGAIN)
    return (it for it in later if it > at)
