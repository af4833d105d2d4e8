"""The wiring of the serving half: `gunicorn "service:create_app()"`."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from flask import Flask

from service.articles.api import article_api
from service.articles.drawing import ArticleRenderer
from service.articles.feeds_out import feeds
from service.articles.pages import article_pages
from service.articles.repository import ArticleRepository
from service.articles.service import ArticleService
from service.articles.store.sqlite import SqliteArticleRepository
from service.articles.widgets import article_widgets
from service.background import Background, run_collector
from service.bootstrap import (
    catalogue_of,
    default_city,
    demo_sources,
    keep_out_of_log,
    log_to_stderr,
    seconds_of,
    store_of,
    utc_now,
)
from service.collector import lock
from service.core.errors import SettingsError
from service.core.ports import Store
from service.http_cache.response_cache import ResponseCache
from service.http_cache.wsgi import CachingMiddleware
from service.locales.catalog import available
from service.locales.formatter import Formatter
from service.locales.units import Units
from service.observe.health import ops
from service.places.catalogue import Catalogue
from service.settings.load import load
from service.settings.model import Settings, WeatherSettings
from service.storage.failures import FailureLog
from service.storage.fallback import StaleOnErrorStore
from service.storage.store import SqliteStore
from service.weather.api import api
from service.weather.collect.intervals import RefreshGoals, RequestCost, pace
from service.weather.model import Dataset
from service.weather.provider import Provider
from service.weather.providers.registry import attributions, providers_of
from service.weather.service import ForecastService
from service.weather.widget import widgets
from service.web import error_handlers, provenance
from service.web.context import AppContext
from service.web.embed_js import embed
from service.web.middleware import sanitise_request
from service.web.oembed import discovery, oembed
from service.web.pages import Pages
from service.web.query_allowlist import Queries
from service.web.rendering import WeatherRenderer
from service.web.select_options import options_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NO_ASGI = (
    "worker_class: an ASGI worker cannot serve service:create_app(), which is WSGI; name service.asgi:app"
)
STOPS_GUNICORN = 4  # the exit code of a worker that gunicorn does not replace
_OTHERS_ARRIVE = 2.0  # seconds: as long as a handful of workers take to start
_GUNICORN_STOPS = 3.0


class Application(Flask):
    """The WSGI application, which ends with one line where an ASGI server calls it."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse | None" = None, *_send: object
    ) -> Iterable[bytes]:
        """Answer; ASGI 3 calls with a scope and two functions, ASGI 2 with a scope alone."""
        if start_response is None or "asgi" in environ:
            try:
                _end(_NO_ASGI)
            except SystemExit as end:
                os._exit(int(end.code or 0))  # such a server would log the exception and go on
        return super().__call__(environ, start_response)


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    repository: ArticleRepository | None = None,
    clock: Callable[[], datetime] = utc_now,
    background: bool = True,
) -> Flask:
    """The WSGI application.

    Args:
        settings: from file and environment where they are not given. Faults are printed, a line each, and
            end the process in a way that gunicorn takes for final; SettingsError for those of settings that
            are given.
        store: another store than the configured one.
        repository: another repository of articles than the configured store's.
        clock: another clock.
        background: whether to write down what is asked for, and to keep a collector alive.
    """
    if settings is None:
        log_to_stderr("serve")
        settings, catalogue = _configured_or_exit()
        keep_out_of_log(settings.secrets)
    else:
        catalogue = catalogue_of(settings)
        _refuse_what_is_no_store(settings)
    file = store if isinstance(store, SqliteStore) else store_of(settings)
    file.failure_log = FailureLog(file.path)
    context = _context(
        settings, catalogue, store or StaleOnErrorStore(file, on_fallback=provenance.unsure), clock
    )
    articles = ArticleService(
        repository or SqliteArticleRepository(file),
        context.store,
        demo_sources() if settings.demo else settings.articles.source,
        settings.articles.stale_after,
        clock,
        secrets=settings.secrets,
    )
    app = Application("service", template_folder=str(_templates()), static_folder=None)
    app.jinja_env.autoescape = True  # also in files that are no .html, such as the drawings
    app.url_map.merge_slashes = False  # it redirects, and to the name in the Host header
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.jinja_env.globals["discovery"] = partial(discovery, context)
    app.jinja_env.globals["options_of"] = options_of
    drawing = WeatherRenderer(app.jinja_env, settings.embed.frame_ancestors)
    article_drawing = ArticleRenderer(app.jinja_env, settings.embed.frame_ancestors)
    pages = Pages(context, articles, app.jinja_env)
    app.register_blueprint(api(context))
    app.register_blueprint(widgets(context, drawing))
    app.register_blueprint(article_api(context, articles))
    app.register_blueprint(article_widgets(context, articles, article_drawing))
    app.register_blueprint(article_pages(context, articles, article_drawing, pages))
    app.register_blueprint(feeds(context, articles))
    app.register_blueprint(embed(app.jinja_env))
    app.register_blueprint(oembed(context, articles))
    app.register_blueprint(pages.routes())
    app.register_blueprint(ops(context, articles))
    error_handlers.install(app, pages, sample=settings.demo)
    edge = app.extensions["edge"] = CachingMiddleware(
        sanitise_request(app.wsgi_app), _memory(context, Queries(app.url_map))
    )
    app.wsgi_app = edge  # type: ignore[method-assign] # Flask's documented way to wrap it
    if background:
        app.extensions["background"] = _started_background(settings, context)
    return app


