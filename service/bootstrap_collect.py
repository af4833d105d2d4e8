"""The composition root of the collecting half: from settings to collectors and their parts."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from service.articles.collect.collector import ArticleCollector
from service.articles.sources.registry import parser_for
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import default_place, demo_sources, load_catalogue, open_store, utc_now
from service.collector.loop import NothingToDoError
from service.collector.sandbox import Runner, Sandbox
from service.core.counters import Counters
from service.core.decisions import NO_DECISIONS
from service.core.ports import Store
from service.demo.server import PROVIDER_PATHS, DemoUpstream
from service.http_client.client import ClientLimits, HttpClient, user_agent
from service.settings.model import Settings
from service.storage.decisions import SqliteDecisions
from service.storage.store import SqliteStore
from service.weather.collect.collector import WeatherCollector
from service.weather.collect.intervals import RefreshGoals
from service.weather.providers.registry import providers_of

_DEMO_DEADLINE = timedelta(seconds=30)  # the bundled upstream computes its weather on the same machine


def make_http_client(
    settings: Settings, permit: Callable[[str], None] | None = None, **limits: Any
) -> HttpClient:
    """Return the client for all upstreams; `permit` is asked for each request, `limits` replace the usual."""
    agent = user_agent(version("portal-widgets"), settings.site.contact, settings.site.public_url)
    upstream = settings.upstream
    usual = ClientLimits(allow_private=upstream.allow_private, proxy=upstream.proxy, ca_file=upstream.ca_file)
    if settings.demo:
        usual = replace(usual, deadline=_DEMO_DEADLINE)
    return HttpClient(agent, utc_now, replace(usual, **limits), permit)


def with_demo(settings: Settings, resources: ExitStack, upstream: DemoUpstream | None = None) -> Settings:
    """Return the settings; under `--demo` all their providers and sources are at the bundled upstream.

    Args:
        settings: of the configuration.
        resources: closes the upstream.
        upstream: one with another clock than the default.
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
            # A provider that the bundled upstream does not play would be asked for real weather.
            providers=tuple(name for name in weather.providers if name in PROVIDER_PATHS)
            or tuple(PROVIDER_PATHS),
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


def with_part_of_budgets(settings: Settings, hosts: int) -> Settings:
    """Return the settings with one part of the providers' budgets, for one of so many hosts."""
    providers = {
        name: replace(one, daily_budget=one.daily_budget / hosts) if one.daily_budget else one
        for name, one in settings.weather.provider_settings.items()
    }
    return replace(settings, weather=replace(settings.weather, provider_settings=providers))


def make_article_collector(  # noqa: PLR0913, PLR0917 - one argument for each dependency
    settings: Settings,
    wait: Callable[[timedelta], bool],
    store: SqliteStore,
    runner: Runner,
    counters: Counters | None = None,
    permit: Callable[[str], None] | None = None,
) -> ArticleCollector:
    """Return the collector of the configured sources' articles; `runner` parses their documents.

    `permit` is asked for each request.
    """
    articles = settings.articles
    return ArticleCollector(
        store=store,
        repository=SqliteArticleRepository(store, settings.limits.pictures),
        upstream=make_http_client(settings, permit),
        runner=runner,
        parsers=[parser_for(source) for source in articles.source],
        refresh=articles.refresh,
        keep=articles.keep,
        stale_after=articles.stale_after,
        clock=utc_now,
        wait=wait,
        contact=settings.site.contact or settings.site.public_url,
        secrets=settings.secrets,
        decisions=SqliteDecisions(store),
        counters=counters,
    )


def make_weather_collector(  # noqa: PLR0913 - one argument for each dependency
    settings: Settings,
    wait: Callable[[timedelta], bool],
    *,
    clock: Callable[[], datetime] = utc_now,
    store: Store | None = None,
    counters: Counters | None = None,
    permit: Callable[[str], None] | None = None,
) -> WeatherCollector:
    """Return the collector of the weather; `wait` waits that long and returns whether to stop.

    `permit` is asked for each request.
    """
    catalogue = load_catalogue(settings)
    place = default_place(settings, catalogue)
    weather, file = settings.weather, store or open_store(settings)
    return WeatherCollector(
        store=file,
        upstream=make_http_client(settings, permit),
        providers=providers_of(weather),
        places=list(catalogue),
        always_in_use=[place.id] if place else [],
        goals=RefreshGoals.from_settings(weather),
        clock=clock,
        wait=wait,
        decisions=SqliteDecisions(file) if isinstance(file, SqliteStore) else NO_DECISIONS,
        provider_settings={name: _digest_of(settings, name) for name in weather.providers},
        counters=counters,
    )


def _digest_of(settings: Settings, provider: str) -> str:
    """Return a digest of what a provider knows us by: its address, the key and the contact."""
    own = settings.weather.provider_settings[provider]
    known_by = [own.base_url, own.api_key, settings.site.contact or settings.site.public_url]
    return blake2b(json.dumps(known_by).encode(), digest_size=16).hexdigest()


class WeatherPart:
    """The weather, as a part that has a process of its own.

    The first step makes the collector, so that a store that fails then is tried again as at any time.
    """

    shortest_wait = timedelta(seconds=1)

    def __init__(
        self,
        settings: Settings,
        wait: Callable[[timedelta], bool],
        store: SqliteStore,
        _: ExitStack,
        counters: Counters,
        permit: Callable[[str], None] | None = None,
    ) -> None:
        self._make = partial(
            make_weather_collector, settings, wait, store=store, counters=counters, permit=permit
        )
        self._collector: WeatherCollector | None = None

    def step(self) -> None:
        """Make one pass over what is due, until all of it was requested."""
        self._collector = self._collector or self._make()
        self._collector.run()

    def wake_at(self) -> datetime:
        return self._collector.wake_at() if self._collector else utc_now()

    def close(self) -> None:
        """Leave nothing: the lock is the supervisor's."""


class ArticlesPart:
    """The articles, likewise. A step only starts tasks, so that steps can follow each other quickly."""

    shortest_wait = timedelta(seconds=0.1)

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each dependency
        self,
        settings: Settings,
        wait: Callable[[timedelta], bool],
        store: SqliteStore,
        resources: ExitStack,
        counters: Counters,
        permit: Callable[[str], None] | None = None,
    ) -> None:
        sandbox = resources.enter_context(Sandbox())
        self._make = partial(make_article_collector, settings, wait, store, sandbox, counters, permit)
        self._collector: ArticleCollector | None = None

    def step(self) -> None:
        """Start what is due.

        Raises:
            NothingToDoError: when no source is configured; the articles of former sources are then deleted.
        """
        self._collector = self._collector or self._make()
        if self._collector.is_idle():
            raise NothingToDoError
        self._collector.start_due()

    def wake_at(self) -> datetime:
        return self._collector.wake_at() if self._collector else utc_now()

    def close(self) -> None:
        """Leave nothing: the lock is the supervisor's."""


PARTS: Mapping[str, type[WeatherPart] | type[ArticlesPart]] = MappingProxyType(
    {"weather": WeatherPart, "articles": ArticlesPart}
)
