"""The secrets of the settings: what nobody but the upstreams themselves may read."""

from service.core.secrets import Secrets
from service.settings.model import Settings


def secrets_of(settings: Settings) -> Secrets:
    """What providers, sources and the proxy are asked with; what a source's `site` says is public."""
    weather, sources = settings.weather, settings.articles.source
    providers = weather.provider_settings.values()
    addresses = [source.url for source in sources] + [provider.base_url for provider in providers]
    return Secrets.of(
        [*addresses, settings.upstream.proxy],
        [provider.api_key for provider in providers],
        [source.site for source in sources],
    )
