"""Reads a `.env` file: settings as lines, for who would rather not set them in a shell."""

from pathlib import Path


def read_dotenv(path: Path, faults: list[str]) -> dict[str, str]:
    """Lines `NAME=value`, also quoted or after `export`; blank ones and comments are passed over."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals:
            faults.append(f"{path}, line {number}: write it as NAME=value")
        found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    for quote in ('"', "'"):
        if len(value) > 1 and value.startswith(quote) and value.endswith(quote):
            return value[1:-1]
    return value.partition(" #")[0].rstrip()
