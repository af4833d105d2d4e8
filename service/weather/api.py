"""JSON for programs: the places, and their weather."""

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

_MAX_LISTED, _USUAL_LISTED = 500, 50


def views(context: AppContext, forecasts: ForecastService) -> list[View]:
    """Return the views under `/api/v1/cities` and `/api/v1/weather`."""
    api = _WeatherApi(context, forecasts)
    in_words: dict[str, Parameter] = {"lang": language(context.languages), "units": units()}
    listed: dict[str, Parameter] = {"q": Text(), "limit": WholeNumber(1, _MAX_LISTED, _USUAL_LISTED)}
    return [
        View(
            name="api.cities",
            rule="/api/v1/cities",
            respond=api.cities,
            parameters=Parameters(**listed, lang=language(context.languages)),
            cache=PLACES,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.city",
            rule="/api/v1/cities/<city>",
            respond=api.city,
            parameters=Parameters(**in_words),
            cache=PLACES,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.weather_batch",
            rule="/api/v1/weather",
            respond=api.weather_batch,
            parameters=Parameters(**in_words, cities=PlaceIds()),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
        ),
        View(
            name="api.weather",
            rule="/api/v1/weather/<city>",
            respond=api.weather,
            parameters=Parameters(**in_words),
            cache=None,
            depends_on=DEPENDS_ON,
            audience=Audience.PROGRAMS,
        ),
    ]


class _WeatherApi:
    def __init__(self, context: AppContext, forecasts: ForecastService) -> None:
        self._context, self._forecasts = context, forecasts

    def cities(self, query: Query) -> Response:
        found = self._context.catalogue.search(query["q"], query["limit"])
        cities = [json.city(place, query["lang"]) for place in found]
        return json_response({"cities": cities, **self._context.sample})

    def city(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        if place is None:
            return self._unknown([city])
        return json_response(json.city(place, query["lang"]) | self._context.sample)

    def weather(self, query: Query, city: str) -> Response:
        place = self._context.catalogue.get(city)
        return self._unknown([city]) if place is None else self._of([place], query, batch=False)

    def weather_batch(self, query: Query) -> Response:
        found = [(city, self._context.catalogue.get(city)) for city in query["cities"]]
        if unknown := [city for city, place in found if place is None]:
            return self._unknown(unknown)
        return self._of([place for _, place in found if place is not None], query, batch=True)

    def _of(self, places: Sequence[Place], query: Query, *, batch: bool) -> Response:
        now = self._context.clock()
        forecasts = self._forecasts.forecasts(places, now)
        formatter = self._context.formatters[query["lang"], Units(query["units"])]
        payloads = [
            json.weather(one, formatter, self._forecasts.attribution(one)) | self._context.sample
            for one in forecasts
        ]
        payload = {"weather": payloads, **self._context.sample} if batch else payloads[0]
        return json_response(payload, self._forecasts.cache_policy(forecasts, now))

    def _unknown(self, ids: Sequence[str]) -> Response:
        """Return 404 with ids that are near: another place's weather is never an answer."""
        named = ", ".join(f"“{city}”" for city in ids if PLACE_ID.fullmatch(city))
        near = ", ".join(place.id for city in ids[:1] for place in self._context.catalogue.search(city, 3))
        detail = f"No place has the id {named}." if named else "No place has such an id."
        hint = f" Near it: {near}." if near else ""
        every = f"{self._context.prefix}/api/v1/cities"
        return problem(404, f"{detail}{hint} All places: {every}", sample=self._context.settings.demo)
