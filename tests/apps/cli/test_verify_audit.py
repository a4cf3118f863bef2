"""`solynk verify-audit`, on a log that the command line's own processes would have sealed."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from solynk.apps import engine
from solynk.apps.cli import main
from solynk.apps.container import container_of
from solynk.apps.lifetime import running
from solynk.apps.settings import Settings
from tests.apps.cli.seed import Seed, seeded


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUDIT_CHECKPOINT_DIR", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


@pytest.fixture
def seed(folder: Path) -> Seed:
    del folder
    assert main(["migrate"]) == 0
    made = seeded()
    asyncio.run(_sealed())
    return made


async def _sealed() -> None:
    container = container_of(Settings.from_env(os.environ))
    async with running(container) as w:
        await engine.seal(w, "the tests")
        await engine.checkpoint(w, container.notary(), "the tests")


def attacked(*statements: str) -> None:
    """By whoever has the file."""
    path = Path(os.environ["SOLYNK_DATA_DIR"]) / "solynk.sqlite3"
    with closing(sqlite3.connect(path)) as database, database:
        for (name,) in list(
            database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        ):
            database.execute(f"DROP TRIGGER {name}")
        for it in statements:
            assert database.execute(it).rowcount > 0


def test_a_log_that_nobody_touched_is_in_order(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert main(["verify-audit"]) == 0

    said = capsys.readouterr().out
    assert "entries of 1 chains are as they were sealed" in said
    assert "1 checkpoints from elsewhere" in said
    assert seed.organization


def test_the_first_bad_entry_is_named_with_what_to_do(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    attacked("UPDATE audit SET actor = 'nobody'")

    code = main(["verify-audit", "--organization", seed.organization])

    said = capsys.readouterr().out
    assert code == 1
    assert "✗ entry 1 (" in said
    assert f"of {seed.organization}: it is not what was sealed" in said
    assert "fix: keep this database as it is" in said


TAIL = (
    "DELETE FROM audit",
    "DELETE FROM audit_seals",
    "DELETE FROM audit_chains",
    "DELETE FROM audit_checkpoints",
)


def test_what_was_kept_elsewhere_is_asked(
    seed: Seed,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    attacked(*TAIL)
    monkeypatch.delenv("AUDIT_CHECKPOINT_DIR")

    alone = main(["verify-audit"])
    with_file = main(["verify-audit", "--checkpoints", str(folder / "audit-checkpoints.jsonl")])

    assert (alone, with_file) == (0, 1)
    said = capsys.readouterr().out
    assert f"entry 1 of {seed.organization}: it was there once" in said


def test_another_machine_needs_the_public_key_alone(
    seed: Seed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    public = container_of(Settings.from_env(os.environ)).notary().signer.key
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'data' / 'solynk.sqlite3'}")
    monkeypatch.setenv("SOLYNK_DATA_DIR", str(tmp_path / "nothing"))

    unknown, known = main(["verify-audit"]), main(["verify-audit", "--key", public])

    assert (unknown, known) == (1, 0)
    assert "is not signed by a known key" in capsys.readouterr().out
    assert not (tmp_path / "nothing" / "audit-signing-key").exists()
    assert seed.organization


def test_an_organization_that_has_no_chain_is_told_to_be_none(
    seed: Seed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify-audit", "--organization", seed.guest]) == 2
    assert f"no chain of {seed.guest}" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--key", "abc"], ["--checkpoints"]])
def test_a_command_line_that_is_wrong_does_nothing(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["verify-audit", *words])

    assert end.value.code == 2


def test_a_file_that_is_not_there_is_named(seed: Seed, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify-audit", "--checkpoints", "nowhere.jsonl"]) == 3
    assert "nowhere.jsonl" in capsys.readouterr().err
    assert seed.organization


def test_a_line_that_is_no_checkpoint_is_told(
    seed: Seed, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "audit-checkpoints.jsonl").open("a") as file:
        file.write('{"kind":"he')

    assert main(["verify-audit"]) == 0
    assert "line 2 is no checkpoint" in capsys.readouterr().err
    assert seed.organization
