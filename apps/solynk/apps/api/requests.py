"""A request whose JSON is read strictly, straight into the form that its route asks for."""

from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State

from solynk.apps.api.problems import BadInput, Fault, fault_of


class StrictRequest(Request[Any, Any, State]):
    """Litestar's own reading turns `"1"` into 1 and tells neither the place nor the value."""

    async def json(self) -> Any:  # noqa: ANN401 -- the route's own form
        body = await self.body()
        field = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(body, type=Any if field is None else field.annotation)
        except msgspec.ValidationError as error:
            raise BadInput(fault_of(str(error), _loosely(body))) from error
        except (ValueError, RecursionError) as error:
            raise BadInput(Fault("", "", f"send a JSON object as the body: {error}")) from error


def _loosely(body: bytes) -> object:
    """All that was sent; None where it can not be read to its end."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
