import re
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET

import jinja2
import pytest

from service.weather.icons import COLOURS, symbol_id, symbols
from service.weather.model import Condition

TEMPLATES = Path(__file__).parents[2] / "templates"
DAY, NIGHT, NOT_SAID = True, False, None
ALL = list(product(Condition, (DAY, NIGHT, NOT_SAID)))
WITH_SUN_OR_MOON = {
    Condition.CLEAR,
    Condition.MOSTLY_CLEAR,
    Condition.PARTLY_CLOUDY,
    Condition.HAZE,
    Condition.SHOWERS,
}


def icon(condition: Condition, is_day: bool | None) -> str | None:
    """The content of the `<symbol>`, None where there is none."""
    return dict(symbols([name])).get(name) if (name := symbol_id(condition, is_day)) else None


def templates() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)


@pytest.mark.parametrize("condition", [c for c in Condition if c is not Condition.UNKNOWN])
def test_every_condition_has_a_picture_by_day_and_by_night(condition: Condition) -> None:
    assert icon(condition, DAY)
    assert icon(condition, NIGHT)


@pytest.mark.parametrize("is_day", [DAY, NIGHT, NOT_SAID])
def test_the_unknown_has_no_picture(is_day: bool | None) -> None:
    assert icon(Condition.UNKNOWN, is_day) is None
    assert symbol_id(Condition.UNKNOWN, is_day) is None


@pytest.mark.parametrize("condition", list(Condition))
def test_the_sun_shines_by_day_only_and_the_moon_by_night_only(condition: Condition) -> None:
    for is_day, body, other in ((DAY, "sun", "moon"), (NIGHT, "moon", "sun")):
        picture = icon(condition, is_day) or ""
        assert (COLOURS[body] in picture) == (condition in WITH_SUN_OR_MOON)
        assert COLOURS[other] not in picture


@pytest.mark.parametrize("condition", list(Condition))
def test_where_day_or_night_is_not_said_neither_sun_nor_moon_is_drawn(condition: Condition) -> None:
    picture = icon(condition, NOT_SAID) or ""
    assert COLOURS["sun"] not in picture
    assert COLOURS["moon"] not in picture


def test_a_clear_sky_without_day_or_night_has_no_picture() -> None:
    assert icon(Condition.CLEAR, NOT_SAID) is None
    assert icon(Condition.MOSTLY_CLEAR, NOT_SAID) is None


def test_no_two_conditions_look_alike() -> None:
    for is_day in (DAY, NIGHT):
        pictures = [icon(condition, is_day) for condition in Condition]
        assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize(("condition", "is_day"), ALL)
def test_a_picture_is_small_well_formed_and_without_style(condition: Condition, is_day: bool | None) -> None:
    picture = icon(condition, is_day) or ""
    assert len(picture) < 300
    for path in ET.fromstring(f"<svg>{picture}</svg>"):
        assert path.tag == "path"
        assert set(path.attrib) <= {"d", "stroke", "stroke-width"}
        assert re.fullmatch(r"[MmLlHhVvAaZz\d .-]+", path.attrib["d"])


def test_symbols_name_each_picture_in_use_once() -> None:
    used = [
        symbol_id(Condition.RAIN, DAY),
        symbol_id(Condition.CLEAR, NIGHT),
        symbol_id(Condition.UNKNOWN, DAY),
        symbol_id(Condition.RAIN, NIGHT),
    ]
    assert symbols(used) == [
        ("clear-night", icon(Condition.CLEAR, NIGHT)),
        ("rain", icon(Condition.RAIN, DAY)),
    ]


def test_the_template_draws_a_symbol_once_and_uses_it_by_its_id() -> None:
    macros = templates().get_template("widgets/icons.svg.jinja").module
    name = symbol_id(Condition.SNOW, DAY)
    page = f"<p>{macros.symbols(symbols([name]))}{macros.icon(name)}{macros.icon(name)}</p>"
    root = ET.fromstring(page)
    assert [symbol.attrib["id"] for symbol in root.iter("symbol")] == ["snow"]
    assert [use.attrib["href"] for use in root.iter("use")] == ["#snow", "#snow"]


def test_the_template_draws_nothing_for_no_picture() -> None:
    macros = templates().get_template("widgets/icons.svg.jinja").module
    assert str(macros.icon(None)) == ""
    assert str(macros.symbols([])) == ""
