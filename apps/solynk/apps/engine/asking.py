"""The question that comes before an expulsion for non-payment, and how long an answer may take.

Pure. Whatever the clock says, the provider is asked first: we may have been away ourselves. Its
silence counts as an answer only where it was asked in vain when the question was first put and
again when the whole outage allowance was over, counted from then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from solynk.core.command import Command, CommandStatus
from solynk.core.customer import Subscription
from solynk.core.instants import DAY
from solynk.core.policies import AccessPolicy
from solynk.core.portfolio import Holding

ASK_AGAIN: Final = DAY
"""How long after a question that came to nothing, such as a read that was refused for good, it is
put again."""
ANSWER_WITHIN: Final = timedelta(minutes=15)
"""How long after it was put for the last time the provider's silence is believed, at the least."""


class Question(Struct, frozen=True):
    """A subscription whose payment the provider was asked about."""

    since: datetime
    last: datetime
    """When it was last put."""
    read: Command | None
    """The read that is to bring the answer, as long as it is live."""
    failing: bool
    """Whether no call to this account succeeds at present: then not every read is tried."""

    @property
    def waits_for_person(self) -> bool:
        return self.read is not None and self.read.status is CommandStatus.PARKED

    @property
    def in_vain(self) -> bool:
        """Whether it was tried since it was last put, and failed."""
        return self.read is None or self.read.attempts > 0 or self.failing


def unanswered(holding: Holding, question: Question | None) -> Question | None:
    """The question, unless there was a good read since: that is an answer, whatever it says."""
    read_at = holding.ledger.read_at
    if question is None or (read_at is not None and read_at >= question.since):
        return None
    return question


def kept_silent(holding: Holding, question: Question | None, at: datetime) -> bool:
    """Whether the provider gave no answer through the whole outage allowance, nor just now.

    A read that waits for a person is no silence of the provider.
    """
    put = unanswered(holding, question)
    if (
        put is None
        or put.waits_for_person
        or put.last < put.since + holding.policy.outage_allowance
    ):
        return False
    return put.in_vain and ANSWER_WITHIN <= at - put.last < ASK_AGAIN


def is_to_be_put(holding: Holding, question: Question | None, at: datetime) -> bool:
    """Whether to ask now: for the first time, for the last time, or where nothing came of it."""
    put = unanswered(holding, question)
    if put is None or put.waits_for_person:
        return True
    over = put.since + holding.policy.outage_allowance
    if put.last < over <= at:
        return True
    return at - put.last >= ASK_AGAIN and (put.read is None or over <= at)


def looked_at_again(asked: Subscription, policy: AccessPolicy) -> Iterable[datetime]:
    """When the clock alone changes what follows from a question that is open."""
    if asked.asked_since is not None:
        yield asked.asked_since + policy.outage_allowance
    if asked.asked_at is not None:
        yield from (asked.asked_at + ANSWER_WITHIN, asked.asked_at + ASK_AGAIN)
