"""What a person wants changed in what is set up. What is left out stays, whoever changes it meanwhile."""

from datetime import timedelta
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from solynk.core.catalog import Entitlement, ProductStatus, RemovalMode

T = TypeVar("T", bound=Struct)


class Unfit(ValueError):
    """The thing would get a form that it may not have; `inside` names the part of it, if any."""

    def __init__(self, reason: str, inside: str = "") -> None:
        super().__init__(reason)
        self.inside = inside


class Change(Struct, frozen=True):
    @property
    def fields(self) -> tuple[str, ...]:
        """What is named."""
        return tuple(self._named())

    @property
    def switches(self) -> dict[str, str]:
        """What is turned on or off, such as a legal hold."""
        named = self._named().items()
        return {name: str(wish).lower() for name, wish in named if isinstance(wish, bool)}

    def over(self, it: T) -> T:
        """`it`, with what is named here in place of what it has.

        Raises:
            Unfit: the core refuses the outcome.
        """
        changed = {
            name: _over(name, wish, getattr(it, name)) for name, wish in self._named().items()
        }
        try:
            return replace(it, **changed)
        except ValueError as error:
            raise Unfit(f"{error}") from error

    def _named(self) -> dict[str, object]:
        return {
            name: wish
            for name, wish in asdict(self).items()
            if wish is not UNSET and not (isinstance(wish, Change) and not wish.fields)
        }


def _over(name: str, wish: object, before: Struct) -> object:
    if not isinstance(wish, Change):
        return wish
    try:
        return wish.over(before)
    except Unfit as error:
        raise Unfit(f"{error}", name) from error


class PolicyChange(Change, frozen=True):
    grace: timedelta | UnsetType = UNSET
    """Between a failed renewal and the loss of access."""
    renewal_window: timedelta | UnsetType = UNSET
    pending_limit: timedelta | UnsetType = UNSET
    verify_within: timedelta | UnsetType = UNSET
    outage_allowance: timedelta | UnsetType = UNSET
    grace_after_trial: bool | UnsetType = UNSET
    suspend_on_dispute: bool | UnsetType = UNSET
    access_while_paused: bool | UnsetType = UNSET
    access_while_collection_paused: bool | UnsetType = UNSET


class OrganizationChange(Change, frozen=True):
    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    payment_account: str | UnsetType | None = UNSET
    removals_stopped: bool | UnsetType = UNSET
    legal_hold: bool | UnsetType = UNSET
    policy: PolicyChange = PolicyChange()


class ProductChange(Change, frozen=True):
    name: str | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    opens: tuple[Entitlement, ...] | UnsetType = UNSET


class PlanChange(Change, frozen=True):
    """Price, interval and access days never change: add a new plan instead."""

    name: str | UnsetType = UNSET
    grace_days: int | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class ChannelChange(Change, frozen=True):
    removals: RemovalMode | UnsetType = UNSET
    never_remove: tuple[str, ...] | UnsetType = UNSET
