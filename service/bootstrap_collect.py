"""The wiring of the collecting half."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from types import MappingProxyType

from service.articles.collect.collector import ArticleCollector
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import catalogue_of, default_city, demo_sources, store_of, utc_now
from service.collector.loop import NothingToDoError
from service.collector.sandbox import Runner, Sandbox
from service.core.ports import Store
from service.demo.server import PROVIDER_PATHS, DemoUpstream
from service.http_client.client import ClientLimits, HttpClient, user_agent
from service.settings.model import Settings
from service.storage.store import SqliteStore
from service.weather.collect.collector import WeatherCollector
from service.weather.collect.intervals import RefreshGoals
from service.weather.providers.registry import providers_of

_OF_DEMO = timedelta(
    seconds=30
)  # the bundled upstream works its weather out, on the machine that waits for it


def door_of(settings: Settings) -> HttpClient:
    """The door to the network."""
    agent = user_agent(version("portal-widgets"), settings.site.contact, settings.site.public_url)
    upstream = settings.upstream
    rules = ClientLimits(allow_private=upstream.allow_private, proxy=upstream.proxy, ca_file=upstream.ca_file)
    return HttpClient(agent, utc_now, replace(rules, deadline=_OF_DEMO) if settings.demo else rules)


def with_demo(settings: Settings, resources: ExitStack, upstream: DemoUpstream | None = None) -> Settings:
    """The settings, or under `--demo` the same with every provider at the bundled upstream.

    Args:
        settings: of the configuration.
        resources: closes the upstream.
        upstream: one with another clock than the usual one.
    """
    if not settings.demo:
        return settings
    demo = resources.enter_context(upstream or DemoUpstream(utc_now, storm=settings.storm))
    weather = settings.weather
    return replace(
        settings,
        site=replace(settings.site, contact=settings.site.contact or "demo@localhost"),
        weather=replace(
            weather,
            provider_settings={
                **weather.provider_settings,
                **{
                    name: replace(weather.provider_settings[name], base_url=demo.url + path, api_key="")
                    for name, path in PROVIDER_PATHS.items()
                },
            },
        ),
        articles=replace(settings.articles, source=demo_sources(demo.url)),
        upstream=replace(settings.upstream, allow_private=("127.0.0.1",), proxy=""),
    )


def article_collector_of(
    settings: Settings, wait: Callable[[timedelta], bool], store: SqliteStore, runner: Runner
) -> ArticleCollector:
    """The collector of the configured sources' articles; `runner` reads their documents."""
    articles = settings.articles
    return ArticleCollector(
        store=store,
        repository=SqliteArticleRepository(store, settings.limits.pictures),
        upstream=door_of(settings),
        runner=runner,
        parsers=[parser_for(source) for source in articles.source],
        refresh=articles.refresh,
        keep=articles.keep,
        clock=utc_now,
        wait=wait,
        secrets=settings.secrets,
    )


def collector_of(
    settings: Settings,
    wait: Callable[[timedelta], bool],
    *,
    clock: Callable[[], datetime] = utc_now,
    store: Store | None = None,
) -> WeatherCollector:
    """The collector of these settings; `wait` waits that long and says whether to stop."""
    catalogue = catalogue_of(settings)
    always = default_city(settings, catalogue)
    weather = settings.weather
    return WeatherCollector(
        store=store or store_of(settings),
        upstream=door_of(settings),
        providers=providers_of(settings.weather),
        places=list(catalogue),
        always_in_use=[always.id] if always else [],
        goals=RefreshGoals.from_settings(weather),
        clock=clock,
        wait=wait,
    )


class WeatherPart:
    """The weather, for a process of its own.

    The collector is made by the first step, so that a store that fails then is tried again as at any time.
    """

    shortest_wait = timedelta(seconds=1)

    def __init__(
        self, settings: Settings, wait: Callable[[timedelta], bool], store: SqliteStore, _: ExitStack
    ) -> None:
        """Take what `collector_of` takes."""
        self._make = partial(collector_of, settings, wait, store=store)
        self._made: WeatherCollector | None = None

    def step(self) -> None:
        """Make one pass over what is due."""
        self._made = self._made or self._make()
        self._made.run()

    def wake_at(self) -> datetime:
        """When the next pass has something to do."""
        return self._made.wake_at() if self._made else utc_now()


class ArticlesPart:
    """The articles, likewise. A step only starts tasks, so that steps may follow each other quickly."""

    shortest_wait = timedelta(seconds=0.1)

    def __init__(
        self, settings: Settings, wait: Callable[[timedelta], bool], store: SqliteStore, resources: ExitStack
    ) -> None:
        """Take what `article_collector_of` takes; the sandbox is closed with the resources."""
        sandbox = resources.enter_context(Sandbox())
        self._make = partial(article_collector_of, settings, wait, store, sandbox)
        self._made: ArticleCollector | None = None

    def step(self) -> None:
        """Start what is due.

        Raises:
            NothingToDoError: when no source is configured; what is kept of former ones is then dropped.
        """
        self._made = self._made or self._make()
        if self._made.is_idle():
            raise NothingToDoError
        self._made.start_due()

    def wake_at(self) -> datetime:
        """When there is something to start."""
        return self._made.wake_at() if self._made else utc_now()


PARTS: Mapping[str, type[WeatherPart] | type[ArticlesPart]] = MappingProxyType(
    {"weather": WeatherPart, "articles": ArticlesPart}
)
