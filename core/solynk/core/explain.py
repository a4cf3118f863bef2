"""Why a member has, or has not, access to a channel: a sentence, and the facts behind it."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Final, assert_never

from msgspec import Struct

from solynk.core.access import MAYBE_INSIDE, Access, Identity, Invited, Kind, identity, kind
from solynk.core.catalog import Channel, RemovalMode
from solynk.core.entitlement import Desired, Right, Verdict, Withdrawn
from solynk.core.evidence import BlockLaid
from solynk.core.ids import PersonId
from solynk.core.standing import (
    Active,
    Canceled,
    Expired,
    Incomplete,
    PastDue,
    Paused,
    Reason,
    Standing,
    Trialing,
)
from solynk.core.words import Situation, Tail, Words, words


class Explanation(Struct, frozen=True):
    situation: Situation
    sentence: str
    facts: tuple[str, ...]
    """One short sentence for each right, block and observation, with the ids."""


class Holds(Struct, frozen=True):
    """What keeps an expulsion from being carried out, besides the channel's own mode."""

    removals_stopped: bool = False
    braked: bool = False


NO_HOLDS: Final = Holds()


def explain(
    verdict: Verdict,
    access: Access | None,
    bound: PersonId | None,
    channel: Channel,
    at: datetime,
    *,
    locale: str = "en",
    zone: tzinfo = UTC,
    holds: Holds = NO_HOLDS,
) -> Explanation:
    """`access` is None where nothing was ever wished for; times are told in `zone`."""
    it = _Telling(words(locale), zone)
    situation = _situation(verdict, access, bound, channel, at, holds=holds)
    invited = access.seen if access is not None else None
    sentence = it.words.situations[situation].format(
        channel=channel.title,
        why=it.why(verdict),
        invited_until=it.when(invited.until) if isinstance(invited, Invited) else "",
        fault=channel.fault or it.words.fault_unknown,
    )
    return Explanation(situation, sentence, tuple(it.facts(verdict, access, bound, at)))


def _situation(
    verdict: Verdict,
    access: Access | None,
    bound: PersonId | None,
    channel: Channel,
    at: datetime,
    *,
    holds: Holds,
) -> Situation:
    seen = Kind.UNTOUCHED if access is None else kind(access.seen, at)
    if verdict.desired is Desired.OUT:
        acted_on = bound if access is None or access.acted_on is None else access.acted_on
        return _without_right(seen, verdict, channel, holds, acted_on)
    who = identity(bound, None if access is None else access.acted_on)
    return _with_right(seen, verdict.desired, who, bound, channel)


_WITH_RIGHT: Final = {
    Kind.INVITED: Situation.INVITED,
    Kind.OUTSIDE_THEMSELVES: Situation.LEFT,
    Kind.OUTSIDE_ADMIN: Situation.REMOVED_BY_ADMIN,
    Kind.EXEMPT: Situation.PROTECTED,
}


def _with_right(
    seen: Kind, desired: Desired, who: Identity, bound: PersonId | None, channel: Channel
) -> Situation:
    if who is Identity.CHANGED:
        if seen in MAYBE_INSIDE:
            return Situation.OTHER_PERSON_INSIDE
        seen = Kind.UNTOUCHED
    if seen is Kind.INSIDE:
        return Situation.INSIDE_IN_GRACE if desired is Desired.GRACE else Situation.INSIDE
    if seen in _WITH_RIGHT:
        return _WITH_RIGHT[seen]
    if bound is None:
        return Situation.WAITS_FOR_CLAIM
    if not channel.health.usable:
        return Situation.CANNOT_BE_LET_IN
    return Situation.INVITE_EXPIRED if seen is Kind.INVITE_EXPIRED else Situation.BEING_LET_IN


def _without_right(
    seen: Kind, verdict: Verdict, channel: Channel, holds: Holds, person: PersonId | None
) -> Situation:
    if seen is Kind.EXEMPT or (seen in MAYBE_INSIDE and person in channel.never_remove):
        return Situation.PROTECTED_WITHOUT_RIGHT
    if seen not in MAYBE_INSIDE:
        return Situation.NO_RIGHT
    if verdict.evidence is None:
        return Situation.INSIDE_WITHOUT_EVIDENCE
    if holds.removals_stopped or channel.removals is RemovalMode.STOPPED:
        return Situation.HELD_BY_SWITCH
    if channel.removals is RemovalMode.SHADOW:
        return Situation.HELD_BY_SHADOW
    if holds.braked and not verdict.evidence.certain:
        return Situation.HELD_BY_BRAKE
    if not channel.health.usable:
        return Situation.CANNOT_BE_TAKEN_OUT
    return Situation.BEING_TAKEN_OUT


