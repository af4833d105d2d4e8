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
from service.articles.store import keys as article_keys
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.settings.model import ArticleSource
from service.storage.store import SqliteStore
from service.weather import keys as weather_keys
from service.weather import records
from service.weather.model import Dataset, StoredWeather

SHOWN_OLD = 5.0  # seconds: the longest that an answer may be behind the store
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
MADE_UP = ("", "x=1", "utm_source=a%20b", "x=%ff", "lang=vi&lang=en", "&&", "%6Cang=en")
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}

Said = tuple[int, bytes, str | None]


@dataclass
class Twins:
    """Two applications over one store and one clock: one with the response cache, one without."""

    folder: Path
    now: float = 0.0
    elapsed: float = 0.0  # the time that has passed, however the clock was set
    seen: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)  # as sent and unpacked, by tag
    before: list[tuple[float, dict[str, Said]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = settings_of(self.folder)
        sources = tuple(_source(source) for source in SOURCES)
        told = replace(told, articles=replace(told.articles, source=sources))
        with_cache = replace(told, edge=replace(told.edge, memory=2_000_000))
        self.store = SqliteStore(told.store.path)
        self.repository = SqliteArticleRepository(self.store)
        alone = create_app(told, store=self.store, clock=self.clock, background=False)
        cached = create_app(with_cache, store=self.store, clock=self.clock, background=False)
        self.cache = cached.extensions["http_cache"].cache
        self.alone, self.cached = (app.test_client(use_cookies=False) for app in (alone, cached))
        self.asked: set[str] = set()

    def clock(self) -> Any:
        return NOW + timedelta(seconds=self.now)

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.elapsed += max(seconds, 0.0)

    def write(self, what: str, which: int, value: int) -> None:
        """One write, of which the answers that were asked for so far are remembered as they were before."""
        self.before.append((self.elapsed, {path: self.said_alone(path) for path in self.asked}))
        match what:
            case "weather":
                current = replace(CURRENT, temperature=float(value), time=self.clock())
                moment = StoredWeather(current, "open-meteo", current.time, self.clock())
                key = weather_keys.weather(Dataset.CURRENT, PLACES[which])
                self.store.write({key: records.current_to_bytes(moment)})
            case "forgotten":
                self.store.delete([weather_keys.weather(Dataset.CURRENT, PLACES[which])])
            case "article":
                self.repository.save([article(ARTICLES[which], source=SOURCES[which], title=f"Tin {value}")])
            case "trimmed":
                self.repository.trim(SOURCES[which], 0)
            case "source":
                state = SourceState(self.clock(), None)
                self.store.write({article_keys.source(SOURCES[which]): article_records.state_to_bytes(state)})
            case "asked":
                self.store.write({weather_keys.demand(PLACES[which]): records.instant_to_bytes(self.clock())})

    def said_alone(self, path: str) -> Said:
        return said(_asked(self.alone, path, {}))

    def ask(self, path: str, more: str, headers: dict[str, str], *, head: bool) -> None:
        """Ask both, and compare the cached response with Flask's of now or of a moment ago."""
        self.asked.add(path)
        full = path + ("&" if "?" in path else "?") + more if more else path
        answer = _asked(self.cached, full, headers, method="HEAD" if head else "GET")
        now = _asked(self.alone, full, {})
        self.asked.add(full)
        names = {full, path} if said(now) == self.said_alone(path) else {full}  # two names of one answer
        allowed = [said(now)] + [
            states[name]
            for written, states in self.before
            for name in names & states.keys()
            if self.elapsed - written <= SHOWN_OLD
        ]
        if head or answer.status_code == 304:
            assert answer.data == b""
        if tag := answer.headers.get("ETag"):
            self._hold_to_tag(answer, tag, allowed, has_body=not head and answer.status_code == 200)
        elif not head:
            assert said(answer) in allowed, full
        else:
            assert answer.status_code in {status for status, _, _ in allowed}
        _hold_to_age(answer, now, same=said(now) == allowed[-1])

    def _hold_to_tag(self, answer: TestResponse, tag: str, allowed: list[Said], *, has_body: bool) -> None:
        """A tag stands for the same bytes for ever, and those are what Flask says."""
        if has_body:
            sent = (answer.data, said(answer)[1])
            assert self.seen.setdefault(tag, sent) == sent
            assert said(answer) in allowed
        elif tag in self.seen:
            assert self.seen[tag][1] in {body for _, body, _ in allowed}


def said(answer: TestResponse) -> Said:
    """What a reader is told, in whatever coding."""
    body = UNPACKED[answer.headers.get("Content-Encoding")](answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return answer.status_code, body, answer.headers["Content-Type"]


def _hold_to_age(answer: TestResponse, now: TestResponse, *, same: bool) -> None:
    """No cache in front may keep it longer than if Flask had answered just now."""
    left = answer.cache_control.max_age
    if left is None:
        assert answer.headers["Cache-Control"] == "no-store"
        return
    left -= int(answer.headers.get("Age", "0"))
    assert left >= 0
    if same:
        assert left <= (now.cache_control.max_age or 0) + 1


def _asked(client: FlaskClient, path: str, headers: dict[str, str], method: str = "GET") -> TestResponse:
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
questions = st.tuples(
    st.sampled_from(range(4)),
    st.sampled_from(MADE_UP),
    st.sampled_from(["", "br", "gzip", "gzip, deflate, br", "br;q=0, gzip;q=0.1"]),
    st.sampled_from(["", "", "last", "*", '"nonsense"']),
    st.booleans(),
)
writes = st.tuples(
    st.sampled_from(["weather", "weather", "article", "trimmed", "source", "asked", "forgotten"]),
    st.integers(0, 1),
    st.integers(-5, 40),
)
acts = st.one_of(
    questions.map(lambda one: ("ask", one)),
    questions.map(lambda one: ("ask", one)),
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
        for act, told in acted:
            if act == "ask":
                which, more, coding, known, head = told
                tag = {"last": last}.get(known, known)
                sent = {"Accept-Encoding": coding, "If-None-Match": tag}
                both.ask(
                    paths[which], more, {name: value for name, value in sent.items() if value}, head=head
                )
                last = next(reversed(both.seen), last)
            elif act == "write":
                both.write(*told)
            elif act == "step":
                both.step(told)
            else:
                wait_for_background(both.cache)


@pytest.mark.parametrize("path", PATHS)
def test_every_route_responds_through_the_cache_as_flask_does(path: str) -> None:
    with twins() as both:
        for coding in ("", "br", "gzip", "br"):
            both.ask(path, "", {"Accept-Encoding": coding}, head=False)
            wait_for_background(both.cache)


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
        first = _asked(both.cached, path, {})
        both.step(2.0)
        both.write("asked", 0, 0)
        both.step(2.0)
        hit = _asked(both.cached, path, {})
        assert (hit.data, hit.headers["Cache-Status"].split("; ")[1]) == (first.data, "hit")
        for what, which in writes:
            both.write(what, which, 33)
        both.step(2.0)
        now = _asked(both.cached, path, {})
        assert now.data != first.data or now.status_code != first.status_code
        assert now.headers["Cache-Status"] == "portal-widgets; fwd=stale; stored"


def test_a_page_that_was_missing_is_there_within_two_seconds_of_being_stored() -> None:
    with twins() as both:
        both.write("trimmed", 0, 0)
        assert _asked(both.cached, "/api/v1/articles/a1", {}).status_code == 404
        both.step(0.5)
        both.write("article", 0, 7)
        both.step(2.0)
        assert _asked(both.cached, "/api/v1/articles/a1", {}).status_code == 200
