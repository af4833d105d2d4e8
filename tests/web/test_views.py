"""What follows from the declaration of a view: its parameters count, and it reads only what it names."""

import logging
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from flask import Flask, Response
from web_site import Site, settings_of

from service.app import create_app
from service.http_cache import cache_tags
from service.web.cache_policy import SHORT
from service.web.parameters import Parameters, Query, Text
from service.web.responses import respond
from service.web.views import View, Views

PATHS = {"<city>": "hue", "<article_id>": "a1", "<digest>": "0" * 16}


def path_of(view: View) -> str:
    path = view.rule.replace("<any(rss,atom,json):form>", "rss")
    for placeholder, value in PATHS.items():
        path = path.replace(placeholder, value)
    return path


@pytest.fixture
def views(tmp_path: Path) -> Views:
    made: Views = create_app(settings_of(tmp_path), background=False).extensions["views"]
    return made


def test_a_parameter_that_a_view_declares_is_in_the_key_under_which_its_response_is_stored(
    views: Views,
) -> None:
    for view in views:
        names = list(view.parameters.fields)
        query = "&".join(f"{name}=x{number}" for number, name in enumerate([*names, "made_up"]))
        canonical = views.canonical_query(path_of(view), query)
        if view.sees_client:
            assert canonical is None, f"{view.name} is stored for all clients"
        else:
            assert parse_qs(canonical or "").keys() == set(names), view.name


def test_every_view_reads_what_it_declares_and_no_more(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    views: Views = site.app.extensions["views"]
    for view in views:
        with cache_tags.recording() as dependencies:
            site.get(path_of(view))
        kinds = {key.partition("/")[0] for key in dependencies.store_keys}
        assert kinds <= view.depends_on, view.name
    assert [record.message for record in caplog.records if record.name == "service.web.views"] == []


def test_a_view_that_reads_more_than_it_declares_is_named_in_the_log_and_its_response_is_not_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(query: Query) -> Response:
        cache_tags.depends_on(["current/hue", "source/tinh"])
        return respond(query["q"], "text/plain")

    app = Flask("test_views", root_path=".")
    view = View(
        name="x",
        rule="/x",
        respond=answer,
        parameters=Parameters(q=Text()),
        cache=SHORT,
        depends_on=frozenset({"current"}),
    )
    Views(app, [view])
    caplog.set_level(logging.ERROR)
    with cache_tags.recording() as dependencies:
        response = app.test_client().get("/x?q=hello")
    assert (response.text, response.headers["Cache-Control"]) == ("hello", "public, max-age=60")
    assert not dependencies.storable
    assert "x reads source, which `depends_on` does not name" in caplog.text
