"""The layout `table` of the weather widget: several places under each other, or those of a province."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response

from service.core.freshness import State
from service.locales.formatter import Formatter
from service.places.model import PLACE_ID, Place
from service.weather import icons
from service.weather.forecast import Forecast
from service.weather.model import Dataset
from service.weather.presenter import Credit, Fact, alert_of, credits_of, wind_fact
from service.weather.service import ForecastService
from service.web import responses
from service.web.cache_policy import SHORT, CachePolicy
from service.web.context import AppContext
from service.web.heights import WEATHER, Height
from service.web.parameters import MAX_ROWS, Fault, Query
from service.web.rendering import HEIGHT_SCRIPT, RETRY_SCRIPT, Renderer, card_sheet, sheet
from service.web.widget_options import Layout, Options

_NOT_FOUND, _BAD_REQUEST = 404, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The weather of one place, or in its place a sentence.

    Attributes:
        url: the place's widget in layout `full`; None where there is no such place.
        says: why there are no values; without it there are all of them.
        stale: since when the values are old.
        alert: strong wind, heavy rain or great heat, in words.
    """

    name: str
    url: str | None = None
    says: str = ""
    stale: str = ""
    icon: str | None = None
    condition: str = ""
    alert: str | None = None
    temperature: str = ""
    high: str = ""
    low: str = ""
    chance: str = ""
    wind: Fact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """The values for the template.

    Attributes:
        says: what stands alone: a sentence for each fault, or that there are no such places.
        retry: a place was never fetched yet; where script runs, the page reloads by itself.
    """

    title: str
    says: str = ""
    retry: bool = False
    rows: tuple[Row, ...] = ()
    updated: str = ""
    sample: str = ""
    credits: tuple[Credit, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the parts that the style sheets have rules for."""
        present = {
            "weather": self.rows,
            "sample": self.sample,
            "sentence": self.says,
            "notice": any(row.stale for row in self.rows),
            "alert": any(row.alert for row in self.rows),
        }
        return tuple(part for part, value in present.items() if value)


class WeatherTable:
    """Makes the pages of several places."""

    def __init__(
        self,
        context: AppContext,
        forecasts: ForecastService,
        renderer: Renderer,
        full_url: Callable[[Place, Options], str],
    ) -> None:
        """Read the forecasts from this service; `full_url` returns the address of a place's own widget."""
        self._context, self._forecasts, self._renderer = context, forecasts, renderer
        self._full_url = full_url

    def page(self, query: Query, options: Options) -> Response:
        """Return the page: 404 where none of the places exists, 400 with a sentence for each fault."""
        options = replace(options, layout=Layout.TABLE, select=False)
        formatter = self._context.formatter(options.language, options.units)
        view, cache, status = self._view(query, options, formatter)
        table_sheet = sheet("widgets/weather_table.css", shows=view.parts)
        response = self._renderer.page(
            "widgets/weather_table.html",
            style=self._renderer.style(options.accent, card_sheet(options, view.parts), table_sheet),
            scripts=[HEIGHT_SCRIPT, *([RETRY_SCRIPT] if view.retry else [])],
            cache=cache,
            status=status,
            view=view,
            options=options,
            text=formatter.text,
            address=query.address("/widgets/weather"),
        )
        return responses.unindexed(response)

    def title(self, query: Query, formatter: Formatter) -> str | None:
        """Return the title of what a query asks for; None where it is wrong, or none of the places exists."""
        if _faults(query) or not any(place for _, place in self._wanted(query)):
            return None
        province = self._context.catalogue.province(query["province"])
        if province is None:
            return formatter.text("weather.any_place")
        return formatter.text("weather.in_place", place=province.name)

    def height(self, query: Query) -> Height:
        """Return the height of the table that a query asks for."""
        return WEATHER[Layout.TABLE].holding(len(self._wanted(query)))

    def _wanted(self, query: Query) -> list[tuple[str, Place | None]]:
        """Return the ids of the rows, each with its place if there is such a place."""
        catalogue = self._context.catalogue
        if query["cities"]:
            return [(place_id, catalogue.get(place_id)) for place_id in query["cities"]]
        province = catalogue.province(query["province"])
        return [(place.id, place) for place in province.places[:MAX_ROWS]] if province else []

    def _view(
        self, query: Query, options: Options, formatter: Formatter
    ) -> tuple[TableView, CachePolicy, int]:
        if faults := _faults(query):
            says = " ".join(fault.sentence(formatter) for fault in faults)
            return TableView(title=formatter.text("weather.title"), says=says), SHORT, _BAD_REQUEST
        title = self.title(query, formatter)
        if title is None:
            says = formatter.text("state.unknown_province" if query["province"] else "state.unknown_places")
            return TableView(title=formatter.text("weather.title"), says=says), SHORT, _NOT_FOUND
        wanted, now = self._wanted(query), self._context.clock()
        places = list(dict.fromkeys(place.id for _, place in wanted if place is not None))
        known = {place_id: place for place_id, place in wanted if place is not None}
        forecasts = self._forecasts.forecasts([known[place_id] for place_id in places], now, tuple(Dataset))
        by_id = {forecast.place.id: forecast for forecast in forecasts}
        rows = tuple(
            self._row(by_id[place_id], options, formatter, now) if place_id in by_id
            else _row_of_unknown(place_id, formatter)
            for place_id, _ in wanted
        )  # fmt: skip
        shown = [forecast for forecast in forecasts if forecast.current is not None]
        sample = self._context.settings.demo
        view = TableView(
            title=title,
            retry=any(forecast.fetched_at is None for forecast in forecasts),
            rows=rows,
            updated=_updated(shown, formatter),
            sample=formatter.text("demo") if sample else "",
            credits=credits_of(
                shown, self._forecasts.attributions, self._context.prefix, formatter, sample=sample
            ),
            symbols=tuple(icons.symbols([row.icon for row in rows])),
        )
        return view, self._forecasts.cache_policy(forecasts, now), 200

    def _row(self, forecast: Forecast, options: Options, formatter: Formatter, now: datetime) -> Row:
        place, current = forecast.place, forecast.current
        name, url = place.name(formatter.language), self._full_url(place, options)
        zone = ZoneInfo(place.timezone)
        if current is None:
            since = forecast.fetched_at
            says = (
                formatter.stamped_briefly("state.unavailable_brief", since.astimezone(zone))
                if since
                else formatter.text("value.none")
            )
            return Row(name=name, url=url, says=says)
        day = next((day for day in forecast.days if day.date == now.astimezone(zone).date()), None)
        chance = day.precipitation_probability if day else None
        old_since = forecast.fetched_at if forecast.state is State.STALE else None
        kind = current.condition.kind
        return Row(
            name=name,
            url=url,
            stale=formatter.stale_briefly(old_since.astimezone(zone)) if old_since else "",
            icon=icons.symbol_id(kind, current.is_day),
            condition=formatter.condition(
                kind, current.condition.intensity, current.is_day, current.temperature
            ),
            alert=alert_of(current, day, formatter),
            temperature=formatter.degrees(current.temperature),
            high=formatter.degrees(day.temperature_max if day else None),
            low=formatter.degrees(day.temperature_min if day else None),
            chance=formatter.text("value.dash") if chance is None else formatter.percent(chance),
            wind=wind_fact(current, formatter),
        )


def asks_for_several(query: Query) -> bool:
    """Return whether a query of `/widgets/weather` is for several places, even where it asks wrongly."""
    wrong = {fault.name for fault in query.faults} & {"cities", "province"}
    return bool(wrong or query.values.get("cities") or query.values.get("province"))


def _faults(query: Query) -> list[Fault]:
    faults = list(query.faults)
    if query["cities"] and query["province"]:
        faults.append(Fault("province", key="error.parameter_either"))
    if query.given.get("layout", Layout.TABLE.value) != Layout.TABLE.value:
        faults.append(Fault("layout", Layout.TABLE.value))
    return faults


def _row_of_unknown(place_id: str, formatter: Formatter) -> Row:
    # What is no id is not repeated: anybody can write a sentence of his own into the address.
    name = place_id if PLACE_ID.fullmatch(place_id) else formatter.text("value.dash")
    return Row(name=name, says=formatter.text("state.unknown_row"))


def _updated(shown: Sequence[Forecast], formatter: Formatter) -> str:
    """Return the oldest time of the values; rows that are old tell their own."""
    times = [
        forecast.current.time.astimezone(ZoneInfo(forecast.place.timezone))
        for forecast in shown
        if forecast.state is State.FRESH and forecast.current and forecast.current.time
    ]
    return formatter.updated(min(times)) if times else ""
