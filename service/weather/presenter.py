"""The content of the weather widget: a forecast in the reader's language, for each layout and state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.core.freshness import State
from service.locales.formatter import Formatter
from service.places.model import Place
from service.weather import icons
from service.weather.chart import Chart, LabelFormats, draw_chart
from service.weather.days import is_wet
from service.weather.forecast import Forecast, Provenance
from service.weather.hours import SOME_WATER
from service.weather.model import Condition, Current, Day, HourlyPoint
from service.weather.provider import Attribution
from service.web.city_select import CityForm
from service.web.widget_options import Layout, Options


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the forecast."""

    name: str
    date: str
    icon: str | None
    condition: str
    low: str
    high: str
    chance: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A provider's name beside its data, as its licence requires; the first one says what it is."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class WeatherView:
    """The values for the template, which leaves out what is None.

    Attributes:
        sentence: the current values in one sentence, the text alternative of the SVG image.
        notice: why there are no values, or since when they are stale.
        alone: there is nothing but the notice.
        retry: nothing was fetched yet; where script runs, the page reloads by itself.
        symbols: the icons in use, as id and the content of a `<symbol>`.
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
    remark: str | None = None
    chart: Chart | None = None
    chart_text: str | None = None
    days: tuple[DayRow, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    credits: tuple[Credit, ...] = ()
    form: CityForm | None = None


def present(  # noqa: PLR0913 - one argument for each part of the page
    forecast: Forecast,
    *,
    attributions: Mapping[str, Attribution],
    form: CityForm | None,
    formatter: Formatter,
    options: Options,
    sample: bool,
    today: date,
) -> WeatherView:
    """Return the widget of a known place, in any state of its data; `attributions` are by provider id."""
    place = forecast.place.name(formatter.language)
    title = formatter.text("weather.in_place", place=place)
    sample_note = formatter.text("demo") if sample else None
    current = forecast.current
    if current is None:
        return WeatherView(
            title,
            place,
            notice=_unavailable_notice(forecast, formatter),
            alone=True,
            retry=forecast.fetched_at is None,
            sample=sample_note,
            form=form,
        )
    full = options.layout is Layout.FULL
    local_time = _local(current.time, forecast.place) if current.time else None
    icon = icons.symbol_id(current.condition.kind, current.is_day)
    providers = [origin.provider_id for origin in _shown_from(forecast, full=full)]
    chart = chart_text = wind = remark = None
    days: tuple[DayRow, ...] = ()
    if full:
        facts = _full_facts(forecast, current, today, formatter)
        wind = formatter.wind_sentence(current.wind_speed, current.wind_direction, current.wind_gust)
        remark = formatter.text("special.sea") if forecast.place.sea else None
        chart = _chart(forecast.hours, forecast.place, formatter)
        chart_text = _chart_text(chart, current, forecast.hours, formatter) if chart else None
        days = tuple(_day_row(day, today, formatter) for day in forecast.days)
    else:
        facts = _facts(current, formatter)
    return WeatherView(
        title,
        place,
        sentence=current_sentence(place, current, local_time, formatter),
        notice=_stale_notice(forecast, formatter),
        sample=sample_note,
        icon=icon,
        condition=formatter.condition(
            current.condition.kind, current.condition.intensity, current.is_day, current.temperature
        ),
        temperature=formatter.temperature(current.temperature),
        facts=facts,
        wind=wind,
        updated=formatter.updated(local_time) if local_time else None,
        remark=remark,
        chart=chart,
        chart_text=chart_text,
        days=days,
        symbols=tuple(icons.symbols([icon, *(day.icon for day in days)])),
        credits=_credits(providers, attributions, formatter, sample=sample),
        form=form,
    )


def present_unknown(formatter: Formatter, form: CityForm | None) -> WeatherView:
    """Return the widget for an unknown id: a sentence, and the select of places."""
    return WeatherView(
        formatter.text("weather.title"),
        "",
        notice=formatter.text("state.unknown_place"),
        alone=True,
        form=form,
    )


def present_fault(formatter: Formatter, sentences: Sequence[str], form: CityForm | None) -> WeatherView:
    """Return the widget for invalid parameters: a sentence for each."""
    return WeatherView(formatter.text("weather.title"), "", notice=" ".join(sentences), alone=True, form=form)


def _unavailable_notice(forecast: Forecast, formatter: Formatter) -> str:
    if forecast.fetched_at is None:
        return formatter.text("state.first")
    return formatter.stamped("state.unavailable_since", _local(forecast.fetched_at, forecast.place))


def _stale_notice(forecast: Forecast, formatter: Formatter) -> str | None:
    if forecast.state is not State.STALE or forecast.fetched_at is None:
        return None
    return formatter.stale_since(_local(forecast.fetched_at, forecast.place))


def _facts(current: Current, formatter: Formatter) -> tuple[Fact, ...]:
    return (
        Fact(formatter.text("humidity"), formatter.percent(current.humidity)),
        Fact(formatter.text("wind.speed"), formatter.speed(current.wind_speed)),
    )


def _full_facts(forecast: Forecast, current: Current, today: date, formatter: Formatter) -> tuple[Fact, ...]:
    """Return the facts of layout `full`, where the wind has a sentence of its own."""
    day = next((day for day in forecast.days if day.date == today), None)
    felt, pressure = current.apparent_temperature, current.pressure
    sunrise, sunset, polar = (day.sunrise, day.sunset, day.polar) if day else (None, None, None)
    facts = {
        "feels_like": None if felt is None else formatter.temperature(felt),
        "humidity": formatter.percent(current.humidity),
        "precipitation": formatter.rain_rate(current.precipitation_rate),
        "pressure": None if pressure is None else formatter.pressure(pressure),
        "sunrise": formatter.time(_local(sunrise, forecast.place)) if sunrise else None,
        "sunset": formatter.time(_local(sunset, forecast.place)) if sunset else None,
        f"sun.{polar}": formatter.text("sun.all_day") if polar else None,
    }
    return tuple(Fact(formatter.text(key), value) for key, value in facts.items() if value is not None)


def _day_row(day: Day, today: date, formatter: Formatter) -> DayRow:
    low, high = day.temperature_min, day.temperature_max
    chance = day.precipitation_probability
    return DayRow(
        name=formatter.day_name(day.date, today),
        date=formatter.short_date(day.date),
        icon=icons.symbol_id(day.condition.kind, is_day=not day.is_dark),
        condition=formatter.day_condition(
            day.condition.kind,
            day.condition.intensity,
            high,
            is_dark=day.is_dark,
            has_wet_night=day.has_wet_night,
        ),
        low="" if low is None else formatter.degrees(low),
        high="" if high is None else formatter.degrees(high),
        chance="" if chance is None else formatter.percent(chance),
        sentence=day_sentence(day, today, formatter),
    )


def _shown_from(forecast: Forecast, *, full: bool) -> list[Provenance]:
    """Return where the numbers in a layout came from: those of `full` have hours and days, too."""
    origins = (forecast.current_from, forecast.hourly_from if full else None)
    return [origin for origin in origins if origin is not None]


def _credits(
    provider_ids: Iterable[str],
    attributions: Mapping[str, Attribution],
    formatter: Formatter,
    *,
    sample: bool,
) -> tuple[Credit, ...]:
    """Return the credits of the providers whose numbers are shown, each once."""
    if sample:
        return (Credit(formatter.text("source", source=formatter.text("demo.source")), None),)
    credited = [attributions[name] for name in dict.fromkeys(provider_ids) if name in attributions]
    if not credited:
        return ()
    first, *others = credited
    text = formatter.text("source.several" if others else "source", source=first.name)
    return (Credit(text, first.url), *(Credit(other.name, other.url) for other in others))


# Text alternatives


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
    if day.condition.kind is not Condition.UNKNOWN or day.has_wet_night:
        parts.append(
            formatter.day_condition_inline(
                day.condition.kind,
                day.condition.intensity,
                high,
                is_dark=day.is_dark,
                has_wet_night=day.has_wet_night,
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


def _chart(hours: Sequence[HourlyPoint], place: Place, formatter: Formatter) -> Chart | None:
    formats = LabelFormats(
        degrees=formatter.degrees, rain=formatter.rain, hour=formatter.time, day=formatter.weekday_short
    )
    return draw_chart(hours, ZoneInfo(place.timezone), formats)


def _chart_text(chart: Chart, current: Current, hours: Sequence[HourlyPoint], formatter: Formatter) -> str:
    low, high = formatter.temperature(chart.lowest.value), formatter.temperature(chart.highest.value)
    if chart.rain is None:
        return formatter.text("chart.summary_temperature", low=low, high=high)
    wet_hours = sum(point.precipitation is not None and point.precipitation >= SOME_WATER for point in hours)
    if wet_hours:
        rain = formatter.text("chart.rain", n=wet_hours, amount=formatter.rain(chart.rain))
    elif is_wet(current.condition) or any(is_wet(hour.condition) for hour in hours):
        # No water, but it rains now or may rain: "no rain" would contradict the words beside the chart.
        return formatter.text("chart.summary_temperature", low=low, high=high)
    else:
        rain = formatter.text("chart.no_rain")
    return formatter.text("chart.summary", low=low, high=high, rain=rain)


def _local(time: datetime, place: Place) -> datetime:
    return time.astimezone(ZoneInfo(place.timezone))
