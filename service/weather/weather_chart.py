"""The chart of the weather widget in the reader's words."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.locales.formatter import Formatter
from service.weather.chart import Chart, Words, draw
from service.weather.model import HourlyPoint

_LEAST_RAIN = 0.05  # mm: less is no rain to speak of


def chart_of(hours: Sequence[HourlyPoint], zone: ZoneInfo, formatter: Formatter) -> Chart | None:
    """The drawing, or None where there is nothing to draw."""
    words = Words(
        degrees=formatter.degrees, rain=formatter.rain, hour=formatter.clock, day=formatter.weekday_short
    )
    return draw(hours, zone, words)


def chart_in_words(chart: Chart, hours: Sequence[HourlyPoint], formatter: Formatter) -> str:
    """What the drawing shows, for those who cannot see it."""
    ends = {
        "low": formatter.temperature(chart.lowest.value),
        "high": formatter.temperature(chart.highest.value),
    }
    if chart.rain is None:
        return formatter.text("chart.summary_temperature", **ends)
    wet = [step for step in hours if step.precipitation is not None and step.precipitation >= _LEAST_RAIN]
    rain = (
        formatter.text("chart.rain", n=len(wet), amount=formatter.rain(chart.rain))
        if wet
        else formatter.text("chart.no_rain")
    )
    return formatter.text("chart.summary", **ends, rain=rain)
