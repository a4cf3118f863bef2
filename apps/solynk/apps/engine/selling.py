"""Opens checkouts: one per customer and plan, on the creator's own account."""

from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from solynk.apps.engine.people import Person, turn_by
from solynk.apps.engine.turn import Turn
from solynk.apps.engine.wiring import Wiring, new_id
from solynk.core.catalog import Organization, Plan, Product, ProductStatus, Provider
from solynk.core.customer import Checkout, CheckoutStatus, Customer
from solynk.core.ids import CheckoutId, CustomerId, OrganizationId, PlanId
from solynk.ports.errors import NotFound, Refused
from solynk.ports.payments import CHECKOUT_LIFE, Order
from solynk.ports.storage import UnitOfWork

LAST_MINUTES: Final = timedelta(minutes=30)
"""A checkout that closes sooner than this is replaced: the buyer needs time to pay."""


class Wanted(Struct, frozen=True):
    """What a buyer wants, and where they go afterwards."""

    customer: CustomerId
    plan: PlanId
    success_url: str
    cancel_url: str
    provider: Provider = Provider.STRIPE


class _Sale(Struct, frozen=True):
    organization: Organization
    product: Product
    plan: Plan
    customer: Customer
    account: str


async def open_checkout(
    w: Wiring, organization: OrganizationId, wanted: Wanted, by: Person
) -> Checkout:
    """A page to pay on. While one is open for the customer and plan, the same one is answered.

    Raises:
        NotFound: no such customer or plan in this organization.
        Refused: it can not be sold now, and why; or the customer has it already.
        Unavailable, NeedsHuman: the provider; asking again is safe.
    """
    provider = w.providers.get(wanted.provider)
    if provider is None:
        raise Refused("solynk", f"{wanted.provider.value} is not set up: set its key first")
    async with turn_by(w, by) as now:
        sale = await _sale(now, organization, wanted)
        checkout = await _reserve(now, sale, wanted)
    if checkout.url is not None:
        return checkout
    page = await provider.open_checkout(_order(sale, wanted, checkout))
    opened = replace(checkout, reference=page.reference, url=page.url, expires_at=page.expires_at)
    async with turn_by(w, by) as now:
        await now.tx.checkouts.put(opened)
        details = {"plan": wanted.plan, "reason": by.reason}
        now.note(organization, "checkout.opened", f"checkout:{checkout.id}", **details)
    return opened


async def _sale(now: Turn, organization: OrganizationId, wanted: Wanted) -> _Sale:
    tx = now.tx
    owner = await tx.organizations.get(organization)
    plan = await tx.plans.get(organization, wanted.plan)
    customer = await tx.customers.lock(organization, wanted.customer)
    if owner is None or plan is None:
        raise NotFound("solynk", f"no plan {wanted.plan}")
    if customer is None:
        raise NotFound("solynk", f"no customer {wanted.customer}")
    product = await tx.products.get(organization, plan.product)
    if product is None or product.status is not ProductStatus.ACTIVE or not plan.active:
        raise Refused("solynk", f"plan {wanted.plan} is not on sale: activate it and its product")
    if owner.payment_account is None:
        raise Refused("solynk", "the organization has no payment account: connect one first")
    await _refuse_second(tx, organization, customer, plan)
    return _Sale(owner, product, plan, customer, owner.payment_account)


_HAS_IT: frozenset[str] = frozenset({"trialing", "active", "past_due"})


async def _refuse_second(
    tx: UnitOfWork, organization: OrganizationId, customer: Customer, plan: Plan
) -> None:
    """A renewing plan is not sold twice to one customer; passes add up."""
    if not plan.interval.renews:
        return
    held = await tx.subscriptions.of(organization, customer.id)
    if any(it.plan == plan.id and it.standing in _HAS_IT for it in held):
        raise Refused("solynk", f"customer {customer.id} has plan {plan.id} already")


async def _reserve(now: Turn, sale: _Sale, wanted: Wanted) -> Checkout:
    """The open checkout of this customer and plan, else a new one, under the customer's lock."""
    tx, at, organization = now.tx, now.at, sale.organization.id
    known = await tx.checkouts.open_for(organization, wanted.customer, wanted.plan)
    lasts = known is not None and at < known.expires_at - LAST_MINUTES
    if known is not None and lasts and known.account == sale.account:
        return known
    if known is not None:
        await tx.checkouts.put(replace(known, status=CheckoutStatus.CLOSED))
    checkout = Checkout(
        id=CheckoutId(new_id(at)),
        organization=organization,
        customer=wanted.customer,
        plan=wanted.plan,
        provider=wanted.provider,
        account=sale.account,
        reference=None,
        url=None,
        created_at=at,
        expires_at=at + CHECKOUT_LIFE,
    )
    await tx.checkouts.put(checkout)
    return checkout


def _order(sale: _Sale, wanted: Wanted, checkout: Checkout) -> Order:
    return Order(
        checkout_id=checkout.id,
        organization_id=sale.organization.id,
        customer_id=sale.customer.id,
        account=sale.account,
        plan=sale.plan,
        product_name=sale.product.name,
        email=sale.customer.email,
        success_url=wanted.success_url,
        cancel_url=wanted.cancel_url,
        locale=sale.customer.locale,
        expires_at=checkout.expires_at,
    )
