"""What members are told, and what the audit log is told, about a decision. Pure.

Messages follow changes of standing, not of what was seen.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from solynk.apps.engine.snapshot import Snapshot
from solynk.apps.engine.wishes import Channelwise
from solynk.core.command import Tell, Topic
from solynk.core.entitlement import Desired
from solynk.core.ids import ChannelId, SubscriptionId
from solynk.core.portfolio import Holding
from solynk.core.standing import Active, PastDue, Reason, Standing, name_of


class Noted(Struct, frozen=True):
    """An audit entry to be."""

    action: str
    resource: str
    details: Mapping[str, str]


_FAILED: Final = frozenset({Reason.PAYMENT_FAILED, Reason.NOT_PAID})


def renewal_news(it: Snapshot, standings: Mapping[SubscriptionId, Standing]) -> Iterable[Tell]:
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


def endings(it: Snapshot, channelwise: Iterable[Channelwise]) -> Iterable[Tell]:
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


def standing_notes(it: Snapshot, standings: Mapping[SubscriptionId, Standing]) -> Iterable[Noted]:
    for key, standing in standings.items():
        before = it.subscriptions[key].standing
        if before != name_of(standing):
            details = {"from": before, "to": name_of(standing)}
            reason = {"reason": standing.because.reason.value, "fact": standing.because.fact}
            yield Noted("subscription.standing", f"subscription:{key}", {**details, **reason})


def access_notes(channelwise: Iterable[Channelwise]) -> Iterable[Noted]:
    for c in channelwise:
        before = Desired.OUT if c.before is None else c.before.desired
        if c.access.desired is before:
            continue
        why = {it.source: it.standing.because.reason.value for it in c.verdict.rights}
        details = {"from": before.value, "to": c.access.desired.value, "channel": c.access.channel}
        yield Noted("access.desired", f"access:{c.access.id}", {**details, **why})
