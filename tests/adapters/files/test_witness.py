from collections.abc import Sequence
from pathlib import Path

import pytest

from solynk.adapters.files import FileWitness, Kept, read_checkpoints
from solynk.contract_tests.signing import WitnessContract
from solynk.contract_tests.storage.rows import OURS, a_checkpoint
from solynk.core.chain import Head
from solynk.core.checkpoint import Checkpoint
from solynk.ports.errors import Unavailable

ONE, TWO = (a_checkpoint(Head(OURS, n, bytes(32))) for n in (1, 2))


class TestFileWitness(WitnessContract):
    @pytest.fixture
    def witness(self, tmp_path: Path) -> FileWitness:
        self.file = tmp_path / "elsewhere" / "audit-checkpoints.jsonl"
        return FileWitness(tmp_path / "elsewhere")

    def kept(self) -> Sequence[Checkpoint]:
        return read_checkpoints(self.file).checkpoints


@pytest.mark.anyio
async def test_a_line_that_was_not_finished_is_told_and_spoils_no_other(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path)
    await witness.keep([ONE])
    whole = witness.file.read_bytes()
    witness.file.write_bytes(whole + whole[:20])

    await witness.keep([TWO])

    assert read_checkpoints(witness.file) == Kept((ONE, TWO), torn=(2,))


@pytest.mark.anyio
async def test_a_folder_that_can_not_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="audit-checkpoints"):
        await FileWitness(tmp_path / "file").keep([ONE])


def test_a_file_that_is_not_there_is_unavailable_and_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nothing-here"):
        read_checkpoints(tmp_path / "nothing-here")
