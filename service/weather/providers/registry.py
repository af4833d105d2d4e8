"""The registry of weather providers: a new one takes a line here, and one for its table in the settings."""

from collections.abc import Mapping
from types import MappingProxyType

from service.settings.model import WeatherSettings
from service.weather.provider import Attribution, Provider
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo

_ALL: tuple[type[Provider], ...] = (
    OpenMeteo,
    MetNorway,
)

PROVIDERS: Mapping[str, type[Provider]] = MappingProxyType({provider.id: provider for provider in _ALL})

_SAMPLE = Attribution("sample", "Sample data", url=None, licence=None)


def providers_of(settings: WeatherSettings) -> list[Provider]:
    """Return the providers that the configuration names, in its order of preference."""
    return [PROVIDERS[name].from_settings(settings.provider_settings[name]) for name in settings.providers]


def attributions(*, sample: bool) -> Mapping[str, Attribution]:
    """Return the credits by provider id, also of providers that are not configured (any more).

    With `sample` the data is sample data, for which no real provider is credited.
    """
    return {name: _SAMPLE if sample else provider.attribution for name, provider in PROVIDERS.items()}
