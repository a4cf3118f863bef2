from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["core", "ports", "adapters", "apps", "contract_tests"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_only_its_part_of_the_namespace(layer: str) -> None:
    """A stray __init__.py here would hide every other layer."""
    names = [path.name for path in (ROOT / layer).iterdir() if not _is_left_by_a_tool(path)]

    assert names == ["solynk"]
    assert not (ROOT / layer / "solynk" / "__init__.py").exists()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_a_typed_package(layer: str) -> None:
    package = ROOT / layer / "solynk" / layer

    assert (package / "__init__.py").is_file()
    assert (package / "py.typed").read_bytes() == b""


def _is_left_by_a_tool(path: Path) -> bool:
    return path.name.startswith(("__pycache__", "."))
