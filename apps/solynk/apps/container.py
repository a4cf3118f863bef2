"""The only place that knows which adapter stands behind which port.

An adapter is imported by the factory that builds it: a process without a bot never loads aiogram.
Whatever must be closed is entered into `closing` when it is made; see `lifetime`.
"""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, runtime_checkable

from dependency_injector import containers, providers

from solynk.apps.data_folder import with_signing_key
from solynk.apps.engine import Notary, Wiring
from solynk.apps.measured import Calls, MeasuredPlatform, MeasuredProvider
from solynk.apps.settings import Settings
from solynk.core.catalog import Platform, Provider
from solynk.ports.channels import ChannelPlatform
from solynk.ports.clock import Clock
from solynk.ports.errors import Unavailable
from solynk.ports.payments import PaymentProvider
from solynk.ports.storage import Store
from solynk.ports.telemetry import Telemetry
from solynk.ports.wake import Waker

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from taskiq import AsyncBroker


Closing: TypeAlias = "AsyncExitStack[bool | None]"
"""What is entered here is closed when the process ends, the last one first."""


_T = TypeVar("_T")


def _settings() -> Settings:
    return Settings.from_env(os.environ)


def _closing() -> Closing:
    return AsyncExitStack()


def _database(settings: Settings, closing: Closing) -> "AsyncEngine":
    from solynk.adapters.sqlalchemy.engine import connect  # noqa: PLC0415 -- an extra

    file = settings.database_file
    if file is not None and not file.is_file():  # SQLite would make an empty one
        raise Unavailable("database", f"there is none at {file}: run `solynk migrate`")
    engine = connect(settings.database_url)
    closing.push_async_callback(engine.dispose)
    return engine


def _store(database: "AsyncEngine") -> Store:
    from solynk.adapters.sqlalchemy.store import SqlStore  # noqa: PLC0415 -- an extra

    return SqlStore(database)


def _broker(settings: Settings, closing: Closing) -> "AsyncBroker":
    from solynk.adapters import taskiq  # noqa: PLC0415 -- an extra

    if settings.redis_url is None:
        return taskiq.in_process_broker()
    broker = taskiq.redis_broker(settings.redis_url)
    closing.push_async_callback(broker.shutdown)
    return broker


def _waker(settings: Settings, broker: providers.Provider["AsyncBroker"]) -> Waker:
    if settings.redis_url is None:
        from solynk.adapters.memory.waker import InMemoryWaker  # noqa: PLC0415 -- only here

        return InMemoryWaker()
    from solynk.adapters.taskiq import TaskiqWaker  # noqa: PLC0415 -- an extra

    return TaskiqWaker(broker())


def _wall() -> Clock:
    from solynk.adapters.clock.system import SystemClock  # noqa: PLC0415 -- only here

    return SystemClock()


def _clock(settings: Settings, wall: Clock, closing: Closing) -> Clock:
    if settings.sandbox_url is None:
        return wall
    from solynk.adapters.clock.sandbox import SandboxClock  # noqa: PLC0415 -- an extra

    clock = SandboxClock.at(settings.sandbox_url)
    closing.push_async_callback(clock.close)
    return clock


@runtime_checkable
class Measures(Telemetry, Protocol):
    """Telemetry whose numbers can be read out."""

    def exposition(self) -> bytes: ...


def _telemetry() -> Measures:
    from solynk.adapters.prometheus import PrometheusTelemetry  # noqa: PLC0415 -- an extra

    return PrometheusTelemetry()


def _payments(settings: Settings, closing: Closing) -> Mapping[Provider, PaymentProvider]:
    if settings.stripe_secret_key is None:
        return {}
    import httpx  # noqa: PLC0415 -- an extra

    from solynk.adapters.stripe.client import TIMEOUT, connect  # noqa: PLC0415 -- an extra
    from solynk.adapters.stripe.provider import StripeProvider  # noqa: PLC0415 -- an extra

    http = httpx.AsyncClient(timeout=TIMEOUT.total_seconds())
    closing.push_async_callback(http.aclose)
    client = connect(settings.stripe_secret_key, base_url=settings.stripe_api_base, http=http)
    return {Provider.STRIPE: StripeProvider(client, settings.stripe_webhook_secrets)}


def _platforms(settings: Settings, closing: Closing) -> Mapping[Platform, ChannelPlatform]:
    if settings.telegram_bot_token is None:
        return {}
    from solynk.adapters.telegram import connect  # noqa: PLC0415 -- an extra, 4 s to load

    bot = connect(settings.telegram_bot_token, settings.telegram_api_base)
    closing.push_async_callback(bot.close)
    return {Platform.TELEGRAM: bot}


def _notary(settings: Settings) -> Notary:
    from solynk.adapters.ed25519 import Ed25519Signer  # noqa: PLC0415 -- an extra
    from solynk.adapters.files import FileWitness  # noqa: PLC0415 -- only here

    folder = settings.audit_checkpoint_dir
    signer = Ed25519Signer.of(with_signing_key(settings).audit_signing_keys)
    witness = None if folder is None else FileWitness(folder)
    return Notary(signer, witness, chosen=bool(settings.audit_signing_keys))


def _wiring(
    *,
    settings: Settings,
    store: Store,
    payments: Mapping[Provider, PaymentProvider],
    platforms: Mapping[Platform, ChannelPlatform],
    clock: Clock,
    wall: Clock,
    waker: Waker,
    telemetry: Telemetry,
) -> Wiring:
    return Wiring(
        store=store,
        providers={
            it: MeasuredProvider(inner, Calls(it.value, telemetry))
            for it, inner in payments.items()
        },
        platforms={
            it: MeasuredPlatform(inner, Calls(it.value, telemetry))
            for it, inner in platforms.items()
        },
        clock=clock,
        wall=wall,
        waker=waker,
        telemetry=telemetry,
        livemode=settings.livemode,
        retention=settings.retention,
    )


class Container(containers.DeclarativeContainer):
    """One for each process; override a provider to put another adapter behind its port."""

    settings = providers.Singleton(_settings)
    closing = providers.Singleton(_closing)
    database = providers.Singleton(_database, settings, closing)
    store = providers.Singleton(_store, database)
    broker = providers.Singleton(_broker, settings, closing)
    waker = providers.Singleton(_waker, settings, broker.provider)
    wall = providers.Singleton(_wall)
    clock = providers.Singleton(_clock, settings, wall, closing)
    telemetry = providers.Singleton(_telemetry)
    payments = providers.Singleton(_payments, settings, closing)
    platforms = providers.Singleton(_platforms, settings, closing)
    notary = providers.Singleton(_notary, settings)
    wiring = providers.Singleton(
        _wiring,
        settings=settings,
        store=store,
        payments=payments,
        platforms=platforms,
        clock=clock,
        wall=wall,
        waker=waker,
        telemetry=telemetry,
    )


def put(provider: providers.Provider[_T], value: _T) -> None:
    """Put this value behind a provider, in place of what the container would make."""
    provider.override(providers.Object(value))  # pyright: ignore[reportUnknownMemberType] - untyped


def container_of(settings: Settings) -> Container:
    """A container for settings that were made by hand."""
    container = Container()
    put(container.settings, settings)
    return container
