"""What follows for one customer from all that is known: pure, so that it can be run again.

The loop is level-triggered. It looks at what should be and at what was seen, and names only the
gap that is left. Running it twice in a row changes nothing the second time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from solynk.core.access import (
    MAYBE_INSIDE,
    Access,
    Identity,
    Invited,
    Kind,
    Step,
    identity,
    kind,
    next_step,
)
from solynk.core.alert import AlertKind
from solynk.core.catalog import Channel, Organization, Platform, RemovalMode
from solynk.core.command import Admit, Command, CommandStatus, Expel, Tell, Topic
from solynk.core.customer import BoundIdentity, Customer, Subscription
from solynk.core.entitlement import Desired, Verdict
from solynk.core.evidence import Evidence, VerifiedNonPayment, wrong_identity
from solynk.core.facts import GracePromised
from solynk.core.ids import AccessId, ChannelId, SubscriptionId
from solynk.core.instants import earliest
from solynk.core.portfolio import Holding, Portfolio
from solynk.core.standing import Active, PastDue, Reason, Standing, Trialing

CallOrder: TypeAlias = Admit | Expel


class Hold(StrEnum):
    """Why an expulsion waits though it is proved."""

    SHADOW = "shadow mode: removals from this channel are only logged"
    STOPPED = "removals are stopped"
    BRAKE = "brake: many expulsions without certain evidence wait for a person"


class Snapshot(Struct, frozen=True):
    """Everything about one customer, read under their lock."""

    customer: Customer
    organization: Organization
    portfolio: Portfolio
    subscriptions: Mapping[SubscriptionId, Subscription]
    accesses: Mapping[ChannelId, Access]
    channels: Mapping[ChannelId, Channel]
    identities: Mapping[Platform, BoundIdentity]
    live: Mapping[AccessId, Command]
    """The live command of each access, where there is one."""
    braked: frozenset[ChannelId]
    """Channels where the brake stops expulsions without certain evidence."""
    asked: Mapping[SubscriptionId, datetime]
    """Since when the provider is being asked about a subscription, and has not answered yet."""
    fresh: Mapping[ChannelId, AccessId]
    """An unused id for each channel that has no access yet."""


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


class Noted(Struct, frozen=True):
    """An audit entry to be."""

    action: str
    resource: str
    details: Mapping[str, str]


class Decision(Struct, frozen=True):
    """The whole of what changes, as data."""

    subscriptions: tuple[Subscription, ...]
    accesses: tuple[Access, ...]
    wishes: Mapping[AccessId, Wish]
    promises: tuple[tuple[SubscriptionId, GracePromised], ...]
    tells: tuple[Tell, ...]
    alerts: tuple[Raised, ...]
    notes: tuple[Noted, ...]
    verify: tuple[SubscriptionId, ...]
    """The subscriptions about which the provider must be asked now."""
    due_at: datetime | None


class _Channelwise(Struct, frozen=True):
    """What was decided about one channel."""

    access: Access
    before: Access | None
    verdict: Verdict
    wish: Wish
    alerts: tuple[Raised, ...]
    ask: tuple[SubscriptionId, ...] = ()
    """What the provider must confirm before anyone is expelled."""


def decide(it: Snapshot, at: datetime) -> Decision:
    standings = {
        holding.subscription: it.portfolio.standing(holding, at)
        for holding in it.portfolio.holdings
    }
    channelwise = tuple(_channels(it, at))
    return Decision(
        subscriptions=tuple(_changed_subscriptions(it, standings)),
        accesses=tuple(c.access for c in channelwise if c.access != c.before),
        wishes={c.access.id: c.wish for c in channelwise},
        promises=tuple(_promises(it.portfolio, standings)),
        tells=(*_renewal_news(it, standings), *_endings(it, channelwise)),
        alerts=tuple(alert for c in channelwise for alert in c.alerts),
        notes=(*_standing_notes(it, standings), *_access_notes(channelwise)),
        verify=_verify(it, channelwise, at),
        due_at=_due_at(it, channelwise, at),
    )


def access_until(standing: Standing) -> datetime | None:
    match standing:
        case Active() | Trialing() | PastDue():
            return standing.until
        case _:
            return None


def _name(standing: Standing) -> str:
    return str(standing.__struct_config__.tag)


def _changed_subscriptions(
    it: Snapshot, standings: Mapping[SubscriptionId, Standing]
) -> Iterable[Subscription]:
    for key, standing in standings.items():
        before = it.subscriptions[key]
        after = replace(before, standing=_name(standing), access_until=access_until(standing))
        if after != before:
            yield after


def _promises(
    portfolio: Portfolio, standings: Mapping[SubscriptionId, Standing]
) -> Iterable[tuple[SubscriptionId, GracePromised]]:
    """Whoever is in grace keeps the grace that was in force, whatever is set later."""
    for holding in portfolio.holdings:
        standing = standings[holding.subscription]
        if isinstance(standing, PastDue) and not _promised(holding, standing):
            yield holding.subscription, GracePromised(standing.since, holding.policy.grace)


def _promised(holding: Holding, standing: PastDue) -> bool:
    known = holding.ledger.promised.get(standing.since)
    return known is not None and known >= holding.policy.grace


def _channels(it: Snapshot, at: datetime) -> Iterable[_Channelwise]:
    for channel_id in sorted({*it.portfolio.channels(), *it.accesses}):
        channel, before = it.channels.get(channel_id), it.accesses.get(channel_id)
        verdict = it.portfolio.verdict(channel_id, at)
        if channel is None or (before is None and verdict.desired is Desired.OUT):
            continue
        yield _channel(it, channel, before, verdict, at)


def _channel(
    it: Snapshot, channel: Channel, before: Access | None, verdict: Verdict, at: datetime
) -> _Channelwise:
    ask = _unasked(it, verdict, at) if verdict.desired is Desired.OUT else ()
    if ask and before is not None and before.desired is not Desired.OUT:
        return _Channelwise(before, before, verdict, Keep(), (), ask)
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
        return _Channelwise(access, before, verdict, Keep(), ())
    if step is Step.OFFER_CLAIM:
        access = replace(access, claim_offered=True)
    if ask and step is Step.EXPEL:
        return _Channelwise(access, before, verdict, Clear(), (), ask)
    wish, alerts = _carry_out(it, channel, access, verdict, step)
    return _Channelwise(access, before, verdict, wish, alerts)


def _unasked(it: Snapshot, verdict: Verdict, at: datetime) -> tuple[SubscriptionId, ...]:
    """Non-payment that nobody confirmed lately, of subscriptions that could be asked about.

    We may have been away ourselves: whatever the clock says, the provider is asked first, and only
    its silence through the whole outage allowance counts as an answer.
    """
    proofs = () if verdict.evidence is None else verdict.evidence.proofs
    unpaid = {proof.right: proof for proof in proofs if isinstance(proof, VerifiedNonPayment)}
    return tuple(
        holding.subscription
        for holding in it.portfolio.holdings
        if holding.policy.verifies
        and (proof := unpaid.get(holding.subscription)) is not None
        and not _recent(proof.verified_at, at, holding.policy.verify_within)
        and _recent(it.asked.get(holding.subscription, at), at, holding.policy.outage_allowance)
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


_FAILED: Final = frozenset({Reason.PAYMENT_FAILED, Reason.NOT_PAID})


def _renewal_news(it: Snapshot, standings: Mapping[SubscriptionId, Standing]) -> Iterable[Tell]:
    """A failed renewal and its recovery are told per subscription, whatever else gives access."""
    for holding in it.portfolio.holdings:
        before = it.subscriptions[holding.subscription].standing
        after = standings[holding.subscription]
        if before != "past_due" and isinstance(after, PastDue) and after.because.reason in _FAILED:
            yield from _tell(it, holding, Topic.RENEWAL_FAILED, after.until)
        if before == "past_due" and isinstance(after, Active):
            yield from _tell(it, holding, Topic.RECOVERED, after.until)


def _tell(it: Snapshot, holding: Holding, topic: Topic, until: datetime | None) -> Iterable[Tell]:
    """To the bound person, once, about the first channel that the product opens."""
    product = it.portfolio.products.get(holding.product)
    for channel_id in () if product is None else product.channels:
        message = _message(it, channel_id, topic, until)
        if message is not None:
            yield message
            return


def _message(
    it: Snapshot, channel_id: ChannelId, topic: Topic, until: datetime | None
) -> Tell | None:
    channel = it.channels.get(channel_id)
    bound = None if channel is None else it.identities.get(channel.platform)
    if bound is None:
        return None
    return Tell(
        topic=topic,
        person=bound.person,
        channel=channel_id,
        customer=it.customer.id,
        until=until,
        locale=it.customer.locale,
    )


def _endings(it: Snapshot, channelwise: Iterable[_Channelwise]) -> Iterable[Tell]:
    for c in channelwise:
        if (
            c.before is None
            or c.before.desired is Desired.OUT
            or c.access.desired is not Desired.OUT
        ):
            continue
        message = _message(it, c.access.channel, Topic.ENDED, None)
        if message is not None:
            yield message


def _standing_notes(it: Snapshot, standings: Mapping[SubscriptionId, Standing]) -> Iterable[Noted]:
    for key, standing in standings.items():
        before = it.subscriptions[key].standing
        if before != _name(standing):
            details = {"from": before, "to": _name(standing)}
            reason = {"reason": standing.because.reason.value, "fact": standing.because.fact}
            yield Noted("subscription.standing", f"subscription:{key}", {**details, **reason})


def _access_notes(channelwise: Iterable[_Channelwise]) -> Iterable[Noted]:
    for c in channelwise:
        before = Desired.OUT if c.before is None else c.before.desired
        if c.access.desired is before:
            continue
        why = {it.source: it.standing.because.reason.value for it in c.verdict.rights}
        details = {"from": before.value, "to": c.access.desired.value, "channel": c.access.channel}
        yield Noted("access.desired", f"access:{c.access.id}", {**details, **why})


def _due_at(it: Snapshot, channelwise: Iterable[_Channelwise], at: datetime) -> datetime | None:
    """The portfolio's own timer, invitations that end unused, and questions asked in vain."""
    invitations = (
        c.access.seen.until
        for c in channelwise
        if c.access.desired is not Desired.OUT and isinstance(c.access.seen, Invited)
    )
    allowances = {h.subscription: h.policy.outage_allowance for h in it.portfolio.holdings}
    answers = (it.asked.get(key, at) + allowances[key] for c in channelwise for key in c.ask)
    later = (instant for instant in (*invitations, *answers) if instant > at)
    return earliest((it.portfolio.due_at(at), *later))


def _verify(
    it: Snapshot, channelwise: Iterable[_Channelwise], at: datetime
) -> tuple[SubscriptionId, ...]:
    ahead = {holding.subscription for holding, when in it.portfolio.to_verify(at) if when <= at}
    return tuple(sorted(ahead.union(*(c.ask for c in channelwise))))
