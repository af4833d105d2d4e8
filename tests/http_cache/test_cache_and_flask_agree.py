"""The response cache beside Flask alone, over random requests, writes and clocks: both respond alike."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import brotli
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_application import wait_for_background
from stored_articles import article
from web_site import CURRENT, NOW, settings_of
from werkzeug.test import TestResponse

from service.app import create_app
from service.articles.model import SourceState
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset, StoredWeather

MAX_STALENESS = 5.0  # seconds: the most that a response may be behind the store
PLACES, ARTICLES, SOURCES = ("hue", "vinh"), ("a1", "a2"), ("tinh", "xa")
WIDGET = "http://localhost:8001/widgets/weather/hue"
PATHS = (
    "/widgets/weather/hue",
    "/widgets/weather/hue?layout=full&lang=en",
    "/widgets/weather/hue.svg",
    "/widgets/weather?city=vinh",
    "/widgets/weather/atlantis",
    "/widgets/portal?city=hue&source=tinh",
    "/widgets/articles?layout=cards",
    "/widgets/articles?source=xa",
    "/articles/a1?city=vinh",
    "/articles/a2",
    "/go/a1",
    "/images/00000000000000000000000000000001.webp",
    "/api/v1/weather/hue",
    "/api/v1/weather?cities=hue,vinh&units=imperial",
    "/api/v1/weather/hue?lang=xx",
    "/api/v1/cities?q=hu%E1%BA%BF",
    "/api/v1/articles",
    "/api/v1/articles?source=xa&limit=1",
    "/api/v1/articles?q=tin",
    "/api/v1/articles/a1",
    "/feeds/articles.rss",
    "/feeds/articles.json?source=tinh",
    f"/oembed?url={quote(WIDGET)}",
    "/?city=hue",
    "/?type=portal&city=hue&source=xa&source=tinh&ui=en&q=vinh&portal_url=portal.gov.vn",
    "/robots.txt",
    "/healthz",
    "/nothing",
)
UNKNOWN_PARAMETERS = ("", "x=1", "utm_source=a%20b", "x=%ff", "lang=vi&lang=en", "&&", "%6Cang=en")
DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}

Content = tuple[int, bytes, str | None]


@dataclass
class Twins:
    """Two applications over one store and one clock: one with the response cache, one without."""

    folder: Path
    now: float = 0.0
    elapsed: float = 0.0  # the time that has passed, however the clock was set
    by_etag: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # as sent and decoded, by ETag
    before: list[tuple[float, dict[str, Content]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        uncached = settings_of(self.folder)
        sources = tuple(_source(source) for source in SOURCES)
        uncached = replace(uncached, articles=replace(uncached.articles, source=sources))
        with_cache = replace(uncached, edge=replace(uncached.edge, memory=2_000_000))
        self.store = SqliteStore(uncached.store.path)
        self.repository = SqliteArticleRepository(self.store)
        alone = create_app(uncached, store=self.store, clock=self.clock, background=False)
        cached = create_app(with_cache, store=self.store, clock=self.clock, background=False)
        self.cache = cached.extensions["http_cache"].cache
        self.alone, self.cached = (app.test_client(use_cookies=False) for app in (alone, cached))
        self.requested: set[str] = set()

    def clock(self) -> Any:
        return NOW + timedelta(seconds=self.now)

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.elapsed += max(seconds, 0.0)

    def write(self, what: str, which: int, value: int) -> None:
        """Write one item; all responses requested so far are remembered as they were before."""
        self.before.append((self.elapsed, {path: self.content_alone(path) for path in self.requested}))
        match what:
            case "weather":
                current = replace(CURRENT, temperature=float(value), time=self.clock())
                moment = StoredWeather(current, "open-meteo", current.time, self.clock())
                key = records.weather_key(Dataset.CURRENT, PLACES[which])
                self.store.write({key: records.current_to_bytes(moment)})
            case "forgotten":
                self.store.delete([records.weather_key(Dataset.CURRENT, PLACES[which])])
            case "article":
                self.repository.save([article(ARTICLES[which], source=SOURCES[which], title=f"Tin {value}")])
            case "trimmed":
                self.repository.trim(SOURCES[which], 0)
            case "source":
                state = SourceState(self.clock(), None)
                self.store.write(
                    {article_records.source_key(SOURCES[which]): article_records.state_to_bytes(state)}
                )
            case "demand":
                self.store.write({records.demand_key(PLACES[which]): records.instant_to_bytes(self.clock())})

    def content_alone(self, path: str) -> Content:
        return content_of(_get(self.alone, path, {}))

    def compare(self, path: str, more: str, headers: dict[str, str], *, head: bool) -> None:
        """Send both a request, and compare the cached response with Flask's of now or of a moment ago."""
        self.requested.add(path)
        full = path + ("&" if "?" in path else "?") + more if more else path
        response = _get(self.cached, full, headers, method="HEAD" if head else "GET")
        now = _get(self.alone, full, {})
        self.requested.add(full)
        names = (
            {full, path} if content_of(now) == self.content_alone(path) else {full}
        )  # two URLs of one response
        allowed = [content_of(now)] + [
            states[name]
            for written, states in self.before
            for name in names & states.keys()
            if self.elapsed - written <= MAX_STALENESS
        ]
        if head or response.status_code == 304:
            assert response.data == b""
        if tag := response.headers.get("ETag"):
            self._check_etag(response, tag, allowed, has_body=not head and response.status_code == 200)
        elif not head:
            assert content_of(response) in allowed, full
        else:
            assert response.status_code in {status for status, _, _ in allowed}
        _check_age(response, now, same=content_of(now) == allowed[-1])

    def _check_etag(
        self, response: TestResponse, tag: str, allowed: list[Content], *, has_body: bool
    ) -> None:
        """Check that an ETag always stands for the same bytes, and that Flask sends them."""
        if has_body:
            sent = (response.data, content_of(response)[1])
            assert self.by_etag.setdefault(tag, sent) == sent
            assert content_of(response) in allowed
        elif tag in self.by_etag:
            assert self.by_etag[tag][1] in {body for _, body, _ in allowed}


