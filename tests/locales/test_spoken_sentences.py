from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.locales import Speech, Units, available
from service.weather.model import Condition, Current, Day, Intensity, Sky

LOCAL = datetime(2020, 11, 27, 10, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
NOW = Current(
    time=LOCAL.astimezone(UTC),
    sky=Sky(Condition.OVERCAST),
    temperature=27.1,
    humidity=79,
    wind_speed=30.2 / 3.6,
    wind_direction=315,
    is_day=True,
)


def _plain(said: str) -> str:
    return said.replace("\u00a0", " ")


def test_the_sentence_for_a_screen_reader(vi: Speech, en: Speech) -> None:
    assert _plain(vi.sentence_now("Đông Hà", NOW, LOCAL)) == (
        "Đông Hà: 27 °C, nhiều mây, độ ẩm 79 %, gió tây bắc 30 km/h, cập nhật lúc 10:00 ngày 27/11/2020"
    )
    assert _plain(en.sentence_now("Dong Ha", NOW, LOCAL)) == (
        "Dong Ha: 27 °C, overcast, humidity 79 %, northwest wind 30 km/h, updated at 10:00 on 27 Nov 2020"
    )


def test_what_is_not_known_is_left_out_of_the_sentence(vi: Speech) -> None:
    bare = Current(time=NOW.time, temperature=27.1)
    assert _plain(vi.sentence_now("Huế", bare, LOCAL)) == ("Huế: 27 °C, cập nhật lúc 10:00 ngày 27/11/2020")
    windy = Current(time=NOW.time, wind_speed=5.0)
    assert _plain(vi.sentence_now("Huế", windy, LOCAL)) == (
        "Huế: gió 18 km/h, cập nhật lúc 10:00 ngày 27/11/2020"
    )


def test_a_calm_is_said_inside_the_sentence(vi: Speech, en: Speech) -> None:
    calm = Current(time=NOW.time, wind_speed=0.0, wind_direction=90.0)
    assert ": lặng gió, " in vi.sentence_now("Huế", calm, LOCAL)
    assert ": calm, " in en.sentence_now("Hue", calm, LOCAL)


def test_a_place_name_with_braces_stays_itself(vi: Speech) -> None:
    assert vi.sentence_now("{parts}", NOW, LOCAL).startswith("{parts}: 27")


@given(
    st.builds(
        Current,
        time=st.just(NOW.time),
        sky=st.sampled_from([Sky(condition, detail) for condition, detail in product(Condition, Intensity)]),
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
        said = Speech(language, units).sentence_now("Huế", current, LOCAL)
        assert not any(hole in said for hole in ("None", "nan", "{", "}", ", ,", "  ", "-"))


def test_a_day_in_a_sentence(vi: Speech, en: Speech) -> None:
    day = Day(
        date(2020, 11, 28),
        Sky(Condition.SHOWERS),
        temperature_min=22.1,
        temperature_max=29.8,
        precipitation_probability=80,
    )
    today = date(2020, 11, 27)
    assert _plain(vi.sentence_day(day, today)) == "Ngày mai: mưa rào, từ 22 đến 30 °C, khả năng mưa 80 %"
    assert _plain(en.sentence_day(day, today)) == "Tomorrow: showers, from 22 to 30 °C, chance of rain 80 %"


def test_a_day_of_which_nothing_is_known_says_so(vi: Speech) -> None:
    day = Day(date(2020, 11, 29))
    assert vi.sentence_day(day, date(2020, 11, 27)) == "Chủ nhật: chưa có số liệu"
