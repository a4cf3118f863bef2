"""How a caller mends a value: the form that its place asks for, with an example."""

import ast
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import inspect

from solynk.apps.api.forms import FIXES

_DURATION: Final = FIXES["Invalid ISO8601 duration"]
_INSTANT: Final = FIXES["Invalid RFC3339 encoded datetime"]
_ID: Final = FIXES["Invalid UUID"]
_PATTERN: Final = re.compile(r"matching regex (?P<pattern>'.*')$")
_BOUND: Final = re.compile(
    r"^Expected `(?P<kind>\w+)`(?P<length> of length)? (?P<sign>[<>])= (?P<n>\d+)$"
)
_OF_THE_FORM: Final = re.compile(
    r"^(?:Invalid (?:enum )?value|Expected `[^`]*`(?:, got| with a timezone))"
)
_MISSING: Final = re.compile(r"^Object missing required field `\w+`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `\w+`$")


def in_words(refusal: str, form: Any, steps: Sequence[str]) -> str:  # noqa: ANN401 -- any type
    """A refusal by msgspec of what is at `steps` in a `form`; those of the core are words already."""
    pattern = _PATTERN.search(refusal)
    if pattern is not None:
        return FIXES.get(ast.literal_eval(pattern["pattern"]), refusal)
    if refusal in FIXES:
        return FIXES[refusal]
    bound = _BOUND.match(refusal)
    if bound is not None:
        return _within(bound)
    if _UNKNOWN.match(refusal):
        return f"leave it out; known here: {_listed(_names(_at(form, steps[:-1])))}"
    missing = _MISSING.match(refusal)
    if missing or _OF_THE_FORM.match(refusal):
        wanted = _wanted(_at(form, steps))
        return (f"add it: {wanted}" if missing else wanted) or refusal
    return refusal


def _within(bound: re.Match[str]) -> str:
    bounds = f"at {'most' if bound['sign'] == '<' else 'least'} {bound['n']}"
    if not bound["length"]:
        return f"use a whole number of {bounds}"
    one = "entry" if bound["kind"] == "array" else "character"
    many = "entries" if bound["kind"] == "array" else "characters"
    return f"write {bounds} {one if bound['n'] == '1' else many}"


def _at(form: Any, steps: Sequence[str]) -> tuple[inspect.Type, ...]:  # noqa: ANN401 -- any type
    """What may stand there; several where a union leaves it open."""
    found = _parts(inspect.type_info(form))
    for step in steps:
        found = tuple(part for it in found for inner in _inside(it, step) for part in _parts(inner))
    return found


def _parts(it: inspect.Type) -> tuple[inspect.Type, ...]:
    return it.types if isinstance(it, inspect.UnionType) else (it,)


def _inside(it: inspect.Type, step: str) -> Iterable[inspect.Type]:
    match it:
        case inspect.StructType(tag_field=field, tag=str(tag)) if field == step:
            yield inspect.LiteralType((tag,))
        case inspect.StructType():
            yield from (field.type for field in it.fields if field.encode_name == step)
        case inspect.ListType() | inspect.VarTupleType():
            yield it.item_type
        case _:
            return


def _wanted(found: Sequence[inspect.Type]) -> str:
    words = [
        _words(it) for it in found if not isinstance(it, inspect.LiteralType | inspect.StructType)
    ]
    values = [
        str(it)
        for found_one in found
        if isinstance(found_one, inspect.LiteralType)
        for it in found_one.values
    ]
    names = _names(found)
    if values:
        words.insert(0, f"use one of {_listed(values)}")
    if names:
        words.insert(0, f"send an object, with the fields {_listed(names)}")
    return ", or ".join(dict.fromkeys(words))


def _words(it: inspect.Type) -> str:
    match it:
        case inspect.EnumType():
            return f"use one of {_listed(str(one.value) for one in it.cls)}"
        case inspect.BoolType():
            return "send true or false, without quotation marks"
        case inspect.IntType():
            return "send a whole number, such as 990, without quotation marks"
        case inspect.StrType():
            return FIXES.get(it.pattern or "", 'send text, such as "Ann"')
        case inspect.TimeDeltaType():
            return _DURATION
        case inspect.DateTimeType():
            return _INSTANT
        case inspect.UUIDType():
            return _ID
        case inspect.ListType() | inspect.VarTupleType():
            return "send a list, such as []"
        case inspect.NoneType():
            return "send null"
        case _:
            return ""


def _names(found: Iterable[inspect.Type]) -> list[str]:
    """The fields of an object there, in the order of the alphabet."""
    forms = [it for it in found if isinstance(it, inspect.StructType)]
    tags = {it.tag_field for it in forms if it.tag_field is not None}
    return sorted(tags | {field.encode_name for it in forms for field in it.fields})


def _listed(names: Iterable[str]) -> str:
    """The adapters in memory are for tests: nobody is told of them."""
    return ", ".join(it for it in names if not it.startswith("memory_"))
