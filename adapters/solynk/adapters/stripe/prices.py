"""The items of a subscription, and their prices: which of them is a plan of ours.

A price made by an import names its plan itself. Those that our checkout makes can not, since
Stripe takes no metadata for them; their product does.
"""

from datetime import timedelta
from typing import Final

from msgspec import Struct

from solynk.adapters.stripe.shapes import PLAN, period
from solynk.core.ids import PlanId
from solynk.core.instants import Period

_PLAN_KEY: Final = f"{PLAN}_"


class Product(Struct, frozen=True):
    id: str
    metadata: dict[str, str] | None = None


class Price(Struct, frozen=True):
    lookup_key: str | None = None
    metadata: dict[str, str] | None = None
    product: str | Product | None = None
    """The whole product only where it was asked for."""

    @property
    def plan(self) -> PlanId | None:
        """The plan that the price or its product names."""
        if named := (self.metadata or {}).get(PLAN):
            return PlanId(named)
        if self.lookup_key is not None and self.lookup_key.startswith(_PLAN_KEY):
            return PlanId(self.lookup_key.removeprefix(_PLAN_KEY))
        sold = self.product.metadata if isinstance(self.product, Product) else None
        return PlanId(named) if (named := (sold or {}).get(PLAN)) else None


class Item(Struct, frozen=True):
    id: str = ""
    current_period_start: int | None = None
    current_period_end: int | None = None
    price: Price | None = None

    @property
    def period(self) -> Period | None:
        return period(self.current_period_start, self.current_period_end)

    @property
    def length(self) -> timedelta:
        return timedelta.max if self.period is None else self.period.end - self.period.start

    @property
    def plan(self) -> PlanId | None:
        return None if self.price is None else self.price.plan


class Items(Struct, frozen=True):
    data: tuple[Item, ...] = ()
