import logging
from datetime import UTC, datetime, timedelta

import pytest

from service.collector.state_changes import StateChanges
from service.core.freshness import AgeLimits

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def states() -> StateChanges:
    return StateChanges("places", AgeLimits(2 * HOUR, 6 * HOUR))


def test_what_changes_together_is_told_in_one_line_each(
    states: StateChanges, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fetched: dict[str, datetime | None] = {f"p{number}": NOW for number in range(7)} | {"never": None}
    for hours in (0, 1, 2, 3, 6, 7):
        states.observe(fetched, NOW + hours * HOUR)
    states.observe(fetched | {"p1": NOW + 8 * HOUR}, NOW + 8 * HOUR)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "places: 7 of 8 are stale now: p0, p1, p2, p3, p4 and 2 others"),
        ("WARNING", "places: 7 of 8 are unavailable now: p0, p1, p2, p3, p4 and 2 others"),
        ("INFO", "places: 1 of 8 are fresh now: p1"),
    ]


def test_the_state_at_the_start_is_no_change(states: StateChanges, caplog: pytest.LogCaptureFixture) -> None:
    states.observe({"old": NOW - 3 * HOUR, "never": None}, NOW)
    states.observe({"old": NOW - 3 * HOUR, "never": None, "new": None}, NOW)
    assert caplog.records == []
