"""The alert rules name what is told, and each leads to a page that says what to do.

promtool tries the rules themselves: `python3 dev.py alerts`.
"""

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types

from tests.deployment.promql import EXPOSED, faults
from tests.docs.pages import DOCS, ROOT

FOLDER = DOCS / "deployment" / "prometheus"
Read = Any
"""Whatever a file of YAML holds."""


def read(name: str) -> Read:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


RULES = {rule["alert"]: rule for group in read("alerts.yaml")["groups"] for rule in group["rules"]}
TESTS = read("alerts.test.yaml")["tests"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_names_only_what_is_told(name: str) -> None:
    assert list(faults(RULES[name]["expr"])) == []


@pytest.mark.parametrize("name", RULES)
def test_an_alert_leads_to_its_runbook_and_the_runbook_names_it(name: str) -> None:
    page = ROOT / RULES[name]["annotations"]["runbook"]

    assert page.parent == DOCS / "runbooks"
    assert f"`{name}`" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RULES)
def test_an_alert_is_tried_both_when_it_must_fire_and_when_it_must_not(name: str) -> None:
    expected = [
        bool(tried["exp_alerts"])
        for test in TESTS
        for tried in test["alert_rule_test"]
        if tried["alertname"] == name
    ]

    assert set(expected) == {True, False}


def test_the_tests_feed_the_rules_only_what_is_told() -> None:
    fed = [it["series"] for test in TESTS for it in test.get("input_series", [])]

    assert [fault for it in fed for fault in faults(it)] == []


def test_a_metric_a_label_and_a_value_that_nobody_tells_are_found() -> None:
    query = 'sum by (colour) (solynk_made_up) + solynk_backlog{kind="pigeons", wing="left"}'

    assert list(faults(query)) == ["solynk_made_up", "kind=pigeons", "wing", "by colour"]


def test_a_count_is_asked_for_by_the_name_that_prometheus_gives_it() -> None:
    assert "solynk_webhooks_total" in EXPOSED
    assert list(faults("solynk_webhooks")) == ["solynk_webhooks"]
