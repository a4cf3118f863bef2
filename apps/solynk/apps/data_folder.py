"""The folder of an installation that runs embedded: its database file and the keys that were made.

All of it can be read by their owner alone.
"""

import contextlib
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from solynk.apps.settings import MIN_KEY, SIGNING_KEY, Settings, SettingsError


def make_database_file(settings: Settings) -> None:
    """An empty file where the embedded database is to lie, and the data folder around it.

    Raises:
        SettingsError: it can not be written there.
    """
    file = settings.database_file
    if file is None:
        return
    if settings.data_dir in file.parents:
        _make_folder(settings)
    with _writing(f"DATABASE_URL: {file}"):
        file.touch(mode=0o600)


def with_key(settings: Settings) -> Settings:
    """The settings with an API key: the one that was set, else that of the key file, else a new one.

    Raises:
        SettingsError: the file is there and holds no key, or it can not be read or written.
    """
    if settings.api_key is not None:
        return settings
    key = _kept(settings, settings.key_file, secrets.token_urlsafe(32))
    if len(key) < MIN_KEY or not (key.isascii() and key.isprintable()):
        fault = f"{settings.key_file} holds no API key: remove it, or set SOLYNK_API_KEY"
        raise SettingsError((fault,))
    return replace(settings, api_key=key)


def with_signing_key(settings: Settings) -> Settings:
    """The same for the key that signs checkpoints of the audit log.

    Raises:
        SettingsError: the file is there and holds no key, or it can not be read or written.
    """
    if settings.audit_signing_keys:
        return settings
    key = _kept(settings, settings.signing_key_file, secrets.token_hex(32))
    if not SIGNING_KEY.fullmatch(key):
        fault = f"{settings.signing_key_file} holds no key: mend it, or set AUDIT_SIGNING_KEY"
        raise SettingsError((fault,))
    return replace(settings, audit_signing_keys=(key,))


def _kept(settings: Settings, path: Path, new: str) -> str:
    """What the file holds, which is `new` where there was no file."""
    _make_folder(settings)
    with _writing(f"SOLYNK_DATA_DIR: {path}"):
        if not path.exists():
            _write_new(path, new)
        return path.read_text(encoding="utf-8", errors="replace").strip()


def _make_folder(settings: Settings) -> None:
    with _writing(f"SOLYNK_DATA_DIR={str(settings.data_dir)!r}"):
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _writing(what: str) -> Generator[None]:
    try:
        yield
    except OSError as fault:
        words = (
            f"{what}: {fault.strerror}; choose a folder that is there and this user may write to"
        )
        raise SettingsError((words,)) from fault


def _write_new(path: Path, words: str) -> None:
    """Whole or not at all; whoever came first is not overwritten."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(words)
    with contextlib.suppress(FileExistsError):
        os.link(part, path)
    part.unlink()
