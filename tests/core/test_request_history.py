from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.core.request_history import HOURS, RequestHistory
from service.storage.records import decode, encode, fields_of, history, history_fields

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)


def test_the_present_hour_is_the_last_and_the_hours_between_are_empty() -> None:
    kept = RequestHistory().add(NOW - 2 * HOUR, is_answered=True).add(NOW, is_answered=False)
    kept = kept.add(NOW, is_answered=True).add(NOW + HOUR / 2, is_answered=True)
    assert kept.until(NOW + HOUR / 2) == [(0, 0)] * (HOURS - 3) + [(1, 0), (0, 0), (2, 1)]
    assert kept.until(NOW + HOUR) == [(0, 0)] * (HOURS - 4) + [(1, 0), (0, 0), (2, 1), (0, 0)]


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_every_request_of_the_last_day_is_counted_in_its_hour_and_none_before(
    steps: list[tuple[int, bool]],
) -> None:
    now, kept, told = NOW, RequestHistory(), []
    for hours, is_answered in steps:
        now += hours * HOUR
        kept = kept.add(now, is_answered=is_answered)
        told.append((now, is_answered))
    expected = [[0, 0] for _ in range(HOURS)]
    for at, is_answered in told:
        elapsed = (now - at) // HOUR
        if elapsed < HOURS:
            expected[-1 - elapsed][0 if is_answered else 1] += 1
    assert [list(pair) for pair in kept.until(now)] == expected
    assert (
        decode(encode({"history": history_fields(kept)}), lambda of: history(fields_of(of)["history"]))
        == kept
    )


def test_a_clock_set_back_by_a_little_goes_on_and_by_much_begins_anew() -> None:
    kept = RequestHistory().add(NOW, is_answered=True)
    assert kept.add(NOW - HOUR, is_answered=True).until(NOW - HOUR)[-1] == (2, 0)
    earlier = NOW - 1000 * HOUR
    assert kept.add(earlier, is_answered=False).until(earlier)[-1] == (0, 1)
    assert kept.until(earlier) == [(0, 0)] * HOURS
