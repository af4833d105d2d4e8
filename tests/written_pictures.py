"""Where the texts of a picture come to stand when a font draws it, by the widths of its letters."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import ImageFont

from service.core.freshness import State
from service.locales.formatter import Formatter
from service.places.model import Place
from service.weather.forecast import Forecast, Provenance
from service.weather.model import Condition, Current, Day, DetailedCondition, Intensity
from service.weather.picture import Picture, draw
from service.weather.presenter import present
from service.weather.provider import Attribution
from service.web.widget_options import Layout, Options

_FOLDER = Path("/usr/share/fonts/truetype")
FONTS = {
    "Noto Sans": (_FOLDER / "noto/NotoSans-Regular.ttf", _FOLDER / "noto/NotoSans-Bold.ttf"),
    "DejaVu Sans": (_FOLDER / "dejavu/DejaVuSans.ttf", _FOLDER / "dejavu/DejaVuSans-Bold.ttf"),
}
needs_fonts = pytest.mark.skipif(
    not all(file.exists() for files in FONTS.values() for file in files),
    reason="no Noto Sans or DejaVu Sans on this machine: apt-get install fonts-noto-core fonts-dejavu-core",
)
_UNITS = 1000  # the size at which letters are measured


class Box(NamedTuple):
    """What a text covers, in pixels: from the font's highest to its lowest line."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    def touches(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass
class Font:
    """A font of this machine, regular and bold."""

    files: tuple[Path, Path]
    faces: tuple[ImageFont.FreeTypeFont, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.faces = tuple(
            ImageFont.truetype(file, _UNITS, layout_engine=ImageFont.Layout.BASIC) for file in self.files
        )
        self.width = lru_cache(10_000)(self._width)

    def _width(self, text: str, size: float, *, bold: bool) -> float:
        return self.faces[bold].getlength(text) * size / _UNITS

    def boxes(self, picture: Picture) -> Iterator[Box]:
        """Yield what each text covers, the unit of the temperature apart."""
        styles = dict(picture.styles)
        for text in picture.texts:
            size, bold, _ = styles[text.style]
            width = self.width(text.text, size, bold=bold) if text.length is None else text.length
            left = text.x - width if text.ends else text.x
            yield self._box(left, text.y, width, size, text.text, bold=bold)
            if text.unit:
                size = styles["unit"].size
                after = self.width(text.unit, size, bold=bold)
                yield self._box(left + width, text.y - text.raised, after, size, text.unit, bold=bold)

    def _box(self, left: float, y: float, width: float, size: float, text: str, *, bold: bool) -> Box:  # noqa: PLR0913 - each is one of the box's
        ascent, descent = (metric * size / _UNITS for metric in self.faces[bold].getmetrics())
        return Box(left, y - ascent, left + width, y + descent, text)


def overlaps(picture: Picture, font: Font) -> list[str]:
    """Return each text that lies over another or leaves the picture."""
    width, height = picture.size
    boxes = list(font.boxes(picture))
    found = [f"{one.text} | {other.text}" for one, other in combinations(boxes, 2) if one.touches(other)]
    outside = [
        box for box in boxes if box.left < 0 or box.top < 0 or box.right > width or box.bottom > height
    ]
    return found + [f"{box.text} leaves the picture" for box in outside]


# Weather that needs room

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
CREDITS = {
    name: Attribution(name, title, None, None)
    for name, title in (
        ("a", "Open-Meteo"),
        ("b", "MET Norway"),
        ("c", "Nhà cung cấp số liệu có tên rất dài"),
    )
}
_PLAIN = Current(
    time=NOW,
    condition=DetailedCondition(Condition.OVERCAST),
    temperature=27.1,
    humidity=79.0,
    wind_speed=8.4,
    wind_direction=315.0,
    wind_gust=13.5,
    is_day=True,
)
_TODAY = Day(date(2026, 11, 22), temperature_min=22, temperature_max=30, precipitation_probability=80)
WEATHERS: list[tuple[Current, Day | None]] = [
    (_PLAIN, _TODAY),
    (
        replace(
            _PLAIN, condition=DetailedCondition(Condition.THUNDER, Intensity.VERY_HEAVY), wind_speed=70.0
        ),
        replace(_TODAY, precipitation=400.0, temperature_max=41.0, precipitation_probability=100),
    ),
    (
        replace(_PLAIN, temperature=-40.0, wind_speed=0.0),
        replace(_TODAY, temperature_min=-48, temperature_max=-39),
    ),
    (
        replace(
            _PLAIN,
            temperature=49.5,
            humidity=100.0,
            condition=DetailedCondition(Condition.MOSTLY_CLEAR),
            wind_direction=None,
        ),
        replace(_TODAY, temperature_max=49.9),
    ),
    (replace(_PLAIN, temperature=None, humidity=None, wind_speed=None), None),
    *(
        (replace(_PLAIN, condition=DetailedCondition(kind, strength), is_day=day, wind_speed=wind), _TODAY)
        for kind, strength in (
            (Condition.THUNDER, Intensity.HEAVY_HAIL),
            (Condition.FREEZING_RAIN, Intensity.LIGHT),
            (Condition.UNKNOWN, Intensity.PLAIN),
            (Condition.HAZE, Intensity.ASH),
        )
        for day, wind in ((True, 20.0), (False, 55.0))
    ),
]


def a_picture(  # noqa: PLR0913 - each is one of the picture's
    place: Place,
    weather: tuple[Current | None, Day | None],
    layout: Layout,
    formatter: Formatter,
    *,
    state: State = State.FRESH,
    sample: bool = False,
    providers: tuple[str, ...] = ("a",),
) -> Picture:
    """Return the picture of this weather."""
    current, day = weather
    forecast = Forecast(
        place,
        state,
        current=current,
        days=(day,) if day else (),
        fetched_at=NOW - timedelta(hours=2),
        provider_id=providers[0],
        hourly_from=Provenance(providers[-1], None, NOW),
    )
    view = present(
        forecast,
        attributions=CREDITS,
        prefix="",
        form=None,
        formatter=formatter,
        options=Options(formatter.language, layout=layout),
        sample=sample,
        today=_TODAY.date,
    )
    return draw(view, layout, formatter)
