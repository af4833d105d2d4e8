"""Random requests while new values are stored, and a judge of the responses.

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
from typing import Any

import brotli
from stored_articles import article
from web_site import CURRENT

from service.app import create_app
from service.articles.model import SourceState
from service.articles.store import keys as article_keys
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.settings.load import load
from service.storage.store import SqliteStore
from service.weather import keys as weather_keys
from service.weather import records
from service.weather.model import Dataset, StoredWeather

SHOWN_OLD = 5.0  # seconds: the longest that an answer may be behind the store
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

Answer = tuple[int, Mapping[str, str], bytes]
Ask = Callable[[str, str, Mapping[str, str]], Answer]  # method, target, headers

_UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
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
_MADE_UP = ("", "utm_source=a%20b", "x=%ff&x=1", "&&", "made=up&langs", "%78=1")
_VALUES = re.compile(r'"temperature":([\d.]+)|"humidity":(\d+)|(\d+)\s°([CF])|(\d+)\s%|Tin (\d+)')
_READ = {
    "json": re.compile(r'"temperature":(?P<temperature>[\d.]+).*?"humidity":(?P<humidity>\d+)'),
    "page": re.compile(r"(?P<temperature>\d+)\s°[CF].*?(?P<humidity>\d+)\s%", re.DOTALL),
}
_TITLE = re.compile(r"Tin (\d+)")


@dataclass(frozen=True)
class Question:
    """A path with its query, and the items whose serials its answer shows."""

    path: str
    items: tuple[str, ...] = ()

    @property
    def is_imperial(self) -> bool:
        return "imperial" in self.path


def questions() -> list[Question]:
    """Every kind of page that shows what is written, in several variants."""
    found = [Question(f"/widgets/weather/{place}", (place,)) for place in PLACES]
    found += [Question(f"/api/v1/weather/{place}", (place,)) for place in PLACES]
    variants = (
        "lang=en",
        "theme=dark",
        "layout=full",
        "units=imperial",
        "lang=en&layout=strip&accent=123abc",
    )
    found += [Question(f"/widgets/weather/{place}?{more}", (place,)) for place in PLACES for more in variants]
    found += [Question(f"/widgets/weather/{place}.svg?lang=en", (place,)) for place in PLACES]
    found += [
        Question("/widgets/weather?city=vinh", ("vinh",)),
        Question("/api/v1/weather?cities=vinh,hue&units=imperial", ("vinh", "hue")),
        Question("/api/v1/weather?cities=hue,da-nang,dong-ha", ("hue", "da-nang", "dong-ha")),
        Question("/widgets/portal?city=hue", ("hue", "a2", "a1")),
        Question("/widgets/articles?layout=cards", ("a2", "a1")),
        Question("/api/v1/articles", ("a2", "a1")),
        Question("/api/v1/articles/a1", ("a1",)),
        Question("/feeds/articles.atom", ("a2", "a1")),
        Question("/widgets/weather/atlantis"),
        Question("/widgets/weather/hue?lang=xx"),
        Question("/api/v1/weather/atlantis?lang=en"),
    ]
    return found


class Diary:
    """Which serial of each item was begun, and when which was kept; shared between processes."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.begun = context.Array("i", len(ITEMS), lock=False)
        self.kept = context.Array("d", len(ITEMS) * SERIALS, lock=False)

    def oldest(self, item: str, asked: float) -> int:
        """The oldest serial that may still be shown to one who asked then."""
        which = ITEMS.index(item)
        for serial in range(self.begun[which], 0, -1):
            if 0 < self.kept[which * SERIALS + serial] <= asked - SHOWN_OLD:
                return serial
        return 0

    def newest(self, item: str) -> int:
        return self.begun[ITEMS.index(item)]


