"""What a process was told by its environment, and by a `.env` file where it runs.

Every fault is reported at once, each with the variable, its value and the fix; a secret's value is
never shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from solynk.apps import addresses
from solynk.apps.dotenv import read_dotenv
from solynk.apps.hiding import forms_of, passwords_in, without
from solynk.core.instants import DAY
from solynk.core.policies import RetentionPolicy

DOTENV: Final = Path(".env")
PREFIX: Final = "SOLYNK_"
"""Of the names in the environment those that are surely meant for us."""
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SECRETS: Final = frozenset(
    {
        "database_url",
        "redis_url",
        "stripe_secret_key",
        "stripe_webhook_secrets",
        "telegram_bot_token",
        "api_key",
        "audit_signing_keys",
    }
)
"""Fields that are secrets, or addresses that may hold a password."""
SIGNING_KEY: Final = re.compile("[0-9a-fA-F]{64}")
MIN_KEY: Final = 16
"""Characters of an API key: fewer could be guessed."""


class SettingsError(ValueError):
    """Everything that is wrong with the environment, a line for each fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("these settings do not work:\n" + "\n".join(f"  {it}" for it in faults))
        self.faults = faults


class Settings(Struct, frozen=True):
    data_dir: Path
    """Where the embedded database and a generated API key lie."""
    database_url: str
    redis_url: str | None = None
    stripe_secret_key: str | None = None
    stripe_webhook_secrets: tuple[str, ...] = ()
    """All that may still sign: two while one is being replaced."""
    stripe_api_base: str | None = None
    telegram_bot_token: str | None = None
    telegram_api_base: str | None = None
    sandbox_url: str | None = None
    """Business time and both vendors come from the sandbox there."""
    api_key: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int | None = None
    """Where a worker or a scheduler tells its numbers; the API tells its own at `port`."""
    webhooks_at_once: int = 500
    """How many may wait for the store in one process; the others are to be sent again."""
    public_url: str = "http://127.0.0.1:8000"
    """How browsers and vendors reach this installation."""
    grace_period_days: int = 5
    """For new organizations; each may set its own."""
    audit_signing_keys: tuple[str, ...] = ()
    """The first one signs; what the others signed is still believed."""
    audit_checkpoint_dir: Path | None = None
    """Where checkpoints of the audit log are remembered besides the database."""
    audit_log_retention_days: int = 400
    payment_event_retention_days: int = 730
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, environ: Mapping[str, str], dotenv: Path = DOTENV) -> "Settings":
        """Read the environment, which wins over the file.

        Raises:
            SettingsError: one or more variables do not work.
        """
        faults: list[str] = []
        reading = _Reading({**read_dotenv(dotenv, faults), **environ}, faults)
        settings = _settings(reading)
        if reading.faults:
            raise SettingsError(tuple(reading.faults))
        return settings

    @property
    def key_file(self) -> Path:
        """Where an API key that was generated lies."""
        return self.data_dir / "api-key"

    @property
    def database_file(self) -> Path | None:
        """Where the embedded database lies; None where a server keeps it."""
        return addresses.sqlite_file(self.database_url)

    @property
    def signing_key_file(self) -> Path:
        """Where a key that was generated, and signs checkpoints, lies."""
        return self.data_dir / "audit-signing-key"

    @property
    def livemode(self) -> bool:
        """Whether real money is expected, as the payment key says."""
        key = self.stripe_secret_key or ""
        return key.startswith(("sk_live_", "rk_live_"))

    @property
    def retention(self) -> RetentionPolicy:
        return RetentionPolicy(
            audit=self.audit_log_retention_days * DAY,
            payment_events=self.payment_event_retention_days * DAY,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may hold; `hiding` knows the forms of each."""
        token = self.telegram_bot_token or ""
        one = (self.stripe_secret_key, token, token.partition(":")[2], self.api_key)
        values: Iterable[object] = (getattr(self, it) for it in self.__struct_fields__)
        addresses = (it for it in values if isinstance(it, str) and "://" in it)
        passwords = (found for it in addresses for found in passwords_in(it))
        several = (*self.stripe_webhook_secrets, *self.audit_signing_keys)
        return tuple(it for it in (*one, *several, *passwords) if it)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_shown(self, name)}" for name in self.__struct_fields__)
        return f"Settings({fields})"


def _shown(settings: Settings, name: str) -> str:
    value: object = getattr(settings, name)
    return "<set>" if name in SECRETS and value else _without_password(repr(value))


def _without_password(words: str) -> str:
    return without(forms_of(passwords_in(words)), words)


_T = TypeVar("_T")


class _Reading:
    """Variables being read: a fault is noted, and reading goes on."""

    def __init__(self, variables: Mapping[str, str], faults: list[str]) -> None:
        self._variables = variables
        self.asked: set[str] = set()
        self.faults = faults

    def text(self, name: str) -> str | None:
        """None where the variable is unset or empty."""
        self.asked.add(name)
        return self._variables.get(name, "").strip() or None

    def parsed(self, name: str, parse: Callable[[str], _T], default: _T) -> _T:
        """`parse` raises ValueError with the fix."""
        value = self.text(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as fault:
            self.faults.append(f"{name}={_without_password(repr(value))}: {fault}")
            return default

    def secret(self, name: str, check: Callable[[str], object]) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            check(value)
        except ValueError as fault:
            self.faults.append(f"{name}: {fault}")
        return value


def _settings(read: _Reading) -> Settings:
    data_dir = read.parsed("SOLYNK_DATA_DIR", Path, Path(".solynk"))
    sandbox = read.parsed("SOLYNK_SANDBOX_URL", addresses.http, None)
    host = read.text("HOST") or "127.0.0.1"
    port = read.parsed("PORT", _whole(1, 65_535), 8000)
    return Settings(
        data_dir=data_dir,
        database_url=read.secret("DATABASE_URL", addresses.database) or _embedded(data_dir),
        redis_url=read.secret("REDIS_URL", addresses.redis),
        stripe_secret_key=read.secret("STRIPE_SECRET_KEY", _stripe_key(sandbox)),
        stripe_webhook_secrets=_listed(read.secret("STRIPE_WEBHOOK_SECRET", _webhook_secrets)),
        stripe_api_base=read.parsed("SOLYNK_STRIPE_API_BASE", addresses.http, sandbox),
        telegram_bot_token=read.secret("TELEGRAM_BOT_TOKEN", _bot_token),
        telegram_api_base=read.parsed("SOLYNK_TELEGRAM_API_BASE", addresses.http, sandbox),
        sandbox_url=sandbox,
        api_key=read.secret("SOLYNK_API_KEY", _api_key),
        host=host,
        port=port,
        metrics_port=read.parsed("METRICS_PORT", _whole(1, 65_535), None),
        webhooks_at_once=read.parsed("WEBHOOKS_AT_ONCE", _whole(1, 10_000), 500),
        public_url=read.parsed("PUBLIC_URL", addresses.http, None)
        or f"http://{_reached(host)}:{port}",
        grace_period_days=read.parsed("GRACE_PERIOD_DAYS", _whole(0, 30), 5),
        audit_signing_keys=_listed(read.secret("AUDIT_SIGNING_KEY", _signing_keys)),
        audit_checkpoint_dir=read.parsed("AUDIT_CHECKPOINT_DIR", Path, None),
        audit_log_retention_days=read.parsed("AUDIT_LOG_RETENTION_DAYS", _whole(30, 3650), 400),
        payment_event_retention_days=read.parsed(
            "PAYMENT_EVENT_RETENTION_DAYS", _whole(30, 3650), 730
        ),
        log_level=read.parsed("LOG_LEVEL", _level, "INFO"),
    )


def unknown(environ: Mapping[str, str], dotenv: Path = DOTENV) -> tuple[str, ...]:
    """A sentence for each name that no setting has: misspelt, it changes nothing.

    Not a fault: the file may serve other programs too, or another version of this one.
    """
    reading = _Reading({}, [])
    _settings(reading)
    ours = (it for it in environ if it.startswith(PREFIX))
    places = {
        **dict.fromkeys(ours, "the environment"),
        **dict.fromkeys(read_dotenv(dotenv, []), f"{dotenv}"),
    }
    return tuple(
        f"{name} in {place} is no setting, and changes nothing{_meant(name, reading.asked)}"
        for name, place in places.items()
        if name not in reading.asked
    )


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f": {near[0]} is one" if near else ""


def _embedded(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'solynk.sqlite3'}"


def _reached(host: str) -> str:
    """A name for an address that listens on every interface; one with colons stands in brackets."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- read, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _stripe_key(sandbox: str | None) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not value.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
            raise ValueError(
                "use a secret key, which begins with sk_test_ or sk_live_,"
                " or a restricted one, with rk_test_ or rk_live_"
            )
        if sandbox is not None and "_live_" in value[:8]:
            raise ValueError("a live key does not go with SOLYNK_SANDBOX_URL: use a test key")

    return check


def _webhook_secrets(value: str) -> None:
    if not all(it.startswith("whsec_") for it in _listed(value)):
        raise ValueError("use the signing secret of the endpoint, which begins with whsec_")


def _bot_token(value: str) -> None:
    number, _, rest = value.partition(":")
    if not (number.isascii() and number.isdigit() and rest):
        raise ValueError("use the token that BotFather gives: a number, a colon and a secret")


def _api_key(value: str) -> None:
    if len(value) < MIN_KEY or not (value.isascii() and value.isprintable()):
        raise ValueError(f"use at least {MIN_KEY} printable ASCII characters")


def _signing_keys(value: str) -> None:
    if not all(SIGNING_KEY.fullmatch(it) for it in _listed(value)):
        raise ValueError("use 64 hexadecimal digits, such as `openssl rand -hex 32` gives")


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(it for part in (value or "").split(",") if (it := part.strip()))


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise ValueError(f"use a whole number from {low} to {high}")
        return int(value)

    return parse


def _level(value: str) -> str:
    if value.upper() not in LEVELS:
        raise ValueError(f"use one of {', '.join(LEVELS)}")
    return value.upper()
