"""The JSON of places and their weather, as it is described to programmers."""

from marshmallow import fields

from service.core.freshness import State
from service.locales.numbers import UNITS, Units
from service.weather.json import CONVERSIONS
from service.weather.model import Condition
from service.web.schema_fields import (
    ResponseSchema,
    by_name,
    day,
    flag,
    link,
    many,
    moment,
    number,
    one,
    one_of,
    sample,
    text,
    texts,
)

_CONDITIONS = tuple(kind.value for kind in Condition)
_CONDITION = "What the sky does; `unknown` where the provider's code is not known."
_CONDITION_TEXT = "The same in words of the language asked for, with its strength."
_IS_DAY = "Whether the sun is up, by the provider."
_CHANCE = "The chance of precipitation."


def _measured(about: str, unit: str, like: str = "") -> fields.Float:
    """Describe a number with a unit; it has as many decimals as the quantity `like`."""
    metric, imperial = UNITS[Units.METRIC][unit], UNITS[Units.IMPERIAL][unit]
    quantity = (like or unit).removeprefix("apparent_").partition("_m")[0]
    decimals = {units: CONVERSIONS[units].get(quantity, (None, 1))[1] for units in Units}
    told = f"In {metric}, {decimals[Units.METRIC]} decimal at most"
    if metric != imperial:
        told += f"; in {imperial} with `units=imperial`, {decimals[Units.IMPERIAL]} decimals at most"
    return number(f"{about} {told}.")


class PlaceSummary(ResponseSchema):
    id = text("The id of the place, as in URLs.")
    name = text("Its name in the language asked for.")
    country = text("ISO 3166 code of the country.")
    latitude = number("Degrees north.", null=False)
    longitude = number("Degrees east.", null=False)
    timezone = text("IANA name of the time zone, in which its times are told.")


class City(PlaceSummary):
    names = by_name("Its names by language.")
    distance_km = number(
        "Kilometres along the great circle, one decimal; only where `latitude` and `longitude` were given.",
        null=False,
        optional=True,
    )
    sample = sample()


class Cities(ResponseSchema):
    cities = many(City, "The best match first, or the nearest.")
    sample = sample()


class CurrentWeather(ResponseSchema):
    time = moment("The hour or moment that the values are for, in the place's time.", null=False)
    temperature = _measured("Air temperature at two metres.", "temperature")
    apparent_temperature = _measured("What it feels like.", "temperature")
    apparent_temperature_derived = flag("Whether that was worked out here, by MET Norway's rule.")
    humidity = _measured("Relative humidity; at most 100.", "humidity")
    wind_speed = _measured("Mean speed of ten minutes at ten metres.", "wind_speed")
    wind_direction = _measured("Where the wind comes from: 0 north, 90 east.", "wind_direction")
    wind_gust = _measured("Speed of the gusts.", "wind_gust", like="wind_speed")
    pressure = _measured("Pressure at sea level.", "pressure")
    cloud_cover = _measured("Share of the sky that is covered.", "cloud_cover")
    precipitation = _measured("A rate, not a sum.", "precipitation_rate", like="precipitation")
    condition = one_of(_CONDITION, _CONDITIONS)
    condition_text = text(_CONDITION_TEXT)
    is_day = flag(_IS_DAY, null=True)


class Hour(ResponseSchema):
    time = moment("The beginning of the hour, in the place's time.", null=False)
    temperature = _measured("Air temperature at that time.", "temperature")
    precipitation = _measured("The sum of the hour that begins at `time`.", "precipitation")
    precipitation_probability = _measured(_CHANCE, "precipitation_probability")
    wind_speed = _measured("Mean speed at ten metres.", "wind_speed")
    condition = one_of(_CONDITION, _CONDITIONS)
    condition_text = text(_CONDITION_TEXT)
    is_day = flag(_IS_DAY, null=True)


class Day(ResponseSchema):
    date = day("The day in the place's time.")
    temperature_min = _measured("The lowest; null where a missing hour could hide it.", "temperature_min")
    temperature_max = _measured("The highest, likewise.", "temperature_max")
    precipitation = _measured("The sum of its hours, likewise.", "precipitation")
    precipitation_probability = _measured(_CHANCE, "precipitation_probability")
    condition = one_of("What the day is called for, by its water and its hours.", _CONDITIONS)
    condition_text = text(_CONDITION_TEXT)
    sunrise = moment("In the place's time; null on polar days.")
    sunset = moment("Likewise.")
    sun = one_of("`up` or `down` on polar days.", ("up", "down"), null=True)
    derived = flag("Whether it was worked out from the hours, and not told by the provider.")


class Source(ResponseSchema):
    id = text("The id of the provider.")
    name = text("Its name; show it with the data, as the licence asks.")
    url = link("Its page, to be linked from the name; null for sample data.", null=True)
    licence = text("The licence of the data; null for sample data.", null=True)


class DatedSource(Source):
    updated_at = moment("When the provider made the data, by itself.")
    fetched_at = moment("When they were fetched.")


class Sources(ResponseSchema):
    current = one(DatedSource, "Of `current`.", null=True)
    hourly = one(DatedSource, "Of `hourly`.", null=True)
    daily = one(DatedSource, "Of `daily`.", null=True)


class Weather(ResponseSchema):
    city = one(PlaceSummary, "The place.")
    current = one(
        CurrentWeather, "The values of now; null while `state` is `unavailable`.", null=True, optional=True
    )
    hourly = many(Hour, "The present hour and up to 47 more.", optional=True)
    daily = many(Day, "Today and up to six more days.", optional=True)
    units = by_name("The unit of every number, by the field's name; `precipitation_rate` is of `current`.")
    updated_at = moment("When the provider made the current values, by itself, in the place's time.")
    fetched_at = moment("The last answer of the provider with the current values; UTC.")
    state = one_of(
        "`stale` from `weather.stale_after` on, `unavailable` from `weather.hide_after` on: then there are"
        " no numbers.",
        tuple(state.value for state in State),
    )
    source = one(Source, "Of the current values.", null=True)
    sources = one(Sources, "Whose numbers each part has.")
    sample = sample()


class WeatherOfSeveral(ResponseSchema):
    weather = many(Weather, "In the order asked.")
    unknown_ids = texts("The ids that no place has; only with `partial=yes`.", optional=True, key="unknown")
    sample = sample()
