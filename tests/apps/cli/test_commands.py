"""The command line as its user meets it: words, exit codes, and nothing that should stay secret."""

import os
import pty
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from solynk.apps.cli import main
from solynk.apps.cli.extras import words_for
from tests.apps.cli.seed import Seed, seeded

COMMANDS = (
    "serve api worker scheduler migrate sandbox demo doctor explain reconcile verify-audit redecode"
    " replay"
).split()

UNREACHABLE = "postgresql://solynk:letmein-now@127.0.0.1:1/solynk"
SECRET = "letmein-now"


@pytest.fixture
def seed() -> Seed:
    assert main(["migrate"]) == 0
    return seeded()


def ended(*words: str) -> int | str | None:
    """How the process would end where the parser ends it."""
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--help") == 0

    said = capsys.readouterr().out
    assert [it for it in COMMANDS if it not in said] == []
    assert "exit codes: 0 done" in said


def test_a_command_keeps_the_capitals_of_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("api", "--help") == 0

    assert "Run the HTTP API alone." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("package", "extra", "words"),
    [
        ("dependency_injector", "cli", ["doctor"]),
        ("dependency_injector", "cli", ["--help"]),
        ("sqlalchemy", "sqlalchemy", ["migrate"]),
        ("litestar", "api", ["serve"]),
        ("taskiq", "taskiq", ["worker"]),
    ],
)
def test_an_extra_that_is_missing_is_named_in_one_sentence(
    package: str, extra: str, words: list[str], tmp_path: Path
) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"from solynk.apps.cli import main; sys.exit(main({words!r}))"
    )

    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr == (
        f"solynk: the extra {extra} is not installed ({package} is missing): "
        "run `pip install '.[all]'` in a clone of the repository\n"
    )


def test_a_missing_package_of_no_extra_is_a_fault_of_ours() -> None:
    with pytest.raises(ModuleNotFoundError):
        words_for(ModuleNotFoundError("no module", name="solynk.apps.nowhere"))


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--version") == 0
    assert capsys.readouterr().out == f"solynk {version('solynk')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(command, "--help") == 0

    assert f"solynk {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["explain"],
        ["replay", "event", "1"],
        ["explain", "1", "2", "--locale=x"],
        ["sandbox", "--port=99999"],
        ["sandbox", "--port=-1"],
    ],
)
def test_a_command_line_that_is_wrong_does_nothing(words: list[str]) -> None:
    assert ended(*words) == 2


def test_settings_that_do_not_work_are_all_named_and_no_secret_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {
        "PORT": "eighty",
        "GRACE_PERIOD_DAYS": "900",
        "LOG_LEVEL": "loud",
        "DATABASE_URL": f"mysql://ann:{SECRET}@db.example/shop",
        "STRIPE_SECRET_KEY": f"pk_test_{SECRET}",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_BOT_TOKEN": SECRET,
        "SOLYNK_API_KEY": "short",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    code = main(["doctor"])

    said = capsys.readouterr()
    assert code == 2
    assert [it for it in wrong if it not in said.err] == []
    assert SECRET not in said.err + said.out


def test_a_setting_that_is_misspelt_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOLYNK_API_KEYS", SECRET)

    assert main(["migrate"]) == 0

    said = capsys.readouterr().err
    assert "solynk: SOLYNK_API_KEYS in the environment is no setting" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "words", [["migrate"], ["worker"], ["scheduler"], ["explain", "1", "2"]], ids=lambda it: it[0]
)
def test_a_database_that_does_not_answer_is_worth_another_try(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", UNREACHABLE)

    code = main(words)

    said = capsys.readouterr()
    assert code == 3
    assert "database: cannot connect to 127.0.0.1:1: connection refused" in said.err
    assert SECRET not in said.err + said.out


def test_a_database_without_tables_names_the_command_that_makes_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["explain", "1", "2"])

    assert code == 3
    assert "solynk migrate" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["doctor"], ["explain", "1", "2"], ["worker"], ["scheduler"]], ids=lambda it: it[0]
)
def test_only_migrating_makes_a_database(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) != 0

    said = capsys.readouterr()
    assert "database: there is none at" in said.out + said.err
    assert list(tmp_path.iterdir()) == []


