"""What the weather widget says in every state and layout; its template only places it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from stored_weather import CURRENT, NOW, stored_current, stored_hourly

from service.core.freshness import AgeLimits
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.places.catalogue import Choices, built_in_places
from service.weather.forecast import Forecast, assemble
from service.weather.model import (
    UNKNOWN_CONDITION,
    Condition,
    Current,
    DetailedCondition,
    HourlyPoint,
    StoredWeather,
)
from service.weather.presenter import WeatherView, present, present_fault, present_unknown
from service.weather.providers.registry import attributions
from service.web.city_select import CityForm, city_form
from service.web.widget_options import OF_ONE_PLACE, Layout, Options

PLACES = {place.id: place for place in built_in_places()}
LADDER = AgeLimits(timedelta(minutes=90), timedelta(hours=6))
VI, EN = Formatter("vi"), Formatter("en")
TODAY = date(2020, 11, 27)


def forecast(age: timedelta = timedelta(0), current: Current = CURRENT, place: str = "dong-ha") -> Forecast:
    kept: StoredWeather[Current] = stored_current(NOW - age, current)
    return assemble(PLACES[place], kept, stored_hourly(NOW - age), NOW, LADDER)


def view(
    shown: Forecast, layout: Layout = Layout.COMPACT, formatter: Formatter = VI, *, sample: bool = False
) -> WeatherView:
    return present(
        shown,
        attributions=attributions(sample=False),
        prefix="/w",
        form=None,
        formatter=formatter,
        options=Options(formatter.language, layout=layout, units=formatter.units),
        sample=sample,
        today=TODAY,
    )


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ")


def test_compact_is_the_box_of_the_old_portals_done_right() -> None:
    shown = view(forecast())
    assert shown.title == "Thời tiết Đông Hà"
    assert shown.temperature == ("27", "°C")
    assert (shown.high, shown.low) == ("29°", "22°")
    assert [(fact.label, plain(fact.value + fact.more)) for fact in shown.facts] == [
        ("Khả năng mưa", "5 %"),
        ("Độ ẩm", "79 %"),
        ("Gió tây bắc", "30 km/h, cấp 5"),
    ]
    assert shown.facts[2].towards == 135
    assert plain(shown.updated) == "Cập nhật lúc 10:00 ngày 27/11/2020"
    assert shown.icon == "overcast"
    assert (shown.notice, shown.sample, shown.chart, shown.days) == (None, None, None, ())


def test_one_sentence_says_it_all_to_a_screen_reader() -> None:
    assert plain(view(forecast()).sentence).rstrip(".") == (
        "Đông Hà: 27 °C, nhiều mây, độ ẩm 79 %, gió tây bắc 30 km/h, cập nhật lúc 10:00 ngày 27/11/2020"
    )


def test_the_source_is_named_and_linked() -> None:
    for layout in OF_ONE_PLACE:
        (credit,) = view(forecast(), layout).credits
        assert (credit.text, credit.url) == ("Nguồn: Open-Meteo", "/w/credit/open-meteo")


@pytest.mark.parametrize(
    ("formatter", "texts"),
    [(VI, ["Nguồn: Open-Meteo", "MET Norway"]), (EN, ["Sources: Open-Meteo", "MET Norway"])],
)
def test_where_hours_are_of_another_provider_both_are_credited(
    formatter: Formatter, texts: list[str]
) -> None:
    both = assemble(PLACES["dong-ha"], stored_current(), stored_hourly(NOW, "met-norway"), NOW, LADDER)
    for layout in OF_ONE_PLACE:  # each shows something of today, which is made of the hours
        shown = view(both, layout, formatter).credits
        assert [credit.text for credit in shown] == texts
        assert [credit.url for credit in shown] == ["/w/credit/open-meteo", "/w/credit/met-norway"]


def test_who_is_not_shown_is_not_credited() -> None:
    aged = stored_hourly(NOW - timedelta(hours=7), "met-norway")
    without_hours = assemble(PLACES["dong-ha"], stored_current(), aged, NOW, LADDER)
    assert [credit.text for credit in view(without_hours, Layout.FULL).credits] == ["Nguồn: Open-Meteo"]


def test_sample_data_names_no_real_provider() -> None:
    shown = view(forecast(), sample=True)
    assert shown.sample == "Dữ liệu mẫu, không phải thời tiết thực tế."
    assert [(credit.text, credit.url) for credit in shown.credits] == [("Nguồn: Dữ liệu mẫu", None)]


def test_stale_data_says_since_when_in_absolute_time() -> None:
    shown = view(forecast(timedelta(hours=2)))
    assert plain(shown.notice) == "Số liệu cũ, lấy lúc 08:02 ngày 27/11/2020."
    assert shown.temperature == ("27", "°C")
    assert plain(view(forecast(timedelta(hours=2)), Layout.STRIP).notice) == "Số liệu cũ, lúc 08:02 27/11"
    assert "cập nhật lúc" not in (shown.sentence or "")  # one time is enough
    assert "cập nhật lúc" in (view(forecast()).sentence or "")


def test_past_hide_after_no_number_is_left() -> None:
    shown = view(forecast(timedelta(hours=7)), Layout.FULL)
    assert plain(shown.notice) == "Chưa có số liệu mới từ 03:02 ngày 27/11/2020. Vui lòng quay lại sau."
    assert shown.alone
    assert not shown.retry
    assert (shown.temperature, shown.facts, shown.days, shown.chart, shown.credits) == (
        None,
        (),
        (),
        None,
        (),
    )


def test_before_the_first_data_it_says_so_and_asks_again() -> None:
    shown = view(Forecast(PLACES["dong-ha"], forecast(timedelta(hours=7)).state))
    assert shown.notice == "Đang lấy số liệu lần đầu. Vui lòng tải lại trang sau ít phút."
    assert (shown.alone, shown.retry) == (True, True)


def test_full_adds_feels_like_chart_and_seven_days() -> None:
    shown = view(forecast(), Layout.FULL)
    facts = {fact.label: plain(fact.value + fact.more) for fact in shown.facts}
    assert facts == {
        "Cảm giác như": "31 °C",
        "Độ ẩm": "79 %",
        "Khả năng mưa": "5 %",
        "Lượng mưa": "0 mm/h",
        "Gió tây bắc": "30 km/h, cấp 5",
        "Gió giật": "49 km/h, cấp 6",
        "Áp suất": "1009 hPa",
        "Mặt trời": "05:41 \N{EN DASH} 17:13",
    }
    assert shown.chart is not None
    assert [row.name for row in shown.days][:3] == ["Hôm nay", "Ngày mai", "Chủ nhật"]
    assert len(shown.days) == 7
    assert (shown.days[0].low, shown.days[0].high) == ("22°", "29°")


def test_the_chart_is_told_in_words() -> None:
    said = plain(view(forecast(), Layout.FULL).chart_text)
    assert said.startswith("Nhiệt độ 48 giờ tới từ 22 °C đến 29 °C")
    assert said.endswith("có mưa trong 34 giờ, tổng lượng 40,8 mm.")  # 14 dry hours are left of the first day


def test_the_chart_tells_no_sum_of_a_part_as_the_whole() -> None:
    whole = forecast()
    dry = [
        hour._replace(precipitation=0.0, condition=DetailedCondition(Condition.CLEAR)) for hour in whole.hours
    ]

    def said(hours: list[HourlyPoint]) -> str:
        return plain(view(replace(whole, hours=tuple(hours)), Layout.FULL).chart_text)

    unknown = dry[7]._replace(precipitation=None)
    assert said(dry).endswith(", không mưa.")
    assert said([*dry[:7], unknown, *dry[8:]]).endswith("đến 29 °C.")
    wet = dry[9]._replace(precipitation=3.0)
    told = said([*dry[:7], unknown, dry[8], wet, *dry[10:]])
    assert told.endswith("có mưa trong ít nhất 1 giờ, tổng lượng ít nhất 3,0 mm.")


def test_imperial_units_are_said_where_they_are_asked_for() -> None:
    shown = view(forecast(), Layout.FULL, Formatter("en", Units.IMPERIAL))
    assert shown.temperature == ("81", "°F")
    assert {plain(fact.value) for fact in shown.facts} >= {"29.81 inHg", "0 in/h", "19 mph"}


def test_an_unknown_condition_has_words_and_no_picture() -> None:
    shown = view(forecast(current=replace(CURRENT, condition=UNKNOWN_CONDITION)))
    assert (shown.icon, shown.symbols, shown.condition) == (None, (), "Chưa có mô tả")


def test_night_has_a_night_picture() -> None:
    clear = replace(CURRENT, condition=DetailedCondition(Condition.CLEAR))
    assert view(forecast(current=replace(clear, is_day=False))).icon == "clear-night"
    assert view(forecast(current=replace(clear, is_day=True))).icon == "clear-day"
    assert view(forecast(current=replace(clear, is_day=None))).icon is None


def test_values_that_nobody_gave_are_said_to_be_missing_and_never_none() -> None:
    bare = Current(time=CURRENT.time)
    for layout in OF_ONE_PLACE:
        shown = view(forecast(current=bare), layout)
        said = [shown.sentence, [fact.value for fact in shown.facts], shown.temperature, shown.condition]
        assert "None" not in repr(said)
        assert shown.temperature == ("\N{EN DASH}", "")
        assert {fact.value for fact in shown.facts if fact.kind != "rain"} <= {
            "\N{EN DASH}",
            "05:41 \N{EN DASH} 17:13",
        }


def test_sea_areas_say_that_they_are_a_model_of_the_surroundings() -> None:
    assert "vùng biển" in plain(view(forecast(place="truong-sa"), Layout.FULL).remark)
    assert view(forecast(), Layout.FULL).remark is None


def form_over(*offered: str, chosen: str | None, language: str, complete: bool = True) -> CityForm:
    choices = Choices(tuple(PLACES[place] for place in offered), complete=complete)
    catalogue = SimpleNamespace(choices=lambda _place, _language: choices)
    context: Any = SimpleNamespace(catalogue=catalogue, default_city=None, prefix="")
    place = PLACES[chosen] if chosen else None
    form = city_form(context, place, Options(language), action="/w", hidden=())
    assert form is not None
    return form


def test_a_list_that_is_not_whole_is_named_each_time() -> None:
    lists = [form_over("hue", chosen=None, language="en", complete=False) for _ in range(2)]
    assert [form.choices for form in lists] == [(("hue", "Hue", "Hue"),)] * 2
    assert [form.search_url for form in lists] == ["/"] * 2


def test_an_unknown_place_is_a_sentence_and_the_list() -> None:
    form = form_over("hue", "ha-noi", chosen=None, language="vi")
    shown = present_unknown(VI, form)
    assert shown.notice == "Địa điểm này không có trong danh sách. Vui lòng chọn địa điểm khác."
    assert form.chosen is None


def test_bad_parameters_are_all_said() -> None:
    assert present_fault(VI, ["Một.", "Hai."], None).notice == "Một. Hai."


def test_a_chosen_place_that_is_not_listed_stands_first_in_the_select() -> None:
    form = form_over("hue", chosen="ha-noi", language="en")
    assert form.choices == (("ha-noi", "Hanoi", "Ha Noi"), ("hue", "Hue", "Hue"))
    assert form.chosen == "ha-noi"


@pytest.mark.parametrize(
    ("changed", "alert"),
    [
        ({}, None),
        ({"wind_speed": 61.4 / 3.6}, None),
        ({"wind_speed": 62 / 3.6, "wind_gust": 95 / 3.6}, "Gió mạnh cấp 8 (giật 95 km/h)"),
        ({"wind_speed": 120 / 3.6, "wind_gust": None}, "Gió mạnh cấp 12"),
    ],
)
def test_a_strong_wind_is_said_in_words(changed: dict[str, float], alert: str | None) -> None:
    assert (
        plain(view(forecast(current=replace(CURRENT, **changed))).alert) == (alert or "")  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("high", "rain", "alert"),
    [
        (36.4, 50.94, ""),  # still "Mưa vừa"
        (36.5, None, "Nắng nóng gay gắt"),
        (30.0, 50.95, "Mưa to"),
        (37.0, 80.0, "Mưa to, nắng nóng gay gắt"),
    ],
)
def test_a_dangerous_day_is_said_in_words(high: float, rain: float | None, alert: str) -> None:
    shown = forecast()
    today = replace(shown.days[0], temperature_max=high, precipitation=rain)
    assert plain(view(replace(shown, days=(today, *shown.days[1:]))).alert) == alert


@pytest.mark.parametrize("formatter", [VI, EN], ids=["vi", "en"])
@pytest.mark.parametrize("hours", [0, 2, 5.9, 6, 48])
def test_every_age_is_drawn_without_a_gap(formatter: Formatter, hours: float) -> None:
    for layout in OF_ONE_PLACE:
        shown = view(forecast(timedelta(hours=hours)), layout, formatter)
        assert shown.alone == (hours >= 6)
        assert (shown.notice is None) == (hours < 1.5)


def test_days_are_named_from_the_local_today() -> None:
    late = datetime(2020, 11, 27, 16, 59, tzinfo=NOW.tzinfo)  # 23:59 in Vietnam
    kept = stored_current(late, replace(CURRENT, time=late))
    shown = assemble(PLACES["dong-ha"], kept, stored_hourly(late), late, LADDER)
    assert shown.days[0].date == TODAY
    assert shown.hours[0].time.hour == 16
