import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.weather.chart import Chart, LabelFormats, draw_chart
from service.weather.model import HourlyPoint

TEMPLATES = Path(__file__).parents[2] / "templates"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TEN = datetime(2026, 11, 22, 3, tzinfo=UTC)  # 10:00 in Hà Nội, a Sunday


def weekday(day: date) -> str:
    return ("Th 2", "Th 3", "Th 4", "Th 5", "Th 6", "Th 7", "CN")[day.weekday()]


FORMATS = LabelFormats(
    degrees="{:.0f}°".format,
    rain="{:.1f} mm".format,
    hour=lambda time: f"{time:%H}",
    day=lambda day: ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Chủ nhật")[day.weekday()],
    short_day=weekday,
    now="bây giờ",
    fahrenheit=False,
)


def hours(
    temperatures: Sequence[float | None], rain: Sequence[float | None] | None = None, start: datetime = TEN
) -> list[HourlyPoint]:
    return [
        HourlyPoint(
            time=start + timedelta(hours=at),
            temperature=temperature,
            precipitation=rain[at] if rain else 0.0,
            is_day=6 <= (start + timedelta(hours=at)).astimezone(HANOI).hour < 18,
        )
        for at, temperature in enumerate(temperatures)
    ]


def wave(count: int = 48, mean: float = 26, swing: float = 5) -> list[float | None]:
    """Warmest at 14:00, coldest at 02:00, beginning at 10:00."""
    return [mean + swing * math.cos((at - 4) / 12 * math.pi) for at in range(count)]


def drawn(hourly: Sequence[HourlyPoint], words: LabelFormats = FORMATS, zone: ZoneInfo = HANOI) -> Chart:
    chart = draw_chart(hourly, zone, words)
    assert chart is not None
    return chart


def points(line: str) -> list[tuple[int, int]]:
    """The absolute points of a path of M, l and h0."""
    x = y = 0
    found = []
    for command, numbers in re.findall(r"([Ml])([^Mlh]+)", line):
        dx, dy = map(int, re.findall(r"-?\d+", numbers))
        x, y = (dx, dy) if command == "M" else (x + dx, y + dy)
        found.append((x, y))
    return found


