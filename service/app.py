"""The composition root of the serving half: from settings to a Flask application."""

import atexit
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from service.api_docs.views import ApiDocs
from service.articles import api as article_api
from service.articles import feeds
from service.articles import pages as article_pages
from service.articles import widgets as article_widgets
from service.articles.repository import ArticleRepository
from service.articles.service import ArticleService
from service.articles.store.sqlite import SqliteArticleRepository
from service.background import Background, Task, run_collector, watch_collector
from service.bootstrap import (
    apply_log_settings,
    configure_logging,
    default_place,
    demo_sources,
    load_catalogue,
    open_store,
    share_counters,
    timestamp_clock,
    utc_now,
)
from service.collector.supervisor import lock_path
from service.core.clients import TrustedProxies
from service.core.errors import SettingsError
from service.core.ports import Store
from service.http_cache import cache_tags
from service.http_cache.response_cache import ResponseCache
from service.http_cache.wsgi import CachingMiddleware
from service.locales.catalog import available
from service.locales.formatter import Formatter
from service.locales.numbers import Units
from service.observe import health, metrics, status
from service.observe.clients import Insiders
from service.observe.readiness import Readiness
from service.observe.status import StatusPage
from service.places.catalogue import Catalogue
from service.settings.load import load
from service.settings.model import ArticleSource, Settings, WeatherSettings
from service.start_page.view import StartPage
from service.storage.counter_files import SharedCounters
from service.storage.failure_log import FailureLog
from service.storage.fallback import BoundedWait, StaleOnErrorStore
from service.storage.store import READERS_PATIENCE, SqliteStore
from service.weather import api as weather_api
from service.weather import widget as weather_widget
from service.weather.collect.intervals import RefreshGoals, RequestCost, plan_intervals
from service.weather.provider import Provider
from service.weather.providers.registry import attributions, providers_of
from service.weather.service import ForecastService
from service.weather.widget import WeatherBox
from service.web import embed_js, error_handlers
from service.web.access_log import AccessLog
from service.web.city_select import options_of
from service.web.context import AppContext
from service.web.error_handlers import MessagePages
from service.web.oembed import OEmbed
from service.web.refusals import Refusals
from service.web.rendering import Renderer
from service.web.views import Views
from service.wsgi_server import adapt_gunicorn

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NO_ASGI = (
    "worker_class: an ASGI worker cannot serve service:create_app(), which is WSGI; name service.asgi:app"
)
STOPS_GUNICORN = 4  # exit status after which gunicorn stops instead of replacing the worker
_WORKERS_START = 2.0  # seconds within which a handful of workers start
_GUNICORN_STOPS = 3.0  # seconds


class _CompiledTemplates(BytecodeCache):
    """Compiled templates, for all applications of a process: compiling takes ten times the rendering."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _CompiledTemplates()


class Application(Flask):
    """The WSGI application, which ends the process with one line if an ASGI server calls it."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse | None" = None, *_send: object
    ) -> Iterable[bytes]:
        """Respond to a request; ASGI 3 servers pass a scope and two functions, ASGI 2 servers a scope."""
        if start_response is None or "asgi" in environ:
            try:
                _exit_with(_NO_ASGI)
            except SystemExit as end:
                os._exit(int(end.code or 0))  # the server would catch SystemExit, log it and continue
        return super().__call__(environ, start_response)


