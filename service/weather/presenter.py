"""The content of the weather widget: a forecast in the reader's language, for each layout and state."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from service.core.freshness import State
from service.locales.formatter import Formatter
from service.locales.numbers import Units, round_half_up
from service.places.model import Place
from service.weather import icons
from service.weather.chart import Chart, LabelFormats, draw_chart
from service.weather.days import is_wet
from service.weather.forecast import Forecast
from service.weather.hours import SOME_WATER
from service.weather.model import Condition, Current, Day, HourlyPoint
from service.weather.provider import Attribution
from service.web.city_select import CityForm
from service.web.widget_options import Layout, Options

_MUCH_RAIN = 51  # mm in a day: from here on its own words say "to" (`days.STRENGTHS`)
_GREAT_HEAT = 37  # °C


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value.

    Attributes:
        more: the rest of the value, which a narrow widget leaves out.
        kind: "rain" or "wind", which have an icon, or "".
        towards: where the wind blows to, in degrees clockwise from north; None without a direction.
    """

    label: str
    value: str
    more: str = ""
    kind: str = ""
    towards: int | None = None


class Temperature(NamedTuple):
    """A temperature in two sizes: `27` and `°C`, or a sentence without a unit."""

    number: str
    unit: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the forecast; `left` and `width` are its bar on the scale of all days, in percent."""

    name: str
    icon: str | None
    condition: str
    low: str
    high: str
    chance: str
    left: float
    width: float
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
        high, low: today's extremes as far as the day is known.
        alert: strong wind, heavy rain or great heat, in words.
        more_url: the same place in layout `full`, from the layouts that leave out the days.
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
    temperature: Temperature | None = None
    high: str | None = None
    low: str | None = None
    alert: str | None = None
    facts: tuple[Fact, ...] = ()
    updated: str | None = None
    more_url: str | None = None
    remark: str | None = None
    chart: Chart | None = None
    chart_text: str | None = None
    days: tuple[DayRow, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    credits: tuple[Credit, ...] = ()
    form: CityForm | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the parts that the style sheets have rules for."""
        present = {
            "weather": True,
            "select": self.form,
            "sample": self.sample,
            "sentence": self.alone,
            "notice": self.notice and not self.alone,
            "alert": self.alert,
            "chart": self.days,
        }
        return tuple(part for part, value in present.items() if value)


