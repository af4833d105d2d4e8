from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.locales.catalog import available
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.weather.model import Condition, Current, Day, DetailedCondition, Intensity
from service.weather.presenter import current_sentence, day_sentence

VI, EN = Formatter("vi"), Formatter("en")
LOCAL = datetime(2020, 11, 27, 10, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
NOW = Current(
    time=LOCAL.astimezone(UTC),
    condition=DetailedCondition(Condition.OVERCAST),
    temperature=27.1,
    humidity=79,
    wind_speed=30.2 / 3.6,
    wind_direction=315,
    is_day=True,
)


def _plain(said: str) -> str:
    return said.replace("\u00a0", " ")


def test_the_sentence_for_a_screen_reader() -> None:
    assert _plain(current_sentence("Đông Hà", NOW, LOCAL, VI)) == (
        "Đông Hà: 27 °C, nhiều mây, độ ẩm 79 %, gió tây bắc 30 km/h, cập nhật lúc 10:00 ngày 27/11/2020"
    )
    assert _plain(current_sentence("Dong Ha", NOW, LOCAL, EN)) == (
        "Dong Ha: 27 °C, overcast, humidity 79 %, northwest wind 30 km/h, updated at 10:00 on 27 Nov 2020"
    )


def test_what_is_not_known_is_left_out_of_the_sentence() -> None:
    bare = Current(time=NOW.time, temperature=27.1)
    assert _plain(current_sentence("Huế", bare, LOCAL, VI)) == (
        "Huế: 27 °C, cập nhật lúc 10:00 ngày 27/11/2020"
    )
    windy = Current(time=NOW.time, wind_speed=5.0)
    assert _plain(current_sentence("Huế", windy, LOCAL, VI)) == (
        "Huế: gió 18 km/h, cập nhật lúc 10:00 ngày 27/11/2020"
    )


def test_a_calm_is_said_inside_the_sentence() -> None:
    calm = Current(time=NOW.time, wind_speed=0.0, wind_direction=90.0)
    assert ": lặng gió, " in current_sentence("Huế", calm, LOCAL, VI)
    assert ": calm, " in current_sentence("Hue", calm, LOCAL, EN)


def test_a_place_name_with_braces_stays_itself() -> None:
    assert current_sentence("{parts}", NOW, LOCAL, VI).startswith("{parts}: 27")


@given(
    st.builds(
        Current,
        time=st.just(NOW.time),
        condition=st.sampled_from(
            [DetailedCondition(kind, intensity) for kind, intensity in product(Condition, Intensity)]
        ),
        temperature=st.none() | st.floats(-60, 60),
        humidity=st.none() | st.floats(0, 100),
        wind_speed=st.none() | st.floats(0, 120),
        wind_direction=st.none() | st.floats(0, 360),
        is_day=st.none() | st.booleans(),
    )
)
@settings(deadline=None, max_examples=100)
def test_no_sentence_holds_a_hole_or_a_raw_value(current: Current) -> None:
    for language, units in product(available(), Units):
        said = current_sentence("Huế", current, LOCAL, Formatter(language, units))
        assert not any(hole in said for hole in ("None", "nan", "{", "}", ", ,", "  ", "-"))


def test_a_day_in_a_sentence() -> None:
    day = Day(
        date(2020, 11, 28),
        DetailedCondition(Condition.SHOWERS),
        temperature_min=22.1,
        temperature_max=29.8,
        precipitation_probability=80,
    )
    today = date(2020, 11, 27)
    assert _plain(day_sentence(day, today, VI)) == "Ngày mai: mưa rào, từ 22 đến 30 °C, khả năng mưa 80 %"
    assert _plain(day_sentence(day, today, EN)) == "Tomorrow: showers, from 22 to 30 °C, chance of rain 80 %"


def test_a_day_of_which_nothing_is_known_says_so() -> None:
    day = Day(date(2020, 11, 29))
    assert day_sentence(day, date(2020, 11, 27), VI) == "Chủ nhật: chưa có số liệu"
