"""Probes (`/healthz`, `/readyz`), and the files that robots and browsers expect."""

import struct
import zlib
from collections import Counter
from functools import cache
from typing import Any

from flask import Response

from service.articles.service import ArticleService
from service.core.errors import StoreError
from service.core.freshness import State
from service.weather.service import ForecastService
from service.web.cache_policy import NO_STORE, SITE_FILES
from service.web.context import AppContext
from service.web.parameters import Query
from service.web.responses import json_response, respond
from service.web.views import Audience, View

_READS = frozenset({"current", "source"})  # kinds of keys

_SIZE = 32  # pixels
_FINE = 4  # samples of a pixel, across and down
_SUN, _CLOUD = b"\xf2\xa3\x1b", b"\x4a\x7f\xb5"


def views(context: AppContext, forecasts: ForecastService, articles: ArticleService) -> list[View]:
    """Return the views for probes, robots and browsers."""

    def healthz(_query: Query) -> Response:
        return json_response({"status": "ok", **context.sample})

    def readyz(_query: Query) -> Response:
        return json_response(
            {"status": "ready", **_readiness(context, forecasts, articles), **context.sample}
        )

    def robots(_query: Query) -> Response:
        prefix = context.prefix
        text = f"User-agent: *\nDisallow: {prefix}/api/\nDisallow: {prefix}/go/\n"
        return respond(text, "text/plain; charset=utf-8")

    def favicon(_query: Query) -> Response:
        return respond(favicon_ico(), "image/x-icon")

    return [
        View(name="healthz", rule="/healthz", respond=healthz, cache=NO_STORE, audience=Audience.PROGRAMS),
        View(
            name="readyz",
            rule="/readyz",
            respond=readyz,
            cache=NO_STORE,
            depends_on=_READS,
            audience=Audience.PROGRAMS,
        ),
        View(name="robots", rule="/robots.txt", respond=robots, cache=SITE_FILES),
        View(name="favicon", rule="/favicon.ico", respond=favicon, cache=SITE_FILES),
    ]


def _readiness(context: AppContext, forecasts: ForecastService, articles: ArticleService) -> dict[str, Any]:
    """Count places and sources by state; null: the store cannot tell.

    A store that fails does not make the worker unready, for it answers from memory.
    """
    now = context.clock()
    places = forecasts.count_states(context.catalogue, now)
    try:
        sources = Counter(status.state for status in articles.statuses(now))
    except StoreError:
        sources = None
    return {
        "store": {"state": "failed" if forecasts.store_error() else "ok"},
        "weather": _by_state(places),
        "articles": _by_state(sources),
    }


def _by_state(counts: Counter[State] | None) -> dict[str, int] | None:
    return {state.value: counts[state] for state in State} if counts is not None else None


@cache
def favicon_ico() -> bytes:
    """An ICO file that holds one PNG."""
    png = _png()
    directory = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", _SIZE, _SIZE, 0, 0, 1, 32, len(png), 22)
    return directory + entry + png


def _png() -> bytes:
    rows = b"".join(b"\0" + b"".join(_pixel(x, y) for x in range(_SIZE)) for y in range(_SIZE))
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 6, 0, 0, 0)
    parts = [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _pixel(x: int, y: int) -> bytes:
    """The colour and, at the edges, how much of the pixel is covered."""
    offsets = [(step + 0.5) / _FINE for step in range(_FINE)]
    hits = [colour for dx in offsets for dy in offsets if (colour := _at((x + dx) / 2, (y + dy) / 2))]
    if not hits:
        return b"\0\0\0\0"
    return max(hits, key=hits.count) + bytes([len(hits) * 255 // _FINE**2])


def _at(x: float, y: float) -> bytes | None:
    """What lies at a point of a 16 by 16 field: the cloud before the sun."""
    bumps = ((4, 11, 3), (7.5, 9, 4), (11, 11.4, 2.6))
    in_a_bump = any(_within(x, y, *bump) for bump in bumps)
    flat = 4 <= x <= 11 and 9 <= y <= 14  # noqa: PLR2004 - the cloud's belly
    if (in_a_bump or flat) and y <= 14:  # noqa: PLR2004 - its lower edge
        return _CLOUD
    return _SUN if _within(x, y, 10.5, 5.5, 4.5) else None


def _within(x: float, y: float, centre_x: float, centre_y: float, radius: float) -> bool:
    return (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius**2
