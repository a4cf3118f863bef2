"""What an installation can not do yet. `serve`, `doctor` and `/readyz` say it in the same words."""

from collections.abc import Iterator

from msgspec import Struct

from solynk.apps.engine import Wiring
from solynk.apps.settings import Settings


class Missing(Struct, frozen=True):
    words: str
    fix: str

    def __str__(self) -> str:
        return f"{self.words}: {self.fix}"


def missing(w: Wiring, settings: Settings) -> Iterator[Missing]:
    """All the rest works meanwhile."""
    if not w.providers:
        yield Missing("no payment provider", "set STRIPE_SECRET_KEY")
    if not settings.stripe_webhook_secrets:
        yield Missing("no webhooks are accepted", "set STRIPE_WEBHOOK_SECRET")
    if not w.platforms:
        yield Missing("no channel platform", "set TELEGRAM_BOT_TOKEN")


def closed(settings: Settings) -> Iterator[Missing]:
    """For who serves the API: `serve` and `api` make a key of their own where none is set."""
    if settings.api_key is None:
        yield Missing("the API is closed", "set SOLYNK_API_KEY")
