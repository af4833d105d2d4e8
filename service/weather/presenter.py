"""The weather widget: a forecast in words, in one of three layouts, in every state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.core.freshness import State
from service.locales.formatter import Formatter
from service.places.model import Place
from service.weather import icons
from service.weather.chart import Chart
from service.weather.forecast import Forecast
from service.weather.model import Condition, Current, Day, DetailedCondition
from service.weather.provider import Attribution
from service.weather.weather_chart import chart_in_words, chart_of
from service.web.city_select import CityForm
from service.web.options import Layout, Options


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One of the days ahead."""

    name: str
    date: str
    iso: str
    icon: str | None
    condition: str
    low: str
    high: str
    chance: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Who said it: a licence duty, beside the data."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class WeatherView:
    """What the template places. A string that is None is not drawn.

    Attributes:
        sentence: everything in one sentence: what the picture is for who does not see it.
        notice: why there are no numbers, or since when they are old.
        alone: the notice is all there is to show.
        retry: nothing was ever fetched; a page with script asks again by itself.
    """

    title: str
    place: str
    sentence: str | None = None
    notice: str | None = None
    alone: bool = False
    retry: bool = False
    sample: str | None = None
    icon: str | None = None
    condition: str | None = None
    temperature: str | None = None
    facts: tuple[Fact, ...] = ()
    wind: str | None = None
    updated: str | None = None
    updated_iso: str | None = None
    remark: str | None = None
    chart: Chart | None = None
    chart_text: str | None = None
    days: tuple[DayRow, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    credit: Credit | None = None
    form: CityForm | None = None


def present(  # noqa: PLR0913 - one argument for each thing a page is made of
    forecast: Forecast,
    *,
    source: Attribution | None,
    form: CityForm | None,
    formatter: Formatter,
    options: Options,
    sample: bool,
    today: date,
) -> WeatherView:
    """The widget of a place that is known, in whatever state its data is."""
    place = forecast.place.name(formatter.language)
    title = formatter.text("weather.in_place", place=place)
    shown = forecast.current
    if shown is None:
        return WeatherView(
            title,
            place,
            notice=_why_nothing(forecast, formatter),
            alone=True,
            retry=forecast.fetched_at is None,
            sample=formatter.text("demo") if sample else None,
            form=form,
        )
    full = options.layout is Layout.FULL
    at = _in_zone(shown.time, forecast.place) if shown.time else None
    days = tuple(_row(day, today, formatter) for day in forecast.days) if full else ()
    chart = chart_of(forecast.hours, ZoneInfo(forecast.place.timezone), formatter) if full else None
    return WeatherView(
        title,
        place,
        sentence=current_sentence(place, shown, at, formatter),
        notice=_since_when(forecast, formatter),
        sample=formatter.text("demo") if sample else None,
        icon=icons.symbol_id(shown.condition.kind, shown.is_day),
        condition=_condition(shown, formatter),
        temperature=formatter.temperature(shown.temperature),
        facts=_all_facts(shown, _today(forecast.days, today), forecast.place, formatter)
        if full
        else _facts(shown, formatter),
        wind=formatter.wind_sentence(shown.wind_speed, shown.wind_direction, shown.wind_gust)
        if full
        else None,
        updated=formatter.updated(at) if at else None,
        updated_iso=at.isoformat() if at else None,
        remark=formatter.text("special.sea") if full and forecast.place.sea else None,
        chart=chart,
        chart_text=chart_in_words(chart, forecast.hours, formatter) if chart else None,
        days=days,
        symbols=_symbols(shown, forecast.days if full else ()),
        credit=_credit(source, formatter, sample=sample),
        form=form,
    )


def present_unknown(formatter: Formatter, form: CityForm | None) -> WeatherView:
    """The widget for a place that is not in the list: a sentence, and the list."""
    return WeatherView(
        formatter.text("weather.title"),
        "",
        notice=formatter.text("state.unknown_place"),
        alone=True,
        form=form,
    )


def present_fault(formatter: Formatter, sentences: Sequence[str], form: CityForm | None) -> WeatherView:
    """The widget for parameters that cannot be used: what is wrong with each."""
    return WeatherView(formatter.text("weather.title"), "", notice=" ".join(sentences), alone=True, form=form)


def current_sentence(
    place_name: str, current: Current, local_time: datetime | None, formatter: Formatter
) -> str:
    """Return the current values as one sentence; values that are None are left out.

    Đông Hà: 27 °C, nhiều mây, độ ẩm 79 %, gió tây bắc 30 km/h, cập nhật lúc 10:00 ngày 27/11/2020.
    `local_time` is `current.time` in the place's zone.
    """
    parts: list[str] = []
    if current.temperature is not None:
        parts.append(formatter.temperature(current.temperature))
    if current.condition.kind is not Condition.UNKNOWN:
        parts.append(
            formatter.condition_inline(
                current.condition.kind, current.condition.intensity, current.is_day, current.temperature
            )
        )
    if current.humidity is not None:
        parts.append(formatter.text("sentence.humidity", humidity=formatter.percent(current.humidity)))
    if current.wind_speed is not None:
        parts.append(formatter.wind_inline(current.wind_speed, current.wind_direction))
    if local_time is not None:
        parts.append(formatter.stamped("sentence.updated", local_time))
    return formatter.text("sentence.now", place=place_name, parts=_joined(parts, formatter))


def day_sentence(day: Day, today: date, formatter: Formatter) -> str:
    """Return a day as one sentence; values that are None are left out.

    Ngày mai: mưa rào, từ 22 đến 30 °C, khả năng mưa 80 %.
    """
    low, high = day.temperature_min, day.temperature_max
    parts: list[str] = []
    if day.condition.kind is not Condition.UNKNOWN:
        parts.append(
            formatter.condition_inline(
                day.condition.kind, day.condition.intensity, is_day=True, temperature=high
            )
        )
    if low is not None or high is not None:
        parts.append(formatter.temperature_range(low, high, in_words=True))
    if day.precipitation_probability is not None:
        chance = formatter.percent(day.precipitation_probability)
        parts.append(formatter.text("sentence.chance", chance=chance))
    name = formatter.day_name(day.date, today)
    return formatter.text("sentence.day", day=name, parts=_joined(parts, formatter))


def _joined(parts: list[str], formatter: Formatter) -> str:
    return formatter.text("sentence.separator").join(parts) or formatter.text("sentence.nothing")


def _why_nothing(forecast: Forecast, formatter: Formatter) -> str:
    if forecast.fetched_at is None:
        return formatter.text("state.first")
    return formatter.stamped("state.unavailable_since", _in_zone(forecast.fetched_at, forecast.place))


def _since_when(forecast: Forecast, formatter: Formatter) -> str | None:
    if forecast.state is not State.STALE or forecast.fetched_at is None:
        return None
    return formatter.since(_in_zone(forecast.fetched_at, forecast.place))


def _in_zone(moment: datetime, place: Place) -> datetime:
    return moment.astimezone(ZoneInfo(place.timezone))


def _condition(current: Current, formatter: Formatter) -> str:
    return formatter.condition(
        current.condition.kind, current.condition.intensity, current.is_day, current.temperature
    )


def _today(days: Sequence[Day], today: date) -> Day | None:
    return next((day for day in days if day.date == today), None)


def _facts(current: Current, formatter: Formatter) -> tuple[Fact, ...]:
    return (
        Fact(formatter.text("humidity"), formatter.percent(current.humidity)),
        Fact(formatter.text("wind.speed"), formatter.speed(current.wind_speed)),
    )


def _all_facts(current: Current, today: Day | None, place: Place, formatter: Formatter) -> tuple[Fact, ...]:
    """What `full` tells beside the temperature; the wind has a sentence of its own."""
    facts = [
        ("feels_like", _or_none(current.apparent_temperature, formatter.temperature)),
        ("humidity", formatter.percent(current.humidity)),
        ("precipitation", formatter.rain(current.precipitation)),
        ("pressure", _or_none(current.pressure, formatter.pressure)),
        ("sunrise", _clock(today.sunrise if today else None, place, formatter)),
        ("sunset", _clock(today.sunset if today else None, place, formatter)),
    ]
    return tuple(Fact(formatter.text(label), value) for label, value in facts if value is not None)


def _or_none(value: float | None, say: Callable[[float], str]) -> str | None:
    return None if value is None else say(value)


def _clock(moment: datetime | None, place: Place, formatter: Formatter) -> str | None:
    return formatter.clock(_in_zone(moment, place)) if moment else None


def _row(day: Day, today: date, formatter: Formatter) -> DayRow:
    chance = day.precipitation_probability
    ends = day.temperature_min, day.temperature_max
    low, high = map(formatter.degrees, ends) if ends != (None, None) else ("", "")
    return DayRow(
        name=formatter.day_name(day.date, today),
        date=formatter.short_date(day.date),
        iso=day.date.isoformat(),
        icon=_day_icon(day.condition),
        condition=formatter.condition(
            day.condition.kind, day.condition.intensity, is_day=True, temperature=day.temperature_max
        ),
        low=low,
        high=high,
        chance="" if chance is None else formatter.percent(chance),
        sentence=day_sentence(day, today, formatter),
    )


def _day_icon(condition: DetailedCondition) -> str | None:
    return icons.symbol_id(condition.kind, is_day=True)


def _symbols(current: Current, days: Sequence[Day]) -> tuple[tuple[str, str], ...]:
    used = [
        icons.symbol_id(current.condition.kind, current.is_day),
        *(_day_icon(day.condition) for day in days),
    ]
    return tuple(icons.symbols(used))


def _credit(source: Attribution | None, formatter: Formatter, *, sample: bool) -> Credit | None:
    if sample:
        return Credit(formatter.text("source", source=formatter.text("demo.source")), None)
    return Credit(formatter.text("source", source=source.name), source.url) if source else None
