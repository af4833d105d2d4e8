"""Random requests while new values are stored, and a checker of the responses.

Every value carries a serial number that can be read from the page. A response must be the one that was
requested, whole, in its `Content-Encoding`, with an ETag that never stands for other bytes, and no older than
what was stored five seconds before the request.
"""

import gzip
import multiprocessing
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import brotli
from stored_articles import article
from web_site import CURRENT

from service.app import create_app
from service.articles.model import SourceState
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.settings.load import load
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset, StoredWeather

MAX_STALENESS = 5.0  # seconds: the most that a response may be behind the store
PLACES, ARTICLES = ("hue", "vinh", "dong-ha", "da-nang"), ("a1", "a2")
ITEMS = (*PLACES, *ARTICLES)
SERIALS = 4_000  # what temperature and humidity can tell apart
ENVIRONMENT = {
    "PORTAL_WIDGETS_SITE__PUBLIC_URL": "https://widgets.example.gov.vn",
    "PORTAL_WIDGETS_WEATHER__REFRESH": "1h",
    "PORTAL_WIDGETS_COLLECTOR__MODE": "external",
    "PORTAL_WIDGETS_CONFIG": "",
}
SOURCE = '[[articles.source]]\nid = "tinh"\nkind = "feed"\nurl = "https://tinh.example/rss"\n'

Response = tuple[int, Mapping[str, str], bytes]
Send = Callable[[str, str, Mapping[str, str]], Response]  # method, target, headers

_DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
_ENCODINGS = (
    "",
    "br",
    "gzip",
    "gzip, deflate, br",
    "*",
    "br;q=0, gzip",
    "identity;q=0, gzip",
    "br;q=0, gzip;q=0",
)
_UNKNOWN_PARAMETERS = ("", "utm_source=a%20b", "x=%ff&x=1", "&&", "made=up&langs", "%78=1")
_GAP = r"(?:\s|<small>&nbsp;|<tspan[^>]*>\s)"  # between a temperature and its unit
_VALUES = re.compile(
    rf'"temperature":([\d.]+)|"humidity":(\d+)|(\d+){_GAP}°([CF])|(\d+)\s%|Tin (\d+)',
)
_PLACED = re.compile(
    r' (?:x|d|transform|textLength|lengthAdjust)="[^"]*"'
)  # of a picture, by how wide its values are
_READ = {
    "json": re.compile(r'"temperature":(?P<temperature>[\d.]+).*?"humidity":(?P<humidity>\d+)'),
    "page": re.compile(
        rf"(?P<temperature>\d+){_GAP}°[CF].*?(?:Độ ẩm|Humidity).*?(?P<humidity>\d+)\s%",
        re.DOTALL,
    ),
}
_TITLE = re.compile(r"Tin (\d+)")


@dataclass(frozen=True)
class Target:
    """A path with its query, and the items whose serial numbers its response shows."""

    path: str
    items: tuple[str, ...] = ()

    @property
    def is_imperial(self) -> bool:
        return "imperial" in self.path


def targets() -> list[Target]:
    """Return every kind of page that shows what is written, in several variants."""
    found = [Target(f"/widgets/weather/{place}", (place,)) for place in PLACES]
    found += [Target(f"/api/v1/weather/{place}", (place,)) for place in PLACES]
    variants = (
        "lang=en",
        "theme=dark",
        "layout=full",
        "units=imperial",
        "lang=en&layout=strip&accent=123abc",
    )
    found += [Target(f"/widgets/weather/{place}?{more}", (place,)) for place in PLACES for more in variants]
    found += [Target(f"/widgets/weather/{place}.svg?lang=en", (place,)) for place in PLACES]
    found += [
        Target("/widgets/weather?city=vinh", ("vinh",)),
        Target("/api/v1/weather?cities=vinh,hue&units=imperial", ("vinh", "hue")),
        Target("/api/v1/weather?cities=hue,da-nang,dong-ha", ("hue", "da-nang", "dong-ha")),
        Target("/widgets/portal?city=hue", ("hue", "a2", "a1")),
        Target("/widgets/articles?layout=cards", ("a2", "a1")),
        Target("/api/v1/articles", ("a2", "a1")),
        Target("/api/v1/articles/a1", ("a1",)),
        Target("/feeds/articles.atom", ("a2", "a1")),
        Target("/widgets/weather/atlantis"),
        Target("/widgets/weather/hue?lang=xx"),
        Target("/api/v1/weather/atlantis?lang=en"),
    ]
    return found


