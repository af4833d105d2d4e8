from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_site import CURRENT, HOUR, MINUTE, NOW, Site, an_hourly_forecast, directives

from service.core.freshness import AgeLimits
from service.places.model import Place
from service.weather.forecast import assemble
from service.weather.model import Current, HourlyForecast, StoredWeather
from service.web.cache_policy import CachePolicy, shortest, until_next_forecast

HUE = Place("hue", {"vi": "Huế", "en": "Hue"}, "VN", 16.46, 107.59, "Asia/Ho_Chi_Minh")
SECOND = timedelta(seconds=1)

durations = st.integers(1, 400_000).map(lambda seconds: timedelta(seconds=seconds))
ages = st.integers(-10_000_000, 500_000_000).map(lambda milli: timedelta(milliseconds=milli))


def read(validity: CachePolicy) -> dict[str, int]:
    parts = [part.partition("=") for part in validity.cache_control().split(", ")]
    return {name: int(value or -1) for name, _, value in parts}


@settings(deadline=None, max_examples=100)
@given(age=ages, outlook_age=st.none() | ages, refresh=durations, stale=durations, more=durations)
def test_an_answer_is_never_called_true_too_long(
    age: timedelta, outlook_age: timedelta | None, refresh: timedelta, stale: timedelta, more: timedelta
) -> None:
    ladder = AgeLimits(stale, stale + more)
    current = StoredWeather(CURRENT, "open-meteo", None, NOW - age)
    outlook = (
        None
        if outlook_age is None
        else StoredWeather(an_hourly_forecast(1), "open-meteo", None, NOW - outlook_age)
    )
    validity = until_next_forecast(assemble(HUE, current, outlook, NOW, ladder), NOW, refresh)
    told = read(validity)
    if age >= ladder.hide_after:
        assert told == {"public": -1, "max-age": 30}
        return
    end = NOW + told["max-age"] * SECOND
    longest = max(told.get("stale-while-revalidate", 0), told.get("stale-if-error", 0)) * SECOND
    assert told["max-age"] >= 0
    assert end + longest <= current.fetched_at + ladder.hide_after
    if outlook is not None and outlook_age is not None and outlook_age < ladder.hide_after:
        assert end + longest <= outlook.fetched_at + ladder.hide_after
    assert told["max-age"] * SECOND <= refresh
    if age < refresh:
        assert end <= max(current.fetched_at, NOW) + refresh
    assert_the_same_until(end, current, outlook, ladder)


def assert_the_same_until(
    end: datetime,
    current: StoredWeather[Current],
    outlook: StoredWeather[HourlyForecast] | None,
    ladder: AgeLimits,
) -> None:
    """What is told now is still what would be told a moment before the end."""
    now, then = (assemble(HUE, current, outlook, at, ladder) for at in (NOW, max(NOW, end - SECOND / 1000)))
    assert (now.state, now.hours, now.days) == (then.state, then.hours, then.days)


@settings(deadline=None, max_examples=100)
@given(given_ages=st.lists(ages, min_size=1, max_size=5))
def test_a_joined_answer_is_as_true_as_its_parts(given_ages: list[timedelta]) -> None:
    ladder = AgeLimits(90 * MINUTE, 6 * HOUR)
    parts = [
        until_next_forecast(
            assemble(HUE, StoredWeather(CURRENT, "open-meteo", None, NOW - age), None, NOW, ladder),
            NOW,
            15 * MINUTE,
        )
        for age in given_ages
    ]
    joined = read(shortest(parts))
    for part in map(read, parts):
        assert joined["max-age"] <= part["max-age"]
        for name in ("stale-while-revalidate", "stale-if-error"):
            whole = part["max-age"] + part.get(name, 0)
            assert joined["max-age"] + joined.get(name, 0) <= whole


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (2 * MINUTE, "public, max-age=780, stale-while-revalidate=60, stale-if-error=20700"),
        (14 * MINUTE + 30 * SECOND, "public, max-age=30, stale-while-revalidate=60, stale-if-error=20700"),
        (20 * MINUTE, "public, max-age=60, stale-while-revalidate=60, stale-if-error=20340"),
        (2 * HOUR, "public, max-age=60, stale-while-revalidate=60, stale-if-error=14340"),
        (6 * HOUR - 90 * SECOND, "public, max-age=60, stale-while-revalidate=30, stale-if-error=30"),
        (6 * HOUR - 5 * SECOND, "public, max-age=5"),
        (6 * HOUR, "public, max-age=30"),
    ],
)
def test_the_header_follows_the_age(site: Site, age: timedelta, told: str) -> None:
    site.keep("hue", fetched_at=NOW - age)
    for path in ("/widgets/weather/hue", "/widgets/weather/hue.svg", "/api/v1/weather/hue"):
        assert site.get(path).headers["Cache-Control"] == told


def test_an_answer_with_hours_ends_with_the_hour(site: Site) -> None:
    site.now = NOW + 39 * MINUTE + 30 * SECOND
    site.keep("hue", hourly=an_hourly_forecast(), fetched_at=site.now)
    assert directives(site.get("/api/v1/weather/hue"))["max-age"] == 30


def test_a_refresh_shorter_than_a_minute_is_kept_to(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, weather__refresh="5s")
    site.keep("hue", fetched_at=NOW - 2 * SECOND)
    site.keep("vinh", fetched_at=NOW - 20 * SECOND)
    assert directives(site.get("/api/v1/weather/hue"))["max-age"] == 3
    assert directives(site.get("/api/v1/weather/vinh"))["max-age"] == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/widgets/weather/atlantis", 404),
        ("/widgets/weather/atlantis.svg", 404),
        ("/widgets/weather/hue?layout=huge", 400),
        ("/widgets/weather/hue.svg?theme=red", 400),
        ("/api/v1/weather/atlantis", 404),
        ("/api/v1/weather/hue?lang=xx", 400),
        ("/api/v1/weather", 400),
        ("/?city=atlantis", 404),
        ("/?lang=xx", 400),
        ("/status?lang=xx", 400),
        ("/nothing", 404),
    ],
)
def test_what_is_wrong_may_be_kept_for_a_minute(site: Site, path: str, status: int) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/status"])
def test_probes_are_never_kept(site: Site, path: str) -> None:
    assert site.get(path).headers["Cache-Control"] == "no-store"
