"""Build HTTP responses with the headers of the contract: JSON, problems, pages, images.

A response without a cache policy gets the one of its view (`views.View.cache`).
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Response

from service.core.logs import request_id
from service.http_cache import cache_tags
from service.web.cache_policy import NO_STORE, SHORT, CachePolicy

_TOO_MANY, _SERVER_ERROR = 429, 500
_COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_EXPOSED = "ETag, Link, Retry-After, Cache-Status, Age, X-Request-Id"  # what scripts of other sites may read
_COMMENT = re.compile(r"/\*(?:(?!\*/).)*+(?:\*/|\Z)", re.DOTALL)
_REDUNDANT_SPACE = re.compile(r"(?<![^\S\n])[^\S\n]*+\n\s*+|(?<=[{}]) ++|(?<! ) ++(?=[{}])")
_TITLES = {
    400: "Bad parameters",
    404: "Not found",
    405: "Method not allowed",
    _TOO_MANY: "Too many requests",
    500: "Internal error",
    503: "Not available",
}


def respond(
    body: str | bytes, media_type: str, cache: CachePolicy | None = None, status: int = 200
) -> Response:
    """Return a response; without a `cache` policy, that of the view applies."""
    response = Response(body, status=status, content_type=media_type)
    response.headers.update(_COMMON_HEADERS)
    if cache is not None:
        apply(cache, response)
    return response


def apply(cache: CachePolicy, response: Response) -> None:
    """Set the caching headers, and pass the lifetime of the response to the response cache."""
    lifetime = cache.in_memory or cache.max_age
    cache_tags.true_for(
        None if lifetime is None else lifetime.total_seconds(), cache.stale_while_revalidate.total_seconds()
    )
    response.headers["Cache-Control"] = cache.cache_control()
    if cache.retry_after is not None:
        response.headers["Retry-After"] = str(int(cache.retry_after.total_seconds()))
    if cache.modified is not None:
        response.last_modified = cache.modified


def options(methods: str, *, cross_origin: bool) -> Response:
    """Return which methods there are; with `cross_origin` also that other sites' scripts may use them."""
    response = respond(b"", "text/plain", NO_STORE, 204)
    del response.headers["Content-Type"]
    response.headers["Allow"] = methods
    if cross_origin:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = "*"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def for_programs(response: Response) -> Response:
    """Let scripts of any site read the response; a browser that displays it must load nothing."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def json_response(
    payload: Mapping[str, Any],
    cache: CachePolicy | None = None,
    status: int = 200,
    media_type: str = "application/json",
) -> Response:
    body = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return for_programs(respond(body, media_type, cache, status))


def problem(
    status: int, detail: str, errors: Mapping[str, Sequence[str]] | None = None, *, sample: bool = False
) -> Response:
    """Return an error as problem+json (RFC 9457)."""
    payload: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if (status >= _SERVER_ERROR or status == _TOO_MANY) and (name := request_id.get()):
        payload["request_id"] = name
    if sample:
        payload["sample"] = True
    if errors:
        payload["errors"] = {name: list(messages) for name, messages in errors.items()}
    cache = SHORT if status < _SERVER_ERROR else NO_STORE
    return json_response(payload, cache, status, "application/problem+json")


def page(  # noqa: PLR0913 - one argument for each part of the policy
    html: str,
    cache: CachePolicy | None = None,
    status: int = 200,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    frame_ancestors: Sequence[str] = (),
    images: bool = False,
    frames: bool = False,
    connects: bool = False,
) -> Response:
    """Return a page with a policy that allows its inline styles and scripts by hash and nothing else.

    Every site may frame the page unless there are `frame_ancestors`; our own start page, which previews the
    widgets, always may. With `connects` the page may send requests to us: its script does so, and tools that
    audit a page in the browser fetch our robots.txt from it.
    """
    response = respond(html, "text/html; charset=utf-8", cache, status)
    policy = [
        "default-src 'none'",
        *([f"style-src {_hashes(styles)}"] if styles else []),
        *([f"script-src {_hashes(scripts)}"] if scripts else []),
        "form-action 'self'",
        "base-uri 'none'",
        *(["img-src 'self'", "frame-src 'self'"] if frames else []),
        *(["connect-src 'self'"] if connects else []),
        *([f"frame-ancestors {' '.join(_with_self(frame_ancestors))}"] if frame_ancestors else []),
        *(["img-src 'self'"] if images else []),
    ]
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def svg(image: str, cache: CachePolicy | None = None, status: int = 200, *, style: str) -> Response:
    """Return an SVG image that loads nothing; any site may display it, in a frame too."""
    response = _image(image, "image/svg+xml; charset=utf-8", cache, status)
    response.headers["Content-Security-Policy"] = f"default-src 'none'; style-src {_hashes([style])}"
    return response


def png(image: bytes, cache: CachePolicy | None = None, status: int = 200) -> Response:
    """Return a PNG image; any site may display it."""
    return _image(image, "image/png", cache, status)


def _image(image: str | bytes, media_type: str, cache: CachePolicy | None, status: int) -> Response:
    response = for_programs(respond(image, media_type, cache, status))
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return unindexed(response)


def unindexed(response: Response) -> Response:
    """Exclude the response from search engines: it is a part of other sites' pages."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def minify(text: str) -> str:
    """Return our own CSS or JavaScript without comments and redundant white space and semicolons."""
    text = _REDUNDANT_SPACE.sub("", _COMMENT.sub("", text)).strip()
    return text.replace(";}", "}")


def _with_self(frame_ancestors: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["'self'", *frame_ancestors]))


def _hashes(parts: Sequence[str]) -> str:
    digests = [base64.b64encode(sha256(part.encode()).digest()).decode() for part in parts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)
