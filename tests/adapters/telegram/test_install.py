import importlib
import sys

import pytest


def test_without_the_extra_the_import_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [it for it in sys.modules if it.startswith("solynk.adapters.telegram")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiogram", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install '\.\[telegram\]'"):
        importlib.import_module("solynk.adapters.telegram")