def content_of(response: TestResponse) -> Content:
    """Return status, decoded body and type."""
    body = DECODERS[response.headers.get("Content-Encoding")](response.data)
    assert int(response.headers["Content-Length"]) == len(response.data)
    return response.status_code, body, response.headers["Content-Type"]


def _check_age(response: TestResponse, now: TestResponse, *, same: bool) -> None:
    """Check that no cache in front keeps it longer than if Flask had responded just now."""
    left = response.cache_control.max_age
    if left is None:
        assert response.headers["Cache-Control"] == "no-store"
        return
    left -= int(response.headers.get("Age", "0"))
    assert left >= 0
    if same:
        assert left <= (now.cache_control.max_age or 0) + 1


def _get(client: FlaskClient, path: str, headers: dict[str, str], method: str = "GET") -> TestResponse:
    return client.open(path, method=method, headers=headers, base_url="http://localhost:8001/")


def _source(name: str) -> ArticleSource:
    return ArticleSource(name, name, f"https://{name}.example/rss", full_text=True)


@contextmanager
def twins() -> Iterator[Twins]:
    with tempfile.TemporaryDirectory() as folder:
        made = Twins(Path(folder))
        for which in (0, 1):
            made.write("weather", which, 20)
            made.write("source", which, 0)
            made.write("article", which, 0)
        made.before.clear()
        yield made
        wait_for_background(made.cache)
        made.store.close()


