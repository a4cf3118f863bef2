"""A load generator, in a process of its own: `python -m tests.benchmarks.load`.

It reads an `Order` and writes a `Result`, both JSON. Every request is made and signed before the
clock starts, except in an open loop, which would hold too many. It is written on bare sockets: a
client library would take more of the machine than the server that is measured.
"""

import hashlib
import hmac
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec
from msgspec import Struct

ID: Final = "{unique id}"
"""Where a body's own id stands in its template."""


class Order(Struct, frozen=True):
    port: int
    count: int
    connections: int = 16
    method: str = "POST"
    paths: tuple[str, ...] = ("/",)
    """Taken in turn."""
    headers: dict[str, str] = {}
    body: str = ""
    secret: str = ""
    """Signs each body as Stripe does; empty signs none."""
    prefix: str = ""
    """What the ids of this run begin with, so that no two runs have the same."""
    rate: float | None = None
    """Requests a second, whether or not the answers come; None sends when an answer has come."""


class Result(Struct, frozen=True):
    seconds: float
    statuses: dict[int, int]
    p50: float
    p95: float
    p99: float
    most: float
    late: float = 0.0
    """p99 of the last tenth of the run; an open loop shows here whether it grows."""
    refusal: float = 0.0
    """p99 of the answers that were no success, in seconds."""

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())

    @property
    def well(self) -> int:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)


def fire(order: Order) -> Result:
    """Run the generator beside us, and wait for what it says."""
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(
        command, input=msgspec.json.encode(order), capture_output=True, check=True
    )
    return msgspec.json.decode(done.stdout, type=Result)


def requests(order: Order) -> Iterator[bytes]:
    at = int(time.time())  # noqa: TID251 -- the tolerance of a signature is about real time
    named = "".join(f"{name}: {value}\r\n" for name, value in order.headers.items())
    before, _, after = order.body.partition(ID)
    for number in range(order.count):
        path = order.paths[number % len(order.paths)]
        body = f"{before}{order.prefix}{number}{after}".encode() if order.body else b""
        signature = _signature(order.secret, body, at) if order.secret else ""
        head = f"{order.method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{named}{signature}"
        yield f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _signature(secret: str, body: bytes, at: int) -> str:
    digest = hmac.digest(secret.encode(), b"%d.%b" % (at, body), hashlib.sha256).hex()
    return f"Stripe-Signature: t={at},v1={digest}\r\n"


@dataclass(slots=True)
class Line:
    """A connection, and the answer that it waits for."""

    socket: socket.socket
    since: float = 0.0
    heard: bytes = b""

    def send(self, request: bytes, since: float) -> None:
        self.since, self.heard = since, b""
        self.socket.sendall(request)

    def status(self) -> int | None:
        """None until the answer is whole."""
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionError("the server closed a connection")
        self.heard += received
        head, end, body = self.heard.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        return int(head[9:12]) if len(body) >= length else None


@dataclass(slots=True)
class Run:
    order: Order
    lines: selectors.BaseSelector
    took: list[tuple[float, int]]

    def closed(self) -> float:
        """A request follows the answer to the one before it."""
        ready = iter(list(requests(self.order)))
        lines, started = _connect(self.order), time.perf_counter()
        for line, request in zip(lines, islice(ready, len(lines)), strict=False):
            self._send(line, request, time.perf_counter())
        while self.lines.get_map():
            for line in self._answered(None):
                following = next(ready, None)
                if following is None:
                    self.lines.unregister(line.socket)
                else:
                    line.send(following, time.perf_counter())
        return time.perf_counter() - started

    def open(self, rate: float) -> float:
        """A request goes out when its time has come; what waits for a connection waits in vain."""
        free = deque(_connect(self.order))
        ready, started = requests(self.order), time.perf_counter()
        sent, due = 0, deque[float]()
        while sent < self.order.count or due or self.lines.get_map():
            now = time.perf_counter()
            while sent < self.order.count and started + sent / rate <= now:
                due.append(started + sent / rate)
                sent += 1
            while due and free:
                self._send(free.popleft(), next(ready), due.popleft())
            wait = max(0.0, started + sent / rate - now) if sent < self.order.count else 1.0
            if not self.lines.get_map():
                time.sleep(wait)
                continue
            for line in self._answered(wait):
                self.lines.unregister(line.socket)
                free.append(line)
        return time.perf_counter() - started

    def _send(self, line: Line, request: bytes, since: float) -> None:
        line.send(request, since)
        self.lines.register(line.socket, selectors.EVENT_READ, line)

    def _answered(self, wait: float | None) -> Iterator[Line]:
        for key, _ in self.lines.select(wait):
            line: Line = key.data
            status = line.status()
            if status is not None:
                self.took.append((time.perf_counter() - line.since, status))
                yield line


def _connect(order: Order) -> list[Line]:
    lines = [
        Line(socket.create_connection(("127.0.0.1", order.port), 30))
        for _ in range(min(order.connections, order.count))
    ]
    for it in lines:
        it.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return lines


def carried_out(order: Order) -> Result:
    with selectors.DefaultSelector() as lines:
        run = Run(order, lines, [])
        seconds = run.closed() if order.rate is None else run.open(order.rate)
    served = [took for took, status in run.took if status < 400]
    p50, p95, p99 = _parts(served)
    refused = [took for took, status in run.took if status >= 400]
    return Result(
        seconds=seconds,
        statuses=dict(Counter(status for _, status in run.took)),
        p50=p50,
        p95=p95,
        p99=p99,
        most=max(served, default=0.0),
        late=_parts(served[-max(1, len(served) // 10) :])[2],
        refusal=_parts(refused)[2],
    )


def _parts(took: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99, in seconds."""
    if not took:
        return 0.0, 0.0, 0.0
    order = sorted(took)
    p50, p95, p99 = (order[int(len(order) * it)] for it in (0.5, 0.95, 0.99))
    return p50, p95, p99


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(carried_out(asked)))
