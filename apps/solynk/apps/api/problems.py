"""Every error as application/problem+json (RFC 9457), and one table from our errors to a status."""

import logging
import math
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, TypeAlias, cast

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from msgspec import Struct

from solynk.apps.api.correlating import correlation_of
from solynk.apps.api.fixes import in_words
from solynk.apps.engine import Unfit
from solynk.ports.errors import (
    Conflict,
    Disconnected,
    Forged,
    Lost,
    Malformed,
    Moved,
    NeedsHuman,
    NotFound,
    PortError,
    Refused,
    Unavailable,
    Unreachable,
)

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
TRY_AGAIN: Final = timedelta(seconds=2)
MOST: Final = 50
"""Faults that are told at once: a body may hold thousands of wrong fields."""
NO_SUCH_PATH: Final = (
    "there is no such path: /docs lists them, and an id in a path is a UUID"
    " such as 01890a5d-ac96-774b-bcce-b302099a8057"
)
SHOWN: Final = 100
"""Characters of a value that are told back."""

Incoming: TypeAlias = Request[Any, Any, State]
Json: TypeAlias = dict[str, object]

STATUS: Final[Mapping[type[PortError], HTTPStatus]] = {
    Conflict: HTTPStatus.CONFLICT,
    Disconnected: HTTPStatus.BAD_GATEWAY,
    Forged: HTTPStatus.BAD_REQUEST,
    Lost: HTTPStatus.SERVICE_UNAVAILABLE,
    Malformed: HTTPStatus.BAD_GATEWAY,
    Moved: HTTPStatus.CONFLICT,
    NeedsHuman: HTTPStatus.BAD_GATEWAY,
    NotFound: HTTPStatus.NOT_FOUND,
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    Unreachable: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Fault(Struct, frozen=True):
    """One thing that is wrong with what was sent."""

    field: str
    """Where it is: a name, or a path such as `price.currency`; empty for the whole body."""
    value: str | None
    """What was sent there, shortened; null where that was null."""
    fix: str


class Problem(Struct, frozen=True, omit_defaults=True):
    type: str
    title: str
    status: int
    detail: str
    instance: str
    """The path that was asked for."""
    correlation: str
    """Names this request in the logs."""
    errors: tuple[Fault, ...] = ()
    holder: str = ""
    """For a conflict, the id of whose it is."""


class BadInput(Exception):
    """What was sent can not be understood, and why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(it.fix for it in faults))
        self.faults = faults


@contextmanager
def refusing_wrong(sent: object) -> Generator[None]:
    """Turn the refusal of a thing that was to be made of `sent` into bad input.

    Raises:
        BadInput: the core's constructor (ValueError) or the engine (Unfit) refused it.
    """
    try:
        yield
    except ValueError as error:
        inside = error.inside if isinstance(error, Unfit) else ""
        place = f" - at `$.{inside}`" if inside else ""
        raise BadInput(fault_of(f"{error}{place}", msgspec.to_builtins(sent))) from error


_PLACE: Final = re.compile(r"^(?P<fix>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_NAMES: Final = re.compile(r"^(?:Object .* field `(?P<field>\w+)`|(?P<first>\w+))")


def fault_of(message: str, sent: object, form: Any = Any) -> Fault:  # noqa: ANN401 -- any type
    """A refusal by msgspec or by the core, with the place and the value that it is about."""
    found = _PLACE.match(message)
    fix, path = (found["fix"], found["path"] or "") if found else (message, "")
    steps = [it for it in re.split(r"[.\[\]]+", path) if it]
    value = _at(sent, steps)
    name = _named(fix, value)
    if name:
        steps, value = [*steps, name], _at(value, [name])
    return Fault(".".join(steps), _shown(value), in_words(fix, form, steps))


def _named(fix: str, value: object) -> str:
    """The field inside `value` that a refusal of the whole of it names."""
    found = _NAMES.match(fix)
    if found is None or not isinstance(value, dict):
        return ""
    return found["field"] or (found["first"] if found["first"] in cast("Json", value) else "")


def _at(sent: object, steps: Sequence[str]) -> object:
    for step in steps:
        match sent:
            case dict():
                sent = cast("Json", sent).get(step, "")
            case list():
                sent = cast("list[object]", sent)[int(step)] if step.isdigit() else ""
            case _:
                return ""
    return sent


def _shown(value: object) -> str | None:
    match value:
        case dict() | list():
            return ""
        case bool():
            return str(value).lower()
        case None:
            return None
        case _:
            return str(value)[:SHOWN]


def problem(
    request: Incoming,
    status: int,
    detail: str,
    *,
    errors: tuple[Fault, ...] = (),
    holder: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response[Problem]:
    title = HTTPStatus(status).phrase
    told = Problem(
        type=f"urn:solynk:problem:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        correlation=correlation_of(request.scope),
        errors=errors,
        holder=holder,
    )
    return Response(told, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def of_port(request: Incoming, error: PortError) -> Response[Problem]:
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    headers: dict[str, str] = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("%s %s: %s", request.method, request.url.path, error)
        headers["Retry-After"] = _retry_after(error)
    # The engine's conflicts stay inside one organization; a store's may name another one's.
    holder = error.holder if isinstance(error, Conflict) and error.vendor == "solynk" else ""
    return problem(request, status, error.reason, holder=holder, headers=headers)


def _retry_after(error: PortError) -> str:
    wish = error.retry_after if isinstance(error, Unavailable) else None
    return str(math.ceil((wish or TRY_AGAIN).total_seconds()))


def of_bad_input(request: Incoming, error: BadInput) -> Response[Problem]:
    return problem(request, HTTPStatus.BAD_REQUEST, f"{error}", errors=error.faults)


def of_http(request: Incoming, error: HTTPException) -> Response[Problem]:
    if isinstance(error, ValidationException):
        return of_bad_input(request, BadInput(*_faults(request, error)))
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return of_unexpected(request, error)
    return problem(request, error.status_code, _detail(request, error), headers=error.headers)


def _detail(request: Incoming, error: HTTPException) -> str:
    """The framework names the status alone; what to do about it is told here."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND if error.detail == HTTPStatus.NOT_FOUND.phrase:
            return NO_SUCH_PATH
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            limit = request.route_handler.resolve_request_max_body_size()
            return f"the body is larger than {limit} bytes: send less at once"
        case _:
            return error.detail


def _faults(request: Incoming, error: ValidationException) -> list[Fault]:
    missing = re.search(r"Missing required (\w+) parameter '(\w+)'", error.detail)
    if missing:
        return [Fault(missing[2], "", f"add the {missing[1]} parameter {missing[2]}")]
    extra = cast("list[dict[str, str]]", error.extra if isinstance(error.extra, list) else [])
    return [_fault(request, it) for it in extra]


def _fault(request: Incoming, extra: Mapping[str, str]) -> Fault:
    source, key, message = (extra.get(it, "") for it in ("source", "key", "message"))
    if source == "body":
        return Fault("", "", "send a JSON object as the body")
    values = request.query_params if source == "query" else request.path_params
    known = request.route_handler.parsed_fn_signature.parameters.get(key)
    fix = message if known is None else in_words(message, known.annotation, ())
    return Fault(key, _shown(values.get(key, "")), fix)


async def refuse_unknown_query(request: Incoming) -> None:
    """A parameter that is misspelt would change nothing, and nobody would notice.

    Raises:
        BadInput: the route has no such query parameter.
    """
    parameters = request.route_handler.parsed_fn_signature.parameters
    known = [
        name for name, it in parameters.items() if isinstance(it.kwarg_definition, QueryParameter)
    ]
    unknown = [it for it in dict.fromkeys(request.query_params) if it not in known]
    if unknown:
        told = f"known here: {', '.join(known)}" if known else "there are none here"
        fix = f"leave this query parameter out; {told}"
        faults = (Fault(it, _shown(request.query_params[it]), fix) for it in unknown[:MOST])
        raise BadInput(*faults)


def of_unexpected(request: Incoming, error: Exception) -> Response[Problem]:
    log.error("%s: unexpected", request.method, exc_info=error)
    detail = "Something went wrong here, and it was noted. Name the correlation when you ask."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)


_TOLD: Final = {
    400: "What was sent can not be understood: `errors` names each field, its value and the fix.",
    401: "The API key is missing or wrong.",
    404: "There is no such thing in this organization.",
    409: "It is taken, or in another state.",
    413: "The body is too large.",
    422: "Understood, and refused: the rules do not allow it.",
    502: "A payment account or a bot needs mending by a person.",
    503: "The database or a vendor does not answer: try again after `Retry-After` seconds.",
}


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """The problems that a route may answer, for the API's description."""
    return {
        it: ResponseSpec(
            Problem, description=_TOLD[it], media_type=MEDIA_TYPE, generate_examples=False
        )
        for it in statuses
    }


def reads(*statuses: int) -> dict[int, ResponseSpec]:
    """What any route below /v1 may answer besides these."""
    return documented(400, 401, 503, *statuses)


def writes(*statuses: int) -> dict[int, ResponseSpec]:
    """The same for a route that takes a body."""
    return reads(413, *statuses)
