"""The alert rules, the board and the page on operations name metrics and labels that there are."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client import parser
from web_site import Site

from service.core.counters import Counters
from service.core.errors import Cause
from service.storage.counter_files import SharedCounters
from service.storage.migrations import STEPS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus-rules.yaml").read_text("utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
BOARD = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text("utf-8"))
PREFIX = "portal_widgets_"
_OF_PROMETHEUS = {"instance", "job"}
_SELECTED = re.compile(rf"{PREFIX}(\w+)(?:\{{([^}}]*)\}})?")


def _expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


EXPRESSIONS = list(_expressions())


@pytest.fixture
def told(site: Site) -> dict[str, set[str]]:
    """The labels of every sample that is told where everything has happened once, by its name."""
    return dict(_samples(site.client, site.settings.store.path))


def _samples(client: FlaskClient, store: Path) -> Iterator[tuple[str, set[str]]]:
    others = SharedCounters(store, Counters())
    others.counters.upstream_requests.count("open-meteo", "ok")
    others.counters.upstream_seconds.observe(0.3, "open-meteo")
    others.counters.collector_seen.set(1)
    others.close()
    client.get("/healthz")
    for family in parser.text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            yield sample.name.removeprefix(PREFIX), set(sample.labels)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_rules_and_board_name_metrics_and_labels_that_there_are(
    expression: str, told: dict[str, set[str]]
) -> None:
    used = _SELECTED.findall(expression)
    assert used or expression.startswith("up{")
    labels: set[str] = set()
    for name, selection in used:
        assert name in told
        labels |= told[name]
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selection)) <= told[name] | _OF_PROMETHEUS
    assert _grouped(expression) <= labels | _OF_PROMETHEUS
    assert expression.count("(") == expression.count(")")


def _grouped(expression: str) -> set[str]:
    """Return the labels after `by` and `on`."""
    return {
        name
        for names in re.findall(r"(?:by|on) \(([^)]*)\)", expression)
        for name in re.findall(r"\w+", names)
    }


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_it_is_and_where_it_stands_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert used <= _grouped(rule["expr"]) | {"provider"}


def test_every_alert_has_its_section_and_no_other_has() -> None:
    section = PAGE.partition("\n## Alerts\n")[2]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == [rule["alert"] for rule in ALERTS]


def test_the_page_lists_every_metric_with_its_labels(told: dict[str, set[str]]) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\| ", PAGE, re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    names = {re.sub(r"_(bucket|sum|count)$", "", name): labels - {"le"} for name, labels in told.items()}
    assert listed == names


def test_the_page_and_the_changelog_begin_with_the_version_that_this_is() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    versions = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert versions[0] == (declared, str(len(STEPS)))
    assert released[0] == declared


def test_the_page_lists_every_result() -> None:
    (row,) = re.findall(r"^\| `upstream_requests_total` .*$", PAGE, re.MULTILINE)
    results = set(re.findall(r"`([a-z-]+)`", row.partition("`result` is")[2]))
    assert results == {"ok", "not-modified", *Cause} - {Cause.UNKNOWN}


def test_no_two_panels_of_the_board_overlap() -> None:
    cells = [
        (x, y)
        for panel in BOARD["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
