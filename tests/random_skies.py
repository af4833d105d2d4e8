"""Random hours of a place, and how each provider tells them: the same whenever they are asked for."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from service.places.model import Place

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONDITIONS = {0: "clear", 3: "overcast", 61: "rain", 81: "showers", 95: "thunder"}


@dataclass
class Sky:
    """One hour as it will be: millimetres and per cent of the hour that begins, the air at its beginning."""

    water: Fraction | None
    chance: int | None
    code: int | None
    temperature: Fraction | None
    wind: int
    light: int


class World:
    """The hours of a place, made up as they are asked for, and always the same."""

    def __init__(self, seed: str, holes: float, whole: Collection[datetime] = ()) -> None:
        """`holes` is the share of values that nobody tells, but for those of the hours that are whole."""
        self._seed, self._holes, self._whole = seed, holes, whole
        self._hours: dict[datetime, Sky] = {}

    def at(self, start: datetime) -> Sky:
        if start not in self._hours:
            dice = random.Random(f"{self._seed} {start}")
            water = Fraction(dice.choice([0, 0, 0, 1, 2, 7, 15, 61, 405]), 20)
            code = dice.choice([61, 81, 95]) if water >= Fraction(1, 20) else dice.choice([0, 3])
            sky = Sky(
                water,
                dice.randrange(50, 101) if water else dice.randrange(1, 30),
                code,
                Fraction(dice.randrange(120, 340), 10),
                dice.randrange(0, 60),
                dice.randrange(2),
            )
            for name in ("water", "chance", "code", "temperature"):
                if dice.random() < self._holes and start not in self._whole:
                    setattr(sky, name, None)
            self._hours[start] = sky
        return self._hours[start]


def floor(time: datetime, step: timedelta, origin: datetime = datetime(1970, 1, 1, tzinfo=UTC)) -> datetime:
    return time - (time - origin) % step


def written(number: Fraction | None) -> float | None:
    return None if number is None else float(number)


def open_meteo(world: World, place: Place, now: datetime, *, full_hours: bool) -> dict[str, Any]:
    """Nine days of local time, at the offset of now throughout; what falls stands at the end of its hour.

    `full_hours`: the times are full hours of local time, else of UTC.
    """
    offset = now.astimezone(ZoneInfo(place.timezone)).utcoffset() or timedelta(0)
    midnight = floor(now + offset, DAY) - offset
    if not full_hours:
        midnight = floor(midnight, HOUR)
    times = [midnight + n * HOUR for n in range(9 * 24)]
    quarter = floor(now, timedelta(minutes=15))
    here, before = [world.at(time) for time in times], [world.at(time - HOUR) for time in times]
    fallen = world.at(midnight + floor(now - midnight, HOUR, midnight - midnight)).water
    units = {"temperature_2m": "°C", "precipitation": "mm", "weather_code": "wmo code"}
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "utc_offset_seconds": int(offset.total_seconds()),
        "current_units": units | {"time": "iso8601", "interval": "seconds"},
        "current": {
            "time": f"{quarter + offset:%Y-%m-%dT%H:%M}",
            "interval": 900,
            "temperature_2m": 21.5,
            "precipitation": None if fallen is None else float(fallen / 4),
            "weather_code": 3,
        },
        "hourly_units": units
        | {"time": "iso8601", "precipitation_probability": "%", "wind_speed_10m": "km/h", "is_day": ""},
        "hourly": {
            "time": [f"{time + offset:%Y-%m-%dT%H:%M}" for time in times],
            "temperature_2m": [written(sky.temperature) for sky in here],
            "wind_speed_10m": [sky.wind for sky in here],
            "is_day": [sky.light for sky in here],
            "precipitation": [written(sky.water) for sky in before],
            "precipitation_probability": [sky.chance for sky in before],
            "weather_code": [sky.code for sky in before],
        },
    }


@dataclass(frozen=True)
class Block:
    """Six hours of MET Norway."""

    start: datetime
    water: Fraction
    chance: int
    code: int
    low: Fraction
    high: Fraction


SYMBOLS = {0: "clearsky_day", 3: "cloudy", 61: "lightrain", 81: "rainshowers_day", 95: "rainandthunder"}


class MetSeries:
    """A series of MET Norway: hours from now on until full six hours of UTC, then blocks."""

    def __init__(self, world: World, now: datetime) -> None:
        start = floor(now, HOUR)
        end = floor(start + 56 * HOUR, 6 * HOUR)
        self.hours = [start + n * HOUR for n in range((end - start) // HOUR)]
        self.blocks = [self._block(world, end + n * 6 * HOUR) for n in range(26)]
        self._world = world

    @staticmethod
    def _block(world: World, start: datetime) -> Block:
        dice = random.Random(f"block {start}")
        known = [world.at(start + n * HOUR) for n in range(6)]
        temperatures = [sky.temperature or Fraction(20) for sky in known]
        return Block(
            start,
            sum((sky.water or Fraction(0) for sky in known), Fraction(0)),
            dice.randrange(50, 100),
            dice.choice(list(CONDITIONS)),
            min(temperatures) - Fraction(dice.randrange(30), 10),
            max(temperatures) + Fraction(dice.randrange(30), 10),
        )

    def feature(self, place: Place) -> dict[str, Any]:
        series = [self._entry(time) for time in self.hours]
        for block in self.blocks:
            details = {
                "precipitation_amount": float(block.water),
                "probability_of_precipitation": block.chance,
                "air_temperature_min": float(block.low),
                "air_temperature_max": float(block.high),
            }
            entry = self._entry(block.start)
            entry["data"]["next_6_hours"] = {
                "summary": {"symbol_code": SYMBOLS[block.code]},
                "details": details,
            }
            del entry["data"]["next_1_hours"]
            series.append(entry)
        units = {
            **dict.fromkeys(("air_temperature", "air_temperature_min", "air_temperature_max"), "celsius"),
            "precipitation_amount": "mm",
            "probability_of_precipitation": "%",
            "wind_speed": "m/s",
        }
        return {
            "geometry": {"coordinates": [place.longitude, place.latitude]},
            "properties": {"meta": {"updated_at": "x", "units": units}, "timeseries": series},
        }

    def _entry(self, time: datetime) -> dict[str, Any]:
        sky = self._world.at(time)
        details = {
            "precipitation_amount": written(sky.water),
            "probability_of_precipitation": sky.chance,
        }
        hour = {"summary": {"symbol_code": SYMBOLS.get(sky.code or 0)}, "details": details}
        air = {"air_temperature": written(sky.temperature), "wind_speed": sky.wind}
        return {
            "time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "data": {"instant": {"details": air}, "next_1_hours": hour},
        }


class Steps:
    """OpenWeather's forecast of five days: steps of three hours, with what fell in the hours before each."""

    def __init__(self, world: World, now: datetime) -> None:
        first = floor(now, 3 * HOUR) + 3 * HOUR
        self.times = [first + 3 * n * HOUR for n in range(40)]
        self._world = world

    def water(self, time: datetime) -> Fraction:
        return sum((self._world.at(time - n * HOUR).water or Fraction(0) for n in (1, 2, 3)), Fraction(0))

    def chance(self, time: datetime) -> int:
        return random.Random(f"step {time}").randrange(50, 100)

    def response(self, place: Place) -> dict[str, Any]:
        return {
            "cod": "200",
            "city": {"coord": {"lat": place.latitude, "lon": place.longitude}},
            "list": [
                {
                    "dt": int(time.timestamp()),
                    "main": {"temp": written(self._world.at(time).temperature)},
                    "weather": [{"id": 500, "icon": "10d"}],
                    "pop": self.chance(time) / 100,
                    "rain": {"3h": float(self.water(time))},
                }
                for time in self.times
            ],
        }