def _configured_or_exit() -> tuple[Settings, Catalogue]:
    try:
        settings = load(os.environ)
        catalogue = catalogue_of(settings)
        _refuse_what_is_no_store(settings)
    except SettingsError as error:
        _end(str(error))
    return settings, catalogue


def _refuse_what_is_no_store(settings: Settings) -> None:
    """SettingsError for a file that is to be left as it is, such as that of a newer version."""
    path = settings.store.path
    if refusal := store_of(settings).content_refusal(is_ours=lock.path_for(path).exists()):
        raise SettingsError([f"store.url: {refusal}"])


def _end(faults: str) -> NoReturn:
    """Say the faults and stop gunicorn: once, however many workers find them at the same time.

    A second worker that exits with the same code while gunicorn stops makes it die of a traceback (27.0).
    """
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            # Free when its holder dies. Workers of one master have the same parent; a master that loads the
            # application itself has a process group of its own, or a parent that starts one at a time.
            claim.bind(f"\0portal-widgets {os.getppid()} {os.getpgrp()}")
        except OSError:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which gunicorn sends when the other has ended
            time.sleep(_OTHERS_ARRIVE + _GUNICORN_STOPS)
            sys.exit(0)
        print(faults, file=sys.stderr, flush=True)  # noqa: T201 - one line a fault, without a log's frame
        time.sleep(_OTHERS_ARRIVE)
        sys.exit(STOPS_GUNICORN)


def _context(
    settings: Settings, catalogue: Catalogue, store: Store, clock: Callable[[], datetime]
) -> AppContext:
    speeches = {(language, units): Formatter(language, units) for language in available() for units in Units}
    providers = providers_of(settings.weather)
    return AppContext(
        settings=settings,
        catalogue=catalogue,
        default_city=default_city(settings, catalogue),
        store=store,
        reader=ForecastService(store, settings.weather.age_limits, clock),
        speeches=MappingProxyType(speeches),
        sources=attributions(sample=settings.demo),
        providers=providers,
        interval=partial(_interval, settings.weather, providers[0], len(catalogue)),
        clock=clock,
    )


def _interval(weather: WeatherSettings, first: Provider, places: int, used: int) -> timedelta:
    """How often the collecting half asks for places in use, as it works that out itself."""
    goals = RefreshGoals(weather.refresh, weather.stale_after, weather.hide_after)
    costs = RequestCost(first.cost(Dataset.CURRENT), first.cost(Dataset.HOURLY), first.limits.daily_budget)
    return pace(goals, costs, used, places - used).used


def _memory(context: AppContext, queries: Queries) -> ResponseCache | None:
    """Where the edge keeps finished answers; None where nothing is to be kept."""
    size = context.settings.edge.memory
    if not size:
        return None
    return ResponseCache(
        context.store,
        size,
        seconds_of(context.clock),
        context.reader.asked_again,
        queries.canonical,
    )


def _templates() -> Path:
    """In the package, where a wheel carries them; in a checkout beside it."""
    packaged = Path(__file__).with_name("templates")
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"


def _started_background(settings: Settings, context: AppContext) -> Background:
    tasks = [context.reader.diary]
    if not settings.collector.external:
        command = [sys.executable, "-P", "-m", "service", "collect"]  # -P: not from the working directory
        tasks.append(partial(run_collector, command, lock.path_for(settings.store.path)))
    background = Background(tasks)
    background.start()
    return background
