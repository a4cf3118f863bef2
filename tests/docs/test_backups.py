"""The backup and the restore of the how-to, beside a database that is being written to."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.docs.shell import Shell

PAGE = DOCS / "how-to" / "run-on-one-small-machine.md"
DATA = "/var/lib/solynk/data"
_, BACKUP_BY_PYTHON, RESTORE = (code for it, code in blocks(PAGE) if it == "bash")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, os.environ)


def here(code: str, folder: Path) -> str:
    assert f"cd {DATA}\n" in code
    return code.replace(DATA, str(folder))


def written(path: Path) -> sqlite3.Connection:
    """A row that is committed, and lies in the log beside the file."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE member (name TEXT)")
    database.execute("INSERT INTO member VALUES ('Ann')")
    return database


def members(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM member")]


def test_a_backup_holds_what_the_file_alone_does_not(tmp_path: Path, shell: Shell) -> None:
    with closing(written(tmp_path / "solynk.sqlite3")):
        shutil.copy(tmp_path / "solynk.sqlite3", tmp_path / "file-alone.sqlite3")
        shell.run(here(BACKUP_BY_PYTHON, tmp_path))

    assert members(tmp_path / "backup-by-python.sqlite3") == ["Ann"]
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        members(tmp_path / "file-alone.sqlite3")


def test_a_restore_brings_back_the_backup_and_nothing_later(tmp_path: Path, shell: Shell) -> None:
    with closing(written(tmp_path / "solynk.sqlite3")) as database:
        database.execute("VACUUM INTO ?", [str(tmp_path / "backup.sqlite3")])
        database.execute("INSERT INTO member VALUES ('Bob')")

        shell.run(here(RESTORE, tmp_path))

    assert members(tmp_path / "solynk.sqlite3") == ["Ann"]
    assert not (tmp_path / "solynk.sqlite3-wal").exists()
