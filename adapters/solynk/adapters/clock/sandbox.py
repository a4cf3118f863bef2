"""The sandbox's clock, which a person moves; every process that plays along asks it."""

from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec

import msgspec

if find_spec("httpx") is None:
    raise ModuleNotFoundError(
        "the sandbox's clock needs httpx: pip install '.[sandbox]' in a clone of the repository",
        name="httpx",
    )

import httpx

from solynk.core.instants import utc
from solynk.ports.errors import Unavailable


class Answer(msgspec.Struct):
    """The body of `GET /sandbox/clock`."""

    now: datetime


@dataclass(frozen=True, slots=True)
class SandboxClock:
    """`http` is a client whose `base_url` is the sandbox's address."""

    http: httpx.AsyncClient

    @classmethod
    def at(cls, base_url: str, *, seconds: float = 2) -> "SandboxClock":
        return cls(httpx.AsyncClient(base_url=base_url, timeout=seconds, trust_env=False))

    async def now(self) -> datetime:
        try:
            answer = (await self.http.get("/sandbox/clock")).raise_for_status()
            return utc(msgspec.json.decode(answer.content, type=Answer).now)
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("sandbox", f"its clock does not answer: {error}") from error

    async def close(self) -> None:
        await self.http.aclose()
