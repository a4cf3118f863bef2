"""The processes: each runs until it is told to stop, and finishes what it has begun."""

import argparse
import asyncio
import os
import signal

from solynk.apps import logs
from solynk.apps.cli import codes
from solynk.apps.cli.terminal import complain, say
from solynk.apps.container import Container, container_of
from solynk.apps.data_folder import with_key
from solynk.apps.lifetime import migrate as migrate_database
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings, unknown


def settings() -> Settings:
    """What the environment says, and logs that never show its secrets. Misspelt names are told.

    Raises:
        SettingsError: with every fault at once.
    """
    found = Settings.from_env(os.environ)
    logs.configure(found.log_level, found.secrets)
    for words in unknown(os.environ):
        complain(words)
    return found


def keyed() -> Settings:
    """The settings with an API key, which is made and kept where none was set."""
    found = settings()
    known = with_key(found)
    if found.api_key is None:
        say(f"API key: in {known.key_file}; set SOLYNK_API_KEY to choose your own")
        logs.configure(known.log_level, known.secrets)
    return known


async def serve(_: argparse.Namespace) -> int:
    from solynk.apps.cli.everything import serve_everything  # noqa: PLC0415 -- loads all there is

    await serve_everything(keyed(), stopping())
    return codes.OK


async def api(_: argparse.Namespace) -> int:
    from solynk.apps.cli.serving import serve_api  # noqa: PLC0415 -- loads the web framework

    await serve_api(keyed(), stopping())
    return codes.OK


async def worker(_: argparse.Namespace) -> int:
    from solynk.apps.metrics_port import telling_numbers  # noqa: PLC0415 -- loads the web server
    from solynk.apps.worker import register, run_worker  # noqa: PLC0415 -- loads taskiq

    container, asked = container_of(settings()), stopping()
    async with running(container) as wiring, telling_numbers(container, asked):
        broker = container.broker()
        register(broker, lambda: wiring, container.notary)
        hints = None if container.settings().redis_url is None else broker
        await run_worker(wiring, asked, hints, container.notary())
    return codes.OK


async def scheduler(_: argparse.Namespace) -> int:
    from solynk.apps.metrics_port import telling_numbers  # noqa: PLC0415 -- loads the web server
    from solynk.apps.worker import register, run_scheduler  # noqa: PLC0415 -- loads taskiq

    container, asked = container_of(settings()), stopping()
    async with running(container) as wiring, telling_numbers(container, asked):
        broker = container.broker()
        register(broker, lambda: wiring, container.notary)
        await run_scheduler(broker, asked)
    return codes.OK


async def migrate(_: argparse.Namespace) -> int:
    container: Container = container_of(settings())
    async with container.closing():
        await migrate_database(container)
    say("the database is at this version's tables")
    return codes.OK


async def sandbox(chosen: argparse.Namespace) -> int:
    from solynk.apps.sandbox import start_in_process  # noqa: PLC0415 -- loads the web framework
    from solynk.apps.sandbox.app import LiveKeyError  # noqa: PLC0415 -- the same

    try:
        async with start_in_process(chosen.port) as world:
            say(f"sandbox: {world.base_url}")
            await stopping().wait()
    except LiveKeyError as fault:
        complain(str(fault))
        return codes.BAD_INPUT
    except OSError as fault:
        complain(f"port {chosen.port}: {fault.strerror}; choose another one with --port")
        return codes.BAD_INPUT
    return codes.OK


async def demo(chosen: argparse.Namespace) -> int:
    from solynk.apps.demo import NotStartedError  # noqa: PLC0415 -- loads the HTTP client
    from solynk.apps.demo import demo as play  # noqa: PLC0415 -- the same

    kept = stopping() if chosen.keep else None
    try:
        return await play(chosen.seed, kept)
    except NotStartedError as fault:
        complain(str(fault))
        return codes.UNAVAILABLE


def stopping() -> asyncio.Event:
    """Set when the process is asked to end: by Ctrl-C, or by whoever supervises it."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for it in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(it, event.set)
    return event
