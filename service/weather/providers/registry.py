"""The weather providers by id, each from the folder of its name: `open-meteo` from `open_meteo`."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from service.settings import schema
from service.settings.model import WeatherSettings
from service.weather.provider import Attribution, Provider


def _provider(name: str) -> type[Provider]:
    module = import_module(f"service.weather.providers.{name.replace('-', '_')}.provider")
    provider: type[Provider] = module.PROVIDER
    return provider


PROVIDERS: Mapping[str, type[Provider]] = MappingProxyType(
    {name: _provider(name) for name in schema.PROVIDERS}
)

_SAMPLE = Attribution("sample", "Sample data", url=None, licence=None)


def providers_of(settings: WeatherSettings) -> list[Provider]:
    """Return the providers that the configuration names, in its order of preference."""
    return [PROVIDERS[name].from_settings(settings.provider_settings[name]) for name in settings.providers]


def attributions(*, sample: bool) -> Mapping[str, Attribution]:
    """Return the credits by provider id, also of providers that are not configured (any more).

    With `sample` the data is sample data, for which no real provider is credited.
    """
    return {name: _SAMPLE if sample else provider.attribution for name, provider in PROVIDERS.items()}
