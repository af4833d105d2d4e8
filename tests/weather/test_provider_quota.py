from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.errors import Cause, UpstreamError
from service.weather.model import Dataset
from service.weather.provider import ProviderLimits
from service.weather.quota import ProviderQuota, skip_until

NOW = datetime(2026, 11, 22, 23, 58, 30, tzinfo=UTC)
PATIENCE, MINUTES_30 = timedelta(minutes=45), timedelta(minutes=30)
TERMS = ProviderLimits(max_places=10, daily_budget=100, hour_budget=50, minute_budget=20)


def rests_after(*causes: Cause) -> list[timedelta]:
    quota, lengths = ProviderQuota(), []
    for cause in causes:
        quota = quota.failed(UpstreamError(cause, "no"), NOW)
        assert quota.backoff_until is not None
        lengths.append(quota.backoff_until - NOW)
    return lengths


def test_units_are_counted_by_minute_hour_and_day_as_providers_do() -> None:
    quota = ProviderQuota().spend(15, NOW).spend(3, NOW + timedelta(seconds=20))
    assert quota.left_this_minute(TERMS, NOW) == 2
    assert quota.left_this_hour_and_day(TERMS, NOW) == 32
    later = NOW + timedelta(minutes=1)
    assert quota.left_this_minute(TERMS, later) == 20
    assert quota.left_this_hour_and_day(TERMS, later) == 32
    tomorrow = NOW + timedelta(minutes=2)
    assert quota.left_this_hour_and_day(TERMS, tomorrow) == 50
    assert quota.spent_today(tomorrow) == 0


def test_more_than_the_budget_leaves_no_room_and_never_less() -> None:
    assert ProviderQuota().spend(1_000, NOW).left_this_minute(TERMS, NOW) == 0


def test_without_budgets_there_is_always_room() -> None:
    assert ProviderQuota().spend(1e9, NOW).left_this_hour_and_day(ProviderLimits(max_places=1), NOW) == float(
        "inf"
    )


def test_a_broken_provider_rests_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    lengths = rests_after(*[Cause.BROKEN] * 12)
    assert lengths[:4] == [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120)]
    assert lengths[-1] == timedelta(minutes=15)


@pytest.mark.parametrize("cause", [Cause.RATE_LIMITED, Cause.FORBIDDEN])
def test_who_turns_us_away_is_left_alone_longer_than_who_breaks(cause: Cause) -> None:
    assert rests_after(cause)[0] >= timedelta(minutes=15)
    assert rests_after(*[cause] * 12)[-1] == timedelta(hours=6)


def test_the_providers_own_wish_counts_when_it_is_longer() -> None:
    short = UpstreamError(Cause.RATE_LIMITED, "no", timedelta(seconds=1))
    long = UpstreamError(Cause.BROKEN, "no", timedelta(hours=20))
    assert ProviderQuota().failed(short, NOW).in_backoff(NOW + timedelta(minutes=14))
    assert ProviderQuota().failed(long, NOW).in_backoff(NOW + timedelta(hours=19))


def test_a_success_ends_all_trouble() -> None:
    quota = ProviderQuota().failed(UpstreamError(Cause.BROKEN, "it broke"), NOW)
    assert quota.cause is Cause.BROKEN
    well = quota.succeeded(NOW)
    assert (well.failures, well.backoff_until, well.cause, well.last_success) == (0, None, None, NOW)


def test_a_refused_place_is_asked_for_again_after_a_while_and_its_other_dataset_at_any_time() -> None:
    until = skip_until(NOW, PATIENCE)
    quota = ProviderQuota().skipping({"hue": until}, Dataset.CURRENT, NOW)
    assert quota.skipped_until("hue", Dataset.CURRENT, NOW + timedelta(minutes=29)) == until
    assert quota.skipped_until("hue", Dataset.CURRENT, NOW + timedelta(minutes=30)) is None
    assert quota.skipped_until("hue", Dataset.HOURLY, NOW) is None
    assert quota.skipped_until("ha-noi", Dataset.CURRENT, NOW) is None
    assert (quota.count_skipped(NOW), quota.count_skipped(until)) == (1, 0)


