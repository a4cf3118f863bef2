"""What `doctor` looks at, one finding at a time, each with its fix. It only looks: nothing is changed."""

from collections.abc import AsyncGenerator, Iterator
from typing import Final

from msgspec import Struct

from solynk.apps import engine
from solynk.apps.container import Container
from solynk.apps.engine import Wiring
from solynk.apps.missing import missing
from solynk.apps.settings import Settings
from solynk.core.alert import FIX, Alert, AlertKind
from solynk.core.catalog import Channel, Organization
from solynk.core.event import EventStatus
from solynk.ports.channels import Place
from solynk.ports.errors import NeedsHuman, NotFound, PortError, Unavailable

NO_LINK: Final = "https://example.invalid"
"""Stands for the join link where there is none yet: to inspect without one makes one."""

GONE: Final = AlertKind.CHANNEL_GONE
ABOUT_CHANNELS: Final = (AlertKind.LOST_RIGHTS, GONE)
CONNECT: Final = (
    'connect one at Stripe, then send {{"payment_account": "acct_..."}} by PATCH to'
    " /v1/organizations/{}; until then nothing can be sold"
)
SHOWN: Final = 20
"""Dead events that are told one by one."""


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
            yield _no_database(fault)
            return
        yield Finding("the database answers, and has this version's tables")
        if settings.redis_url is not None:
            yield await _redis(settings.redis_url)
        for finding in _set_up(wiring, settings):
            yield finding
        async for finding in _organizations(wiring):
            yield finding


def _no_database(fault: Unavailable) -> Finding:
    words, to_migrate, _ = f"database: {fault.reason}".partition(": run `solynk migrate`")
    if to_migrate:
        return Finding(words, "check DATABASE_URL; run `solynk migrate`")
    return Finding(words, "check DATABASE_URL, and that the database runs")


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
    faulty: set[str] = set()
    for owner in organizations:
        yield await _account(wiring, owner)
        for channel in channels[owner.id]:
            found = await _channel(wiring, channel)
            faulty |= set() if found.fix is None else {str(channel.id)}
            yield found
    for alert in alerts:
        if not (alert.kind in ABOUT_CHANNELS and alert.subject in faulty):  # it was told already
            yield _alert(alert)
    async for finding in _unowned(wiring):
        yield finding
    waiting = await engine.backlog(wiring)
    yield Finding(
        f"waiting: {waiting.events} events, {waiting.commands} commands, "
        f"{waiting.customers} customers"
    )


def _alert(alert: Alert) -> Finding:
    owner = "" if alert.organization is None else f", organization {alert.organization}"
    return Finding(f"{alert.kind.value} ({alert.subject}{owner}): {alert.message}", alert.fix)


async def _unowned(wiring: Wiring) -> AsyncGenerator[Finding]:
    """They open no alert: nobody is there to be told."""
    async with wiring.store.begin() as tx:
        dead = await tx.event_lists.all(None, status=EventStatus.DEAD, limit=SHOWN)
    for event in dead:
        yield Finding(
            f"dead event {event.id} that no organization owns: {event.reason or event.kind}",
            f"mend its cause, then run `solynk replay event {event.id} --reason WHY`",
        )


async def _account(wiring: Wiring, owner: Organization) -> Finding:
    if owner.payment_account is None:
        return Finding(f"{owner.name}: no payment account", CONNECT.format(owner.id))
    for provider in wiring.providers.values():
        try:
            await provider.reach(owner.payment_account)
        except PortError as fault:
            return Finding(f"{owner.name}: {fault}", _fix(fault))
    return Finding(f"{owner.name}: the payment account answers")


async def _channel(wiring: Wiring, channel: Channel) -> Finding:
    platform = wiring.platforms.get(channel.platform)
    if platform is None:
        return Finding(f"{channel.title}: its platform is not set up", "set TELEGRAM_BOT_TOKEN")
    try:
        found = await platform.inspect(Place(channel.chat, channel.join_link or NO_LINK))
    except PortError as fault:
        return Finding(f"{channel.title}: {fault}", _fix(fault))
    if found.fault is not None:
        words = "make the bot an admin with that right" if found.present else FIX[GONE]
        return Finding(f"{channel.title}: {found.fault}", words)
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
