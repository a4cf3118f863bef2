"""The tutorial's commands answer what the page says that they do."""

import os
import re
from pathlib import Path

import httpx
import pytest

from tests.docs.pages import DOCS
from tests.docs.shell import Shell, answers, commands
from tests.end_to_end.programs import Program, eventually

PAGE = DOCS / "tutorial" / "first-member.md"
PLAYED_WITHIN = 600.0
"""Seconds; a slow machine compiles and plays for minutes."""
LEFT_RUNNING = "It is left running. Ctrl-C ends it.\n"


@pytest.mark.anyio
async def test_the_commands_of_the_tutorial_make_a_member(tmp_path: Path) -> None:
    demo = Program("demo", ["demo", "--keep"], {}, tmp_path)
    names = tmp_path / ".solynk" / "demo.env"
    (start, _), *steps = commands(PAGE)

    async def kept() -> bool:
        return "then: solynk doctor" in demo.said()

    demo.start()
    try:
        await eventually(kept, "the demo is left running", PLAYED_WITHIN)
        places = re.findall(r"^  the \w+: +(http://\S+)", demo.said(), re.MULTILINE)
        async with httpx.AsyncClient() as http:
            opened = [(await http.get(it)).status_code for it in places]
        shell = Shell(tmp_path, os.environ)
        for code, expected in steps:
            said = shell.run_until(code, expected or "…")
            assert answers(said, expected or ""), f"{code}\nanswered:\n{said}"
        await demo.stop()
    finally:
        demo.kill()

    assert start == "python3 dev.py run --keep\n"
    assert opened == [200] * 4
    assert len(steps) > 10
    assert not names.exists()


def test_an_answer_is_what_is_written_but_for_what_is_left_open() -> None:
    assert answers('{"id": "1", "name": "Eva"}\n', '{"id": "…", "name": "Eva"}\n')
    assert not answers('{"id": "1", "name": "Bob"}\n', '{"id": "…", "name": "Eva"}\n')
    assert not answers("more than that\n", "that\n")
