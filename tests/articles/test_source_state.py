from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.articles.model import SourceState
from service.core.errors import Cause, UpstreamError

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFRESH = 15 * MINUTE
JITTER = 0.1


def pause_after_answer(
    refresh: timedelta = REFRESH,
    wish: timedelta | None = None,
    fresh_until: datetime | None = None,
    took: timedelta = timedelta(0),
) -> timedelta:
    state = SourceState(failures=3, cause=Cause.TIMEOUT).succeeded(
        refresh=refresh,
        wish=wish,
        fresh_until=fresh_until,
        validators={},
        unchanged=False,
        requested=NOW - took,
        now=NOW,
    )
    assert (state.fetched_at, state.failures, state.cause) == (NOW, 0, None)
    assert state.due is not None
    return state.due - NOW


def pauses_after_failures(count: int, refresh: timedelta = REFRESH) -> list[timedelta]:
    state, pauses = SourceState(), []
    for _ in range(count):
        state = state.failed(UpstreamError(Cause.BROKEN, ""), refresh=refresh, now=NOW)
        assert state.due is not None
        pauses.append(state.due - NOW)
    return pauses


def is_about(pause: timedelta, expected: timedelta) -> bool:
    return expected <= pause <= expected * (1 + JITTER)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (None, REFRESH),
        (MINUTE, REFRESH),
        (HOUR, HOUR),
        (timedelta(days=7), 6 * HOUR),
    ],
)
def test_a_source_may_wish_for_a_longer_interval_up_to_six_hours(
    wish: timedelta | None, expected: timedelta
) -> None:
    assert is_about(pause_after_answer(wish=wish), expected)


def test_a_configured_interval_beyond_six_hours_is_kept_to() -> None:
    assert is_about(pause_after_answer(refresh=24 * HOUR, wish=HOUR), 24 * HOUR)


def test_what_the_headers_say_is_fresh_is_not_fetched_again_for_six_hours_at_most() -> None:
    assert pause_after_answer(fresh_until=NOW + 2 * HOUR) == 2 * HOUR
    assert pause_after_answer(fresh_until=NOW + 100 * HOUR) == 6 * HOUR


def test_an_interval_begins_with_the_request_but_half_of_it_remains_after_a_slow_answer() -> None:
    assert is_about(pause_after_answer(took=5 * MINUTE) + 5 * MINUTE, REFRESH)
    assert pause_after_answer(took=14 * MINUTE) == REFRESH / 2


def state_after(*unchanged: bool, every: timedelta = MINUTE) -> SourceState:
    """The state after responses in order, the last of them now: those that are true are 304."""
    state = SourceState()
    for number, one in enumerate(unchanged, start=1):
        at = NOW - every * (len(unchanged) - number)
        state = state.succeeded(
            refresh=REFRESH,
            wish=None,
            fresh_until=None,
            validators={"if-none-match": '"a"'},
            unchanged=one,
            requested=at,
            now=at,
        )
    return state


def test_a_request_is_conditional_until_304_came_twenty_times_in_a_row_or_for_a_day() -> None:
    conditional = {"if-none-match": '"a"'}
    assert state_after(False).conditions(NOW) == conditional
    assert state_after(False, *[True] * 19).conditions(NOW) == conditional
    assert state_after(False, *[True] * 20).conditions(NOW) == {}
    assert state_after(False, *[True] * 20, False).conditions(NOW) == conditional
    hourly = state_after(False, True, True, every=8 * HOUR)
    assert hourly.conditions(NOW + 7 * HOUR) == conditional
    assert hourly.conditions(NOW + 8 * HOUR) == {}


def test_a_state_that_an_earlier_version_stored_makes_no_request_conditional() -> None:
    assert SourceState(NOW, validators={"if-none-match": '"a"'}).conditions(NOW) == {}


def test_every_failure_doubles_the_pause_up_to_three_hours() -> None:
    expected = [REFRESH, 2 * REFRESH, 4 * REFRESH, 8 * REFRESH, 3 * HOUR, 3 * HOUR]
    for pause, about in zip(pauses_after_failures(6), expected, strict=True):
        assert is_about(pause, about)


def test_a_configured_interval_beyond_three_hours_is_kept_to_after_a_failure() -> None:
    assert all(is_about(pause, 24 * HOUR) for pause in pauses_after_failures(3, 24 * HOUR))


def test_a_source_that_asks_for_a_pause_gets_it_up_to_a_day() -> None:
    for asked, given in ((2 * HOUR, 2 * HOUR), (72 * HOUR, 24 * HOUR)):
        error = UpstreamError(Cause.RATE_LIMITED, "", retry_after=asked)
        assert SourceState().failed(error, refresh=REFRESH, now=NOW).due == NOW + given


def test_a_source_is_due_when_its_time_has_come_and_when_that_is_impossibly_far_ahead() -> None:
    state = SourceState(due=NOW)
    assert SourceState().is_due(NOW)
    assert state.is_due(NOW)
    assert not replace(state, due=NOW + MINUTE).is_due(NOW)
    assert not replace(state, due=NOW + 48 * HOUR).is_due(NOW)
    assert replace(state, due=NOW + 48 * HOUR + MINUTE).is_due(NOW)  # the clock was set back
