"""One API call on its way to the code that answers it, and Stripe's lists."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from solynk.apps.sandbox.stripe.account import Account
from solynk.apps.sandbox.stripe.form import Obj, text, tree, whole
from solynk.apps.sandbox.stripe.problems import invalid

MOST = 100


@dataclass(frozen=True)
class Call:
    account: Account
    path: str
    params: Obj
    id: str = ""
    """The first id in the path."""


Handler: TypeAlias = Callable[[Call], Obj]


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    """A path in which `{id}` stands for one segment."""
    handler: Handler

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.template.replace("{id}", "([^/]+)"))

    def match(self, method: str, path: str) -> re.Match[str] | None:
        return self._pattern.fullmatch(path) if method == self.method else None


def listed(call: Call, kind: str, wanted: Callable[[Obj, Obj], bool] = lambda _o, _p: True) -> Obj:
    """A page of the account's objects, newest first, as the parameters ask."""
    rows = [
        obj
        for obj in reversed(call.account.every(kind))
        if wanted(obj, call.params) and _created_as_asked(obj, call.params)
    ]
    return page(call, rows)


def page(call: Call, rows: list[Obj]) -> Obj:
    """Cut `rows` by `starting_after`, `ending_before` and `limit`."""
    limit = whole(call.params, "limit") or 10
    if not 1 <= limit <= MOST:
        raise invalid(f"This value must be between 1 and {MOST}.", "limit")
    if before := text(call.params, "ending_before"):
        rows = rows[: _position(rows, before, "ending_before")]
        shown, more = rows[-limit:], len(rows) > limit
    else:
        if after := text(call.params, "starting_after"):
            rows = rows[_position(rows, after, "starting_after") + 1 :]
        shown, more = rows[:limit], len(rows) > limit
    return {"object": "list", "data": shown, "has_more": more, "url": call.path}


def as_list(rows: list[Obj], url: str) -> Obj:
    """A complete list inside another object."""
    return {
        "object": "list",
        "data": rows,
        "has_more": False,
        "total_count": len(rows),
        "url": url,
    }


def _position(rows: list[Obj], id_: str, param: str) -> int:
    for position, row in enumerate(rows):
        if row["id"] == id_:
            return position
    raise invalid(f"No such object: '{id_}'", param, "resource_missing")


def _created_as_asked(obj: Obj, params: Obj) -> bool:
    created: int = obj.get("created", 0)
    exact = whole(params, "created") if isinstance(params.get("created"), str) else None
    bounds = tree(params, "created")
    return (
        (exact is None or created == exact)
        and created >= (whole(bounds, "gte") or 0)
        and created > (whole(bounds, "gt") or -1)
        and created <= _ceiling(bounds, "lte")
        and created < _ceiling(bounds, "lt")
    )


def _ceiling(bounds: Obj, name: str) -> float:
    value = whole(bounds, name)
    return float("inf") if value is None else value
