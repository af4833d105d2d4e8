"""The chart of the weather widget in the reader's words."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from service.locales.formatter import Speech
from service.weather.chart import Chart, Words, draw
from service.weather.model import Step

_LEAST_RAIN = 0.05  # mm: less is no rain to speak of


def chart_of(hours: Sequence[Step], zone: ZoneInfo, speech: Speech) -> Chart | None:
    """The drawing, or None where there is nothing to draw."""
    words = Words(degrees=speech.degrees, rain=speech.rain, hour=speech.clock, day=speech.weekday_short)
    return draw(hours, zone, words)


def chart_in_words(chart: Chart, hours: Sequence[Step], speech: Speech) -> str:
    """What the drawing shows, for those who cannot see it."""
    ends = {
        "low": speech.temperature(chart.lowest.value),
        "high": speech.temperature(chart.highest.value),
    }
    if chart.rain is None:
        return speech.text("chart.summary_temperature", **ends)
    wet = [step for step in hours if step.precipitation is not None and step.precipitation >= _LEAST_RAIN]
    rain = (
        speech.text("chart.rain", n=len(wet), amount=speech.rain(chart.rain))
        if wet
        else speech.text("chart.no_rain")
    )
    return speech.text("chart.summary", **ends, rain=rain)
