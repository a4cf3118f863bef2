"""What one customer's access to each channel asks for: the gap between what should be and was seen.

Pure. A wish places an order, keeps whatever order there is, or clears it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.asking import kept_silent
from solynk.apps.engine.snapshot import Snapshot
from solynk.core.access import MAYBE_INSIDE, Access, Identity, Kind, Step, identity, kind, next_step
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, RemovalMode
from solynk.core.command import Admit, Command, CommandStatus, Expel
from solynk.core.entitlement import Desired, Verdict
from solynk.core.evidence import Evidence, VerifiedNonPayment, wrong_identity
from solynk.core.ids import ChannelId, SubscriptionId

CallOrder: TypeAlias = Admit | Expel


class Hold(StrEnum):
    """Why an expulsion waits though it is proved."""

    SHADOW = "shadow mode: removals from this channel are only logged"
    STOPPED = "removals are stopped"
    BRAKE = "brake: many expulsions without certain evidence wait for a person"


class Place(Struct, frozen=True):
    """An order to add for an access; `hold` parks it from the start."""

    order: CallOrder
    channel: ChannelId
    hold: Hold | None


class Keep(Struct, frozen=True):
    """Leave whatever command there is as it is."""


class Clear(Struct, frozen=True):
    """Nothing is to be done: drop a command that was not begun."""


Wish: TypeAlias = Place | Keep | Clear


class Raised(Struct, frozen=True):
    kind: AlertKind
    subject: str
    message: str


class Channelwise(Struct, frozen=True):
    """What was decided about one channel."""

    access: Access
    before: Access | None
    verdict: Verdict
    wish: Wish
    alerts: tuple[Raised, ...]
    ask: tuple[SubscriptionId, ...] = ()
    """What the provider must confirm before anyone is expelled."""
    waits: bool = False
    """Whether the channel is out of order, and something was to be done there."""


def channelwise(it: Snapshot, at: datetime) -> Iterable[Channelwise]:
    for channel_id in sorted({*it.portfolio.channels(), *it.accesses}):
        channel, before = it.channels.get(channel_id), it.accesses.get(channel_id)
        verdict = it.portfolio.verdict(channel_id, at)
        if channel is None or (before is None and verdict.desired is Desired.OUT):
            continue
        yield _channel(it, channel, before, verdict, at)


def _channel(
    it: Snapshot, channel: Channel, before: Access | None, verdict: Verdict, at: datetime
) -> Channelwise:
    ask = _unasked(it, verdict, at) if verdict.desired is Desired.OUT else ()
    if ask and before is not None and before.desired is not Desired.OUT:
        return Channelwise(before, before, verdict, Keep(), (), ask)
    access = _wished(before or _first(it, channel), verdict.desired)
    bound = it.identities.get(channel.platform)
    person = None if bound is None else bound.person
    seen = kind(access.seen, at)
    if (access.acted_on or person) in channel.never_remove and seen in MAYBE_INSIDE:
        changed = identity(person, access.acted_on) is Identity.CHANGED
        seen = Kind.EXEMPT if changed or verdict.desired is Desired.OUT else seen
    usable = channel.health.usable
    step = next_step(access.desired, seen, person, access.acted_on, usable=usable)
    if access.given_up == access.generation and step in {Step.ADMIT, Step.EXPEL}:
        return Channelwise(access, before, verdict, Keep(), ())
    if step is Step.OFFER_CLAIM:
        access = replace(access, claim_offered=True)
    if ask and step is Step.EXPEL:
        return Channelwise(access, before, verdict, Clear(), (), ask)
    wish, alerts = _carry_out(it, channel, access, verdict, step)
    return Channelwise(access, before, verdict, wish, alerts, waits=step is Step.PARK)


def _unasked(it: Snapshot, verdict: Verdict, at: datetime) -> tuple[SubscriptionId, ...]:
    """Non-payment that nobody confirmed lately, of subscriptions that could be asked about."""
    proofs = () if verdict.evidence is None else verdict.evidence.proofs
    unpaid = {proof.right: proof for proof in proofs if isinstance(proof, VerifiedNonPayment)}
    return tuple(
        holding.subscription
        for holding in it.portfolio.holdings
        if holding.policy.verifies
        and (proof := unpaid.get(holding.subscription)) is not None
        and not _recent(proof.verified_at, at, holding.policy.verify_within)
        and not kept_silent(holding, it.questions.get(holding.subscription), at)
    )


def _recent(instant: datetime | None, at: datetime, within: timedelta) -> bool:
    return instant is not None and at - instant <= within


def _first(it: Snapshot, channel: Channel) -> Access:
    return Access(
        id=it.fresh[channel.id],
        organization=it.organization.id,
        customer=it.customer.id,
        channel=channel.id,
    )


def _wished(access: Access, desired: Desired) -> Access:
    if access.desired is desired:
        return access
    return replace(access, desired=desired, generation=access.generation + 1)


def _carry_out(
    it: Snapshot, channel: Channel, access: Access, verdict: Verdict, step: Step
) -> tuple[Wish, tuple[Raised, ...]]:
    match step:
        case Step.REST | Step.OFFER_CLAIM:
            return Clear(), ()
        case Step.ADMIT:
            return _admit(it, channel, access), ()
        case Step.EXPEL:
            return _expel(it, channel, access, verdict)
        case Step.PARK:
            return Keep(), (_unusable(channel),)
        case Step.ALERT_EXEMPT:
            message = f"{channel.title}: a member without a right is protected and stays"
            return Clear(), (Raised(AlertKind.EXEMPT_WITHOUT_RIGHT, access.id, message),)
        case Step.ALERT_REMOVED:
            message = f"{channel.title}: an admin removed a member who has a right"
            return Clear(), (Raised(AlertKind.REMOVED_BY_ADMIN, access.id, message),)
        case _:
            assert_never(step)


def _unusable(channel: Channel) -> Raised:
    reason = channel.fault or channel.health.value
    return Raised(AlertKind.LOST_RIGHTS, channel.id, f"{channel.title}: {reason}")


def _admit(it: Snapshot, channel: Channel, access: Access) -> Wish:
    bound = it.identities[channel.platform]
    return Place(Admit(access.id, access.generation, bound.person), channel.id, None)


def _expel(
    it: Snapshot, channel: Channel, access: Access, verdict: Verdict
) -> tuple[Wish, tuple[Raised, ...]]:
    """An expulsion with its evidence; without evidence there is none, and a person is told."""
    bound = it.identities.get(channel.platform)
    inside = access.acted_on or (None if bound is None else bound.person)
    if inside is None:
        return Clear(), ()
    person = None if bound is None else bound.person
    evidence = verdict.evidence
    if evidence is None and inside != person:
        evidence = wrong_identity(inside, person)
    if evidence is None:
        message = f"{channel.title}: someone may be inside who never had a right"
        return Clear(), (Raised(AlertKind.STRANGER_INSIDE, access.id, message),)
    order = Expel(access.id, access.generation, inside, evidence)
    return _held(it, channel, order, evidence)


def _held(
    it: Snapshot, channel: Channel, order: Expel, evidence: Evidence
) -> tuple[Wish, tuple[Raised, ...]]:
    if it.organization.removals_stopped or channel.removals is RemovalMode.STOPPED:
        return Place(order, channel.id, Hold.STOPPED), ()
    if channel.removals is RemovalMode.SHADOW:
        return Place(order, channel.id, Hold.SHADOW), ()
    if channel.id in it.braked and not evidence.certain:
        message = f"{channel.title}: many expulsions without certain evidence were stopped"
        alert = Raised(AlertKind.BRAKE, channel.id, message)
        return Place(order, channel.id, Hold.BRAKE), (alert,)
    return Place(order, channel.id, None), ()


def keeps(live: Command, wish: Place) -> bool:
    """Whether the command that is there is the one that is wished for."""
    is_, should = live.order, wish.order
    match is_, should:
        case Admit(), Admit():
            same = True
        case Expel(), Expel():
            same = is_.evidence.certain is should.evidence.certain
        case _:
            return False
    if not same or (is_.person, is_.generation) != (should.person, should.generation):
        return False
    return wish.hold == (live.reason if live.status is CommandStatus.PARKED else None)
