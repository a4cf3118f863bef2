"""Stripe's bracketed form bodies, and typed reading of what is in them."""

from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from solynk.apps.sandbox.stripe.problems import invalid

Obj: TypeAlias = dict[str, Any]
"""A Stripe object or a parsed parameter tree, as JSON."""
Json: TypeAlias = "Obj | list[Any] | str | float | bool | None"


def parsed(encoded: str) -> Obj:
    """`a[b][0][c]=v` as nested dictionaries, with lists where keys are indexes."""
    tree: Obj = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _put(tree, name.replace("]", "").split("["), value)
    return {key: _with_lists(value) for key, value in tree.items()}


def _put(tree: Obj, path: list[str], value: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step or str(len(tree)), {})
    tree[path[-1] or str(len(tree))] = value


def _with_lists(node: Json) -> Json:
    if not isinstance(node, dict):
        return node
    tree: dict[str, Json] = {key: _with_lists(value) for key, value in node.items()}
    if tree and all(key.isdigit() for key in tree):
        return [tree[key] for key in sorted(tree, key=int)]
    return tree


def text(params: Obj, name: str, default: str = "") -> str:
    value = params.get(name, default)
    return value if isinstance(value, str) else default


def required(params: Obj, name: str) -> str:
    value = text(params, name)
    if not value:
        raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    return value


def flag(params: Obj, name: str, *, default: bool = False) -> bool:
    value = params.get(name, default)
    if value in {True, "true"}:
        return True
    if value in {False, "false"}:
        return False
    raise invalid(f"Invalid boolean: {value}", name)


def whole(params: Obj, name: str) -> int | None:
    """An integer, or None when it is absent or empty."""
    value = params.get(name)
    if value in {None, ""}:
        return None
    try:
        return int(str(value))
    except ValueError:
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer") from None


def tree(params: Obj, name: str) -> Obj:
    value: Json = params.get(name)
    return value if isinstance(value, dict) else {}


def rows(params: Obj, name: str) -> list[Any]:
    value: Json = params.get(name)
    return value if isinstance(value, list) else []


def merged_metadata(old: Obj, params: Obj) -> Obj:
    """Metadata merges key by key; an empty value removes one, `""` removes all."""
    if params.get("metadata") == "":
        return {}
    new = {**old, **tree(params, "metadata")}
    return {key: value for key, value in new.items() if value != ""}


def shown(obj: Obj) -> Obj:
    """A deep copy without what the sandbox keeps for itself (names with `_`)."""
    return {k: _copied(v) for k, v in obj.items() if not k.startswith("_")}


def _copied(node: Json) -> Json:
    if isinstance(node, dict):
        return shown(node)
    if isinstance(node, list):
        return [_copied(one) for one in node]
    return node