def bars(path: str) -> dict[int, int]:
    """Column and height of each bar."""
    x, found = 0, {}
    for step, height in re.findall(r"m(\d+)[ -]\d+v-(\d+)", path):
        x += int(step)
        found[x // 6] = int(height)
    return found


def words_of(chart: Chart, *kinds: str) -> list[str]:
    return [label.text for label in chart.labels if label.kind in kinds]


def markup(chart: Chart, label: str = "48 giờ tới") -> str:
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    return str(templates.get_template("widgets/chart.svg.jinja").module.chart(chart, label))


def test_the_line_rises_where_it_is_warmer() -> None:
    line = points(drawn(hours(wave())).line)
    assert len(line) == 48
    assert min(line, key=lambda point: point[1])[0] == 4 * 6 + 3  # 14:00
    assert max(line, key=lambda point: point[1])[0] == 16 * 6 + 3  # 02:00


def test_highest_and_lowest_of_each_day_are_labelled() -> None:
    assert words_of(drawn(hours(wave())), "degrees") == ["31°", "21°", "31°", "21°", "27°"]


def test_numbers_to_speak_of_are_told_with_their_times() -> None:
    chart = drawn(hours(wave(), [2.5 if at in (20, 21) else 0.2 for at in range(48)]))
    assert (chart.highest.value, chart.highest.time) == (31, TEN + timedelta(hours=4))
    assert (chart.lowest.value, chart.lowest.time) == (21, TEN + timedelta(hours=16))
    assert words_of(chart, "rain") == ["2.5 mm"]
    assert chart.rain == 14.2


def test_a_missing_temperature_is_a_gap_and_never_bridged() -> None:
    temperatures = wave()
    temperatures[7] = temperatures[8] = None
    chart = drawn(hours(temperatures))
    assert chart.line.count("M") == 2
    assert len(points(chart.line)) == 46


def test_a_missing_hour_is_a_gap_as_well() -> None:
    hourly = hours(wave())
    chart = drawn(hourly[:10] + hourly[13:])
    assert chart.line.count("M") == 2
    assert points(chart.line)[10][0] == 13 * 6 + 3


def test_temperatures_of_every_third_hour_are_one_line_and_a_missing_one_is_a_gap() -> None:
    temperatures = [value if at % 3 == 2 else None for at, value in enumerate(wave())]
    whole = drawn(hours(temperatures)).line
    assert whole.count("M") == 1
    assert len(points(whole)) == 16
    temperatures[20] = None
    assert drawn(hours(temperatures)).line.count("M") == 2
    two = [25.0, *[None] * 9, 26.0]
    assert drawn(hours(two)).line.count("M") == 2


@pytest.mark.parametrize("temperatures", [[], [None] * 48, [None, 25.0, None]])
def test_without_a_line_there_is_no_chart(temperatures: list[float | None]) -> None:
    assert draw_chart(hours(temperatures), HANOI, FORMATS) is None


def test_equal_temperatures_are_a_level_line_with_one_label() -> None:
    chart = drawn(hours([25.0] * 48))
    assert len({y for _, y in points(chart.line)}) == 1
    assert words_of(chart, "degrees") == ["25°"]


def test_a_calm_day_is_not_drawn_as_a_storm() -> None:
    calm = [y for _, y in points(drawn(hours(wave(swing=0.5))).line)]
    wild = [y for _, y in points(drawn(hours(wave(swing=5))).line)]
    assert max(calm) - min(calm) < (max(wild) - min(wild)) / 4


def test_frost_is_drawn_like_any_other_temperature() -> None:
    below, above = drawn(hours(wave(mean=-10))), drawn(hours(wave(mean=20)))
    for (_, low), (_, high) in zip(points(below.line), points(above.line), strict=True):
        assert abs(low - high) <= 1  # of rounding
    assert words_of(below, "degrees")[:2] == ["-5°", "-15°"]


def test_without_rain_there_is_no_bar_and_no_word_of_it() -> None:
    chart = drawn(hours(wave(), [0.0, None] * 24))
    assert chart.bars == ""
    assert words_of(chart, "rain") == []
    assert chart.rain == 0


def test_where_nothing_is_known_of_rain_no_sum_is_told() -> None:
    assert drawn(hours(wave(), [None] * 48)).rain is None


def test_without_rain_the_line_has_the_room_of_the_bars() -> None:
    dry = points(drawn(hours(wave())).line)
    wet = points(drawn(hours(wave(), [1.0] * 48)).line)
    assert max(y for _, y in dry) > max(y for _, y in wet)


def test_drizzle_is_not_drawn_as_a_flood() -> None:
    drizzle = bars(drawn(hours(wave(), [0.2] * 48)).bars)
    downpour = bars(drawn(hours(wave(), [40.0] * 48)).bars)
    assert max(drizzle.values()) <= max(downpour.values()) / 8


def test_the_wettest_hour_fills_the_scale_and_says_how_much_it_is() -> None:
    rain = [0.0] * 48
    rain[10], rain[11], rain[30] = 12.0, 30.0, 0.1
    chart = drawn(hours(wave(), rain))
    heights = bars(chart.bars)
    assert list(heights) == [10, 11, 30]
    assert heights[10] == pytest.approx(heights[11] * 12 / 30, abs=1)
    assert heights[30] == 1  # little, but seen
    assert words_of(chart, "rain") == ["30.0 mm"]


def test_a_trace_that_would_be_worded_as_zero_is_not_drawn() -> None:
    assert drawn(hours(wave(), [0.04] * 48)).bars == ""


def test_the_dark_hours_are_shaded_as_one_piece_a_night() -> None:
    assert drawn(hours(wave())).nights == "M48 18V146H120V18zM192 18V146H264V18z"


def test_hours_not_known_to_be_dark_are_left_light() -> None:
    assert drawn([step._replace(is_day=None) for step in hours(wave())]).nights == ""


def test_days_are_named_in_the_middle_of_their_hours_and_begin_at_midnight() -> None:
    chart = drawn(hours(wave()))
    assert words_of(chart, "day") == ["Chủ nhật", "Hai", "Ba"]
    sunday = next(label for label in chart.labels if label.text == "Chủ nhật")
    assert sunday.x == f"{7 / 48:.1%}"  # it has 14 of the 48 hours
    assert f"M{14 * 6} 18V" in chart.grid


def test_hours_are_told_every_six_hours_after_now() -> None:
    chart = drawn(hours(wave()))
    assert words_of(chart, "now", "hour") == ["bây giờ", "00", "06", "12", "18", "00", "06"]
    midnight = next(label for label in chart.labels if label.text == "00")
    assert midnight.x == f"{14 / 48:.1%}"


def test_in_a_zone_of_half_hours_every_day_still_begins_once() -> None:
    chart = drawn(hours(wave()), zone=ZoneInfo("Asia/Kolkata"))
    assert words_of(chart, "day") == ["Chủ nhật", "Hai", "Ba"]


def test_a_day_of_few_hours_has_no_name() -> None:
    assert words_of(drawn(hours(wave()[:15])), "day") == ["Chủ nhật"]


@pytest.mark.parametrize(
    ("mean", "swing", "lines"),
    [(26, 5, ["25°", "30°"]), (26, 1, ["24°", "26°", "28°"]), (0, 20, ["-20°", "-10°", "0°", "10°", "20°"])],
)
def test_the_scale_has_few_round_lines(mean: float, swing: float, lines: list[str]) -> None:
    found = words_of(drawn(hours(wave(mean=mean, swing=swing))), "scale")
    assert found == lines or set(found) <= set(lines)
    assert 2 <= len(found) <= 5


def test_the_scale_is_round_in_the_unit_that_is_shown() -> None:
    imperial = replace(FORMATS, degrees=lambda c: f"{c * 1.8 + 32:.4g}", fahrenheit=True)
    assert words_of(drawn(hours(wave(), [1.0] * 48), imperial), "scale") == ["70", "75", "80", "85"]


def test_the_chance_of_rain_is_an_area_and_where_it_is_not_known_there_is_none() -> None:
    hourly = [
        step._replace(precipitation_probability=chance)
        for step, chance in zip(hours(wave(4)), [None, 0, 50, 100], strict=True)
    ]
    assert drawn(hourly).chance == "M12 146v-17h6v17zM18 146v-34h6v34z"
    assert drawn(hours(wave())).chance == ""


def test_words_at_the_edges_turn_inwards() -> None:
    chart = drawn(hours([31.0, *[25.0] * 46, 19.0], [9.0, *[0.0] * 47]))
    by_text = {label.text: (label.x, label.anchor) for label in chart.labels}
    assert by_text["31°"] == ("0", "start")
    assert by_text["9.0 mm"] == ("0", "start")
    assert by_text["19°"] == ("100%", "end")


def test_fewer_hours_fill_the_same_room() -> None:
    chart = drawn(hours(wave(17)))
    assert chart.width == 17 * 6
    assert points(chart.line)[-1] == (16 * 6 + 3, points(chart.line)[-1][1])


def test_the_numbers_are_worded_by_the_caller() -> None:
    imperial = replace(
        FORMATS, degrees=lambda c: f"{c * 1.8 + 32:.0f} F", rain=lambda mm: f"{mm / 25.4:.2f} in"
    )
    chart = drawn(hours(wave(), [5.08] * 48), imperial)
    assert words_of(chart, "rain") == ["0.20 in"]
    assert "88 F" in words_of(chart, "degrees")


def test_the_markup_is_small_well_formed_and_without_style() -> None:
    svg = markup(drawn(hours(wave(), [at % 7 / 2 for at in range(48)])))
    assert len(svg.encode()) < 2300
    assert "style" not in svg
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == "48 giờ tới"
    assert [path.attrib["class"] for path in root.iter("path")] == [
        "night",
        "grid",
        "bars",
        "line",
        "mark",
    ]


def test_the_markup_escapes_what_it_is_given() -> None:
    hostile = replace(FORMATS, degrees=lambda _: '"<script>')
    svg = markup(drawn(hours(wave()), hostile), '"><script>')
    assert "<script" not in svg


readings = st.none() | st.floats(-60, 60)
amounts = st.none() | st.floats(0, 300)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(readings, amounts), max_size=60))
def test_whatever_the_hours_everything_lies_in_the_box_and_no_words_touch(
    values: list[tuple[float | None, float | None]],
) -> None:
    chart = draw_chart(hours([value[0] for value in values], [value[1] for value in values]), HANOI, FORMATS)
    if chart is None:
        return
    assert all(0 <= x <= chart.width and 0 <= y <= 126 for x, y in points(chart.line))
    assert all(1 <= height <= 34 for height in bars(chart.bars).values())
    shares = [float(label.x.rstrip("%")) for label in chart.labels if label.kind == "degrees"]
    assert shares == sorted(shares)
    assert all(right - left > 4 for left, right in pairwise(shares))
    ET.fromstring(markup(chart))
