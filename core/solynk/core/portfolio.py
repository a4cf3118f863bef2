"""All that one customer holds: their subscriptions, and what people decided about them.

Every derivation is per customer, under that customer's lock. A customer has one timer, `due_at`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from solynk.core.catalog import Product
from solynk.core.entitlement import Right, Verdict, Withdrawn, judge_channel
from solynk.core.facts import Blocked, Everywhere, OnProduct
from solynk.core.ids import ChannelId, ProductId, SubscriptionId
from solynk.core.instants import earliest
from solynk.core.judge import blocks_in_force, standing
from solynk.core.ledger import Ledger
from solynk.core.policies import AccessPolicy
from solynk.core.standing import Standing, gives_access
from solynk.core.timer import next_change_at, verify_at


class Holding(Struct, frozen=True):
    """One subscription, or the passes that a customer bought of one product."""

    subscription: SubscriptionId
    product: ProductId
    ledger: Ledger
    """The facts of the subscription alone."""
    policy: AccessPolicy
    """The organization's policy as it applies to the plan."""


class Portfolio(Struct, frozen=True, dict=True):
    """It never changes, and one decision asks it the same several times: so answers are kept."""

    holdings: tuple[Holding, ...]
    """Each of a subscription of its own."""
    people: Ledger
    """Grants and blocks: facts made by people, whatever they concern."""
    products: Mapping[ProductId, Product]
    policy: AccessPolicy

    def standing(self, holding: Holding, at: datetime) -> Standing:
        known = self._standings.get((holding.subscription, at))
        if known is None:
            known = standing(self._with_people(holding), holding.policy, at)
            self._standings[holding.subscription, at] = known
        return known

    def verdict(self, channel: ChannelId, at: datetime) -> Verdict:
        return judge_channel(self.rights(channel, at), self.blocks(channel, at))

    def rights(self, channel: ChannelId, at: datetime) -> tuple[Right, ...]:
        """What every source says about this channel, those that never stood too."""
        held = (
            self._right(it.subscription, it.product, self.standing(it, at), channel)
            for it in self.holdings
        )
        return (*(it for it in held if it is not None), *self._given(channel, at))

    def blocks(self, channel: ChannelId, at: datetime) -> tuple[Blocked, ...]:
        """The blocks on this channel and everywhere; those on products are in the standings."""
        return blocks_in_force(self.people.at_channel(channel), at)

    def channels(self) -> tuple[ChannelId, ...]:
        """Every channel that any source concerns, in a fixed order."""
        products = (it.product for it in self.holdings)
        opened = (c for product in (*products, *self._granted()) for c in self._channels(product))
        direct = (c for c in self.people.channels())
        return tuple(sorted({*opened, *direct}))

    def due_at(self, at: datetime) -> datetime | None:
        """When, after `at`, the clock alone changes something or asks for the provider's word."""
        ledgers = [(self._with_people(it), it.policy) for it in self.holdings]
        ledgers += [(self.people.within(it), self.policy) for it in self._granted()]
        ledgers += [(self.people.at_channel(it), self.policy) for it in self.people.channels()]
        changes = (next_change_at(ledger, policy, at) for ledger, policy in ledgers)
        return earliest((*changes, *(when for _, when in self.to_verify(at) if when > at)))

    def to_verify(self, at: datetime) -> tuple[tuple[Holding, datetime], ...]:
        """The subscriptions about which the provider is to be asked, and when."""
        known = self._questions.get(at)
        if known is None:
            asked = ((it, verify_at(self._with_people(it), it.policy, at)) for it in self.holdings)
            known = tuple((it, when) for it, when in asked if when is not None)
            self._questions[at] = known
        return known

    def _given(self, channel: ChannelId, at: datetime) -> Iterable[Right]:
        """Rights given by people, by product and for this very channel."""
        for product in self._granted():
            given = standing(self.people.within(product), self.policy, at)
            right = self._right("grant", product, given, channel)
            if right is not None:
                yield right
        here = self.people.at_channel(channel)
        if here.grants:
            yield Right("grant", standing(here, self.policy, at))

    def _right(
        self, source: str, product_id: ProductId, it: Standing, channel: ChannelId
    ) -> Right | None:
        """None where the product never opened the channel. A right that ended says so itself."""
        product = self.products.get(product_id)
        if product is None:
            return None
        if channel in product.channels:
            return Right(source, it)
        since = product.closed_since(channel)
        if since is None:
            return None
        return Right(source, it, Withdrawn(product_id, since) if gives_access(it) else None)

    def _granted(self) -> tuple[ProductId, ...]:
        """The products that a grant of this customer concerns."""
        grants = self.people.grants.values()
        direct = {it.scope.product for it in grants if isinstance(it.scope, OnProduct)}
        everywhere = any(isinstance(it.scope, Everywhere) for it in grants)
        return tuple(sorted({*direct, *(self.products if everywhere else ())}))

    def _channels(self, product: ProductId) -> tuple[ChannelId, ...]:
        known = self.products.get(product)
        return () if known is None else known.channels

    def _with_people(self, it: Holding) -> Ledger:
        known = self._ledgers.get(it.subscription)
        if known is None:
            known = it.ledger.merge(self.people.within(it.product))
            self._ledgers[it.subscription] = known
        return known

    @cached_property
    def _ledgers(self) -> dict[SubscriptionId, Ledger]:
        return {}

    @cached_property
    def _standings(self) -> dict[tuple[SubscriptionId, datetime], Standing]:
        return {}

    @cached_property
    def _questions(self) -> dict[datetime, tuple[tuple[Holding, datetime], ...]]:
        return {}