def test_that_a_provider_had_no_answer_is_known_until_it_has_one_or_for_a_day() -> None:
    quota = ProviderQuota().skipping({"hue": NOW + MINUTES_30, "vinh": NOW + MINUTES_30}, Dataset.HOURLY, NOW)
    assert quota.without_answer(Dataset.HOURLY) == {"hue", "vinh"}
    assert not quota.without_answer(Dataset.CURRENT)
    assert quota.answering(["hue"], Dataset.CURRENT) == quota
    assert quota.answering(["hue"], Dataset.HOURLY).without_answer(Dataset.HOURLY) == {"vinh"}
    assert quota.skipping({}, Dataset.HOURLY, NOW + timedelta(hours=24)).skipped_places
    assert not quota.skipping({}, Dataset.HOURLY, NOW + timedelta(hours=25)).skipped_places


def test_a_place_that_an_earlier_version_refused_is_refused_for_both_datasets() -> None:
    quota = ProviderQuota(skipped_places={"hue": NOW + timedelta(minutes=20)})
    assert all(quota.skipped_until("hue", dataset, NOW) for dataset in Dataset)


def test_a_place_is_not_refused_for_longer_than_half_of_what_makes_its_data_stale() -> None:
    assert skip_until(NOW, timedelta(minutes=5)) == NOW + timedelta(minutes=5)
    assert skip_until(NOW, timedelta(hours=5)) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("failures", "cause", "asked_for", "least"),
    [
        (1, Cause.FORBIDDEN, None, timedelta(minutes=30)),
        (6, Cause.FORBIDDEN, None, PATIENCE),
        (6, Cause.BROKEN, None, timedelta(minutes=8)),
        (2, Cause.RATE_LIMITED, timedelta(hours=3), timedelta(hours=3)),
        (6, Cause.RATE_LIMITED, timedelta(hours=3), timedelta(hours=3)),
        (6, Cause.RATE_LIMITED, timedelta(minutes=1), PATIENCE),
    ],
)
def test_as_the_last_resort_a_provider_is_asked_before_our_own_rest_is_over_and_never_before_its_own(
    failures: int, cause: Cause, asked_for: timedelta | None, least: timedelta
) -> None:
    quota = ProviderQuota()
    for _ in range(failures):
        quota = quota.failed(UpstreamError(cause, "no", asked_for), NOW)
    assert quota.last_resort_from(PATIENCE) == NOW + least


def test_the_back_off_of_an_earlier_version_which_lacks_its_beginning_is_not_cut() -> None:
    assert ProviderQuota(backoff_until=NOW, cause=Cause.FORBIDDEN).last_resort_from(PATIENCE) is None


def test_one_that_was_woken_may_be_asked_and_fails_for_longer_still() -> None:
    error = UpstreamError(Cause.BROKEN, "no")
    quota = ProviderQuota().failed(error, NOW).failed(error, NOW).failed_for_places(NOW)
    quota = quota.skipping({"hue": NOW + MINUTES_30}, Dataset.CURRENT, NOW)
    woken = quota.reset_backoff()
    assert not woken.in_backoff(NOW)
    assert woken.skipped_until("hue", Dataset.CURRENT, NOW) is None
    assert woken.failed(error, NOW).in_backoff(NOW + timedelta(seconds=110))


def test_a_clock_that_was_set_back_ends_rests_that_have_become_absurd() -> None:
    quota = (
        ProviderQuota()
        .failed(UpstreamError(Cause.FORBIDDEN, "no"), NOW)
        .skipping({"hue": NOW + MINUTES_30}, Dataset.CURRENT, NOW)
    )
    assert quota.in_backoff(NOW)
    long_ago = NOW - timedelta(days=400)
    assert not quota.in_backoff(long_ago)
    assert quota.skipped_until("hue", Dataset.CURRENT, long_ago) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 7_200)), max_size=12))
def test_what_was_spent_and_what_is_left_make_up_the_budget(charges: list[tuple[float, int]]) -> None:
    quota, now = ProviderQuota(), NOW.replace(hour=0, minute=0, second=0)
    terms = ProviderLimits(max_places=1, daily_budget=10_000, hour_budget=10_000, minute_budget=10_000)
    for units, seconds in charges:
        now = min(now + timedelta(seconds=seconds), now.replace(hour=23, minute=59))
        quota = quota.spend(units, now)
    total = sum(units for units, _ in charges)
    assert quota.spent_today(now) == pytest.approx(total)
    assert quota.left_this_hour_and_day(terms, now) == pytest.approx(10_000 - total)