steps = st.sampled_from(
    [0.1, 0.6, 1.0, 1.4, 3.0, 9.5, 29.0, 61.0, 500.0, 1_200.0, 5_400.0, 20_000.0, -0.5, -40.0]
)
requests = st.tuples(
    st.sampled_from(range(4)),
    st.sampled_from(UNKNOWN_PARAMETERS),
    st.sampled_from(["", "br", "gzip", "gzip, deflate, br", "br;q=0, gzip;q=0.1"]),
    st.sampled_from(["", "", "last", "*", '"nonsense"']),
    st.booleans(),
)
writes = st.tuples(
    st.sampled_from(["weather", "weather", "article", "trimmed", "source", "demand", "forgotten"]),
    st.integers(0, 1),
    st.integers(-5, 40),
)
acts = st.one_of(
    requests.map(lambda one: ("get", one)),
    requests.map(lambda one: ("get", one)),
    writes.map(lambda one: ("write", one)),
    steps.map(lambda one: ("step", one)),
    st.just(("background", None)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(PATHS), min_size=4, max_size=4, unique=True),
    st.lists(acts, min_size=8, max_size=40),
)
def test_a_cached_response_is_flasks_of_now_or_of_a_moment_ago(
    paths: list[str], acted: list[tuple[str, Any]]
) -> None:
    with twins() as both:
        last = '"none"'
        for act, argument in acted:
            if act == "get":
                which, more, coding, known, head = argument
                tag = {"last": last}.get(known, known)
                sent = {"Accept-Encoding": coding, "If-None-Match": tag}
                both.compare(
                    paths[which], more, {name: value for name, value in sent.items() if value}, head=head
                )
                last = next(reversed(both.by_etag), last)
            elif act == "write":
                both.write(*argument)
            elif act == "step":
                both.step(argument)
            else:
                wait_for_background(both.cache)


@pytest.fixture(scope="module")
def unchanging() -> Iterator[Twins]:
    """Twins for tests that write nothing."""
    with twins() as both:
        yield both


@pytest.mark.parametrize("path", PATHS)
def test_every_route_responds_through_the_cache_as_flask_does(unchanging: Twins, path: str) -> None:
    for coding in ("", "br", "gzip", "br"):
        unchanging.compare(path, "", {"Accept-Encoding": coding}, head=False)
        wait_for_background(unchanging.cache)


@pytest.mark.parametrize(
    ("path", "writes"),
    [
        ("/widgets/weather/hue", [("weather", 0)]),
        ("/api/v1/weather?cities=hue,vinh&units=imperial", [("weather", 1)]),
        ("/widgets/portal?city=hue&source=tinh", [("weather", 0)]),
        ("/articles/a1?city=vinh", [("weather", 1)]),
        ("/widgets/articles?layout=cards", [("article", 1)]),
        ("/widgets/portal?city=hue&source=tinh", [("article", 0)]),
        ("/api/v1/articles", [("article", 0)]),
        ("/api/v1/articles?q=tin", [("trimmed", 0)]),
        ("/feeds/articles.rss", [("article", 0)]),
        ("/articles/a1?city=vinh", [("trimmed", 0)]),
        ("/api/v1/articles/a1", [("trimmed", 0)]),
        ("/go/a1", [("trimmed", 0)]),
    ],
)
def test_what_is_written_is_shown_and_foreign_writes_leave_the_hit(
    path: str, writes: list[tuple[str, int]]
) -> None:
    with twins() as both:
        first = _get(both.cached, path, {})
        both.step(2.0)
        both.write("demand", 0, 0)
        both.step(2.0)
        hit = _get(both.cached, path, {})
        assert (hit.data, hit.headers["Cache-Status"].split("; ")[1]) == (first.data, "hit")
        for what, which in writes:
            both.write(what, which, 33)
        both.step(2.0)
        now = _get(both.cached, path, {})
        assert now.data != first.data or now.status_code != first.status_code
        assert now.headers["Cache-Status"] == "portal-widgets; fwd=stale; stored"


def test_a_page_that_was_missing_is_there_within_two_seconds_of_being_stored() -> None:
    with twins() as both:
        both.write("trimmed", 0, 0)
        assert _get(both.cached, "/api/v1/articles/a1", {}).status_code == 404
        both.step(0.5)
        both.write("article", 0, 7)
        both.step(2.0)
        assert _get(both.cached, "/api/v1/articles/a1", {}).status_code == 200
