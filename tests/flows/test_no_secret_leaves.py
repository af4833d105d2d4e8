"""What a source or a provider is asked with is in nothing that anybody else reads, however it is echoed."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from commands import portal_widgets
from direct_runner import DirectRunner
from echoing_portals import (
    FAULTS,
    PASSWORD,
    PROXY_PASSWORD,
    PROXY_USER,
    SIGNATURE,
    TOKEN,
    USER,
    WEATHER,
    configuration,
    echo,
    leaked,
)
from flask import Flask
from local_upstream import LocalUpstream, Reply
from web_site import LANGUAGES

from service.app import create_app
from service.articles.model import Article
from service.articles.store.sqlite import SqliteArticleRepository
from service.bootstrap import open_store, utc_now
from service.bootstrap_collect import make_article_collector, make_weather_collector
from service.check import check
from service.core.progress import Progress
from service.settings.load import load
from service.settings.model import Settings


def no_wait(_: timedelta) -> bool:
    return False


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every logger there is writes everything, whatever was set before."""
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, name or None)
    return caplog


@pytest.fixture
def settings(upstream: LocalUpstream, tmp_path: Path) -> Settings:
    echo(upstream, utc_now())
    return load({"PORTAL_WIDGETS_CONFIG": str(configuration(upstream, tmp_path))})


def collected(settings: Settings, upstream: LocalUpstream) -> SqliteArticleRepository:
    """Two passes over everything, in the second of which Open-Meteo fails and tells what it was asked."""
    store = open_store(settings)
    weather = make_weather_collector(settings, no_wait, store=store)
    articles = make_article_collector(settings, no_wait, store, DirectRunner())
    for _ in range(2):
        weather.run(forced=True)
        articles.run(forced=True)
        upstream.handle(WEATHER, FAULTS["reason"])
    return SqliteArticleRepository(store)


def addresses(app: Flask, articles: tuple[Article, ...]) -> Iterator[tuple[str, str]]:
    """For every route of the application some paths that it answers, with its endpoint."""
    pictures = [picture.hash for one in articles if one.image for picture in one.image.variants]
    values = {
        "city": ["hue", "nowhere"],
        "article_id": [*(article.id for article in articles), "nothing"],
        "digest": [*pictures, "0" * 32],
        "form": ["rss", "atom", "json"],
    }
    for rule in app.url_map.iter_rules():
        paths = [rule.rule]
        for name in rule.arguments:
            known = values.get(name) or values["digest" if "image" in rule.rule else "form"]
            spelled = next(part for part in rule.rule.split("<") if part.split(">")[0].endswith(name))
            written = f"<{spelled.split('>')[0]}>"
            paths = [path.replace(written, value) for path in paths for value in known]
        for path in paths:
            yield rule.endpoint, path


QUERIES = {
    "oembed.answer": [
        f"?url=http%3A%2F%2F127.0.0.1%3A80%2F{path}&format={form}&maxwidth=600"
        for path in ("widgets%2Farticles", "widgets%2Fportal%3Fcity%3Dhue", "articles%2F{article}")
        for form in ("json", "xml")
    ],
    "pages.start": [
        f"?type={kind}&ui={language}" for kind in ("weather", "articles") for language in LANGUAGES
    ],
    "api.several": ["?cities=hue,vinh"],
    "widgets.chosen": ["?city=hue"],
    "article_api.listed": ["?lang=en", "?limit=100", f"?q={TOKEN}"],
    "article_widgets.articles": [f"?layout={layout}&limit=20" for layout in ("list", "cards", "headlines")],
}


def told_by(app: Flask, articles: tuple[Article, ...]) -> Iterator[tuple[str, str]]:
    """Address and whole answer, headers included, of everything that can be asked."""
    client = app.test_client(use_cookies=False)
    for endpoint, path in addresses(app, articles):
        for query in ("", "?lang=en", *QUERIES.get(endpoint, ())):
            for address in {f"{path}{query}".replace("{article}", one.id) for one in articles}:
                answer = client.get(address, headers={"Accept-Encoding": "identity"})
                assert answer.status_code < 500, address
                yield endpoint, f"{address}\n{answer.headers}\n{answer.data.decode(errors='replace')}"


