"""The table `[weather.open-meteo]` of the configuration."""

from service.settings.fields import Number, ProviderSection, Text

URL = "https://api.open-meteo.com/v1/forecast"
DAILY_BUDGET = 10_000.0  # units of the free plan


class Table(ProviderSection):
    default_url = URL
    preference = 1

    api_key = Text(load_default="")
    daily_budget = Number(100, 1e9, load_default=DAILY_BUDGET)
