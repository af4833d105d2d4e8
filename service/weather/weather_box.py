"""The compact weather that stands beside articles, with the select over the places."""

from zoneinfo import ZoneInfo

from service.locales.formatter import Speech
from service.weather.model import Aspect
from service.weather.presenter import WeatherView, present, present_unknown
from service.web import cache_policy
from service.web.cache_policy import Validity
from service.web.city_forms import Hidden, city_form_of
from service.web.context import House
from service.web.options import Options
from service.web.responses import SHORT


class WeatherBox:
    """Presents the weather of a place inside another page."""

    def __init__(self, house: House) -> None:
        """Of this house."""
        self._house = house

    def view(
        self, city: str | None, options: Options, speech: Speech, *, action: str, hidden: Hidden
    ) -> tuple[WeatherView | None, Validity, int]:
        """The box of this city (None: the usual one), until when it is true, and the page's status.

        `action` and `hidden` are where the select goes to and what it takes along. None where there are no
        places at all.
        """
        place = self._house.catalogue.get(city) if city else self._house.default_city
        if place is None and not city:
            return None, SHORT, 200
        form = city_form_of(self._house, place, options, action=action, hidden=hidden)
        if place is None:
            return present_unknown(speech, form), SHORT, 404
        now, goals = self._house.clock(), self._house.settings.weather
        (forecast,) = self._house.reader.forecasts([place], now, (Aspect.CURRENT,))
        view = present(
            forecast,
            source=self._house.sources.get(forecast.source or ""),
            form=form,
            speech=speech,
            options=options,
            sample=self._house.settings.demo,
            today=now.astimezone(ZoneInfo(place.timezone)).date(),
        )
        return view, cache_policy.of_forecast(forecast, now, goals.refresh), 200
