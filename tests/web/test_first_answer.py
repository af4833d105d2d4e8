"""Current values come before hours: what is told in between is replaced seconds after the hours have come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom, article
from stored_weather import NOW as NEWSROOM_NOW
from web_site import CURRENT, HOUR, MINUTE, NOW, Site, an_hourly_forecast, directives
from werkzeug.test import TestResponse

from service.weather import records
from service.weather.model import Dataset

FEW = 5  # seconds
SECOND = timedelta(seconds=1)
PAGES = (
    *(f"/widgets/weather/vinh?layout={layout}" for layout in ("compact", "strip", "full")),
    "/widgets/weather?city=vinh",
    "/widgets/weather/vinh.svg",
    "/api/v1/weather/vinh",
    "/api/v1/weather?cities=dong-ha,vinh",
)
ARTICLE = f"{0:016x}"


@dataclass
class SharedCache:
    """A cache in front that goes by max-age and stale-while-revalidate alone, as nginx and CDNs do."""

    site: Site
    kept: dict[str, tuple[datetime, TestResponse]] = field(default_factory=dict)

    def get(self, path: str) -> TestResponse:
        made, answer = self.kept.get(path, (None, None))
        if made is None or answer is None:
            return self._renewed(path)
        told, age = directives(answer), (self.site.now - made).total_seconds()
        if age < told["max-age"]:
            return answer
        fresh = self._renewed(path)
        return answer if age < told["max-age"] + told.get("stale-while-revalidate", 0) else fresh

    def _renewed(self, path: str) -> TestResponse:
        answer = self.site.get(path)
        if "no-store" not in answer.headers["Cache-Control"]:
            self.kept[path] = self.site.now, answer
        return answer


@pytest.mark.parametrize("path", PAGES)
def test_without_hours_an_answer_is_true_for_a_few_seconds_and_stands_in_for_no_other(
    site: Site, path: str
) -> None:
    assert site.get(path).headers["Cache-Control"] == "no-store"
    site.keep("vinh")
    told = directives(site.get(path))
    assert told["max-age"] == FEW
    assert "stale-while-revalidate" not in told
    assert FEW + told["stale-if-error"] <= (6 * HOUR - 2 * MINUTE).total_seconds()
    site.keep("vinh", hourly=an_hourly_forecast())
    assert directives(site.get(path))["max-age"] == (13 * MINUTE).total_seconds()


@pytest.mark.parametrize("path", PAGES)
def test_who_asks_through_a_cache_has_the_hours_seconds_after_they_came(site: Site, path: str) -> None:
    cache = SharedCache(site)
    assert cache.get(path).headers["Cache-Control"] == "no-store"
    site.keep("vinh")
    site.now += SECOND
    first = cache.get(path)
    site.now += SECOND
    site.keep("vinh", hourly=an_hourly_forecast())
    site.now += FEW * SECOND
    later = cache.get(path)
    assert directives(later)["max-age"] > FEW
    if "full" in path or "/api/" in path:  # these show hours
        assert later.data != first.data
        assert later.data == site.get(path).data


def test_an_end_that_comes_sooner_is_kept_to(site: Site) -> None:
    site.keep("vinh", fetched_at=NOW - 15 * MINUTE + 3 * SECOND)
    assert directives(site.get("/api/v1/weather/vinh"))["max-age"] == 3


def test_hours_that_are_too_old_to_be_shown_are_awaited_as_if_there_were_none(site: Site) -> None:
    site.keep("vinh", hourly=an_hourly_forecast(), fetched_at=NOW - 7 * HOUR)
    site.keep("vinh", current=CURRENT)
    assert directives(site.get("/api/v1/weather/vinh"))["max-age"] == FEW


def test_hours_of_a_place_with_a_longer_name_are_not_this_ones(site: Site) -> None:
    site.keep("vinh")
    site.store.write({records.weather_key(Dataset.HOURLY, "vinh-long"): b"{}"})
    assert directives(site.get("/widgets/weather/vinh"))["max-age"] == FEW


@pytest.mark.parametrize("path", ["/widgets/portal?city=hue", f"/articles/{ARTICLE}?city=hue"])
def test_articles_beside_a_weather_without_hours_are_kept_no_longer(tmp_path: Path, path: str) -> None:
    room = Newsroom.in_folder(tmp_path)
    room.answered("tinh", "thanh-pho", fetched_at=NEWSROOM_NOW)
    room.repository.save([article(0)])
    whole = directives(room.client.get(path))
    assert whole["max-age"] > FEW
    assert whole["stale-while-revalidate"] > 0
    room.store.delete([records.weather_key(Dataset.HOURLY, "hue")])
    told = directives(room.client.get(path))
    assert told["max-age"] == FEW
    assert "stale-while-revalidate" not in told
    room.store.close()


def test_our_own_memory_lets_go_of_an_answer_without_hours_when_they_come(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, edge__memory="1MB")
    site.keep("vinh")
    path = "/widgets/weather/vinh"
    assert "stored" in site.get(path).headers["Cache-Status"]
    assert "hit" in site.get(path).headers["Cache-Status"]
    site.keep("vinh", hourly=an_hourly_forecast())
    site.now += 1.5 * SECOND
    answer = site.get(path)
    assert "stored" in answer.headers["Cache-Status"]
    assert directives(answer)["max-age"] > FEW
