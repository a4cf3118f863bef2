"""A wire to a server that can be cut, slowed down or left hanging: a TCP proxy of our own.

It runs in a thread of its own, so that a test which waits for a server does not stop the bytes.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: the other side sees a reset, not an end."""
LOOK_EVERY: Final = 0.01
STARTS_WITHIN: Final = 60.0


@dataclass(slots=True)
class Wire:
    """`delay` holds every packet up; while `hangs`, nothing passes and nobody is told."""

    to: tuple[str, int]
    port: int = 0
    delay: float = 0.0
    hangs: bool = False
    refuses: bool = False
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def cut(self) -> None:
        """Reset whatever is connected; whoever comes anew gets through."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        self.delay, self.hangs, self.refuses = 0.0, False, False

    def _cut(self) -> None:
        for one in list(self._open):
            _reset(one)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            _reset(writer)
            return
        try:
            back, forth = await asyncio.open_connection(*self.to)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, forth}
        try:
            await asyncio.gather(self._pump(reader, forth), self._pump(back, writer))
        finally:
            self._open -= {writer, forth}
            _reset(writer)
            _reset(forth)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The end of one direction ends both: neither of our servers speaks to half a line."""
        try:
            while some := await reader.read(1 << 16):
                await asyncio.sleep(self.delay)
                while self.hangs:  # noqa: ASYNC110 -- set by another thread, where no asyncio.Event goes
                    await asyncio.sleep(LOOK_EVERY)
                writer.write(some)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    def run(self, ready: threading.Event, done: asyncio.Event) -> None:
        self._loop.run_until_complete(self._run(ready, done))
        self._loop.close()

    async def _run(self, ready: threading.Event, done: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await done.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed in the loop's next round

    def end(self, done: asyncio.Event) -> None:
        self._loop.call_soon_threadsafe(done.set)


def _reset(writer: asyncio.StreamWriter) -> None:
    one: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


@contextmanager
def a_wire(host: str, port: int) -> Generator[Wire]:
    wire, ready, done = Wire((host, port)), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=wire.run, args=(ready, done), daemon=True)
    thread.start()
    assert ready.wait(STARTS_WITHIN), "the wire does not listen"
    try:
        yield wire
    finally:
        wire.end(done)
        thread.join(STARTS_WITHIN)
