"""Telegram channels and supergroups, over the Bot API with aiogram.

People come in by a join request that only the bound person's admission approves, and are taken
out by a ban that is lifted at once. Updates come by long polling.
"""

try:
    import aiogram as _aiogram
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "the Telegram adapter needs aiogram: pip install '.[telegram]' in a clone of the repository",
        name=missing.name,
    ) from missing

from solynk.adapters.telegram.platform import TelegramPlatform, connect

__all__ = ["TelegramPlatform", "connect"]

del _aiogram
