"""A small application behind the response cache, which counts its calls, with a store and a clock."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from service.http_cache import cache_tags
from service.http_cache.response_cache import ResponseCache
from service.http_cache.wsgi import CachingMiddleware
from service.storage.store import SqliteStore

_FILL = " ".join(f"<p>{number}: {number**3}</p>" for number in range(200))
PUBLIC = "public, max-age=60, stale-while-revalidate=60"


@dataclass
class SmallApplication:
    """Responds with path, query and the value of one record; every response lasts a minute."""

    store: SqliteStore
    now: float = 1_000.0
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    cache_control: str = PUBLIC
    records_dependencies: bool = True
    storable: bool = True
    gate: threading.Event | None = None
    entered: threading.Event = field(default_factory=threading.Event)
    environs: list[dict[str, Any]] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)
    fault: Exception | None = None
    fill: str = _FILL

    def __post_init__(self) -> None:
        self.cache = ResponseCache(self.store, 1_000_000, self.clock, self.record_hit, canonical_query)
        self.middleware = CachingMiddleware(self, self.cache)

    @classmethod
    def in_folder(cls, folder: Path, **given: Any) -> "SmallApplication":
        store = SqliteStore(folder / "store.sqlite3")
        store.write({"item": b"first"})
        return cls(store, **given)

    def wait_for_background(self) -> None:
        wait_for_background(self.cache)

    def clock(self) -> float:
        return self.now

    def record_hit(self, items: Iterable[str]) -> None:
        self.hits += items

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.environs.append(environ)
        value = self.store.read(["item"])["item"]
        if self.gate is not None:
            self.entered.set()
            self.gate.wait(10)
        if self.fault is not None:
            raise self.fault
        if self.records_dependencies:
            cache_tags.depends_on(["item"])
            cache_tags.true_for(60.0, stale_while_revalidate=60.0)
            if not self.storable:
                cache_tags.do_not_store()
        body = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}{self.fill}{value.decode()}".encode()
        start_response(
            self.status,
            [("Content-Type", "text/html"), ("Cache-Control", self.cache_control), *self.headers],
        )
        return [body]


def wait_for_background(cache: ResponseCache) -> None:
    """Wait until everything queued so far is compressed."""
    done = threading.Event()
    cache.background.add(done.set)  # tasks run in order
    assert done.wait(10)


def canonical_query(_path: str, query: str) -> str:
    """Return `a` and `b` alone."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in {"a", "b"}:
            given.setdefault(name, value)
    return urlencode(sorted(given.items()))