def create_app(  # noqa: PLR0913 - one argument for each replaceable part
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    repository: ArticleRepository | None = None,
    sources: Sequence[ArticleSource] | None = None,
    clock: Callable[[], datetime] = utc_now,
    background: bool = True,
) -> Flask:
    """Return the WSGI application.

    Args:
        settings: None to load them from file and environment; faults are then printed, one per line, and
            the process ends so that gunicorn stops too.
        store: replaces the configured store.
        repository: replaces the configured store's repository of articles.
        sources: replace the configured sources of articles, or under `--demo` those of the sample.
        clock: replaces the system clock.
        background: whether to run the threads that record demand and keep a collector running.

    Raises:
        SettingsError: if the given settings have faults.
    """
    if settings is None:
        configure_logging("serve")
        settings, catalogue = _load_or_exit()
        apply_log_settings(settings)
        adapt_gunicorn()
    else:
        catalogue = load_catalogue(settings)
        _check_store(settings)
    file = store if isinstance(store, SqliteStore) else open_store(settings, READERS_PATIENCE)
    wait = BoundedWait()
    file.failure_log = FailureLog(file.path)
    shared = share_counters(file)
    app = _flask_app()
    context = AppContext(
        settings=settings,
        catalogue=catalogue,
        default_city=default_place(settings, catalogue),
        store=store or StaleOnErrorStore(file, on_fallback=cache_tags.do_not_store, wait=wait),
        formatters=_formatters(),
        templates=app.jinja_env,
        clock=clock,
        sample={"sample": True} if settings.demo else {},
    )
    forecasts = ForecastService(context.store, settings.weather, attributions(sample=settings.demo), clock)
    articles = ArticleService(
        repository or SqliteArticleRepository(file),
        context.store,
        sources if sources is not None else _sources(settings),
        settings.articles,
        clock,
        secrets=settings.secrets,
        taken_down=file.takedowns.barred,
        is_lost=file.lacks,
        wait=wait,
    )
    messages = MessagePages(context)
    views = _views(app, context, forecasts, articles, messages, shared, file)
    app.extensions["views"], app.extensions["settings"] = views, settings
    error_handlers.install(app, views, messages, sample=settings.demo)
    cache = None
    if size := settings.edge.memory:
        cache = ResponseCache(
            context.store, size, timestamp_clock(clock), forecasts.record_cached_demand, views.canonical_query
        )
    refusals = Refusals(
        app,
        views,
        messages,
        timestamp_clock(clock),
        sample=settings.demo,
        cuts=settings.log.addresses == "cut",
    )
    middleware = CachingMiddleware(app.wsgi_app, cache, shared.counters, views.route_of, refusals)
    app.extensions["http_cache"] = app.wsgi_app = middleware  # type: ignore[method-assign] # Flask's documented way
    if settings.log.access:
        access_log = app.extensions["access_log"] = AccessLog(
            TrustedProxies(settings.limits.trusted_proxies), cuts=settings.log.addresses == "cut"
        )
        app.wsgi_app = access_log.wsgi(middleware)  # type: ignore[method-assign] # see above
    if background:
        app.extensions["background"] = _start_background(settings, forecasts, shared, file)
    return app


def _flask_app() -> Application:
    app = Application("service", template_folder=str(_template_folder()), static_folder=None)
    app.jinja_options = {**app.jinja_options, "bytecode_cache": _COMPILED}
    app.jinja_env.autoescape = True  # in all templates, not only .html: also in the SVG
    app.jinja_env.globals["options_of"] = options_of
    app.url_map.merge_slashes = False  # merging redirects, to the host in the Host header
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    return app


