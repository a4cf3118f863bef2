"""The application's own API, as any client of it uses it."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import httpx

QUIET: Final = 30.0
"""Seconds until whatever is due must be done."""


@dataclass(slots=True)
class Api:
    http: httpx.AsyncClient
    base_url: str
    key: str
    organization: str = ""

    async def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- JSON
        """A request below the organization.

        Raises:
            RuntimeError: the API refused it; the message is the problem that it answered.
        """
        return await self._request(method, f"/v1/organizations/{self.organization}{path}", body)

    async def create_organization(self, **body: object) -> None:
        made = await self._request("POST", "/v1/organizations", body)
        self.organization = made["id"]

    async def quiet(self) -> bool:
        """Wait until nothing is due any more; False where that took too long."""
        for _ in range(int(QUIET / 0.05)):
            waiting = await self._request("GET", "/v1/backlog", None)
            if not any((waiting["events"], waiting["commands"], waiting["customers"])):
                return True
            await asyncio.sleep(0.05)
        return False

    async def _request(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 -- JSON
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"{self.base_url}{path}"
        answer = await self.http.request(method, url, json=body, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None
