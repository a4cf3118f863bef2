"""A webhook receiver on loopback that keeps what it gets and answers as told."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class Receiver:
    url: str = ""
    received: list[Received] = field(default_factory=list[Received])
    answers: list[int] = field(default_factory=list[int])
    """The next statuses to answer with; 200 after them."""

    @property
    def kinds(self) -> list[str]:
        return [one.event["type"] for one in self.received]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one.event for one in self.received if one.event["type"] == kind]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Received(headers, body))
        status = self.answers.pop(0) if self.answers else 200
        writer.write(
            f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening_receiver() -> AsyncGenerator[Receiver, None]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    async with server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield receiver