def _views(  # noqa: PLR0913, PLR0917 - what views are made of
    app: Flask,
    context: AppContext,
    forecasts: ForecastService,
    articles: ArticleService,
    messages: MessagePages,
    shared: SharedCounters,
    file: SqliteStore,
) -> Views:
    """Combine the views of all features; their order is the order of the widgets on the start page."""
    settings = context.settings
    renderer = Renderer(app.jinja_env, settings.embed.frame_ancestors)
    box = WeatherBox(context, forecasts)
    oembed = OEmbed(context)
    app.jinja_env.globals["discovery"] = oembed.discovery
    providers = providers_of(settings.weather)
    readiness = Readiness(context, forecasts, articles, shared, file, context.clock())
    status_page = StatusPage(
        context=context,
        forecasts=forecasts,
        articles=articles,
        providers=providers,
        attributions=attributions(sample=settings.demo),
        interval=partial(_interval, settings.weather, providers[0], len(context.catalogue)),
        messages=messages,
        readiness=readiness,
        insiders=Insiders(settings.status.allow, settings.limits.trusted_proxies),
    )
    views = [
        *weather_api.views(context, forecasts),
        *weather_widget.views(context, forecasts, renderer),
        *article_api.views(context, articles),
        *article_widgets.views(context, articles, box, renderer),
        *article_pages.views(context, articles, box, renderer, messages),
        *feeds.views(context, articles),
        oembed.view(),
        *health.views(context, readiness),
        status.view(status_page),
        metrics.view(context, forecasts, articles, providers, shared),
    ]
    views += ApiDocs(context, views, renderer).views()
    views += [embed_js.view(app.jinja_env, views), StartPage(context, articles, views).view()]
    oembed.views = Views(app, views)
    return oembed.views


def _load_or_exit() -> tuple[Settings, Catalogue]:
    try:
        settings = load(os.environ)
        catalogue = load_catalogue(settings)
        _check_store(settings)
    except SettingsError as error:
        _exit_with(str(error))
    return settings, catalogue


def _check_store(settings: Settings) -> None:
    """Raise SettingsError for a file that must not be changed, such as the store of a newer version."""
    path = settings.store.path
    if refusal := open_store(settings).content_refusal(is_ours=lock_path(path).exists()):
        raise SettingsError([f"store.url: {refusal}"])


def _exit_with(faults: str) -> NoReturn:
    """Print the faults and stop gunicorn, both once, although all workers find the same faults.

    If a second worker exits with the same status while gunicorn stops, gunicorn 27.0 ends with a traceback.
    """
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            # The first worker gets this name, which is free again when it ends. Workers of one master have
            # the same parent; a master that loads the application itself has a process group of its own, or
            # a parent that starts one master at a time.
            claim.bind(f"\0portal-widgets {os.getppid()} {os.getpgrp()}")
        except OSError:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # gunicorn sends it when the first worker has ended
            time.sleep(_WORKERS_START + _GUNICORN_STOPS)
            sys.exit(0)
        print(faults, file=sys.stderr, flush=True)  # noqa: T201 - a line for each fault, without a log prefix
        time.sleep(_WORKERS_START)
        sys.exit(STOPS_GUNICORN)


def _sources(settings: Settings) -> Sequence[ArticleSource]:
    return demo_sources() if settings.demo else settings.articles.source


def _formatters() -> Mapping[tuple[str, Units], Formatter]:
    pairs = [(language, units) for language in available() for units in Units]
    return MappingProxyType({(language, units): Formatter(language, units) for language, units in pairs})


def _interval(weather: WeatherSettings, first: Provider, places: int, used: int) -> timedelta:
    """Return the interval at which the collector fetches places in use, calculated as the collector does."""
    goals = RefreshGoals.from_settings(weather)
    cost = RequestCost.of(first)
    return plan_intervals(goals, cost, used, places - used).in_use


def _template_folder() -> Path:
    """Return the folder inside the package, as in a wheel, or the one beside it, as in a checkout."""
    packaged = Path(__file__).with_name("templates")
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"


def _start_background(
    settings: Settings, forecasts: ForecastService, shared: SharedCounters, file: SqliteStore
) -> Background:
    tasks: list[Task] = [forecasts.record_demand_loop, shared.run]
    atexit.register(shared.save)
    if not settings.collector.external:
        command = [
            sys.executable,
            "-P",
            "-m",
            "service",
            "collect",
        ]  # -P: no imports from the working directory
        tasks.append(
            partial(run_collector, command, lock_path(settings.store.path), hindrance=file.write_refusal)
        )
    else:
        clock = timestamp_clock(utc_now)
        tasks.append(partial(watch_collector, shared.collector_seen, clock, settings.store.path))
    background = Background(tasks)
    background.start()
    return background
