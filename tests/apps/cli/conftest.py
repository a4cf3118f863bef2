import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

OURS = (
    "DATABASE_URL REDIS_URL STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET TELEGRAM_BOT_TOKEN HOST PORT"
    " SOLYNK_API_KEY SOLYNK_SANDBOX_URL SOLYNK_STRIPE_API_BASE SOLYNK_TELEGRAM_API_BASE PUBLIC_URL"
    " METRICS_PORT GRACE_PERIOD_DAYS LOG_LEVEL NO_COLOR AUDIT_SIGNING_KEY AUDIT_CHECKPOINT_DIR"
    " AUDIT_LOG_RETENTION_DAYS PAYMENT_EVENT_RETENTION_DAYS"
).split()


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing is set, no `.env` is read, and whatever a command does to the logs is undone."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOLYNK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
