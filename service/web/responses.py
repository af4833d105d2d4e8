"""Build HTTP responses with the headers of the contract: JSON, problems, pages, SVG.

A response without a cache policy gets the one of its view (`views.View.cache`).
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Response

from service.http_cache import cache_tags
from service.web.cache_policy import NO_STORE, SHORT, CachePolicy

_SERVER_FAULT = 500
_EVERY_RESPONSE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_COMMENT = re.compile(r"/\*(?:(?!\*/).)*+(?:\*/|\Z)", re.DOTALL)
_NEEDLESS_SPACE = re.compile(r"(?<![^\S\n])[^\S\n]*+\n\s*+|(?<=[{}]) ++|(?<! ) ++(?=[{}])")
_TITLES = {
    400: "Bad parameters",
    404: "Not found",
    405: "Method not allowed",
    500: "Internal error",
    503: "Not available",
}


def respond(body: str | bytes, kind: str, cache: CachePolicy | None = None, status: int = 200) -> Response:
    """Return a whole response of this media type; `cache` None: the view's own policy applies."""
    response = Response(body, status=status, content_type=kind)
    response.headers.update(_EVERY_RESPONSE)
    if cache is not None:
        apply(cache, response)
    return response


def apply(cache: CachePolicy, response: Response) -> None:
    """Set the caching headers, and tell the response cache how long the response stays true."""
    kept = cache.in_memory or cache.max_age
    cache_tags.true_for(
        None if kept is None else kept.total_seconds(), cache.stale_while_revalidate.total_seconds()
    )
    response.headers["Cache-Control"] = cache.cache_control()
    if cache.retry_after is not None:
        response.headers["Retry-After"] = str(int(cache.retry_after.total_seconds()))
    if cache.modified is not None:
        response.last_modified = cache.modified


def for_programs(response: Response) -> Response:
    """Let any page's script read the response, and let a browser that shows it load nothing."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def json_response(
    payload: Mapping[str, Any],
    cache: CachePolicy | None = None,
    status: int = 200,
    kind: str = "application/json",
) -> Response:
    """Return JSON."""
    body = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return for_programs(respond(body, kind, cache, status))


def problem(
    status: int, detail: str, errors: Mapping[str, Sequence[str]] | None = None, *, sample: bool = False
) -> Response:
    """Return a failure as programs read it (RFC 9457)."""
    payload: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if sample:
        payload["sample"] = True
    if errors:
        payload["errors"] = {name: list(messages) for name, messages in errors.items()}
    cache = SHORT if status < _SERVER_FAULT else NO_STORE
    return json_response(payload, cache, status, "application/problem+json")


def page(  # noqa: PLR0913 - each is one part of the policy
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
    """Return a page that may be framed, with a policy that allows its inline parts by hash and nothing else.

    Where only some sites may frame it, our own start page, which shows the widgets, is always one of them. A
    page that `connects` may ask us for more: its script does, or whoever examines it fetches our robots.txt.
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
        *([f"frame-ancestors {' '.join(_with_ourselves(frame_ancestors))}"] if frame_ancestors else []),
        *(["img-src 'self'"] if images else []),
    ]
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def svg(picture: str, cache: CachePolicy | None = None, status: int = 200, *, style: str) -> Response:
    """Return a picture that loads nothing and may be shown anywhere, as a page of a frame too."""
    response = for_programs(respond(picture, "image/svg+xml; charset=utf-8", cache, status))
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    response.headers["Content-Security-Policy"] = f"default-src 'none'; style-src {_hashes([style])}"
    return unindexed(response)


def unindexed(response: Response) -> Response:
    """Keep the response out of search engines: it is a part of other people's pages."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def minify(text: str) -> str:
    """Return CSS or JavaScript of ours without comments and needless white space and semicolons."""
    text = _NEEDLESS_SPACE.sub("", _COMMENT.sub("", text)).strip()
    return text.replace(";}", "}")


def _with_ourselves(frame_ancestors: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["'self'", *frame_ancestors]))


def _hashes(parts: Sequence[str]) -> str:
    digests = [base64.b64encode(sha256(part.encode()).digest()).decode() for part in parts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)
