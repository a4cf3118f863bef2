"""A request whose JSON is read strictly, straight into the form that its route asks for."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.datastructures import State
from msgspec.structs import fields

from solynk.apps.api.problems import MOST, BadInput, Fault, fault_of

_BROKEN: Final = (ValueError, RecursionError)


class StrictRequest(Request[Any, Any, State]):
    """Litestar's own reading turns `"1"` into 1 and tells neither the place nor the value."""

    async def json(self) -> Any:  # noqa: ANN401 -- the route's own form
        body = await self.body()
        field = self.route_handler.parsed_data_field
        form = Any if field is None else field.annotation
        try:
            return msgspec.json.decode(body, type=form)
        except msgspec.ValidationError as error:
            raise BadInput(*_faults(body, form)) from error
        except _BROKEN as error:
            raise BadInput(Fault("", "", f"send a JSON object as the body: {error}")) from error


def _faults(body: bytes, form: Any) -> list[Fault]:  # noqa: ANN401 -- any type
    """All that is wrong. msgspec stops at the first fault, so each field is read for itself."""
    sent = _loosely(body)
    return [fault_of(it, sent, form) for it in islice(_refusals(body, form, "$"), MOST)]


def _refusals(body: bytes | msgspec.Raw, form: Any, place: str) -> Iterator[str]:  # noqa: ANN401 -- any type
    """In msgspec's own words. The whole is only looked at where its parts are in order."""
    found = False
    if isinstance(form, type) and issubclass(form, msgspec.Struct):
        for refusal in _inside(body, form, place):
            found = True
            yield refusal
    if not found:
        yield from _refusal(body, form, place)


def _inside(body: bytes | msgspec.Raw, form: type[msgspec.Struct], place: str) -> Iterator[str]:
    try:
        parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except _BROKEN:
        return
    known = {it.encode_name: it for it in fields(form)}
    for name, it in known.items():
        if it.required and name not in parts:
            yield f"Object missing required field `{name}` - at `{place}`"
    alone = not any(it.required for it in known.values())
    for name, part in parts.items():
        if name in known:
            inner = list(_refusals(part, known[name].type, f"{place}.{name}"))
            yield from inner
            if alone and not inner:  # what the form itself says of this field
                yield from _refusal(msgspec.json.encode({name: part}), form, place)
        elif form.__struct_config__.forbid_unknown_fields:
            yield f"Object contains unknown field `{name}` - at `{place}`"


def _refusal(body: bytes | msgspec.Raw, form: Any, place: str) -> Iterator[str]:  # noqa: ANN401 -- any type
    try:
        msgspec.json.decode(body, type=form)
    except _BROKEN as error:
        words, at, path = f"{error}".partition(" - at `")
        yield f"{words} - at `{path.replace('$', place, 1) if at else f'{place}`'}"


def _loosely(body: bytes) -> object:
    """All that was sent; None where it can not be read to its end."""
    try:
        return msgspec.json.decode(body)
    except _BROKEN:
        return None
