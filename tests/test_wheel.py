"""What `pip install solynk` brings: built as a release is, from this tree."""

import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["core", "ports", "adapters", "apps", "contract_tests"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("solynk-*.whl")
    return built


def names_in(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("layer", LAYERS)
def test_the_wheel_holds_all_that_a_layer_holds(wheel: Path, layer: str) -> None:
    sources = {
        path.relative_to(ROOT / layer).as_posix()
        for path in (ROOT / layer / "solynk").rglob("*")
        if path.is_file() and not _is_left_by_a_tool(path.relative_to(ROOT))
    }

    assert f"solynk/{layer}/py.typed" in sources
    assert sources <= names_in(wheel)


def _is_left_by_a_tool(path: Path) -> bool:
    return any(part.startswith(("__pycache__", ".")) for part in path.parts)


def test_the_wheel_keeps_the_namespace_open(wheel: Path) -> None:
    assert "solynk/__init__.py" not in names_in(wheel)


def test_the_wheel_holds_nothing_beyond_the_layers(wheel: Path) -> None:
    tops = {tuple(name.split("/")[:2]) for name in names_in(wheel)}
    packages = {top for top in tops if not top[0].endswith(".dist-info")}

    assert packages == {("solynk", layer) for layer in LAYERS}


def test_a_plain_install_requires_msgspec_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        text = archive.read(f"{'-'.join(wheel.stem.split('-')[:2])}.dist-info/METADATA").decode()

    required = Parser().parsestr(text).get_all("Requires-Dist", [])

    assert [one for one in required if "extra ==" not in one] == ["msgspec>=0.20"]
