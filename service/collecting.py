"""The wiring of the collecting half."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version

from service.collector.pace import Goals
from service.collector.weather import WeatherCollector
from service.demo.server import DemoUpstream
from service.domain.ports import Store
from service.ground import catalogue_of, default_city, providers_of, store_of, utc_now
from service.settings.model import Settings
from service.upstream.agent import user_agent
from service.upstream.door import Door, Rules

_OF_DEMO = timedelta(
    minutes=1
)  # the bundled upstream works its weather out, on the machine that waits for it


def door_of(settings: Settings) -> Door:
    """The door to the network."""
    agent = user_agent(version("portal-widgets"), settings.site.contact, settings.site.public_url)
    upstream = settings.upstream
    rules = Rules(allow_private=upstream.allow_private, proxy=upstream.proxy, ca_file=upstream.ca_file)
    return Door(agent, utc_now, replace(rules, deadline=_OF_DEMO) if settings.demo else rules)


def with_demo(settings: Settings, resources: ExitStack) -> Settings:
    """The settings, or under `--demo` the same with every provider at the bundled upstream."""
    if not settings.demo:
        return settings
    demo = resources.enter_context(DemoUpstream(utc_now))
    weather = settings.weather
    return replace(
        settings,
        site=replace(settings.site, contact=settings.site.contact or "demo@localhost"),
        weather=replace(
            weather,
            open_meteo=replace(weather.open_meteo, base_url=demo.open_meteo_url, api_key=""),
            met_norway=replace(weather.met_norway, base_url=demo.met_norway_url),
        ),
        upstream=replace(settings.upstream, allow_private=("127.0.0.1",), proxy=""),
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
        providers=providers_of(settings),
        places=list(catalogue),
        always_used=[always.id] if always else [],
        goals=Goals(weather.refresh, weather.stale_after, weather.hide_after),
        clock=clock,
        wait=wait,
    )
