"""docs/decisions/ is complete, and what it counts is so."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from service.settings.load import load_tables
from service.weather.collect.intervals import RefreshGoals, RequestCost, plan_intervals, units_per_day
from service.weather.providers.open_meteo.provider import OpenMeteo

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def _text(number: str) -> str:
    (page,) = [page for page in PAGES if page.name.startswith(number)]
    return page.read_text(encoding="utf-8")


def test_decisions_are_numbered_without_gaps() -> None:
    assert [page.name[:4] for page in PAGES] == [f"{number:04}" for number in range(1, len(PAGES) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_says_why_what_and_at_what_cost(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Options", "Decision", "Cost"]


def test_every_dependency_has_its_reason_and_no_other_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^\w-]", needed, maxsplit=1)[0] for needed in project["dependencies"]]
    assert re.findall(r"^\| `([\w-]+)` \| .{20,} \|$", _text("0002"), flags=re.MULTILINE) == names


def test_the_pace_is_what_the_page_works_out() -> None:
    provider = OpenMeteo()
    written = dict(re.findall(r"`(refresh|stale_after|hide_after)` (\w+)", _text("0006")))
    current, outlook = map(float, re.findall(r"([\d.]+) units? a place", _text("0006")))
    cost = RequestCost(current, outlook, provider.limits.daily_budget)
    goals = RefreshGoals.from_settings(load_tables({"weather": written}, {}).weather)
    places = int(re.findall(r"There are (\d+) places", _text("0006"))[0])  # as many as there were then
    rows = re.findall(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|(.*)\|$", _text("0006"), flags=re.MULTILINE)
    assert len(rows) > 1
    for used, *told in rows:
        idle = places - int(used)
        intervals = plan_intervals(goals, cost, int(used), idle)
        units = units_per_day(intervals, cost, int(used), idle)
        others = _minutes(intervals.idle) if idle else ""
        assert [cell.strip() for cell in told] == [
            _minutes(intervals.in_use),
            others,
            _minutes(intervals.hourly),
            f"{units:,.0f}",
        ]


def _minutes(interval: timedelta) -> str:
    minutes, seconds = divmod(round(interval.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def test_requirements_are_pinned_and_name_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert [line for line in lines if not re.match(r"[\w-]+==[\w.]+( ; .+)?$", line)] == []
        assert "://" not in text