def test_no_answer_and_no_line_of_the_log_tells_a_secret(
    settings: Settings,
    upstream: LocalUpstream,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    repository = collected(settings, upstream)
    articles = repository.page(limit=100).articles
    assert {article.source for article in articles} == {"rss", "json", "page", "wordpress"}
    assert any(article.image for article in articles)
    app = create_app(settings, background=False)
    asked = set()
    for endpoint, answer in told_by(app, articles):
        asked.add(endpoint)
        address = answer.partition("\n")[0]
        assert not leaked(answer.replace(address, "")), answer
    assert asked == {rule.endpoint for rule in app.url_map.iter_rules()}
    sent = " ".join(f"{request.target} {request.headers}" for request in upstream.requests)
    assert leaked(sent), "the upstreams were asked without their keys"
    for name in FAULTS:
        assert f"source {name}: " in everything_logged.text
    assert not leaked(everything_logged.text), everything_logged.text
    assert not leaked("".join(capfd.readouterr()))


def test_pages_and_pictures_are_asked_for_with_the_keys_that_readers_are_not_told(
    settings: Settings, upstream: LocalUpstream
) -> None:
    kept = collected(settings, upstream).page(limit=100).articles
    assert {article.url for article in kept if article.fetch_url} == {
        upstream.url("/bai/r.html?id=1"),
        *(upstream.url(f"/bai/p.html?id={number}") for number in range(2, 6)),
        upstream.url("/bai/w.html"),
        None,  # whose path holds the secret
    }
    for path, name, secret in (("/bai/r.html", "token", TOKEN), ("/bai/p.html", "sig", SIGNATURE)):
        asked = upstream.requests_for(path)
        assert "HEAD" in {request.method for request in asked}
        assert {request.query[name] for request in asked} == {secret}


def test_what_was_kept_before_secrets_were_kept_out_is_not_told_either(
    settings: Settings, upstream: LocalUpstream
) -> None:
    repository = collected(settings, upstream)
    link = upstream.url(f"/bai/r.html?id=1&token={TOKEN}")
    newest = repository.page(limit=1).articles[0]
    body = f'<p><a href="{link}">{link}</a></p>'
    before = replace(newest, url=link, fetch_url=None, title=f"Tin {TOKEN}", body_html=body)
    repository.save([before])
    app = create_app(settings, background=False)
    for _, answer in told_by(app, (before,)):
        assert not leaked(answer.replace(answer.partition("\n")[0], "")), answer
    assert app.test_client().get(f"/go/{before.id}").headers["Location"] == upstream.url("/bai/r.html?id=1")


def test_check_tells_no_secret(
    settings: Settings, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []
    assert check(settings, lines.append, progress=Progress(sys.stderr)) >= len(FAULTS)
    table = "\n".join(lines)
    assert "weather.met-norway" in table
    assert "carries a user name" in table
    assert "answered 401 Unauthorized for /text" in table
    assert not leaked(table), table
    assert not leaked(everything_logged.text)
    assert not leaked("".join(capfd.readouterr()))


@pytest.mark.parametrize("command", [("check",), ("collect", "--once")], ids=" ".join)
def test_a_command_prints_no_secret(
    command: tuple[str, ...], upstream: LocalUpstream, tmp_path: Path
) -> None:
    echo(upstream, utc_now())
    config = configuration(upstream, tmp_path)
    done = portal_widgets(*command, "--config", str(config), home=tmp_path)
    assert done.returncode == 1
    assert "answered 401" in done.stdout + done.stderr
    assert not leaked(done.stdout + done.stderr), done.stdout + done.stderr


@pytest.mark.parametrize("status", [407, 502, None])
def test_a_proxy_that_fails_tells_no_secret(
    status: int | None,
    upstream: LocalUpstream,
    tmp_path: Path,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    config = configuration(upstream, tmp_path)
    own = upstream.url("").removeprefix("http://") if status else "127.0.0.1:9"
    signed = quote(f"{PROXY_USER}:{PROXY_PASSWORD}", safe=":")
    text = config.read_text("utf-8").replace("[upstream]\n", f'[upstream]\nproxy = "http://{signed}@{own}"\n')
    config.write_text(text, "utf-8")
    settings = load({"PORTAL_WIDGETS_CONFIG": str(config)})
    for path in ("/feed.xml", "/tin", "/text"):
        upstream.handle(path, lambda asked: Reply(status or 0, f"{asked.target} {asked.headers}".encode()))
    lines: list[str] = []
    assert check(settings, lines.append, progress=Progress(sys.stderr))
    assert not leaked("\n".join(lines)), lines
    assert not leaked(everything_logged.text)


@pytest.mark.parametrize(
    "written",
    [
        f'[[articles.source]]\nid = "a"\nurl = "https://{USER}:{PASSWORD}@portal.example/rss?token={TOKEN}"',
        f'[[articles.source]]\nid = "a"\nurl = "htps://portal.example/rss?token={TOKEN}"',
        f'[[articles.source]]\nid = "a"\nurl = "portal.example/rss?token={TOKEN}"',
        f'[[articles.source]]\nid = "a"\nurl = "https://portal.example/rss#{TOKEN} x"',
        f'[[articles.source]]\nid = "a"\nurl = "https://a.example/"\nsite = "{USER}:{PASSWORD}@x/?{TOKEN}"',
        f'[weather.open-meteo]\nbase_url = "ftp://{USER}:{PASSWORD}@a.example/?apikey={TOKEN}"',
        f'[weather.met-norway]\nbase_url = "https://a.example:port/?apikey={TOKEN}"',
        f'[weather.open-meteo]\napi_key = ["{TOKEN}"]',
        f'[upstream]\nproxy = "socks5://{USER}:{PASSWORD}@proxy.example:1080"',
        f'[store]\nshare = "valkey://{USER}:{PASSWORD}@cache.example:6379/0?password={TOKEN}"',
        f'[store]\nurl = "postgres://{USER}:{PASSWORD}@db.example/x?password={TOKEN}"',
        f'[site]\npublic_url = "https://{USER}:{PASSWORD}@widgets.example"',
        f'[embed]\nframe_ancestors = ["https://{USER}:{PASSWORD}@portal.example"]',
        f'[upstream]\nallow_private = ["http://{USER}:{PASSWORD}@portal.example"]',
    ],
)
def test_a_fault_of_the_configuration_tells_no_secret(written: str, tmp_path: Path) -> None:
    config = tmp_path / "portal-widgets.toml"
    config.write_text(written, encoding="utf-8")
    done = portal_widgets("check", "--config", str(config), home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert not leaked(done.stdout + done.stderr), done.stderr


@pytest.mark.parametrize(
    "url",
    [
        f"https://{USER}:{PASSWORD}@portal.example/rss",
        f"portal.example/rss?token={TOKEN}",
        f"ftp://x/?{TOKEN}",
    ],
)
def test_a_feed_to_try_that_is_refused_is_told_without_its_secrets(url: str, tmp_path: Path) -> None:
    done = portal_widgets("serve", "--feed", url, home=tmp_path)
    assert done.returncode == 2
    assert "--feed" in done.stderr
    assert not leaked(done.stdout + done.stderr), done.stderr


def test_the_log_hides_what_other_packages_write_tracebacks_included() -> None:
    program = (
        "import logging, sys\n"
        "from service.core.secrets import Secrets\n"
        "from service.bootstrap import configure_logging, redact_logs\n"
        "configure_logging('collect')\n"
        "redact_logs(Secrets.of(keys=[sys.argv[1]]))\n"
        "try:\n    raise ValueError(sys.argv[1])\n"
        "except ValueError:\n    logging.getLogger('another').exception('asked with %s', sys.argv[1])\n"
    )
    command = [sys.executable, "-c", program, TOKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert "ERROR asked with …" in done.stderr
    assert done.stderr.rstrip().endswith("ValueError: …")
    assert not leaked(done.stderr)