def present(  # noqa: PLR0913 - one argument for each part of the page
    forecast: Forecast,
    *,
    attributions: Mapping[str, Attribution],
    prefix: str,
    form: CityForm | None,
    formatter: Formatter,
    options: Options,
    sample: bool,
    today: date,
    more_url: str | None = None,
) -> WeatherView:
    """Return the widget of a known place, in any state of its data.

    `attributions` are by provider id, `prefix` is the path below which the service is.
    """
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
    day = next((day for day in forecast.days if day.date == today), None)
    chart = _chart(forecast.hours, forecast.place, formatter) if full else None
    days = _day_rows(forecast.days, today, formatter) if full else ()
    stale_notice = _stale_notice(forecast, formatter, options.layout)
    return WeatherView(
        title,
        place,
        # Two times side by side explain nothing: what is stale has that of its retrieval alone.
        sentence=current_sentence(place, current, None if stale_notice else local_time, formatter),
        notice=stale_notice,
        sample=sample_note,
        icon=icon,
        condition=formatter.condition(
            current.condition.kind, current.condition.intensity, current.is_day, current.temperature
        ),
        temperature=_temperature(current.temperature, formatter),
        high=formatter.degrees(day.temperature_max if day else None),
        low=formatter.degrees(day.temperature_min if day else None),
        alert=alert_of(current, day, formatter),
        facts=(
            _full_facts(forecast.place, current, day, formatter)
            if full
            else _facts(current, day, formatter, options.layout)
        ),
        updated=_updated(local_time, formatter, options.layout) if local_time else None,
        remark=formatter.text("special.sea") if full and forecast.place.sea else None,
        more_url=more_url,
        chart=chart,
        chart_text=_chart_text(chart, current, forecast.hours, formatter) if chart else None,
        days=days,
        symbols=tuple(icons.symbols([icon, *(row.icon for row in days)])),
        credits=credits_of([forecast], attributions, prefix, formatter, sample=sample),
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


def _stale_notice(forecast: Forecast, formatter: Formatter, layout: Layout) -> str | None:
    if forecast.state is not State.STALE or forecast.fetched_at is None:
        return None
    fetched_at = _local(forecast.fetched_at, forecast.place)
    if layout is Layout.STRIP:
        return formatter.stale_briefly(fetched_at)
    return formatter.stale_since(fetched_at)


def _updated(local_time: datetime, formatter: Formatter, layout: Layout) -> str:
    if layout is Layout.STRIP:
        return formatter.stamped_briefly("updated.brief", local_time)
    return formatter.updated(local_time)


def _temperature(celsius: float | None, formatter: Formatter) -> Temperature:
    if celsius is None:
        return Temperature(formatter.text("value.dash"), "")
    number, _, unit = formatter.temperature(celsius).partition("\u00a0")
    return Temperature(number, unit)


def alert_of(current: Current, day: Day | None, formatter: Formatter) -> str | None:
    """Return what a reader must not overlook: strong wind now, heavy rain or great heat today."""
    alerts = []
    if formatter.is_strong(current.wind_speed):
        gust = current.wind_gust
        key = "alert.wind" if gust is None else "alert.wind_with_gust"
        force = formatter.force_text(current.wind_speed)
        alerts.append(formatter.text(key, force=force, gust=formatter.speed(gust) if gust else ""))
    water = day.precipitation if day and day.condition.kind is not Condition.SNOW else None
    if water is not None and round_half_up(water, 1) >= _MUCH_RAIN:
        alerts.append(formatter.text("alert.rain"))
    if day and day.temperature_max is not None and round_half_up(day.temperature_max) >= _GREAT_HEAT:
        alerts.append(formatter.text("alert.heat"))
    return formatter.sentence_of(alerts) if alerts else None


def _facts(current: Current, day: Day | None, formatter: Formatter, layout: Layout) -> tuple[Fact, ...]:
    """Return the three facts; a strip without room for all leaves out the last ones."""
    chance, wind = _chance_fact(day, formatter), wind_fact(current, formatter)
    humidity = Fact(formatter.text("humidity"), _or_dash(current.humidity, formatter.percent, formatter))
    return (chance, wind, humidity) if layout is Layout.STRIP else (chance, humidity, wind)


def _full_facts(place: Place, current: Current, day: Day | None, formatter: Formatter) -> tuple[Fact, ...]:
    """Return the eight facts of layout `full`: a value that is not known has a dash, so that none moves."""

    def fact(key: str, value: float | None, to_text: Callable[[float], str]) -> Fact:
        return Fact(formatter.text(key), _or_dash(value, to_text, formatter))

    gust = current.wind_gust
    return (
        fact("feels_like", current.apparent_temperature, formatter.temperature),
        fact("humidity", current.humidity, formatter.percent),
        _chance_fact(day, formatter),
        fact("precipitation", current.precipitation_rate, formatter.rain_rate),
        wind_fact(current, formatter),
        Fact(
            formatter.text("wind.gust"),
            _or_dash(gust, formatter.speed, formatter),
            "" if gust is None else f", {formatter.force_text(gust)}",
        ),
        fact("pressure", current.pressure, formatter.pressure),
        _sun_fact(place, day, formatter),
    )


def _chance_fact(day: Day | None, formatter: Formatter) -> Fact:
    chance = day.precipitation_probability if day else None
    value = _or_dash(chance, formatter.percent, formatter)
    return Fact(formatter.text("precipitation.chance"), value, kind="rain")


def wind_fact(current: Current, formatter: Formatter) -> Fact:
    speed, direction = current.wind_speed, current.wind_direction
    if speed is None:
        return Fact(formatter.text("wind"), formatter.text("value.dash"))
    if formatter.is_calm(speed):
        return Fact(formatter.text("wind"), formatter.text("wind.calm"))
    value, more = formatter.speed(speed), f", {formatter.force_text(speed)}"
    if direction is None:
        return Fact(formatter.text("wind"), value, more)
    label = formatter.text("wind.from", direction=formatter.direction(direction))
    return Fact(label, value, more, "wind", round(direction + 180) % 360)


def _sun_fact(place: Place, day: Day | None, formatter: Formatter) -> Fact:
    """Return sunrise and sunset, or that the sun does neither."""
    if day and day.polar:
        return Fact(formatter.text(f"sun.{day.polar}"), formatter.text("sun.all_day"))
    label = formatter.text("sun")
    if not day or day.sunrise is None or day.sunset is None:
        return Fact(label, formatter.text("value.dash"))
    rise, set_ = (formatter.time(_local(time, place)) for time in (day.sunrise, day.sunset))
    return Fact(label, formatter.text("sun.times", rise=rise, set=set_))


def _or_dash(value: float | None, to_text: Callable[[float], str], formatter: Formatter) -> str:
    return formatter.text("value.dash") if value is None else to_text(value)


def _day_rows(days: Sequence[Day], today: date, formatter: Formatter) -> tuple[DayRow, ...]:
    """Return the rows of the days, with bars on one scale."""
    known = [
        value for day in days for value in (day.temperature_min, day.temperature_max) if value is not None
    ]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return tuple(_day_row(day, today, formatter, low, max(high - low, 1.0)) for day in days)


def _day_row(day: Day, today: date, formatter: Formatter, lowest: float, span: float) -> DayRow:
    low, high = day.temperature_min, day.temperature_max
    chance = day.precipitation_probability
    left = 0.0 if low is None else round((low - lowest) / span * 100, 1)
    width = 0.0 if low is None or high is None else round((high - low) / span * 100, 1)
    return DayRow(
        name=formatter.day_name(day.date, today),
        icon=icons.symbol_id(day.condition.kind, is_day=not day.is_dark),
        condition=formatter.day_condition(
            day.condition.kind,
            day.condition.intensity,
            day.warmest,
            is_dark=day.is_dark,
            has_wet_night=day.has_wet_night,
        ),
        low="" if low is None else formatter.degrees(low),
        high="" if high is None else formatter.degrees(high),
        chance="" if chance is None else formatter.percent(chance),
        left=left,
        width=width,
        sentence=day_sentence(day, today, formatter),
    )


def credits_of(
    forecasts: Iterable[Forecast],
    attributions: Mapping[str, Attribution],
    prefix: str,
    formatter: Formatter,
    *,
    sample: bool,
) -> tuple[Credit, ...]:
    """Return the credits of the providers whose numbers are shown, each once.

    Every layout shows some of today, which is made of the hours, beside the current values.
    They are linked by way of our own host: in the sandbox of WordPress a link to any other is dead.
    """
    if sample:
        return (Credit(formatter.text("source", source=formatter.text("demo.source")), None),)
    origins = [origin for one in forecasts for origin in (one.current_from, one.hourly_from) if origin]
    provider_ids = dict.fromkeys(origin.provider_id for origin in origins)
    credited = [attributions[name] for name in provider_ids if name in attributions]
    if not credited:
        return ()
    first, *others = credited
    first_text = formatter.text("source.several" if others else "source", source=first.name)
    texts = [first_text, *(other.name for other in others)]
    return tuple(
        Credit(text, f"{prefix}/credit/{provider.id}" if provider.url else None)
        for text, provider in zip(texts, credited, strict=True)
    )


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
                day.warmest,
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
        degrees=formatter.degrees,
        rain=formatter.rain,
        hour=lambda time: f"{time:%H}",
        day=formatter.weekday,
        short_day=formatter.weekday_short,
        now=formatter.text("chart.now"),
        fahrenheit=formatter.units is Units.IMPERIAL,
    )
    return draw_chart(hours, ZoneInfo(place.timezone), formats)


def _chart_text(chart: Chart, current: Current, hours: Sequence[HourlyPoint], formatter: Formatter) -> str:
    low, high = formatter.temperature(chart.lowest.value), formatter.temperature(chart.highest.value)
    if chart.rain is None:
        return formatter.text("chart.summary_temperature", low=low, high=high)
    wet_hours = sum(point.precipitation is not None and point.precipitation >= SOME_WATER for point in hours)
    if wet_hours:
        key = "chart.rain" if chart.rain_is_whole else "chart.rain_at_least"
        rain = formatter.text(key, n=wet_hours, amount=formatter.rain(chart.rain))
    elif (
        not chart.rain_is_whole or is_wet(current.condition) or any(is_wet(hour.condition) for hour in hours)
    ):
        # No water, but it rains now or may rain, or an hour is unknown: "no rain" might not be true.
        return formatter.text("chart.summary_temperature", low=low, high=high)
    else:
        rain = formatter.text("chart.no_rain")
    return formatter.text("chart.summary", low=low, high=high, rain=rain)


def _local(time: datetime, place: Place) -> datetime:
    return time.astimezone(ZoneInfo(place.timezone))