def test_migrating_twice_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert [main(["migrate"]), main(["migrate"])] == [0, 0]
    assert capsys.readouterr().out.count("this version's tables") == 2


def test_doctor_goes_on_after_a_fault_and_names_each_fix(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    capsys.readouterr()

    code = main(["doctor"])

    said = capsys.readouterr().out
    assert seed.organization
    assert code == 1
    for words in (
        "✓ the database answers",
        "✗ Redis: no answer",
        "fix: start it, or correct REDIS_URL",
        "✗ no payment provider\n    fix: set STRIPE_SECRET_KEY",
        "✗ no webhooks are accepted\n    fix: set STRIPE_WEBHOOK_SECRET",
        "fix: set TELEGRAM_BOT_TOKEN",
        "✗ VIP: its platform is not set up",
    ):
        assert words in said
    assert said.count("✗") == said.count("fix:") == int(said.rsplit("\n", 2)[1].split()[0])


def test_doctor_says_once_what_to_do_about_an_empty_database(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "fix: check DATABASE_URL; run `solynk migrate`" in said
    assert said.count("solynk migrate") == 1


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "VIP: The member has a right to VIP"), ("fr", "VIP: Le membre a droit à VIP")],
)
def test_explain_says_why_in_the_language_that_is_asked_for(
    seed: Seed, locale: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    code = main(["explain", seed.organization, seed.guest, "--locale", locale])

    assert code == 0
    said = capsys.readouterr().out
    assert said.startswith(words)
    assert "  - grant" in said


def test_explain_says_that_nothing_concerns_a_stranger(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", seed.organization, seed.stranger]) == 0
    assert "they never had a right" in capsys.readouterr().out


@pytest.mark.parametrize("customer", ["nobody", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_explain_does_not_know_everybody(
    seed: Seed, customer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", seed.organization, customer]) == 2
    assert f"no customer {customer}" in capsys.readouterr().err


def test_a_reconciliation_says_how_much_was_asked_and_how_much_was_different(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    code = main(["reconcile"])

    assert seed.organization
    assert code == 0
    assert capsys.readouterr().out == "0 reads are due, 0 members asked for, 0 drifted\n"


def replay(seed: Seed, id_: str) -> int:
    owner = f"--organization={seed.organization}"
    return main(["replay", "command", id_, owner, "--reason", "it is mended"])


def test_a_dead_letter_is_replayed_once(seed: Seed, capsys: pytest.CaptureFixture[str]) -> None:
    codes = [replay(seed, seed.dead), replay(seed, seed.dead)]

    said = capsys.readouterr()
    assert codes == [0, 2]
    assert f"command {seed.dead} is due again" in said.out
    assert f"command {seed.dead} is ready" in said.err


def test_what_is_no_dead_letter_is_not_replayed(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(seed, seed.guest) == 2
    assert "no command" in capsys.readouterr().err


def test_a_dead_letter_of_an_organization_is_not_found_without_it(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "command", seed.dead, "--reason", "it is mended"]) == 2
    assert "name its own with --organization" in capsys.readouterr().err


def test_explain_names_an_organization_that_is_not_there(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "nowhere", seed.guest]) == 2
    assert "no organization nowhere" in capsys.readouterr().err


def test_a_replay_without_a_reason_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("replay", "event", "1", "--reason", " ") == 2
    assert "say why" in capsys.readouterr().err


def test_the_sandbox_refuses_a_live_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", f"sk_live_{SECRET}")

    assert main(["sandbox", "--port", "0"]) == 2

    said = capsys.readouterr()
    assert "STRIPE_SECRET_KEY" in said.err
    assert SECRET not in said.err + said.out


def shown(folder: Path, **more: str) -> str:
    """What `solynk doctor` shows on a terminal."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "SOLYNK_DATA_DIR": str(folder), "TERM": "xterm", **more}
    command = [sys.executable, "-m", "solynk.apps.cli", "doctor"]
    subprocess.run(command, stdout=follower, stderr=follower, env=environment, check=False)
    os.close(follower)
    said = os.read(leader, 1 << 16).decode()
    os.close(leader)
    return said


def test_there_is_colour_only_where_somebody_looks_and_wants_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor"])

    assert "\033[" not in capsys.readouterr().out
    assert "\033[" in shown(tmp_path)
    assert "\033[" not in shown(tmp_path, NO_COLOR="1")
