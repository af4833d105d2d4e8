"""How many of a day's visitors reach the service, with one cache in front of it that obeys `Cache-Control`.

Run it by hand: `.venv/bin/python benchmarks/visitors.py`. The day is simulated: visitors come at random
moments, more by day than by night, none has anything in his browser yet (the worst case), and the cache in
front, nginx or a CDN, keeps what the real application tells it to keep. The application's clock is the
simulation's.
"""

import random
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import cos, pi
from pathlib import Path

from flask import Flask

from service.app import create_app
from service.core.progress import Progress
from service.settings.load import load_tables
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import (
    Condition,
    Current,
    Dataset,
    DetailedCondition,
    HourlyForecast,
    StoredWeather,
)

MIDNIGHT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # in Vietnam
DAY = 24 * 3600
REFRESH = 15 * 60  # seconds; a collector asks for places in use that often
CODINGS = {"br": 0.95, "gzip": 0.04, "": 0.01}  # the share of visitors whose browser takes each best
PLACES = 158
ON_ITS_WAY = 0.05  # seconds: while one request is, the cache lets no other through for the same answer
MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass
class Origin:
    """The service, its store, and the moment it takes for now (seconds after midnight)."""

    app: Flask
    store: SqliteStore
    place: str
    now: float = 0.0
    kept: int = -1
    asked: int = 0
    told: dict[int, float] = field(default_factory=dict)

    def answer(self, at: float) -> float:
        """For how many seconds a cache may answer with the widget; each second of a refresh is asked once."""
        self.asked += 1
        second = int(at % REFRESH)
        if second not in self.told:
            self.told[second] = self._asked(at)
        return self.told[second]

    def _asked(self, at: float) -> float:
        self.now = at
        if int(at // REFRESH) != self.kept:
            self.kept = int(at // REFRESH)
            self._refresh(MIDNIGHT + timedelta(seconds=self.kept * REFRESH))
        told = self.app.test_client().get(f"/widgets/weather/{self.place}").headers["Cache-Control"]
        found = MAX_AGE.search(told)
        return float(found[1]) if found else 0.0

    def _refresh(self, moment: datetime) -> None:
        current = Current(time=moment, condition=DetailedCondition(Condition.OVERCAST), temperature=27.1)
        kept = {
            records.weather_key(Dataset.CURRENT, self.place): records.current_to_bytes(
                StoredWeather(current, "open-meteo", moment, moment)
            ),
            records.weather_key(Dataset.HOURLY, self.place): records.hourly_to_bytes(
                StoredWeather(HourlyForecast((), ()), "open-meteo", None, moment)
            ),
        }
        self.store.write(kept)


def busy(at: float) -> float:
    """How busy a moment is, from 0 to 1: three in the afternoon is busiest, three at night quietest."""
    return (1 + 0.9 * cos((at - 15 * 3600) / DAY * 2 * pi)) / 1.9


def of_one_coding(origin: Origin, visitors: float, chance: random.Random) -> int:
    """The requests that reach the service; those that the cache answers are passed over."""
    fresh_until = 0.0
    asked, per_second = 0, max(visitors / DAY * 1.9, 1e-9)
    at = 0.0
    while True:
        # Until then the cache answers by itself; who comes next is as random as who came first.
        at = max(at, fresh_until) + chance.expovariate(per_second)
        if at >= DAY:
            return asked
        if chance.random() > busy(at):
            continue
        asked += 1
        fresh_until = at + max(origin.answer(at), ON_ITS_WAY)


def measured(make: Callable[[str], Origin], visitors: int, places: int, chance: random.Random) -> int:
    """The requests of a day that reach the service; the first place is looked at most (Zipf)."""
    weights = [1 / rank for rank in range(1, places + 1)]
    shares = [weight / sum(weights) for weight in weights]
    origin = make("dong-ha")  # one place stands for all: they differ in how often they are asked for
    total = 0
    for share in shares:
        for part in CODINGS.values():
            origin.kept = -1
            total += of_one_coding(origin, visitors * share * part, chance)
    return total


def main() -> None:
    """Print the table."""
    chance = random.Random(20261122)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "store.sqlite3")
        origins: list[Origin] = []
        told: dict[int, float] = {}
        app = create_app(
            load_tables({}, {}),
            store=store,
            clock=lambda: MIDNIGHT + timedelta(seconds=origins[-1].now),
            background=False,
        )

        def make(place: str) -> Origin:
            origins.append(Origin(app, store, place, told=told))
            return origins[-1]

        print(f"{'visitors a day':>14} {'places':>7} {'reach the service':>18} {'a minute':>9} {'share':>10}")
        progress = Progress(sys.stderr)
        for places in (1, PLACES):
            for visitors in progress.counted(f"{places} places, row", (1_000, 100_000, 10_000_000)):
                asked = measured(make, visitors, places, chance)
                progress.clear()
                print(
                    f"{visitors:>14,} {places:>7} {asked:>18,} {asked / 1440:>9.2f} {asked / visitors:>10.5%}"
                )
        store.close()


if __name__ == "__main__":
    main()
