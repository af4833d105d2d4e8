"""The compact weather that stands beside articles, with the select over the places."""

from zoneinfo import ZoneInfo

from service.locales.formatter import Formatter
from service.weather.model import Dataset
from service.weather.presenter import WeatherView, present, present_unknown
from service.web import cache_policy
from service.web.cache_policy import CachePolicy
from service.web.city_forms import Hidden, city_form_of
from service.web.context import AppContext
from service.web.options import Options
from service.web.responses import SHORT


class WeatherBox:
    """Presents the weather of a place inside another page."""

    def __init__(self, context: AppContext) -> None:
        """Of this house."""
        self._context = context

    def view(
        self, city: str | None, options: Options, formatter: Formatter, *, action: str, hidden: Hidden
    ) -> tuple[WeatherView | None, CachePolicy, int]:
        """The box of this city (None: the usual one), until when it is true, and the page's status.

        `action` and `hidden` are where the select goes to and what it takes along. None where there are no
        places at all.
        """
        place = self._context.catalogue.get(city) if city else self._context.default_city
        if place is None and not city:
            return None, SHORT, 200
        form = city_form_of(self._context, place, options, action=action, hidden=hidden)
        if place is None:
            return present_unknown(formatter, form), SHORT, 404
        now, goals = self._context.clock(), self._context.settings.weather
        (forecast,) = self._context.reader.forecasts([place], now, (Dataset.CURRENT,))
        view = present(
            forecast,
            source=self._context.sources.get(forecast.provider_id or ""),
            form=form,
            formatter=formatter,
            options=options,
            sample=self._context.settings.demo,
            today=now.astimezone(ZoneInfo(place.timezone)).date(),
        )
        return view, cache_policy.of_forecast(forecast, now, goals.refresh), 200