class WriteLog:
    """The last serial number of each item, and when each was stored; shared between processes."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.begun = context.Array("i", len(ITEMS), lock=False)
        self.stored_at = context.Array("d", len(ITEMS) * SERIALS, lock=False)

    def oldest(self, item: str, sent_at: float) -> int:
        """Return the oldest serial that a response to a request of this time may show."""
        which = ITEMS.index(item)
        for serial in range(self.begun[which], 0, -1):
            if 0 < self.stored_at[which * SERIALS + serial] <= sent_at - MAX_STALENESS:
                return serial
        return 0

    def newest(self, item: str) -> int:
        return self.begun[ITEMS.index(item)]


@dataclass
class Writer:
    """Stores new values, one after the other."""

    store: SqliteStore
    log: WriteLog
    fetched: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))  # noqa: TID251 - the service's clock is the real one

    def begin(self) -> None:
        self.store.write(
            {article_records.source_key("tinh"): article_records.state_to_bytes(SourceState(self.fetched))}
        )
        for which in range(len(ITEMS)):
            self.write(which)

    def write(self, which: int) -> None:
        """Store this item with its next serial."""
        serial = self.log.begun[which] + 1
        self.log.begun[which] = serial
        if (item := ITEMS[which]) in PLACES:
            temperature, humidity = serial % 40, serial // 40
            now = replace(
                CURRENT, time=self.fetched, temperature=float(temperature), humidity=float(humidity)
            )
            value = records.current_to_bytes(StoredWeather(now, "open-meteo", now.time, self.fetched))
            self.store.write({records.weather_key(Dataset.CURRENT, item): value})
        else:
            minutes = ARTICLES.index(item)
            SqliteArticleRepository(self.store).save([article(item, minutes=minutes, title=f"Tin {serial}")])
        self.log.stored_at[which * SERIALS + serial] = time.monotonic()


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a service with its store in this folder."""
    (folder / "settings.toml").write_text(SOURCE)
    store = {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{folder}/store.sqlite3"}
    return ENVIRONMENT | store | {"PORTAL_WIDGETS_CONFIG": f"{folder}/settings.toml"} | more


def expected(folder: Path) -> dict[str, tuple[int, str]]:
    """Return status and text that Flask alone gives for each target, with its values masked."""
    app = create_app(load(settings_of(folder, PORTAL_WIDGETS_EDGE__MEMORY="0B")), background=False)
    client = app.test_client(use_cookies=False)
    responses = {target.path: client.get(target.path) for target in targets()}
    return {path: (response.status_code, masked(response.text)) for path, response in responses.items()}


def masked(text: str) -> str:
    return _VALUES.sub("#", _PLACED.sub("", text) if text.startswith("<svg") else text)


def serials(target: Target, text: str) -> Iterator[tuple[str, int]]:
    """Read the serial number of each item."""
    kind = "json" if target.path.startswith("/api") else "page"
    weather = iter(_READ[kind].finditer(text))
    titles = iter(dict.fromkeys(_TITLE.findall(text)) if len(target.items) == 1 else _TITLE.findall(text))
    for item in target.items:
        if item in ARTICLES:
            yield item, int(next(titles))
            continue
        found = next(weather)
        shown = float(found["temperature"])
        temperature = (shown - 32) / 1.8 if target.is_imperial else shown
        yield item, round(temperature) + 40 * int(found["humidity"])


@dataclass
class Checker:
    """Checks every response; remembers every ETag."""

    log: WriteLog
    expected: dict[str, tuple[int, str]]
    known: dict[str, tuple[str, bytes, list[tuple[str, int]]]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def check(
        self, target: Target, method: str, sent_at: float, response: Response, if_none_match: str
    ) -> None:
        status, headers, body = response
        self._count(headers["cache-status"].split("; ")[1].split("=")[0])
        tag = headers.get("etag", "")
        if status == 304:
            self._count("304")
            assert (body, bool(tag)) == (b"", True)
            assert if_none_match == "*" or tag[:25] in if_none_match, (if_none_match, tag)
            self._check_known(target, tag, sent_at)
            return
        assert status == self.expected[target.path][0], (target, response)
        if method == "HEAD":
            assert body == b""
            self._check_known(target, tag, sent_at, int(headers["content-length"]))
            return
        assert int(headers["content-length"]) == len(body)
        if tag in self.known and self.known[tag][:2] == (target.path, body):
            self._check_known(target, tag, sent_at)
            return
        text = _DECODERS[headers.get("content-encoding")](body).decode()
        assert masked(text) == self.expected[target.path][1], (target, text)
        shown = list(serials(target, text))
        self._check_fresh(target, shown, sent_at)
        if tag:
            self.tags.setdefault(target.path, []).append(tag)
            before = self.known.setdefault(tag, (target.path, body, shown))
            assert before[1] == body, (target, tag)

    def _check_known(self, target: Target, tag: str, sent_at: float, length: int | None = None) -> None:
        """Check that a tag seen before belongs to this target, and that its values are fresh enough."""
        if tag not in self.known:
            return
        path, body, shown = self.known[tag]
        assert path == target.path or masked_equal(self.expected, path, target.path), (path, target)
        assert length is None or length == len(body), (target, tag)
        self._check_fresh(target, shown, sent_at)

    def _check_fresh(self, target: Target, shown: list[tuple[str, int]], sent_at: float) -> None:
        for item, serial in shown:
            oldest, newest = self.log.oldest(item, sent_at), self.log.newest(item)
            assert oldest <= serial <= newest, f"{target}: {item} {serial}, not in {oldest}…{newest}"

    def _count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1


def masked_equal(expected: Mapping[str, tuple[int, str]], one: str, other: str) -> bool:
    """Return whether two targets have the same response."""
    return expected[one] == expected[other]


def send_at_random(send: Send, checker: Checker, chance: random.Random) -> None:
    """Request one target in one of its many forms."""
    target = chance.choice(_TARGETS)
    path, _, query = target.path.partition("?")
    if chance.random() < 0.2:
        at = chance.randrange(1, len(path))
        path = f"{path[:at]}%{ord(path[at]):02x}{path[at + 1 :]}"
    pairs = [part for part in [*query.split("&"), chance.choice(_UNKNOWN_PARAMETERS)] if part]
    chance.shuffle(pairs)
    headers = {"Accept-Encoding": chance.choice(_ENCODINGS)}
    tags = checker.tags.get(target.path, [])[-30:]
    known = chance.choice(["", "", "*", '"none"', *tags, ", ".join(tags[-3:])])
    headers |= {"If-None-Match": known} if known else {}
    headers |= {"Range": "bytes=0-9", "Cache-Control": "no-cache"} if chance.random() < 0.1 else {}
    method = "HEAD" if chance.random() < 0.1 else "GET"
    sent_at = time.monotonic()
    response = send(method, f"{path}?{'&'.join(pairs)}" if pairs else path, headers)
    checker.check(target, method, sent_at, response, known)


_TARGETS = targets()
