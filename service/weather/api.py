"""The JSON API of the places and their weather."""

from collections.abc import Sequence

from flask import Response

from service.locales.numbers import Units
from service.places.model import PLACE_ID, Place
from service.weather import json
from service.weather.service import DEPENDS_ON, ForecastService
from service.web.cache_policy import PLACES
from service.web.context import AppContext
from service.web.parameters import Parameter, Parameters, PlaceIds, Query, Text, WholeNumber, language, units
from service.web.responses import json_response, problem
from service.web.views import Audience, View

_MAX_LIMIT, _DEFAULT_LIMIT = 500, 50


def views(context: AppContext, forecasts: ForecastService) -> list[View]:
    """Return the views under `/api/v1/cities` and `/api/v1/weather`."""
    api = _WeatherApi(context, forecasts)
    formats: dict[str, Parameter] = {"lang": language(context.languages), "units": units()}
    search: dict[str, Parameter] = {"q": Text(), "limit": WholeNumber(1, _MAX_LIMIT, _DEFAULT_LIMIT)}
    return [
        View(
            name="api.cities",
            rule="/api/v1/cities",
            respond=api.cities,
            parameters=Parameters(**search, lang=language(context.languages)),
            cache=PLACES,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.city",
            rule="/api/v1/cities/<city>",
            respond=api.city,
            parameters=Parameters(**formats),
            cache=PLACES,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.weather_batch",
            rule="/api/v1/weather",
            respond=api.weather_batch,
            parameters=Parameters(**formats, cities=PlaceIds()),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.weather",
            rule="/api/v1/weather/<city>",
            respond=api.weather,
            parameters=Parameters(**formats),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
        ),
    ]


class _WeatherApi:
    def __init__(self, context: AppContext, forecasts: ForecastService) -> None:
        self._context, self._forecasts = context, forecasts

    def cities(self, query: Query) -> Response:
        places = self._context.catalogue.search(query["q"], query["limit"])
        cities = [json.city(place, query["lang"]) for place in places]
        return json_response({"cities": cities, **self._context.sample})

    def city(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        if place is None:
            return self._not_found([city])
        return json_response(json.city(place, query["lang"]) | self._context.sample)

    def weather(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        return self._not_found([city]) if place is None else self._forecasts_of([place], query, batch=False)

    def weather_batch(self, query: Query) -> Response:
        places = [(city, self._context.catalogue.get(city)) for city in query["cities"]]
        if unknown := [city for city, place in places if place is None]:
            return self._not_found(unknown)
        return self._forecasts_of([place for _, place in places if place is not None], query, batch=True)

    def _forecasts_of(self, places: Sequence[Place], query: Query, *, batch: bool) -> Response:
        now = self._context.clock()
        forecasts = self._forecasts.forecasts(places, now)
        formatter = self._context.formatters[query["lang"], Units(query["units"])]
        payloads = [
            json.weather(forecast, formatter, self._forecasts.attributions) | self._context.sample
            for forecast in forecasts
        ]
        payload = {"weather": payloads, **self._context.sample} if batch else payloads[0]
        return json_response(payload, self._forecasts.cache_policy(forecasts, now))

    def _not_found(self, ids: Sequence[str]) -> Response:
        """Return 404 with similar ids as a hint; the weather of another place is never returned instead."""
        unknown = ", ".join(f"“{city}”" for city in ids if PLACE_ID.fullmatch(city))
        similar = ", ".join(place.id for city in ids[:1] for place in self._context.catalogue.search(city, 3))
        detail = f"No place has the id {unknown}." if unknown else "No place has such an id."
        hint = f" Near it: {similar}." if similar else ""
        cities_url = f"{self._context.prefix}/api/v1/cities"
        return problem(404, f"{detail}{hint} All places: {cities_url}", sample=self._context.settings.demo)
