from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.freshness import AgeLimits, Freshness, State, judge

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LADDER = AgeLimits(timedelta(minutes=90), timedelta(hours=6))


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), State.FRESH),
        (timedelta(minutes=89, seconds=59), State.FRESH),
        (timedelta(minutes=90), State.STALE),
        (timedelta(hours=5, minutes=59), State.STALE),
        (timedelta(hours=6), State.UNAVAILABLE),
        (timedelta(days=300), State.UNAVAILABLE),
        (-timedelta(days=300), State.FRESH),
    ],
)
def test_age_decides_the_rung(age: timedelta, state: State) -> None:
    assert judge(NOW - age, NOW, LADDER).state is state


def test_what_was_never_fetched_is_unavailable_and_stays_so() -> None:
    assert judge(None, NOW, LADDER) == Freshness(State.UNAVAILABLE, None)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(1, 10**5))
def test_a_judgement_holds_until_the_moment_it_names_and_not_beyond(age: int, stale: int, hide: int) -> None:
    ladder = AgeLimits(timedelta(seconds=stale), timedelta(seconds=hide))
    fetched_at = NOW - timedelta(seconds=age)
    state, until = (judged := judge(fetched_at, NOW, ladder)).state, judged.until
    if until is None:
        assert state is State.UNAVAILABLE
        return
    assert until > NOW
    assert judge(fetched_at, until - timedelta(microseconds=1), ladder).state is state
    assert judge(fetched_at, until, ladder).state is not state