class _Telling(Struct, frozen=True):
    words: Words
    zone: tzinfo

    def when(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    def why(self, verdict: Verdict) -> str:
        """The reason of the right that decides; a block on the channel itself outranks all."""
        blocks = _blocks(verdict)
        if blocks:
            tail = self.words.tails[Tail.SINCE].format(when=self.when(blocks[0].since))
            return self.words.reasons[Reason.BLOCKED] + tail
        right = _deciding(verdict)
        if right is None:
            return self.words.no_source
        return self.withdrawn(right.withdrawn) or self.reason(right.standing)

    def withdrawn(self, it: Withdrawn | None) -> str:
        if it is None:
            return ""
        return self.words.withdrawn.format(product=it.product, when=self.when(it.since))

    def reason(self, it: Standing) -> str:
        tails = (
            self.words.tails[tail].format(when="" if at is None else self.when(at))
            for tail, at in _tails(it)
        )
        return self.words.reasons[it.because.reason] + "".join(tails)

    def facts(
        self, verdict: Verdict, access: Access | None, bound: PersonId | None, at: datetime
    ) -> Iterable[str]:
        for it in _blocks(verdict):
            yield self.words.block.format(
                block=it.block, when=self.when(it.since), reason=it.reason
            )
        yield from (self._right(it) for it in verdict.rights)
        yield self.words.bound.format(person=bound) if bound else self.words.nobody_bound
        if access is not None:
            told = str(kind(access.seen, at).value)
            acted_on = "" if access.acted_on is None else f" ({access.acted_on})"
            yield self.words.seen.format(seen=told + acted_on)

    def _right(self, it: Right) -> str:
        fact = it.standing.because.fact
        reasons = (self.reason(it.standing), self.withdrawn(it.withdrawn))
        return self.words.right.format(
            source=it.source,
            why="; ".join(each for each in reasons if each),
            standing=it.standing.__struct_config__.tag,
            fact=f", {fact}" if fact else "",
        )


def _blocks(verdict: Verdict) -> list[BlockLaid]:
    proofs = () if verdict.evidence is None else verdict.evidence.proofs
    return [it for it in proofs if isinstance(it, BlockLaid)]


def _deciding(verdict: Verdict) -> Right | None:
    """The right that says most: one that gives access, else one that ended, else one to be."""
    return max(verdict.rights, key=_weight, default=None)


def _weight(right: Right) -> tuple[int, datetime]:
    if right.withdrawn is not None:
        return 2, right.withdrawn.since
    it = right.standing
    match it:
        case Active() | Trialing():
            return 4, it.until or datetime.max.replace(tzinfo=UTC)
        case PastDue():
            return 3, it.until
        case Paused():
            return 2, it.resumes_at or datetime.max.replace(tzinfo=UTC)
        case Canceled() | Expired():
            return 1, it.at
        case Incomplete():
            return 0, datetime.min.replace(tzinfo=UTC)
        case _:
            assert_never(it)


def _tails(it: Standing) -> tuple[tuple[Tail, datetime | None], ...]:
    match it:
        case Active(until=None):
            return ((Tail.FOR_LIFE, None),)
        case Active() | Trialing():
            return ((Tail.UNTIL, it.until),)
        case PastDue():
            return ((Tail.KEPT_UNTIL, it.until),)
        case Paused(resumes_at=None) | Incomplete():
            return ((Tail.NOTHING, None),)
        case Paused():
            return ((Tail.RESUMES, it.resumes_at),)
        case Canceled():
            return ((Tail.SINCE, it.at),)
        case Expired():
            return ((Tail.SINCE, it.at), *_confirmed(it))
        case _:
            assert_never(it)


def _confirmed(it: Expired) -> tuple[tuple[Tail, datetime | None], ...]:
    if it.because.reason not in {Reason.PAYMENT_FAILED, Reason.NOT_PAID}:
        return ()
    return ((Tail.UNASKED if it.verified_at is None else Tail.VERIFIED, it.verified_at),)
