"""What `doctor` looks at, one finding at a time, each with its fix. It only looks: nothing is changed."""

from collections.abc import AsyncGenerator, Iterator
from typing import Final

from msgspec import Struct

from solynk.apps import engine
from solynk.apps.container import Container
from solynk.apps.engine import Wiring
from solynk.apps.missing import missing
from solynk.apps.settings import Settings
from solynk.core.catalog import Channel, Organization
from solynk.ports.channels import Place
from solynk.ports.errors import NeedsHuman, NotFound, PortError, Unavailable

NO_LINK: Final = "https://example.invalid"
"""Stands for the join link where there is none yet: to inspect without one makes one."""


class Finding(Struct, frozen=True):
    words: str
    fix: str | None = None
    """None where it is in order."""


async def examine(container: Container) -> AsyncGenerator[Finding]:
    settings = container.settings()
    yield Finding("the settings can be read")
    async with container.closing():
        try:
            wiring = container.wiring()
            await wiring.store.ping()
        except Unavailable as fault:
            yield Finding(f"database: {fault.reason}", "check DATABASE_URL; run `solynk migrate`")
            return
        yield Finding("the database answers, and has this version's tables")
        if settings.redis_url is not None:
            yield await _redis(settings.redis_url)
        for finding in _set_up(wiring, settings):
            yield finding
        async for finding in _organizations(wiring):
            yield finding


async def _redis(url: str) -> Finding:
    from solynk.adapters.taskiq import ping  # noqa: PLC0415 -- an extra

    try:
        await ping(url)
    except Unavailable as fault:
        words = f"Redis: {fault.reason}; workers poll the database meanwhile"
        return Finding(words, "start it, or correct REDIS_URL")
    return Finding("Redis answers")


def _set_up(wiring: Wiring, settings: Settings) -> Iterator[Finding]:
    lacks = [Finding(it.words, it.fix) for it in missing(wiring, settings)]
    yield from lacks or [Finding("a payment provider and a channel platform are set up")]


async def _organizations(wiring: Wiring) -> AsyncGenerator[Finding]:
    async with wiring.store.begin() as tx:
        organizations = await tx.organizations.all()
        channels = {it.id: await tx.channels.all(it.id) for it in organizations}
        alerts = await tx.alerts.all(None)
    for owner in organizations:
        yield await _account(wiring, owner)
        for channel in channels[owner.id]:
            yield await _channel(wiring, channel)
    for alert in alerts:
        yield Finding(f"{alert.kind.value} ({alert.subject}): {alert.message}", alert.fix)
    waiting = await engine.backlog(wiring)
    yield Finding(
        f"waiting: {waiting.events} events, {waiting.commands} commands, "
        f"{waiting.customers} customers"
    )


async def _account(wiring: Wiring, owner: Organization) -> Finding:
    if owner.payment_account is None:
        return Finding(f"{owner.name}: no payment account", "connect one, or nothing can be sold")
    at = await wiring.clock.now()
    for provider in wiring.providers.values():
        try:
            await provider.list_since(owner.payment_account, at)
        except PortError as fault:
            return Finding(f"{owner.name}: {fault}", _fix(fault))
    return Finding(f"{owner.name}: the payment account answers")


async def _channel(wiring: Wiring, channel: Channel) -> Finding:
    platform = wiring.platforms.get(channel.platform)
    if platform is None:
        return Finding(f"{channel.title}: its platform is not set up", "set its bot token")
    try:
        found = await platform.inspect(Place(channel.chat, channel.join_link or NO_LINK))
    except PortError as fault:
        return Finding(f"{channel.title}: {fault}", _fix(fault))
    if found.fault is not None:
        return Finding(f"{channel.title}: {found.fault}", "make the bot an admin with that right")
    return Finding(f"{channel.title}: the bot can do its work")


def _fix(fault: PortError) -> str:
    match fault:
        case Unavailable():
            return "try again later; nothing is lost meanwhile"
        case NeedsHuman():
            return "mend it at the vendor, then run `solynk doctor` again"
        case NotFound():
            return "correct the id"
        case _:
            return "read the reason; replay what became a dead letter once it is mended"