@dataclass
class Writer:
    """Keeps new values, one after the other."""

    store: SqliteStore
    diary: Diary
    fetched: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))  # noqa: TID251 - the service's clock is the real one

    def begin(self) -> None:
        self.store.write(
            {article_keys.source("tinh"): article_records.state_to_bytes(SourceState(self.fetched))}
        )
        for which in range(len(ITEMS)):
            self.write(which)

    def write(self, which: int) -> None:
        """The next serial of this item."""
        serial = self.diary.begun[which] + 1
        self.diary.begun[which] = serial
        if (item := ITEMS[which]) in PLACES:
            temperature, humidity = serial % 40, serial // 40
            now = replace(
                CURRENT, time=self.fetched, temperature=float(temperature), humidity=float(humidity)
            )
            value = records.current_to_bytes(StoredWeather(now, "open-meteo", now.time, self.fetched))
            self.store.write({weather_keys.weather(Dataset.CURRENT, item): value})
        else:
            minutes = ARTICLES.index(item)
            SqliteArticleRepository(self.store).save([article(item, minutes=minutes, title=f"Tin {serial}")])
        self.diary.kept[which * SERIALS + serial] = time.monotonic()


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a service over the store in this folder."""
    (folder / "settings.toml").write_text(SOURCE)
    told = {"PORTAL_WIDGETS_STORE__URL": f"sqlite://{folder}/store.sqlite3"}
    return ENVIRONMENT | told | {"PORTAL_WIDGETS_CONFIG": f"{folder}/settings.toml"} | more


def expected(folder: Path) -> dict[str, tuple[int, str]]:
    """What Flask alone says to each question, with its values masked."""
    app = create_app(load(settings_of(folder, PORTAL_WIDGETS_EDGE__MEMORY="0B")), background=False)
    client = app.test_client(use_cookies=False)
    answers = {question.path: client.get(question.path) for question in questions()}
    return {path: (answer.status_code, masked(answer.text)) for path, answer in answers.items()}


def masked(text: str) -> str:
    return _VALUES.sub("#", text)


def serials(question: Question, text: str) -> Iterator[tuple[str, int]]:
    """Of each item, what is read of it."""
    kind = "json" if question.path.startswith("/api") else "page"
    weather = iter(_READ[kind].finditer(text))
    titles = iter(dict.fromkeys(_TITLE.findall(text)) if len(question.items) == 1 else _TITLE.findall(text))
    for item in question.items:
        if item in ARTICLES:
            yield item, int(next(titles))
            continue
        found = next(weather)
        told = float(found["temperature"])
        temperature = (told - 32) / 1.8 if question.is_imperial else told
        yield item, round(temperature) + 40 * int(found["humidity"])


@dataclass
class Judge:
    """Looks at every answer; remembers every tag."""

    diary: Diary
    says: dict[str, tuple[int, str]]
    known: dict[str, tuple[str, bytes, list[tuple[str, int]]]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def judge(self, question: Question, method: str, asked: float, answer: Answer, sent: str) -> None:
        status, headers, body = answer
        self._count(headers["cache-status"].split("; ")[1].split("=")[0])
        tag = headers.get("etag", "")
        if status == 304:
            self._count("304")
            assert (body, bool(tag)) == (b"", True)
            assert sent == "*" or tag[:25] in sent, (sent, tag)
            self._hold_known(question, tag, asked)
            return
        assert status == self.says[question.path][0], (question, answer)
        if method == "HEAD":
            assert body == b""
            self._hold_known(question, tag, asked, int(headers["content-length"]))
            return
        assert int(headers["content-length"]) == len(body)
        if tag in self.known and self.known[tag][:2] == (question.path, body):
            self._hold_known(question, tag, asked)
            return
        text = _UNPACKED[headers.get("content-encoding")](body).decode()
        assert masked(text) == self.says[question.path][1], (question, text)
        shown = list(serials(question, text))
        self._hold_fresh(question, shown, asked)
        if tag:
            self.tags.setdefault(question.path, []).append(tag)
            before = self.known.setdefault(tag, (question.path, body, shown))
            assert before[1] == body, (question, tag)

    def _hold_known(self, question: Question, tag: str, asked: float, length: int | None = None) -> None:
        """This tag, if it was seen, is one of this question, and its values are fresh enough."""
        if tag not in self.known:
            return
        path, body, shown = self.known[tag]
        assert path == question.path or masked_equal(self.says, path, question.path), (path, question)
        assert length is None or length == len(body), (question, tag)
        self._hold_fresh(question, shown, asked)

    def _hold_fresh(self, question: Question, shown: list[tuple[str, int]], asked: float) -> None:
        for item, serial in shown:
            oldest, newest = self.diary.oldest(item, asked), self.diary.newest(item)
            assert oldest <= serial <= newest, f"{question}: {item} {serial}, not in {oldest}…{newest}"

    def _count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1


def masked_equal(says: Mapping[str, tuple[int, str]], one: str, other: str) -> bool:
    """Whether two questions have one answer."""
    return says[one] == says[other]


def ask_at_random(ask: Ask, judge: Judge, chance: random.Random) -> None:
    """One question in one of its many forms."""
    question = chance.choice(_QUESTIONS)
    path, _, query = question.path.partition("?")
    if chance.random() < 0.2:
        spelled = chance.randrange(1, len(path))
        path = f"{path[:spelled]}%{ord(path[spelled]):02x}{path[spelled + 1 :]}"
    pairs = [part for part in [*query.split("&"), chance.choice(_MADE_UP)] if part]
    chance.shuffle(pairs)
    headers = {"Accept-Encoding": chance.choice(_ENCODINGS)}
    tags = judge.tags.get(question.path, [])[-30:]
    known = chance.choice(["", "", "*", '"none"', *tags, ", ".join(tags[-3:])])
    headers |= {"If-None-Match": known} if known else {}
    headers |= {"Range": "bytes=0-9", "Cache-Control": "no-cache"} if chance.random() < 0.1 else {}
    method = "HEAD" if chance.random() < 0.1 else "GET"
    asked = time.monotonic()
    target = f"{path}?{'&'.join(pairs)}" if pairs else path
    judge.judge(question, method, asked, ask(method, target, headers), known)


_QUESTIONS: list[Any] = questions()
