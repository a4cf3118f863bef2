"""`expand[]`: ids replaced by their objects, also inside lists and other objects."""

from collections.abc import Callable

from solynk.apps.sandbox.stripe.account import KINDS, Account
from solynk.apps.sandbox.stripe.call import as_list
from solynk.apps.sandbox.stripe.form import Json, Obj, shown
from solynk.apps.sandbox.stripe.payments import payments_of
from solynk.apps.sandbox.stripe.problems import invalid
from solynk.apps.sandbox.stripe.session import line_items

INCLUDABLE: dict[tuple[str, str], Callable[[Account, Obj], Obj]] = {
    ("invoice", "payments"): lambda account, invoice: as_list(
        payments_of(account, invoice["id"]), "/v1/invoice_payments"
    ),
    ("checkout.session", "line_items"): lambda account, session: line_items(
        account.get("checkout.session", session["id"])
    ),
    ("charge", "refunds"): lambda account, charge: as_list(
        [r for r in account.every("refund") if r["charge"] == charge["id"]],
        f"/v1/charges/{charge['id']}/refunds",
    ),
    ("customer", "subscriptions"): lambda account, customer: as_list(
        [s for s in account.every("subscription") if s["customer"] == customer["id"]],
        f"/v1/customers/{customer['id']}/subscriptions",
    ),
}
"""Fields that are absent until they are asked for."""


def expanded(account: Account, obj: Obj, paths: list[str]) -> Obj:
    """A copy of `obj` to answer with. Raises StripeProblem 400 for a wrong path."""
    copy: Obj = shown(obj)
    for path in paths:
        _expand(account, copy, path.split("."), path)
    return copy


def _expand(account: Account, node: Json, steps: list[str], path: str) -> None:
    if not steps or node is None:
        return
    if isinstance(node, list):
        for one in node:
            _expand(account, one, steps, path)
        return
    step, rest = steps[0], steps[1:]
    if not isinstance(node, dict):
        raise _wrong(path)
    include = INCLUDABLE.get((node.get("object", ""), step))
    if include is not None:
        node.setdefault(step, shown(include(account, node)))
    if step not in node:
        raise _wrong(path)
    if isinstance(node[step], str):
        node[step] = _object(account, node[step], path)
    _expand(account, node[step], rest, path)


def _object(account: Account, id_: str, path: str) -> Obj:
    prefix = id_.rpartition("_")[0]
    found = account.find(KINDS.get(prefix, ""), id_)
    if found is None:
        raise _wrong(path)
    copy: Obj = shown(found)
    return copy


def _wrong(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", "expand[]")
