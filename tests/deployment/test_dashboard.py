"""Every query of the dashboard names what is told."""

import json
from typing import Any

import pytest

from tests.deployment.promql import EXPOSED, faults
from tests.docs.pages import DOCS

BOARD: Any = json.loads((DOCS / "deployment/grafana/solynk.json").read_text(encoding="utf-8"))
PANELS: Any = [it for it in BOARD["panels"] if it["type"] != "row"]
QUERIES = [
    pytest.param(target["expr"], id=f"{panel['id']}-{target['refId']}")
    for panel in PANELS
    for target in panel["targets"]
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_only_what_is_told(query: str) -> None:
    assert list(faults(query)) == []


def test_every_metric_has_its_place_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    names = {it.removesuffix("_sum").removesuffix("_count") for it in EXPOSED}

    assert [it for it in sorted(names) if it not in shown] == []


def test_no_two_panels_lie_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for it in BOARD["panels"]:
        at = it["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, it["title"]
        assert at["x"] + at["w"] <= 24, it["title"]
        taken |= cells
