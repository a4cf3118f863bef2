"""The README's example is run as it stands there, and its two commands are the real ones."""

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_embedding_example_prints_what_its_comments_say() -> None:
    example = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", example[0]],
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(example[0].splitlines()) <= 24
    assert ran.stdout.splitlines() == ["payment_failed", "2026-06-06 00:00:00+00:00"]


def test_the_two_commands_are_known_to_the_bootstrap() -> None:
    commands = re.findall(r"^python3 dev\.py (\w+)", README, re.MULTILINE)

    assert commands == ["run", "test"]
    known = (Path(__file__).parents[2] / "dev.py").read_text()
    assert all(f'"{it}"' in known for it in commands)
