"""The probes `/healthz` and `/readyz`, `/robots.txt` and `/favicon.ico`."""

import struct
import zlib
from functools import cache
from importlib.metadata import version

from flask import Response

from service.observe.readiness import Readiness
from service.web.cache_policy import NO_STORE, SITE_FILES
from service.web.context import AppContext
from service.web.parameters import OneOf, Parameters, Query
from service.web.responses import json_response, respond
from service.web.views import Audience, View

_IMPAIRED = 503
_DEPENDS_ON = frozenset({"current", "source"})  # kinds of keys

# The favicon.
_SIZE = 32  # pixels
_SAMPLES = 4  # per pixel, in either direction
_SUN, _CLOUD = b"\xf2\xa3\x1b", b"\x4a\x7f\xb5"


def views(context: AppContext, readiness: Readiness) -> list[View]:
    """Return the views for probes, robots and browsers."""

    def healthz(_query: Query) -> Response:
        return json_response({"status": "ok", "version": version("portal-widgets"), **context.sample})

    def readyz(query: Query) -> Response:
        state = readiness.state()
        if query["strict"] == "yes" and state["problems"]:
            return json_response({"status": "impaired", **state, **context.sample}, status=_IMPAIRED)
        return json_response({"status": "ready", **state, **context.sample})

    def robots(_query: Query) -> Response:
        prefix = context.prefix
        text = f"User-agent: *\nDisallow: {prefix}/api/\nDisallow: {prefix}/go/\nDisallow: {prefix}/credit/\n"
        return respond(text, "text/plain; charset=utf-8")

    def favicon(_query: Query) -> Response:
        return respond(favicon_ico(), "image/x-icon")

    return [
        View(name="healthz", rule="/healthz", respond=healthz, cache=NO_STORE, audience=Audience.PROGRAMS),
        View(
            name="readyz",
            rule="/readyz",
            respond=readyz,
            parameters=Parameters(strict=OneOf(("yes", "no"), "no")),
            cache=NO_STORE,
            depends_on=_DEPENDS_ON,
            audience=Audience.PROGRAMS,
        ),
        View(name="robots", rule="/robots.txt", respond=robots, cache=SITE_FILES),
        View(name="favicon", rule="/favicon.ico", respond=favicon, cache=SITE_FILES),
    ]


@cache
def favicon_ico() -> bytes:
    """Return an ICO file with one PNG image: a cloud before the sun."""
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
    """Return the pixel as RGBA; alpha is the share of its samples that are covered."""
    offsets = [(step + 0.5) / _SAMPLES for step in range(_SAMPLES)]
    covered = [colour for dx in offsets for dy in offsets if (colour := _colour((x + dx) / 2, (y + dy) / 2))]
    if not covered:
        return b"\0\0\0\0"
    return max(covered, key=covered.count) + bytes([len(covered) * 255 // _SAMPLES**2])


def _colour(x: float, y: float) -> bytes | None:
    """Return the colour at a point of a 16 by 16 field; None where it is transparent."""
    circles = ((4, 11, 3), (7.5, 9, 4), (11, 11.4, 2.6))
    is_in_circle = any(_in_circle(x, y, *circle) for circle in circles)
    is_in_rectangle = 4 <= x <= 11 and 9 <= y <= 14  # noqa: PLR2004 - the middle of the cloud
    if (is_in_circle or is_in_rectangle) and y <= 14:  # noqa: PLR2004 - its lower edge
        return _CLOUD
    return _SUN if _in_circle(x, y, 10.5, 5.5, 4.5) else None


def _in_circle(x: float, y: float, centre_x: float, centre_y: float, radius: float) -> bool:
    return (x - centre_x) ** 2 + (y - centre_y) ** 2 <= radius**2
