from pathlib import Path

import pytest

from solynk.apps.hiding import forms_of
from solynk.apps.settings import Settings, SettingsError, unknown

NOWHERE = Path("no-such-file")

SECRETS = {
    "STRIPE_SECRET_KEY": "sk_live_abcdefgh",
    "STRIPE_WEBHOOK_SECRET": "whsec_abcdefgh, whsec_ijklmnop",
    "TELEGRAM_BOT_TOKEN": "123456:ABCDEFGHIJKLMNOP",
    "SOLYNK_API_KEY": "abcdefghijklmnopqrst",
    "AUDIT_SIGNING_KEY": f"{'5eed' * 16},{'01d' * 21}0",
    "DATABASE_URL": "postgresql://solynk:letmein-now@db.example/solynk",
    "REDIS_URL": "redis://:open-sesame@cache.example/0",
}


def test_with_nothing_set_everything_is_embedded() -> None:
    settings = Settings.from_env({}, NOWHERE)

    assert settings.database_url == "sqlite:///.solynk/solynk.sqlite3"
    assert settings.redis_url is None
    assert settings.stripe_webhook_secrets == ()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.grace_period_days == 5
    assert settings.audit_log_retention_days == 400
    assert settings.payment_event_retention_days == 730
    assert not settings.livemode


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")],  # noqa: S104 -- read
)
def test_the_public_address_is_one_that_can_be_opened(host: str, url: str) -> None:
    assert Settings.from_env({"HOST": host}, NOWHERE).public_url == url


def test_two_webhook_secrets_may_live_side_by_side() -> None:
    settings = Settings.from_env(SECRETS, NOWHERE)

    assert settings.stripe_webhook_secrets == ("whsec_abcdefgh", "whsec_ijklmnop")


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_abc", True), ("rk_live_abc", True), ("sk_test_abc", False)]
)
def test_the_key_says_whether_real_money_is_expected(key: str, *, live: bool) -> None:
    settings = Settings.from_env({"STRIPE_SECRET_KEY": key}, NOWHERE)

    assert settings.livemode is live


def test_no_secret_is_ever_shown() -> None:
    settings = Settings.from_env(SECRETS, NOWHERE)

    shown = f"{settings!r} {settings} {[settings]}"

    hidden = ["abcdefgh", "ijklmnop", "ABCDEFGH", "letmein-now", "open-sesame", "5eed"]
    assert not [it for it in hidden if it in shown]
    assert {"letmein-now", "open-sesame", "whsec_ijklmnop"} <= set(settings.secrets)


def test_passwords_of_all_addresses_are_secrets() -> None:
    environ = {
        "DATABASE_URL": "postgresql://ann:open%2Dsesame-1@db.example/solynk",
        "REDIS_URL": "redis://:open-sesame-2@cache.example/0",
        "SOLYNK_STRIPE_API_BASE": "http://ann:open-sesame-3@proxy.example",
        "SOLYNK_TELEGRAM_API_BASE": "http://ann:open-sesame-4@proxy.example",
        "SOLYNK_SANDBOX_URL": "http://ann:open-sesame-5@proxy.example",
        "PUBLIC_URL": "http://ann:open-sesame-6@proxy.example",
        "TELEGRAM_BOT_TOKEN": "123456:open-sesame-7",
    }

    hidden = forms_of(Settings.from_env(environ, NOWHERE).secrets)

    assert {f"open-sesame-{it}" for it in range(1, 8)} <= set(hidden)


def test_every_fault_is_told_at_once_with_its_variable_and_fix() -> None:
    environ = {
        "PORT": "http",
        "GRACE_PERIOD_DAYS": "31",
        "AUDIT_LOG_RETENTION_DAYS": "-1",
        "LOG_LEVEL": "LOUD",
        "SOLYNK_SANDBOX_URL": "localhost:8200",
    }

    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ, NOWHERE)

    assert len(raised.value.faults) == len(environ)
    for name, value in environ.items():
        [fault] = [it for it in raised.value.faults if it.startswith(f"{name}=")]
        assert value in fault
        assert "use " in fault
        assert fault in str(raised.value)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_wrong_secret_is_named_and_not_shown(name: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({name: "swordfish"}, NOWHERE)

    [fault] = raised.value.faults
    assert fault.startswith(f"{name}: use ")
    assert "swordfish" not in str(raised.value)


def test_a_wrong_address_is_shown_without_its_password() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"PUBLIC_URL": "ftp://ann:open-sesame@proxy.example"}, NOWHERE)

    [fault] = raised.value.faults
    assert fault.startswith("PUBLIC_URL='ftp://ann:<secret>@proxy.example': use ")


def test_settings_show_an_address_without_its_password() -> None:
    environ = {"PUBLIC_URL": "https://ann:open-sesame@proxy.example"}

    assert "https://ann:<secret>@proxy.example" in repr(Settings.from_env(environ, NOWHERE))


def test_an_empty_variable_counts_as_unset() -> None:
    environ = dict.fromkeys([*SECRETS, "PORT", "HOST", "GRACE_PERIOD_DAYS"], " ")

    assert Settings.from_env(environ, NOWHERE) == Settings.from_env({}, NOWHERE)


def test_the_sandbox_stands_in_for_both_vendors() -> None:
    environ = {
        "SOLYNK_SANDBOX_URL": "http://127.0.0.1:8200/",
        "SOLYNK_TELEGRAM_API_BASE": "http://127.0.0.1:8300",
    }

    settings = Settings.from_env(environ, NOWHERE)

    assert settings.stripe_api_base == settings.sandbox_url == "http://127.0.0.1:8200"
    assert settings.telegram_api_base == "http://127.0.0.1:8300"


def test_a_live_key_is_refused_beside_the_sandbox() -> None:
    environ = {"STRIPE_SECRET_KEY": "sk_live_abc", "SOLYNK_SANDBOX_URL": "http://127.0.0.1:8200"}

    with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY"):
        Settings.from_env(environ, NOWHERE)


def test_a_file_fills_in_what_the_environment_leaves_open(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# a comment\n\nPORT=9000\nexport HOST = '0.0.0.0'\n"
        'GRACE_PERIOD_DAYS="7"\nLOG_LEVEL=debug # for a while\n'
    )

    settings = Settings.from_env({"PORT": "9100"}, dotenv)

    assert (settings.host, settings.port) == ("0.0.0.0", 9100)  # noqa: S104 -- read, not bound
    assert (settings.grace_period_days, settings.log_level) == (7, "DEBUG")
    assert settings.public_url == "http://127.0.0.1:9100"


def test_a_line_that_sets_nothing_is_a_fault(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=9000\nhunter2\n")

    with pytest.raises(SettingsError, match="line 2") as raised:
        Settings.from_env({}, dotenv)

    assert "hunter2" not in str(raised.value)


def test_a_name_that_is_no_setting_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("GRACE_PERIOD_DAY=7\nHOST=127.0.0.1\nPOSTGRES_PASSWORD=hunter2\n")

    told = unknown({"SOLYNK_API_KEYS": "hunter2", "SOLYNK_DATA_DIR": "x", "HOME": "y"}, dotenv)

    assert told == (
        "SOLYNK_API_KEYS in the environment is no setting, and changes nothing: SOLYNK_API_KEY is one",
        f"GRACE_PERIOD_DAY in {dotenv} is no setting, and changes nothing: GRACE_PERIOD_DAYS is one",
        f"POSTGRES_PASSWORD in {dotenv} is no setting, and changes nothing",
    )
