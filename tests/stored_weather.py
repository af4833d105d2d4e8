"""Weather written by hand, and a store that has it: for tests of presenters, pages and browsers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import (
    Condition,
    Current,
    Dataset,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    StoredWeather,
    SunTimes,
)

NOW = datetime(2020, 11, 27, 3, 2, 11, tzinfo=UTC)  # 10:02 in Vietnam
HOUR = timedelta(hours=1)

CURRENT = Current(
    time=datetime(2020, 11, 27, 3, 0, tzinfo=UTC),
    condition=DetailedCondition(Condition.OVERCAST),
    temperature=27.1,
    apparent_temperature=31.0,
    humidity=79.0,
    wind_speed=30.2 / 3.6,
    wind_direction=315.0,
    wind_gust=48.6 / 3.6,
    pressure=1009.4,
    cloud_cover=92.0,
    precipitation_rate=0.0,
    is_day=True,
)

_SKIES = (
    DetailedCondition(Condition.OVERCAST),
    DetailedCondition(Condition.RAIN, Intensity.MODERATE),
    DetailedCondition(Condition.THUNDER, Intensity.STRONG),
    DetailedCondition(Condition.SHOWERS, Intensity.HEAVY),
    DetailedCondition(Condition.MOSTLY_CLEAR),
    DetailedCondition(Condition.DRIZZLE),
    DetailedCondition(Condition.PARTLY_CLOUDY),
    DetailedCondition(Condition.FOG),
)


def outlook(now: datetime = NOW, days: int = 8) -> HourlyForecast:
    """Hours from the local midnight on, each day under another sky; night from 18 to 6."""
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) - 7 * HOUR
    steps = tuple(_step(midnight, index) for index in range(24 * days))
    first = date(now.year, now.month, now.day)
    suns = tuple(
        SunTimes(
            first + timedelta(days=day),
            midnight + timedelta(days=day, hours=5, minutes=41),
            midnight + timedelta(days=day, hours=17, minutes=13),
        )
        for day in range(days)
    )
    return HourlyForecast(steps, suns)


def _step(midnight: datetime, index: int) -> HourlyPoint:
    hour, condition = index % 24, _SKIES[index // 24 % len(_SKIES)]
    wet = condition.kind in {Condition.RAIN, Condition.THUNDER, Condition.SHOWERS, Condition.DRIZZLE}
    return HourlyPoint(
        time=midnight + index * HOUR,
        condition=condition,
        temperature=22.0 + min(hour, 24 - hour) * 0.6,
        precipitation=1.2 if wet else 0.0,
        precipitation_probability=80.0 if wet else 5.0,
        wind_speed=4.0,
        is_day=6 <= hour < 18,
    )


def stored_current(
    fetched_at: datetime = NOW, current: Current = CURRENT, source: str = "open-meteo"
) -> StoredWeather[Current]:
    """Current values fetched then."""
    return StoredWeather(current, source, current.time, fetched_at)


def stored_hourly(fetched_at: datetime = NOW, source: str = "open-meteo") -> StoredWeather[HourlyForecast]:
    """Hours fetched then."""
    return StoredWeather(outlook(), source, None, fetched_at)


def keep(
    store: SqliteStore,
    place: str,
    fetched_at: datetime = NOW,
    *,
    condition: DetailedCondition | None = None,
    current: Current = CURRENT,
) -> None:
    """Put both parts of a place's weather into the store."""
    current = replace(current, condition=condition) if condition else current
    store.write(
        {
            records.weather_key(Dataset.CURRENT, place): records.current_to_bytes(
                stored_current(fetched_at, current)
            ),
            records.weather_key(Dataset.HOURLY, place): records.hourly_to_bytes(stored_hourly(fetched_at)),
        }
    )


def a_store(folder: Path) -> SqliteStore:
    """An empty store in this folder."""
    return SqliteStore(folder / "store.sqlite3")
