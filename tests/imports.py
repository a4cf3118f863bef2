"""What a folder of modules imports, read from its source without running it."""

import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path


def foreign_imports(folder: Path, *, allowed: Collection[str]) -> list[str]:
    """Return `file:line module` for each import beyond the standard library and `allowed`.

    `allowed` names packages with all that is in them; `TYPE_CHECKING` is no excuse. A relative
    import stays inside the folder, since ruff's TID252 refuses those that climb out.
    """
    return [
        f"{path.relative_to(folder)}:{line} {module}"
        for path in sorted(folder.rglob("*.py"))
        for line, module in imports(path)
        if not _is_within(module, {*allowed, *sys.stdlib_module_names})
    ]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Each line that imports, with all that it names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case _:
                pass


def _is_within(module: str, packages: Collection[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
