"""The weather icons: line drawings on a 24 by 24 grid, each part in its colour.

The style sheets set the rest of the stroke (`fill:none`, width, round caps and joins).
"""

from collections.abc import Iterable

from service.weather.model import Condition

# A contrast of at least 3:1 on the light and on the dark background.
COLOURS = {
    "sun": "#c77700",
    "bolt": "#c97500",
    "moon": "#777ccf",
    "cloud": "#6b7d8f",
    "air": "#6b7d8f",
    "drop": "#2f7fd6",
    "ice": "#278bb0",
}

# Clouds begin at their lower left corner, so that one shape fits any position.
_CLOUD = "a3.6 3.6 0 0 1-.3-7.2 5.8 5.8 0 0 1 10.3-1 4.1 4.1 0 0 1 .7 8.2"
_SMALL_CLOUD = "a3 3 0 0 1-.2-6 4.6 4.6 0 0 1 8.4-.8 3.4 3.4 0 0 1 .5 6.8z"
_TINY_CLOUD = "a2.4 2.4 0 0 1-.1-4.8 3.4 3.4 0 0 1 6.4-.6 2.7 2.7 0 0 1 .2 5.4z"
_STAR = "v3.4m-1.7-1.7h3.4"
_FLAKE = "v4m-1.7-3 3.4 2m0-2-3.4 2"


def _part(name: str, path: str) -> str:
    return f'<path stroke="{COLOURS[name]}" d="{path}"/>'


def _flakes(*tops: str) -> str:
    path = "".join(f"M{top}{_FLAKE}" for top in tops)
    # Thinner, or the arms run together.
    return f'<path stroke="{COLOURS["ice"]}" stroke-width="1.2" d="{path}"/>'


_HIGH_CLOUD = _part("cloud", f"M6.6 14{_CLOUD}z")
_CORNER_CLOUD = _part("cloud", f"M13.6 20.5{_TINY_CLOUD}")
_FRONT_CLOUD = _part("cloud", f"M9.5 19.5{_SMALL_CLOUD}")
_RAIN = _part("drop", "M9 17.5 7.2 22M13 17.5 11.2 22M17 17.5 15.2 22")
_SHOWER = _part("cloud", f"M9.8 15.5{_SMALL_CLOUD}") + _part(
    "drop", "M11 18.5 9.6 22M15 18.5 13.6 22M19 18.5 17.6 22"
)
_STREAKS = _part("air", "M3 15h4M10.5 15H21M3 18.5h10M16.5 18.5H21M6.5 22h3M13 22h4.5")

