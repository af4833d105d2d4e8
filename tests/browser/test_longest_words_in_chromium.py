"""The longest names, words and numbers, old ones at that, in the narrowest box whose height is documented."""

from dataclasses import replace

import pytest
import stored_weather
from playwright.sync_api import Browser
from portal import Portal

from service.weather import records
from service.weather.model import (
    Condition,
    Dataset,
    DetailedCondition,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    PolarSun,
    StoredWeather,
    SunTimes,
)
from service.web.heights import NARROWEST, WEATHER
from service.web.widget_options import OF_ONE_PLACE, Layout

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own sockets at its end

HAIL = DetailedCondition(Condition.THUNDER, Intensity.HEAVY_HAIL)
TYPHOON = replace(
    stored_weather.CURRENT,
    condition=HAIL,
    temperature=-48.9,
    apparent_temperature=-60.4,
    humidity=100.0,
    wind_speed=302 / 3.6,
    wind_direction=202.5,
    precipitation_rate=199.9,
)
WEEK = tuple(
    step._replace(condition=HAIL, temperature=-40.0 - index % 24, precipitation_probability=100.0)
    for index, step in enumerate(stored_weather.outlook().points)
)
ASH = DetailedCondition(Condition.HAZE, Intensity.ASH)
SUNNY = DetailedCondition(Condition.MOSTLY_CLEAR)
RAIN = DetailedCondition(Condition.RAIN)
THUNDER = DetailedCondition(Condition.THUNDER)


def _day_in_turn(index: int, step: HourlyPoint) -> HourlyPoint:
    """Return the hour on a day of ash or sun with a wet night, or of thunder and more than 100 mm."""
    day, hour = divmod(index, 24)
    if day % 3 == 2:
        return step._replace(condition=THUNDER, precipitation=5.0)
    if hour == 20:
        return step._replace(condition=RAIN, precipitation=2.0)
    return step._replace(condition=(ASH, SUNNY)[day % 3], precipitation=0.0)


LOOK = stored_weather.NOW + 4 * stored_weather.HOUR  # when the values are old


def _agreeing(week: HourlyForecast) -> HourlyForecast:
    """Return the week with an hour that agrees with the typhoon: hours that contradict it are left out."""
    points = tuple(
        step._replace(temperature=TYPHOON.temperature, precipitation_probability=100.0)
        if step.time <= LOOK < step.time + stored_weather.HOUR
        else step
        for step in week.points
    )
    return replace(week, points=points)


SUNS = stored_weather.outlook().sun_times
DARK = tuple(SunTimes(sun.date, None, None, PolarSun.DOWN) for sun in SUNS)
NIGHTS = tuple(_day_in_turn(index, step) for index, step in enumerate(WEEK))
PLACES = ("truong-sa", "phan-rang-thap-cham")  # the longest names in English and in Vietnamese


@pytest.mark.parametrize(
    ("week", "accent"),  # a colour of its own, so that no response of the other week is in the cache
    [(HourlyForecast(WEEK, DARK), "aa5500"), (HourlyForecast(NIGHTS, SUNS), "0055aa")],
    ids=["hail", "nights"],
)
@pytest.mark.parametrize("layout", OF_ONE_PLACE)
def test_whatever_is_told_fits_the_documented_height(
    browser: Browser, clock: Portal, layout: Layout, week: HourlyForecast, accent: str
) -> None:
    stored = StoredWeather(_agreeing(week), "met-norway", None, stored_weather.NOW)
    for place in PLACES:
        current = records.current_to_bytes(stored_weather.stored_current(current=TYPHOON))
        clock.store.write({records.weather_key(Dataset.CURRENT, place): current})
        clock.store.write({records.weather_key(Dataset.HOURLY, place): records.hourly_to_bytes(stored)})
    clock.hours_later[0] = 4.0
    opened = browser.new_context(viewport={"width": NARROWEST, "height": 100})
    page = opened.new_page()
    size = """(() => {
      const root = document.documentElement, foot = document.querySelector(".foot");
      const box = foot.getBoundingClientRect();
      const whole = [...foot.querySelectorAll("span, a")].filter(part => part.offsetWidth).every(part => {
        const own = part.getBoundingClientRect();
        return own.bottom <= box.bottom + 1 && own.right <= box.right + 1 && own.top >= box.top - 1;
      });
      return [root.getBoundingClientRect().height, root.scrollWidth, whole];
    })()"""
    for place in PLACES:
        for more in ("lang=vi", "lang=en", "lang=en&units=imperial&select=no"):
            page.goto(f"{clock.url}/widgets/weather/{place}?layout={layout}&accent={accent}&{more}")
            assert page.locator(".old .when").is_visible()
            assert page.locator('main a[href^="/credit/"]').count() == 2
            for width in (NARROWEST, 296, 320, 420, 576, 600, 960):
                page.set_viewport_size({"width": width, "height": 100})
                assert page.evaluate(size) == [WEATHER[layout].at(width), width, True], (place, more)
    opened.close()
