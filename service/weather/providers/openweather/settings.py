"""The table `[weather.openweather]` of the configuration."""

from service.settings.fields import Number, ProviderSection, Text

URL = "https://api.openweathermap.org/data/2.5"


class Table(ProviderSection):
    default_url = URL
    preference = 3
    needs_key = True

    api_key = Text(load_default="")
    daily_budget = Number(0, 1e9, load_default=0.0)  # 0: what costs nothing