_DRAWINGS = {
    "clear-day": _part(
        "sun",
        "M12 7.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 1 1 0-9M12 4.3V2M12 19.7V22M4.3 12H2M19.7 12H22"
        "M6.6 6.6 4.9 4.9M17.4 6.6l1.7-1.7M6.6 17.4l-1.7 1.7M17.4 17.4l1.7 1.7",
    ),
    "clear-night": _part(
        "moon", f"M19.9 14.4A8.4 8.4 0 1 1 9.6 4.3a6.7 6.7 0 0 0 10.3 10.1zM17 3.8{_STAR}M21 10h0"
    ),
    "mostly_clear-day": _part(
        "sun",
        "M14.9 11.6A4.5 4.5 0 1 0 10.6 15M10.5 2.8V1M2.8 10.5H1M18.2 10.5H20"
        "M5.1 5.1 3.8 3.8M15.9 5.1l1.3-1.3M5.1 15.9l-1.3 1.3",
    )
    + _CORNER_CLOUD,
    "mostly_clear-night": _part(
        "moon", f"M9.3 17.3A7.4 7.4 0 0 1 9 3.2a5.9 5.9 0 0 0 2.5 11.1M16.5 4.3{_STAR}M20.5 10h0"
    )
    + _CORNER_CLOUD,
    "partly_cloudy-day": _part(
        "sun", "M13 8.4A4 4 0 1 0 7 12.1M9 1.9V1M2.3 8.6H1.4M4.3 3.9l-.7-.7M13.7 3.9l.7-.7M4.3 13.3l-.7.7"
    )
    + _FRONT_CLOUD,
    "partly_cloudy-night": _part("moon", "M5.7 13.3A6.2 6.2 0 0 1 8 2.2a6 6 0 0 0 1.4 6.7") + _FRONT_CLOUD,
    "partly_cloudy": _part("cloud", f"M6.6 17.5{_CLOUD}z"),
    "overcast": _part("cloud", f"M5.6 20.5{_CLOUD}zM11.5 5.5a4.5 4.5 0 0 1 7.5 2 3.8 3.8 0 0 1 2.9 5"),
    "fog": _HIGH_CLOUD + _part("air", "M3 18h18M6 21.5h12"),
    "haze-day": _part("sun", "M8 11.5a4 4 0 1 1 8 0M12 4.5V3M7 6.5l-1-1M17 6.5l1-1M5 11.5H3.5M19 11.5h1.5")
    + _STREAKS,
    "haze-night": _part("moon", "M17.5 8.7A5.6 5.6 0 1 1 10.6 1.8a4.5 4.5 0 0 0 6.9 6.9z") + _STREAKS,
    "haze": _part("air", "M6 8h4.5M14 8h4M3 11.5h10M16.5 11.5H21") + _STREAKS,
    "drizzle": _HIGH_CLOUD + _part("drop", "M8 17.5v.5M12 17.5v.5M16 17.5v.5M10 21v.5M14 21v.5"),
    "rain": _HIGH_CLOUD + _RAIN,
    "showers-day": _part(
        "sun",
        "M10.8 5.3A3.2 3.2 0 1 0 5.9 9.4M8.4 1.7V1M2.7 7.4H2M4.4 3.4l-.5-.5M12.4 3.4l.5-.5M4.4 11.4l-.5.5",
    )
    + _SHOWER,
    "showers-night": _part("moon", "M5 11.1A5.3 5.3 0 0 1 7.5 1.6a5 5 0 0 0 .7 4.8") + _SHOWER,
    "showers": _HIGH_CLOUD + _RAIN,
    "freezing_rain": _HIGH_CLOUD
    + _part("drop", "M9 17l-.8 2M13 17l-.8 2M17 17l-.8 2")
    + _part("ice", "M4 22h16"),
    "sleet": _HIGH_CLOUD + _part("drop", "M8 17.5 6.2 22M18 17.5 16.2 22") + _flakes("12.1 17.8"),
    "snow": _HIGH_CLOUD + _flakes("6.8 17", "17.2 17", "12 18.8"),
    "thunder": _part("cloud", f"M8.5 14H6.6{_CLOUD}h-1") + _part("bolt", "M13 11l-3.5 5.5h4L11 22"),
    "squall": _part("air", "M2.5 9H13a3 3 0 1 0-3-3M2.5 13h16a3 3 0 1 1-3 3M2.5 17h7a2.5 2.5 0 1 1-2.5 2.5"),
    "tornado": _part("air", "M4 3.5h17M5 7.5h14M8.5 11.5h9M11.5 15.5H16M11 19h2.5M10 22h.5"),
}


def symbol_id(condition: Condition, is_day: bool | None) -> str | None:  # noqa: FBT001 - three-valued, as in the model
    """Return the id of the icon, or None where no icon is right.

    Without `is_day` it is one with neither sun nor moon. A clear sky has no such icon: none is better than
    a sun at night.
    """
    by_daylight = {True: f"{condition}-day", False: f"{condition}-night", None: condition.value}[is_day]
    return next((name for name in (by_daylight, condition.value) if name in _DRAWINGS), None)


def symbols(ids: Iterable[str | None]) -> list[tuple[str, str]]:
    """Return each of these icons once, in order of the ids, as id and the content of its `<symbol>`."""
    return [(name, _DRAWINGS[name]) for name in sorted({name for name in ids if name})]
