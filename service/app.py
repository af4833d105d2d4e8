"""The wiring of the serving half: `gunicorn "service:create_app()"`."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

from flask import Flask

from service.background import Background
from service.collector import keeper, lock
from service.domain.failures import SettingsError
from service.domain.ports import Store
from service.domain.sources import SOURCES, Source
from service.ground import catalogue_of, default_city, log_to_stderr, store_of, utc_now
from service.locales.catalog import available
from service.locales.speech import Speech
from service.locales.units import Units
from service.settings.load import load
from service.settings.model import Settings
from service.store.remembering import Remembering
from service.web import failures
from service.web.api import api
from service.web.drawing import Drawing
from service.web.house import House
from service.web.ops import ops
from service.web.pages import Pages
from service.web.reader import WeatherReader
from service.web.widgets import widgets

STOPS_GUNICORN = 4  # the exit code of a worker that gunicorn does not replace


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    clock: Callable[[], datetime] = utc_now,
    background: bool = True,
) -> Flask:
    """The WSGI application.

    Args:
        settings: from file and environment where they are not given. Faults are printed, a line each, and
            end the process in a way that gunicorn takes for final.
        store: another store than the configured one.
        clock: another clock.
        background: whether to write down what is asked for, and to keep a collector alive.
    """
    if settings is None:
        log_to_stderr("serve")
        settings = _settings_or_exit()
    house = _house(settings, store or Remembering(store_of(settings)), clock)
    app = Flask("service", template_folder=str(_templates()), static_folder=None)
    app.jinja_env.trim_blocks = False
    drawing = Drawing(app.jinja_env, settings.embed.frame_ancestors)
    pages = Pages(house, app.jinja_env)
    app.register_blueprint(api(house))
    app.register_blueprint(widgets(house, drawing))
    app.register_blueprint(pages.routes())
    app.register_blueprint(ops(house))
    failures.install(app, pages)
    if background:
        _start_background(settings, house)
    return app


def _settings_or_exit() -> Settings:
    try:
        settings = load(os.environ)
        catalogue_of(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - one line a fault, without a log's frame
        sys.exit(STOPS_GUNICORN)
    return settings


def _house(settings: Settings, store: Store, clock: Callable[[], datetime]) -> House:
    catalogue = catalogue_of(settings)
    speeches = {(language, units): Speech(language, units) for language in available() for units in Units}
    return House(
        settings=settings,
        catalogue=catalogue,
        default_city=default_city(settings, catalogue),
        store=store,
        reader=WeatherReader(store, settings.weather.ladder, clock),
        speeches=MappingProxyType(speeches),
        sources=_sources(sample=settings.demo),
        clock=clock,
    )


def _sources(*, sample: bool) -> Mapping[str, Source]:
    """Who is named beside the data; under `--demo` no real provider is."""
    return dict.fromkeys(SOURCES, SOURCES["sample"]) if sample else SOURCES


def _templates() -> Path:
    """In the package, where a wheel carries them; in a checkout beside it."""
    packaged = Path(__file__).with_name("templates")
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"


def _start_background(settings: Settings, house: House) -> None:
    tasks = [house.reader.diary]
    if not settings.collector.external:
        command = [sys.executable, "-m", "service", "collect"]
        tasks.append(partial(keeper.keep_alive, command, lock.beside(settings.store.path)))
    Background(tasks).start()
