"""The JSON API of the places and their weather."""

from collections.abc import Sequence
from typing import Any

from flask import Response

from service.locales.numbers import Units
from service.places.model import PLACE_ID, Place, Point
from service.weather import json, schemas
from service.weather.service import DEPENDS_ON, ForecastService
from service.web.cache_policy import PLACES, SHORT, CachePolicy
from service.web.context import AppContext
from service.web.parameters import (
    Coordinate,
    Fault,
    OneOf,
    Parameter,
    ParameterError,
    Parameters,
    PlaceIds,
    Query,
    SomeOf,
    Text,
    WholeNumber,
    described,
    language,
    units,
)
from service.web.responses import json_response, problem
from service.web.views import Audience, Description, View

_MAX_LIMIT, _DEFAULT_LIMIT = 500, 50


def views(context: AppContext, forecasts: ForecastService) -> list[View]:
    """Return the views under `/api/v1/cities` and `/api/v1/weather`."""
    api = _WeatherApi(context, forecasts)
    formats: dict[str, Parameter] = {"lang": language(context.languages), "units": units()}
    search: dict[str, Parameter] = {
        "q": described("A name, or its beginning; diacritics and case do not count.", Text()),
        "latitude": described(
            "With `longitude`: the nearest places come first, with `distance_km`. Not with `q`.",
            Coordinate(90),
        ),
        "longitude": described("See `latitude`.", Coordinate(180)),
        "limit": described("How many places at most.", WholeNumber(1, _MAX_LIMIT, _DEFAULT_LIMIT)),
    }
    parts = described("The parts of the weather that are wanted, with commas between.", SomeOf(json.PARTS))
    city = {"city": "The id of a place."}
    unknown = "api.city_not_found"
    return [
        View(
            name="api.cities",
            rule="/api/v1/cities",
            respond=api.cities,
            parameters=Parameters(**search, lang=language(context.languages)),
            cache=PLACES,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.cities",
                media={"application/json": schemas.Cities},
                examples=[
                    "/api/v1/cities?q=dong+ha&limit=2",
                    "/api/v1/cities?latitude=16.8&longitude=107.1&limit=2",
                ],
            ),
        ),
        View(
            name="api.city",
            rule="/api/v1/cities/<city>",
            respond=api.city,
            parameters=Parameters(**formats),
            cache=PLACES,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.city",
                media={"application/json": schemas.City},
                path=city,
                not_found=unknown,
                examples=["/api/v1/cities/dong-ha"],
            ),
        ),
        View(
            name="api.weather_batch",
            rule="/api/v1/weather",
            respond=api.weather_batch,
            parameters=Parameters(
                **formats,
                cities=described("Ids of at most 50 places, with commas between.", PlaceIds()),
                fields=parts,
                partial=described(
                    "With `yes`, unknown ids are named in `unknown` instead of failing.",
                    OneOf(("yes", "no"), "no"),
                ),
            ),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.weather_batch",
                media={"application/json": schemas.WeatherOfSeveral},
                not_found="api.weather_batch_not_found",
                examples=["/api/v1/weather?cities=dong-ha,hue&fields=current"],
            ),
        ),
        View(
            name="api.weather",
            rule="/api/v1/weather/<city>",
            respond=api.weather,
            parameters=Parameters(**formats, fields=parts),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
            description=Description(
                summary="api.weather",
                media={"application/json": schemas.Weather},
                path=city,
                not_found=unknown,
                examples=[
                    "/api/v1/weather/dong-ha",
                    "/api/v1/weather/dong-ha?fields=current&units=imperial&lang=en",
                ],
            ),
        ),
    ]


def _point(query: Query) -> Point | None:
    """Return the point near which places are asked for.

    Raises:
        ParameterError: for half a point, and for one together with a search.
    """
    point = {name: query[name] for name in ("latitude", "longitude")}
    missing = [name for name, value in point.items() if value is None]
    if len(missing) == len(point):
        return None
    faults = [Fault(name, "there too where the other one is", described=True) for name in missing]
    if query["q"]:
        faults.append(Fault("q", "left out where latitude and longitude are given", described=True))
    if faults:
        raise ParameterError(tuple(faults))
    return Point(**point)


class _WeatherApi:
    def __init__(self, context: AppContext, forecasts: ForecastService) -> None:
        self._context, self._forecasts = context, forecasts

    def cities(self, query: Query) -> Response:
        catalogue, limit, language = self._context.catalogue, query["limit"], query["lang"]
        if (near := _point(query)) is not None:
            found = catalogue.nearest(near, limit)
            cities = [json.city(place, language, distance) for place, distance in found]
        else:
            cities = [json.city(place, language) for place in catalogue.search(query["q"], limit)]
        return json_response({"cities": cities, **self._context.sample})

    def city(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        if place is None:
            return self._not_found([city])
        return json_response(json.city(place, query["lang"]) | self._context.sample)

    def weather(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        if place is None:
            return self._not_found([city])
        (payload,), cache = self._payloads([place], query)
        return json_response(payload, cache)

    def weather_batch(self, query: Query) -> Response:
        catalogue, partial = self._context.catalogue, query["partial"] == "yes"
        unknown = [city for city in dict.fromkeys(query["cities"]) if catalogue.get(city) is None]
        if unknown and not partial:
            return self._not_found(unknown)
        places = [place for city in query["cities"] if (place := catalogue.get(city)) is not None]
        payloads, cache = self._payloads(places, query)
        told = {"unknown": unknown} if partial else {}
        return json_response({"weather": payloads, **told, **self._context.sample}, cache)

    def _payloads(self, places: Sequence[Place], query: Query) -> tuple[list[dict[str, Any]], CachePolicy]:
        now = self._context.clock()
        forecasts = self._forecasts.forecasts(places, now)
        formatter = self._context.formatters[query["lang"], Units(query["units"])]
        attributions, parts = self._forecasts.attributions, query["fields"]
        payloads = [
            json.weather(forecast, formatter, attributions, parts) | self._context.sample
            for forecast in forecasts
        ]
        return payloads, self._forecasts.cache_policy(forecasts, now) if forecasts else SHORT

    def _not_found(self, ids: Sequence[str]) -> Response:
        """Return 404 with similar ids as a hint; the weather of another place is never returned instead."""
        unknown = ", ".join(f"“{city}”" for city in ids if PLACE_ID.fullmatch(city))
        similar = ", ".join(place.id for city in ids[:1] for place in self._context.catalogue.search(city, 3))
        detail = f"No place has the id {unknown}." if unknown else "No place has such an id."
        hint = f" Near it: {similar}." if similar else ""
        cities_url = f"{self._context.prefix}/api/v1/cities"
        return problem(404, f"{detail}{hint} All places: {cities_url}", sample=self._context.settings.demo)
