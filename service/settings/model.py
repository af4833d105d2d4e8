"""The settings as frozen dataclasses; every key is documented in docs/configuration.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from service.core.freshness import AgeLimits
from service.core.secrets import Secrets, publishable_url
from service.places.model import Place


@dataclass(frozen=True)  # without slots: the schema takes the default from here
class SiteSettings:
    public_url: str
    contact: str
    default_city: str
    language: str = "vi"


@dataclass(frozen=True)  # without slots: the schema takes the defaults from here
class ShareSettings:
    """The Valkey through which several hosts share one collector's work; `group` keeps deployments apart."""

    host: str
    port: int = 6379
    database: int = 0
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    is_encrypted: bool = False
    group: str = "default"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`share` is None for a host alone."""

    path: Path
    share: ShareSettings | None = None


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`daily_budget` counts the provider's own units; None where it does not count."""

    base_url: str = field(repr=False)
    api_key: str = field(default="", repr=False)
    daily_budget: float | None = None


@dataclass(frozen=True, kw_only=True)  # without slots: the schema takes the defaults from here
class WeatherSettings:
    """`cities` is None for all built-in places; `providers` are in order of preference."""

    providers: tuple[str, ...]
    provider_settings: Mapping[str, ProviderSettings]
    refresh: timedelta = timedelta(minutes=15)
    stale_after: timedelta = timedelta(minutes=90)
    hide_after: timedelta = timedelta(hours=6)
    cities: tuple[str, ...] | None
    city: tuple[Place, ...]

    @property
    def age_limits(self) -> AgeLimits:
        """The ages from which weather is stale and from which it is hidden."""
        return AgeLimits(self.stale_after, self.hide_after)


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors for the parts of a source's pages; the page's structure decides where one is empty."""

    links: str = ""
    title: str = ""
    date: str = ""
    lead: str = ""
    author: str = ""
    image: str = ""
    body: str = ""


@dataclass(frozen=True)  # without slots: the defaults are class attributes, which the schema takes from here
class ArticleSource:
    """One source of articles: a `[[articles.source]]` of the configuration.

    Attributes:
        url: of the feed, the WordPress site or the listing page; it may hold a key. Empty in the serving half
            under `--demo`, where only the collector knows the port.
        kind: `feed`, `page` or `wordpress`.
        site: where readers find the source; empty: what is public of `url`.
        language: of its articles; empty: what the source itself says.
        timezone: for dates that name no zone.
        charset: overrides a wrong declaration; empty: what the response says.
        date_order: `dmy` or `mdy`.
        full_text: the owner allows whole articles to be shown here.
        include, exclude: patterns of what is shown, and of what is not; empty: everything is.
        selectors: for kind `page`.
    """

    id: str
    name: str
    url: str = field(repr=False)
    kind: str = "feed"
    site: str = ""
    language: str = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    charset: str = ""
    date_order: str = "dmy"
    full_text: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selectors: Selectors = Selectors()

    @cached_property
    def public_url(self) -> str | None:
        """The address that readers may have: `site`, or `url` without anything secret; None without `url`."""
        return publishable_url(self.url, self.site) if self.url else None


@dataclass(frozen=True, kw_only=True)  # without slots: the schema takes the defaults from here
class ArticleSettings:
    """`keep` is the number of newest articles stored per source."""

    refresh: timedelta = timedelta(minutes=15)
    stale_after: timedelta = timedelta(hours=3)
    keep: int = 200
    source: tuple[ArticleSource, ...]


@dataclass(frozen=True)  # without slots: the schema takes the default from here
class CacheSettings:
    """`memory` is the size of the response cache in bytes, per worker."""

    memory: int = 32 * 1024**2


@dataclass(frozen=True)  # without slots: the schema takes the default from here
class LimitSettings:
    """`pictures` is the size of all stored images in bytes.

    `trusted_proxies` are the addresses and networks whose `X-Forwarded-For` counts, and `unix`.
    """

    pictures: int = 200 * 1024**2
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True)  # without slots: the schema takes the defaults from here
class LogSettings:
    """`format` is text or json, `addresses` of the access log are full or cut to their network."""

    format: str = "text"
    level: str = "info"
    access: bool = False
    addresses: str = "full"


@dataclass(frozen=True)  # without slots: the schema takes the default from here
class StatusSettings:
    """`allow` are the addresses and networks of those who see details and metrics."""

    allow: tuple[str, ...] = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class EmbedSettings:
    frame_ancestors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """With `external` operators run `portal-widgets collect`, and no worker starts a collector."""

    external: bool


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    allow_private: tuple[str, ...]
    proxy: str = field(repr=False)
    ca_file: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `demo` and `storm` are set by `serve --demo --storm` only."""

    site: SiteSettings
    store: StoreSettings
    weather: WeatherSettings
    articles: ArticleSettings
    embed: EmbedSettings
    collector: CollectorSettings
    edge: CacheSettings
    limits: LimitSettings
    log: LogSettings
    status: StatusSettings
    upstream: UpstreamSettings
    demo: bool = False
    storm: bool = False

    @property
    def secrets(self) -> Secrets:
        """The secrets in the requests to providers, sources and the proxy; a source's `site` is public."""
        sources, providers = self.articles.source, self.weather.provider_settings.values()
        addresses = [source.url for source in sources] + [provider.base_url for provider in providers]
        return Secrets.of(
            [*addresses, self.upstream.proxy],
            [*(provider.api_key for provider in providers), *self._share_secrets],
            [source.site for source in sources],
        )

    @property
    def _share_secrets(self) -> list[str]:
        return [self.store.share.password] if self.store.share is not None else []
