"""The table `[weather.met-norway]` of the configuration."""

from service.settings.fields import ProviderSection

URL = "https://api.met.no/weatherapi/locationforecast/2.0/complete"


class Table(ProviderSection):
    default_url = URL
    preference = 2
