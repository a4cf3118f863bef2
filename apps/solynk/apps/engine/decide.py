"""What follows for one customer from all that is known: pure, so that it can be run again.

The loop is level-triggered. It looks at what should be and at what was seen, and names only the
gap that is left. Running it twice in a row changes nothing the second time.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.asking import is_to_be_put, looked_at_again, unanswered
from solynk.apps.engine.news import Noted, access_notes, endings, renewal_news, standing_notes
from solynk.apps.engine.snapshot import Snapshot
from solynk.apps.engine.wishes import Channelwise, Raised, Wish, channelwise
from solynk.core.access import Access, Invited
from solynk.core.alert import AlertKind
from solynk.core.command import Tell
from solynk.core.customer import Subscription
from solynk.core.entitlement import Desired
from solynk.core.facts import GracePromised
from solynk.core.ids import AccessId, SubscriptionId
from solynk.core.instants import earliest
from solynk.core.portfolio import Holding, Portfolio
from solynk.core.standing import Active, Expired, PastDue, Reason, Standing, Trialing, name_of

PARKED_FOR: Final = timedelta(minutes=10)
"""How long after a channel was found out of order it is looked at again for this customer, should
the news that it is well have passed them by."""


class Decision(Struct, frozen=True):
    """The whole of what changes, as data."""

    subscriptions: tuple[Subscription, ...]
    accesses: tuple[Access, ...]
    wishes: Mapping[AccessId, Wish]
    promises: tuple[tuple[SubscriptionId, GracePromised], ...]
    tells: tuple[Tell, ...]
    alerts: tuple[Raised, ...]
    settled: frozenset[tuple[AlertKind, str]]
    """The open alerts whose cause has gone."""
    notes: tuple[Noted, ...]
    verify: tuple[SubscriptionId, ...]
    """The subscriptions about which the provider must be asked now."""
    due_at: datetime | None


def decide(it: Snapshot, at: datetime) -> Decision:
    standings = {
        holding.subscription: it.portfolio.standing(holding, at)
        for holding in it.portfolio.holdings
    }
    channels = tuple(channelwise(it, at))
    doubtful = _doubtful(it, channels, at)
    alerts = tuple(alert for c in channels for alert in c.alerts)
    subscriptions = dict(_subscriptions(it, standings, doubtful, at))
    return Decision(
        subscriptions=tuple(s for k, s in subscriptions.items() if s != it.subscriptions[k]),
        accesses=tuple(c.access for c in channels if c.access != c.before),
        wishes={c.access.id: c.wish for c in channels},
        promises=tuple(_promises(it.portfolio, standings)),
        tells=(*renewal_news(it, standings), *endings(it, channels)),
        alerts=alerts,
        settled=it.alerted.difference((alert.kind, alert.subject) for alert in alerts),
        notes=(*standing_notes(it, standings), *access_notes(channels)),
        verify=tuple(
            sorted(k for k, h in doubtful.items() if is_to_be_put(h, it.questions.get(k), at))
        ),
        due_at=_due_at(it, channels, subscriptions, at),
    )


def access_until(standing: Standing) -> datetime | None:
    match standing:
        case Active() | Trialing() | PastDue():
            return standing.until
        case _:
            return None


def _subscriptions(
    it: Snapshot,
    standings: Mapping[SubscriptionId, Standing],
    doubtful: Container[SubscriptionId],
    at: datetime,
) -> Iterable[tuple[SubscriptionId, Subscription]]:
    for holding in it.portfolio.holdings:
        key = holding.subscription
        standing = standings[key]
        since, last = _asked(it, holding, standing, at, doubtful=key in doubtful)
        yield (
            key,
            replace(
                it.subscriptions[key],
                standing=name_of(standing),
                access_until=access_until(standing),
                asked_since=since,
                asked_at=last,
            ),
        )


def _asked(
    it: Snapshot, holding: Holding, standing: Standing, at: datetime, *, doubtful: bool
) -> tuple[datetime | None, datetime | None]:
    """A question stays open until it is answered, or until payment needs no answer any more."""
    question = it.questions.get(holding.subscription)
    put = unanswered(holding, question)
    if put is not None and (doubtful or isinstance(standing, PastDue | Expired)):
        again = doubtful and is_to_be_put(holding, question, at)
        return put.since, at if again else put.last
    return (at, at) if doubtful else (None, None)


def _promises(
    portfolio: Portfolio, standings: Mapping[SubscriptionId, Standing]
) -> Iterable[tuple[SubscriptionId, GracePromised]]:
    """Whoever is in grace keeps the grace and the end that were named, whatever is learnt later."""
    for holding in portfolio.holdings:
        standing = standings[holding.subscription]
        if isinstance(standing, PastDue) and not _promised(holding, standing):
            length = holding.policy.grace
            yield holding.subscription, GracePromised(standing.since, length, standing.until)


def _promised(holding: Holding, standing: PastDue) -> bool:
    if standing.because.reason is Reason.UNVERIFIED:
        return True
    length = holding.ledger.promised.get(standing.since)
    until = holding.ledger.promised_until.get(standing.since)
    kept = length is not None and length >= holding.policy.grace
    return kept and until is not None and until >= standing.until


def _due_at(
    it: Snapshot,
    channels: Iterable[Channelwise],
    after: Mapping[SubscriptionId, Subscription],
    at: datetime,
) -> datetime | None:
    """The portfolio's own timer, invitations that end unused, and what is to be looked at again."""
    invitations = (
        c.access.seen.until
        for c in channels
        if c.access.desired is not Desired.OUT and isinstance(c.access.seen, Invited)
    )
    questions = (
        instant
        for holding in it.portfolio.holdings
        for instant in looked_at_again(after[holding.subscription], holding.policy)
    )
    parked = (at + PARKED_FOR for c in channels if c.waits)
    later = (instant for instant in (*invitations, *questions) if instant > at)
    return earliest((it.portfolio.due_at(at), *later, *parked))


def _doubtful(
    it: Snapshot, channels: Iterable[Channelwise], at: datetime
) -> Mapping[SubscriptionId, Holding]:
    """Of what non-payment the provider's word is wanted now: ahead of time, or before a call."""
    wanted = {holding.subscription for holding, when in it.portfolio.to_verify(at) if when <= at}
    wanted.update(*(c.ask for c in channels))
    return {h.subscription: h for h in it.portfolio.holdings if h.subscription in wanted}
