import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from solynk.apps.data_folder import make_database_file, with_key, with_signing_key
from solynk.apps.settings import Settings, SettingsError

NOWHERE = Path("no-such-file")


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path / "data")}, NOWHERE)

    first, second = with_key(settings), with_key(settings)

    assert first.api_key == second.api_key
    assert len(first.api_key or "") >= 32
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600


def test_a_key_that_was_set_is_kept(tmp_path: Path) -> None:
    environ = {"SOLYNK_DATA_DIR": str(tmp_path), "SOLYNK_API_KEY": "abcdefghijklmnopqrst"}
    settings = Settings.from_env(environ, NOWHERE)

    assert with_key(settings) == settings
    assert not settings.key_file.exists()


def test_a_key_file_that_holds_no_key_opens_nothing(tmp_path: Path) -> None:
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path)}, tmp_path / "none.env")
    settings.key_file.write_text("")

    with pytest.raises(SettingsError, match="holds no API key"):
        with_key(settings)


def test_a_signing_key_is_made_once_and_one_that_was_set_is_kept(tmp_path: Path) -> None:
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path / "data")}, NOWHERE)
    chosen = {"SOLYNK_DATA_DIR": str(tmp_path), "AUDIT_SIGNING_KEY": "5eed" * 16}

    first, second = with_signing_key(settings), with_signing_key(settings)
    kept = with_signing_key(Settings.from_env(chosen, NOWHERE))

    assert first.audit_signing_keys == second.audit_signing_keys
    assert stat.S_IMODE(settings.signing_key_file.stat().st_mode) == 0o600
    assert kept.audit_signing_keys == ("5eed" * 16,)
    assert not kept.signing_key_file.exists()


def test_a_file_without_a_signing_key_signs_nothing(tmp_path: Path) -> None:
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path)}, NOWHERE)
    settings.signing_key_file.write_text("none")

    with pytest.raises(SettingsError, match="holds no key"):
        with_signing_key(settings)


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path / "a" / "data")}, NOWHERE)

    make_database_file(settings)

    assert settings.database_file is not None
    assert stat.S_IMODE(settings.database_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700


def test_no_folder_is_made_for_a_database_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    environ = {"SOLYNK_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": f"sqlite:///{elsewhere}"}

    make_database_file(Settings.from_env(environ, NOWHERE))

    assert [it.name for it in tmp_path.iterdir()] == ["elsewhere.db"]


@pytest.mark.parametrize("make", [make_database_file, with_key])
def test_a_folder_that_can_not_be_made_is_named_with_the_fix(
    tmp_path: Path, make: Callable[[Settings], object]
) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings.from_env({"SOLYNK_DATA_DIR": str(tmp_path / "file" / "data")}, NOWHERE)

    with pytest.raises(SettingsError, match=r"SOLYNK_DATA_DIR=.*choose a folder"):
        make(settings)


def test_a_database_without_its_folder_is_named_with_the_fix(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/no/such.db"}

    with pytest.raises(SettingsError, match=r"DATABASE_URL: .*no/such.db: .*choose a folder"):
        make_database_file(Settings.from_env(environ, NOWHERE))
