"""What a day is called: days from hours, held against the water that falls."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.freshness import AgeLimits
from service.locales.catalog import available
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.model import Place
from service.weather import json as public
from service.weather.days import FAMILIES, STRENGTHS, STRONGEST, days_of, is_wet
from service.weather.derived import with_plausible_conditions
from service.weather.forecast import Forecast, assemble
from service.weather.model import (
    UNKNOWN_CONDITION,
    WET,
    Condition,
    Current,
    Day,
    DetailedCondition,
    Extremes,
    HourlyForecast,
    HourlyPoint,
    Intensity,
    StoredWeather,
)
from service.weather.presenter import WeatherView, day_sentence, present
from service.weather.providers.met_norway.symbols import condition_and_daylight
from service.weather.providers.open_meteo.wmo_codes import condition_of
from service.web.widget_options import Layout, Options

ZONE = "Asia/Ho_Chi_Minh"
MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)  # 00:00 of 22 November there
HOUR = timedelta(hours=1)
PLACE = Place("x", {"vi": "x", "en": "x"}, "VN", 16, 107, ZONE)
PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "0017-what-a-day-is-called.md"
CODES = [0, 1, 2, 3, 45, 51, 53, 55, 61, 63, 65, 67, 71, 75, 80, 81, 82, 95, 96, 99, 100]
VI, EN = Formatter("vi"), Formatter("en")
NIGHTS = ("đêm có mưa", "rain at night")


def hours(count: int, start: datetime = MIDNIGHT, **values: object) -> tuple[HourlyPoint, ...]:
    return tuple(HourlyPoint(start + HOUR * n, temperature=20.0 + n % 24, **values) for n in range(count))  # type: ignore[arg-type]


def sky(code: int) -> DetailedCondition:
    return condition_of(code, PLACE)


Written = tuple[DetailedCondition, float | None, float | None]  # code, mm, %
DRY: Written = (sky(0), 0.0, 0.0)


def points(
    written: dict[int, Written], *, rest: Written = DRY, temperature: float = 20.0
) -> tuple[HourlyPoint, ...]:
    """The hours of one local day: those that are written, the others all alike."""
    return tuple(
        HourlyPoint(
            MIDNIGHT + HOUR * n,
            condition=written.get(n, rest)[0],
            temperature=temperature,
            precipitation=written.get(n, rest)[1],
            precipitation_probability=written.get(n, rest)[2],
            is_day=6 <= n < 18,
        )
        for n in range(24)
    )


def day_of(steps: Iterable[HourlyPoint]) -> Day:
    (day,) = days_of(with_plausible_conditions(HourlyForecast(tuple(steps))), ZONE, MIDNIGHT)
    return day


def text(day: Day, formatter: Formatter = VI) -> str:
    return formatter.day_condition(
        day.condition.kind, day.condition.intensity, day.warmest, has_wet_night=day.has_wet_night
    )


# The cases of the field


@pytest.mark.parametrize(
    ("written", "condition", "vi", "en"),
    [
        ({16: (sky(65), 100.0, 99)}, "rain", "Mưa rất to", "Very heavy rain"),
        ({16: (sky(0), 100.0, 99)}, "rain", "Mưa rất to", "Very heavy rain"),
        ({16: (sky(95), 55.0, 90)}, "thunder", "Mưa dông, mưa to", "Thunderstorm, heavy rain"),
        ({15: (sky(82), 60.0, 90)}, "showers", "Mưa rào to", "Heavy showers"),
        (
            dict.fromkeys(range(13, 18), (sky(82), 30.0, 90)),
            "showers",
            "Mưa rào rất to",
            "Very heavy showers",
        ),
        (
            dict.fromkeys(range(9, 14), (condition_and_daylight("heavyrain")[0], 9.0, None)),
            "rain",
            "Mưa vừa",
            "Moderate rain",
        ),
        (dict.fromkeys(range(12, 15), (sky(95), 0.0, 0)), "thunder", "Có dông", "Thunder"),
        (dict.fromkeys(range(24), (sky(51), 0.0, 0)), "overcast", "Nhiều mây, âm u", "Overcast"),
        (dict.fromkeys(range(24), (sky(51), 0.1, 20)), "drizzle", "Mưa phùn nhẹ", "Light drizzle"),
        (dict.fromkeys(range(6, 18), (sky(55), 5.0, 90)), "drizzle", "Mưa phùn nặng hạt", "Heavy drizzle"),
        ({20: (sky(63), 3.0, 80)}, "clear", "Trời nắng, đêm có mưa", "Sunny, rain at night"),
        ({2: (sky(63), 12.0, 80)}, "rain", "Mưa nhỏ", "Light rain"),
        (dict.fromkeys(range(12, 15), (sky(95), 0.0, 40)), "thunder", "Mưa dông", "Thunderstorm"),
    ],
)
def test_a_day_is_called_after_its_water_and_its_hours_together(
    written: dict[int, Written], condition: str, vi: str, en: str
) -> None:
    day = day_of(points(written))
    assert (day.condition.kind, text(day, VI), text(day, EN)) == (condition, vi, en)


def test_dry_thunder_keeps_its_zeros() -> None:
    day = day_of(points(dict.fromkeys(range(12, 15), (sky(95), 0.0, 0))))
    assert (day.precipitation, day.precipitation_probability) == (0, 0)


def test_a_chance_of_zero_beside_water_is_not_told_of_the_day() -> None:
    day = day_of(points({15: (sky(95), 20.0, 0)}))
    assert day.precipitation_probability is None
    assert day_sentence(day, day.date, VI).startswith("Hôm nay: mưa dông, mưa vừa, ")
    assert "khả năng" not in day_sentence(day, day.date, VI)
    assert day_of(points({22: (sky(61), 0.1, 0)})).precipitation_probability is None
    assert day_of(points({22: (sky(61), 0.04, 0)})).precipitation_probability == 0


def test_a_warm_drizzle_is_rain_of_the_days_strength_in_vietnamese() -> None:
    for millimetres, vi, en in [
        (0.5, "Mưa nhỏ", "Light drizzle"),
        (2.0, "Mưa vừa", "Drizzle"),
        (5.0, "Mưa to", "Heavy drizzle"),
        (9.0, "Mưa rất to", "Very heavy drizzle"),
    ]:
        day = day_of(
            points(dict.fromkeys(range(6, 18), (sky(55), millimetres, 90)), rest=DRY, temperature=28.0)
        )
        assert (text(day, VI), text(day, EN)) == (vi, en)


# The limits


@pytest.mark.parametrize(
    ("each", "is_wet_day"), [(0.2, True), (0.1, False), (0.19, True), (0.18, False)]
)  # five times 0.19 mm are shown as 1.0
def test_a_day_is_wet_from_a_millimetre_in_the_daylight(each: float, is_wet_day: bool) -> None:
    day = day_of(points(dict.fromkeys(range(8, 13), (sky(61), each, 50))))
    assert is_wet(day.condition) is is_wet_day


def test_ten_tenths_are_a_millimetre() -> None:
    assert is_wet(day_of(points(dict.fromkeys(range(6, 16), (sky(61), 0.1, 50)))).condition)


def test_the_daylight_lasts_from_six_to_eighteen() -> None:
    wet = [
        hour for hour in range(24) if is_wet(day_of(points({hour: (sky(61), 1.0, 50)})).condition)
    ]  # one hour alone
    assert wet == list(range(6, 18))
    nights = [hour for hour in range(24) if day_of(points({hour: (sky(61), 1.0, 50)})).has_wet_night]
    assert nights == [*range(6), *range(18, 24)]
    assert not day_of(points({3: (sky(61), 0.9, 50)})).has_wet_night


@pytest.mark.parametrize(
    ("millimetres", "is_wet_day"), [(9.9, False), (9.94, False), (9.95, True), (10.0, True)]
)
def test_a_day_is_wet_from_ten_millimetres_at_any_time(millimetres: float, is_wet_day: bool) -> None:
    day = day_of(points({22: (sky(63), millimetres, 90)}))
    assert (is_wet(day.condition), day.has_wet_night) == (is_wet_day, not is_wet_day)


@pytest.mark.parametrize("code", [61, 80, 95, 51])
@pytest.mark.parametrize(
    ("millimetres", "strength"),
    [
        (1.0, Intensity.LIGHT),
        (15.9, Intensity.LIGHT),
        (15.94, Intensity.LIGHT),
        (15.95, Intensity.MODERATE),
        (16.0, Intensity.MODERATE),
        (50.94, Intensity.MODERATE),
        (50.95, Intensity.HEAVY),
        (51.0, Intensity.HEAVY),
        (99.94, Intensity.HEAVY),
        (99.95, Intensity.VERY_HEAVY),
        (100.0, Intensity.VERY_HEAVY),
    ],
)
def test_the_strength_of_a_day_is_that_of_its_rounded_sum_in_every_family(
    code: int, millimetres: float, strength: Intensity
) -> None:
    day = day_of(points({12: (sky(code), millimetres, 90)}))
    assert day.condition == DetailedCondition(sky(code).kind, strength)


def test_sums_are_added_in_decimal() -> None:
    day = day_of(points(dict.fromkeys(range(6, 16), (sky(61), 1.595, 90))))  # floats make it 15.949…
    assert (day.precipitation, day.condition.intensity) == (15.95, Intensity.MODERATE)
    thirds = day_of(points(dict.fromkeys(range(6, 12), (sky(61), 0.35 / 6, 90))))  # and so does this
    assert thirds.precipitation == 0.35


@pytest.mark.parametrize(
    ("millimetres", "chance", "vi"),
    [
        (0.1, 0.0, "Mưa dông"),
        (0.0, 30.0, "Mưa dông"),
        (0.04, 29.0, "Có dông"),
        (0.0, None, "Có dông"),
        (None, 29.0, "Có dông"),
        (None, 30.0, "Mưa dông"),
        (None, None, "Mưa dông"),
    ],
)
def test_thunder_needs_water_or_a_chance_in_its_hour(
    millimetres: float | None, chance: float | None, vi: str
) -> None:
    hour = with_plausible_conditions(HourlyForecast(points({12: (sky(95), millimetres, chance)}))).points[12]
    assert VI.condition(hour.condition.kind, hour.condition.intensity, hour.is_day) == vi


def test_thunder_that_an_earlier_version_stored_as_dry_is_held_against_its_chance() -> None:
    stored = DetailedCondition(Condition.THUNDER, Intensity.DRY)
    step = with_plausible_conditions(HourlyForecast(points({12: (stored, 0.0, 60)}))).points[12]
    assert step.condition == DetailedCondition(Condition.THUNDER)


@pytest.mark.parametrize(
    ("whole", "hours_of_it"), [(0.3, 6), (0.15, 3), (0.05, 1), (6.0, 6), (2.3 - 0.3, 2), (3.3 - 0.3, 3)]
)
def test_a_share_of_water_counts_as_it_is_shown(whole: float, hours_of_it: int) -> None:
    share = whole / hours_of_it  # 0.3 / 6 is a trifle less than 0.05, and is shown as 0.1
    written = points({12: (sky(95), share, None), 13: (sky(0), share, None)})
    thunder, dry = with_plausible_conditions(HourlyForecast(written)).points[12:14]
    assert thunder.condition == DetailedCondition(Condition.THUNDER)
    assert dry.condition.kind == (Condition.RAIN if share > 0.9 else Condition.CLEAR)
    chart = view_of(assembled(Current(MIDNIGHT, temperature=20.0), written), VI).chart_text
    assert chart is not None
    assert "mưa trong 2 giờ" in chart


@pytest.mark.parametrize(
    ("code", "millimetres", "chance", "temperature", "becomes"),
    [
        (51, 0.0, 0, 20, "overcast"),
        (65, 0.0, 0.4, 20, "overcast"),
        (51, 0.0, 1, 20, "drizzle"),
        (51, 0.0, None, 20, "drizzle"),
        (51, None, 0, 20, "drizzle"),
        (51, 0.1, 0, 20, "drizzle"),
        (0, 0.9, 50, 20, "clear"),
        (0, 1.0, 50, 20, "rain"),
        (45, 100.0, 0, 20, "rain"),
        (3, 2.0, 50, -5, "snow"),
        (73, 2.0, 50, 20, "unknown"),
        (100, 50.0, 50, 20, "unknown"),
    ],
)
def test_an_hours_code_is_held_against_its_water(
    code: int, millimetres: float | None, chance: float | None, temperature: float, becomes: str
) -> None:
    steps = points({12: (sky(code), millimetres, chance)}, temperature=temperature)
    assert with_plausible_conditions(HourlyForecast(steps)).points[12].condition.kind == becomes


# The rest of the rule


def test_the_family_is_the_one_under_which_most_water_falls() -> None:
    written = dict.fromkeys(range(6, 12), (sky(51), 0.1, 50)) | {14: (sky(81), 5.0, 80)}
    assert day_of(points(written)).condition.kind is Condition.SHOWERS
    thunder = written | dict.fromkeys((15, 16), (sky(95), 0.2, 50))
    assert day_of(points(thunder)).condition.kind is Condition.THUNDER


def test_family_and_strength_of_a_wet_day_come_from_the_same_water() -> None:
    written = dict.fromkeys(range(20, 24), (sky(95), 5.0, 80)) | {12: (sky(61), 1.0, 50)}
    assert day_of(points(written)).condition == DetailedCondition(Condition.THUNDER, Intensity.MODERATE)
    one = {22: (sky(95), 0.2, 80), 12: (sky(61), 1.0, 50)}  # a single hour of little water
    assert day_of(points(one)).condition == DetailedCondition(Condition.RAIN, Intensity.LIGHT)


def test_snow_at_night_is_no_rain_at_night() -> None:
    day = day_of(points({2: (sky(73), 3.0, 80)}, temperature=-2.0))
    assert text(day) == "Trời nắng"


def test_of_an_unknown_day_with_a_wet_night_the_night_is_told() -> None:
    day = day_of(points({2: (sky(63), 3.0, 80)}, rest=(UNKNOWN_CONDITION, 0.0, 5)))
    # The night's rain is the one condition that is known, but no daylight is described.
    assert text(day) == "Đêm có mưa"
    assert day_sentence(day, day.date, VI).startswith("Hôm nay: đêm có mưa, ")
    assert text(day, EN) == "Rain at night"


def test_without_any_water_told_two_wet_hours_make_a_day_wet_of_unsaid_strength() -> None:
    one = points({12: (sky(63), None, None)}, rest=(sky(0), None, None))
    two = points(dict.fromkeys((12, 13), (sky(63), None, None)), rest=(sky(0), None, None))
    assert (text(day_of(one)), text(day_of(two))) == ("Trời nắng", "Mưa")


# One table in code, catalogs and docs


def strengths() -> list[Intensity]:
    return [*(strength for _, strength in STRENGTHS), STRONGEST]


def test_the_page_has_the_words_of_every_family_and_strength_in_every_language() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    written = {(family, language): cells.split(" | ") for family, language, cells in rows}
    assert written == {
        (family.value, language): [
            Formatter(language).day_condition(family, strength, None, has_wet_night=False)
            for strength in strengths()
        ]
        for family, language in product(FAMILIES, available())
    }
    (head,) = re.findall(
        r"^\| family \| language \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    limits = [limit for limit, _ in STRENGTHS]
    assert head.split(" | ") == [*(f"below {limit} mm" for limit in limits), f"from {limits[-1]} mm"]


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("rain", "Mưa nhỏ/Mưa vừa/Mưa to/Mưa rất to"),
        ("showers", "Mưa rào nhẹ/Mưa rào/Mưa rào to/Mưa rào rất to"),
        ("thunder", "Mưa dông/Mưa dông, mưa vừa/Mưa dông, mưa to/Mưa dông, mưa rất to"),
        ("drizzle", "Mưa phùn nhẹ/Mưa phùn/Mưa phùn nặng hạt/Mưa phùn rất nặng hạt"),
    ],
)
def test_the_vietnamese_words_of_the_table(family: str, words: str) -> None:
    said = [VI.day_condition(family, strength, None, has_wet_night=False) for strength in strengths()]
    assert "/".join(said) == words


@pytest.mark.parametrize("language", available())
def test_every_family_and_strength_has_a_text_of_its_own(language: str) -> None:
    formatter = Formatter(language)
    said = [
        formatter.day_condition(family, strength, None, has_wet_night=False)
        for family, strength in product(FAMILIES, strengths())
    ]
    assert len(set(said)) == len(said)


# One widget never contradicts itself

amounts = st.none() | st.sampled_from([0.0, 0.0, 0.04, 0.1, 0.3, 0.9, 1.0, 5.0, 30.0, 100.0])
hourly_points = st.lists(
    st.tuples(
        st.sampled_from(CODES).map(sky),
        amounts,
        st.none() | st.sampled_from([0.0, 0.4, 1.0, 29.0, 30.0, 99.0]),
        st.floats(-5, 35),
    ),
    min_size=48,
    max_size=72,
).map(
    lambda rows: tuple(
        HourlyPoint(MIDNIGHT + HOUR * n, condition, temperature, water, chance, 3.0, 6 <= n % 24 < 18)
        for n, (condition, water, chance, temperature) in enumerate(rows)
    )
)
currents = st.builds(
    Current,
    time=st.just(MIDNIGHT),
    condition=st.sampled_from(CODES).map(sky),
    temperature=st.floats(-5, 35),
    precipitation_rate=amounts,
    is_day=st.booleans(),
)
usually_dry = st.tuples(
    st.sampled_from(CODES[:6]).map(sky),
    st.dictionaries(
        st.integers(0, 23),
        st.tuples(st.sampled_from(CODES).map(sky), amounts, st.none() | st.floats(0, 100)),
        max_size=5,
    ),
).map(lambda drawn: points(drawn[1], rest=(drawn[0], 0.0, 0.0)))


def assembled(current: Current, steps: tuple[HourlyPoint, ...]) -> Forecast:
    limits = AgeLimits(timedelta(minutes=90), timedelta(hours=6))
    return assemble(
        PLACE,
        StoredWeather(current, "om", None, MIDNIGHT),
        StoredWeather(HourlyForecast(steps), "om", None, MIDNIGHT),
        MIDNIGHT,
        limits,
    )


def view_of(forecast: Forecast, formatter: Formatter) -> WeatherView:
    return present(
        forecast,
        attributions={},
        prefix="",
        form=None,
        formatter=formatter,
        options=Options(language=formatter.language, layout=Layout.FULL),
        sample=False,
        today=date(2026, 11, 22),
    )


@settings(max_examples=80, deadline=None)
@given(currents, hourly_points | usually_dry)
def test_day_hours_chart_and_sentence_never_contradict_each_other(
    current: Current, steps: tuple[HourlyPoint, ...]
) -> None:
    forecast = assembled(current, steps)
    for language, units in product(("vi", "en"), Units):
        formatter = Formatter(language, units)
        told = json.loads(json.dumps(public.weather(forecast, formatter, {})))
        view = view_of(forecast, formatter)
        for hour in told["hourly"]:
            check_hour(hour, metric=units is Units.METRIC)
        for day, row in zip(told["daily"], view.days, strict=True):
            check_row(day, row.condition, row.chance, row.sentence)
            if units is Units.METRIC:
                check_day(day, steps, language)
        check_chart(view.chart_text or "", told)


def check_hour(hour: dict[str, object], *, metric: bool) -> None:
    water, chance = hour["precipitation"], hour["precipitation_probability"]
    assert isinstance(water, float | None)
    if hour["condition_text"] in ("Có dông", "Thunder"):
        assert not metric or (water or 0) < 0.1
    elif hour["condition"] == "thunder" and metric and (water, chance) != (None, None):
        assert (water or 0) >= 0.1 or (chance or 0) >= 30  # type: ignore[operator]
    elif hour["condition"] in WET and metric:
        assert (water, chance) != (0, 0)
    elif hour["condition"] != "unknown" and metric:
        assert (water or 0) < 1


def check_row(day: dict[str, object], condition: str, chance: str, sentence: str) -> None:
    said = str(day["condition_text"])
    assert condition == said
    rains = day["condition"] in WET and said not in ("Có dông", "Thunder")
    assert not (day["precipitation"] and day["precipitation_probability"] == 0)
    assert not (said.lower().endswith(NIGHTS) and day["precipitation_probability"] == 0)
    assert not (rains and chance.startswith("0\u00a0%"))
    assert not (rains and re.search(r" 0\u00a0%", sentence))
    if rains:  # no other words inside the sentence
        assert said[:1].lower() + said[1:] in sentence
    for night in NIGHTS:
        assert (night in said.lower()) == (night in sentence)


def check_day(day: dict[str, object], steps: tuple[HourlyPoint, ...], language: str) -> None:
    """Held against a rule written down a second time."""
    zone = ZoneInfo(ZONE)
    told = with_plausible_conditions(HourlyForecast(steps)).points
    own = [step for step in told if step.time.astimezone(zone).date().isoformat() == day["date"]]

    def falls(matches: Callable[[int], bool], but: Condition | None = None) -> Decimal:
        water = [
            Decimal(str(step.precipitation))
            for step in own
            if step.precipitation is not None and matches(step.time.astimezone(zone).hour)
            if step.condition.kind is not but
        ]
        return sum(water, Decimal(0)).quantize(Decimal("0.1"), ROUND_HALF_UP)

    daylight, whole = falls(lambda hour: 6 <= hour < 18), falls(lambda _: True)
    words = str(day["condition_text"])
    if daylight >= 1 or whole >= 10:
        assert day["condition"] in WET
        assert words not in ("Có dông", "Thunder")
        assert not words.lower().endswith(NIGHTS)
        assert (day["precipitation"] is None) == (
            len(own) < 24 or any(step.precipitation is None for step in own)
        )
        if day["precipitation"] is not None and day["condition"] in FAMILIES:
            assert day["precipitation"] == float(whole)
            strength = strengths()[sum(whole >= limit for limit, _ in STRENGTHS)]
            assert words == Formatter(language).day_condition(
                str(day["condition"]),
                strength,
                max((step.temperature for step in own if step.temperature is not None), default=None),
                has_wet_night=False,
            )
    elif any(step.precipitation is not None for step in own if 6 <= step.time.astimezone(zone).hour < 18):
        night = falls(lambda hour: not 6 <= hour < 18, but=Condition.SNOW)
        assert words.lower().endswith(NIGHTS) == (night >= 1)


def check_chart(text: str, told: dict[str, list[dict[str, object]]]) -> None:
    if "không mưa" in text or "no rain" in text:
        for hour in told["hourly"]:
            assert hour["condition"] not in WET or hour["condition_text"] in ("Có dông", "Thunder")
            assert not hour["precipitation"]


# Days of hours


def test_days_begin_at_the_places_midnight_and_sum_up_whole_days_only() -> None:
    now = MIDNIGHT + 10 * HOUR
    days = days_of(HourlyForecast(hours(60, precipitation=0.5)), ZONE, now)
    assert [day.date for day in days] == [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)]
    assert [(day.temperature_min, day.temperature_max) for day in days] == [(20, 43), (20, 43), (20, None)]
    assert [day.precipitation for day in days] == [12, 12, None]
    assert all(day.derived for day in days)


def numbers(day: Day) -> tuple[float | None, ...]:
    return (day.temperature_min, day.temperature_max, day.precipitation, day.precipitation_probability)


def without(hour: int, *names: str) -> tuple[HourlyPoint, ...]:
    """A day of 20 to 43 °C, 12 mm and 40 %, of one hour of which these values are missing, or all of it."""
    steps = hours(24, precipitation=0.5, precipitation_probability=40)
    hole = [steps[hour]._replace(**dict.fromkeys(names))] if names else []
    return (*steps[:hour], *hole, *steps[hour + 1 :])


@pytest.mark.parametrize("hour", range(24))
def test_a_low_needs_the_hours_to_eight_and_a_high_those_from_ten_to_seventeen(hour: int) -> None:
    (told,) = days_of(HourlyForecast(without(hour, "temperature")), ZONE, MIDNIGHT)
    warmest = 43 if hour != 23 else 42
    assert numbers(told) == (None if hour <= 8 else 20, None if 10 <= hour <= 17 else warmest, 12, 40)
    (told,) = days_of(HourlyForecast(without(hour)), ZONE, MIDNIGHT)
    assert numbers(told)[2:] == (None, None)
    (told,) = days_of(HourlyForecast(without(hour, "precipitation")), ZONE, MIDNIGHT)
    assert numbers(told) == (20, 43, None, 40)
    (told,) = days_of(HourlyForecast(without(hour, "precipitation_probability")), ZONE, MIDNIGHT)
    assert numbers(told) == (20, 43, 12, None)


def test_a_chance_from_the_evening_is_not_that_of_the_day() -> None:
    heavy = condition_and_daylight("heavyrain")[0]
    written = {hour: (heavy, 6.0, None) if hour < 12 else (sky(3), 0.0, 2.1) for hour in range(24)}
    day = day_of(points(written))
    assert (day.precipitation, text(day), day.precipitation_probability) == (72, "Mưa to", None)


def blocks(first: int, *told: tuple[float | None, float | None]) -> tuple[Extremes, ...]:
    """Six hours each, one after the other, from this hour of the clock on."""
    return tuple(Extremes(MIDNIGHT + HOUR * (first + 6 * n), 6, *ends) for n, ends in enumerate(told))


def in_blocks(first: int, count: int = 8) -> tuple[HourlyPoint, ...]:
    """The hours of blocks of six: every sixth has a temperature, of 13.5 or 22.1 °C."""
    return tuple(
        HourlyPoint(
            MIDNIGHT + HOUR * (first + n),
            sky(3),
            (13.5, 22.1)[n // 6 % 2] if n % 6 == 0 else None,
            0.5,
            30,
        )
        for n in range(6 * count)
    )


def test_the_extremes_of_blocks_are_those_of_the_day_and_not_the_temperatures_between_them() -> None:
    told = blocks(0, (11.2, 14.0), (12.0, 23.7), (15.0, 22.5), (12.5, 16.0))
    (day,) = days_of(HourlyForecast(in_blocks(0, 4), (), told), ZONE, MIDNIGHT)
    assert numbers(day) == (11.2, 23.7, 12, 30)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (-3, [(1, 11, 4), (5, 15, 4)]),  # of two halves the first day
        (-2, [(0, 10, 4), (4, 14, 4)]),  # four hours of the first block are in the second day
        (-4, [(1, 11, 4), (5, 15, 4)]),
        (-5, [(1, 11, 4), (5, 15, 4)]),
        (-1, [(0, 10, 4), (4, 14, 4)]),
    ],
)
def test_a_block_that_crosses_midnight_counts_for_the_day_that_holds_more_of_it(
    first: int, days: list[tuple[int, int, int]]
) -> None:
    told = blocks(first, *((n, 10 + n) for n in range(9)))
    found = days_of(HourlyForecast(in_blocks(first, 9), (), told), ZONE, MIDNIGHT)
    lowest = [(low, low + 10 + count - 1) for low, _, count in days]
    assert [(day.temperature_min, day.temperature_max) for day in found[:2]] == lowest


@pytest.mark.parametrize(
    ("told", "low", "high"),
    [
        (((None, 14.0), (12.0, 23.7), (15.0, 22.5), (12.5, 16.0)), None, 23.7),
        (((11.2, 14.0), (None, 23.7), (15.0, 22.5), (12.5, 16.0)), None, 23.7),
        (((11.2, 14.0), (12.0, None), (15.0, 22.5), (12.5, 16.0)), 11.2, None),
        (((11.2, 14.0), (12.0, 23.7), (15.0, None), (12.5, 16.0)), 11.2, None),
        (((11.2, 14.0), (12.0, 23.7), (15.0, 22.5), (None, None)), 11.2, 23.7),
        (((11.2, 14.0), (12.0, 23.7), (None, 22.5), (12.5, 16.0)), 11.2, 23.7),
    ],
)
def test_a_block_without_its_extremes_hides_what_could_lie_in_it(
    told: tuple[tuple[float | None, float | None], ...], low: float | None, high: float | None
) -> None:
    (day,) = days_of(HourlyForecast(in_blocks(0, 4), (), blocks(0, *told)), ZONE, MIDNIGHT)
    assert (day.temperature_min, day.temperature_max) == (low, high)


def test_a_day_of_hours_and_blocks_has_the_extremes_of_both() -> None:
    morning, later = hours(12, precipitation=0.5), in_blocks(12, 2)
    told = blocks(12, (21.0, 33.3), (19.5, 25.0))
    (day,) = days_of(HourlyForecast(morning + later, (), told), ZONE, MIDNIGHT)
    assert (day.temperature_min, day.temperature_max, day.precipitation) == (19.5, 33.3, 12)


@pytest.mark.parametrize(
    ("zone", "day", "hours_of_day"),
    [
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),  # 24.5 hours
        ("Australia/Lord_Howe", date(2026, 10, 4), 23),  # 23.5
        ("Africa/Cairo", date(2026, 4, 24), 23),  # the first hour is left out
        ("America/Havana", date(2026, 11, 1), 25),  # the first hour comes twice
        ("Asia/Kathmandu", date(2026, 11, 22), 24),
        ("Asia/Kolkata", date(2026, 11, 22), 24),
        ("Australia/Eucla", date(2026, 11, 22), 24),
    ],
)
def test_no_hour_of_a_day_is_counted_twice_or_lost(zone: str, day: date, hours_of_day: int) -> None:
    start = datetime(2026, day.month, day.day, tzinfo=UTC) - HOUR * 30
    steps = hours(100, start, precipitation=1.0)
    told = {one.date: one for one in days_of(HourlyForecast(steps), zone, start)}
    counted = [step for step in steps if step.time.astimezone(ZoneInfo(zone)).date() == day]
    assert told[day].precipitation == len(counted)
    assert abs(len(counted) - hours_of_day) <= (1 if "Howe" in zone else 0)
    for missing in counted:
        holed = HourlyForecast(tuple(step for step in steps if step is not missing))
        assert {one.date: one for one in days_of(holed, zone, start)}[day].precipitation is None


def test_yesterday_is_left_out() -> None:
    days = days_of(HourlyForecast(hours(72, MIDNIGHT - 24 * HOUR)), ZONE, MIDNIGHT + HOUR)
    assert days[0].date == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("rain", "detail"),
    [(0.4, Intensity.LIGHT), (1.0, Intensity.MODERATE), (3.0, Intensity.HEAVY), (5.0, Intensity.VERY_HEAVY)],
)
def test_the_strength_of_a_rainy_day_is_that_of_its_sum(rain: float, detail: Intensity) -> None:
    steps = hours(24, condition=DetailedCondition(Condition.RAIN, Intensity.HEAVY), precipitation=rain)
    (day,) = days_of(HourlyForecast(steps), ZONE, MIDNIGHT)
    assert day.condition == DetailedCondition(Condition.RAIN, detail)


def test_the_condition_of_a_dry_day_is_that_of_its_daylight() -> None:
    night, daylight = DetailedCondition(Condition.CLEAR), DetailedCondition(Condition.OVERCAST)
    steps = tuple(
        HourlyPoint(MIDNIGHT + HOUR * n, condition=daylight if 6 <= n < 17 else night, is_day=6 <= n < 17)
        for n in range(24)
    )
    (day,) = days_of(HourlyForecast(steps), ZONE, MIDNIGHT)
    assert day.condition == daylight


def test_a_day_nobody_said_anything_of_is_unknown_and_not_a_crash() -> None:
    (day,) = days_of(
        HourlyForecast(tuple(HourlyPoint(MIDNIGHT + HOUR * n) for n in range(24))), ZONE, MIDNIGHT
    )
    assert day.condition == UNKNOWN_CONDITION
    assert day.temperature_max is None
    assert days_of(HourlyForecast(()), ZONE, MIDNIGHT) == ()


def test_days_around_a_change_of_clocks_have_their_own_hours() -> None:
    zone = "Europe/Oslo"
    start = datetime(2026, 10, 25, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    days = days_of(HourlyForecast(hours(49, start, precipitation=1.0)), zone, start)
    assert [day.precipitation for day in days] == [25, 24]


def test_warm_drizzle_is_no_mua_phun_where_temperatures_are_told_every_three_hours() -> None:
    written = dict.fromkeys(range(6, 18), (sky(53), 0.5, 80.0))
    steps = [
        step._replace(temperature=28.0 if n % 3 == 0 else None) for n, step in enumerate(points(written))
    ]
    day = day_of(steps)
    assert (day.temperature_max, text(day), text(day, EN)) == (None, "Mưa nhỏ", "Light drizzle")
    hourly = StoredWeather(HourlyForecast(tuple(steps)), "openweather", None, MIDNIGHT)
    now = StoredWeather(Current(MIDNIGHT, temperature=28.0), "openweather", None, MIDNIGHT)
    forecast = assemble(PLACE, now, hourly, MIDNIGHT, AgeLimits(HOUR, HOUR))
    told = public.weather(forecast, VI, {})["hourly"]
    assert [hour["temperature"] for hour in told[6:9]] == [28.0, None, None]
    assert {hour["condition_text"] for hour in told[6:18]} == {"Mưa nhỏ"}


def test_no_snow_falls_in_an_hour_without_temperature_between_warm_ones() -> None:
    steps = points({n: (sky(73), 2.0, 90.0) for n in range(9, 12)}, temperature=27.0)
    between = [step._replace(temperature=None) if n in {10, 11} else step for n, step in enumerate(steps)]
    conditions = [step.condition for step in with_plausible_conditions(HourlyForecast(tuple(between))).points]
    assert conditions[9:12] == [UNKNOWN_CONDITION] * 3
    assert day_of(between).condition.kind is Condition.RAIN
