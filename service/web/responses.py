"""Answers with the headers of the contract: JSON, problems, pages, pictures."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Response

from service.web import provenance
from service.web.cache_policy import CachePolicy

SHORT = CachePolicy(timedelta(seconds=60))
_EVERY_ANSWER = {
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


def answer(body: str | bytes, kind: str, validity: CachePolicy, status: int = 200) -> Response:
    """A finished answer; whatever is sent, these headers go with it."""
    provenance.valid(validity)
    response = Response(body, status=status, content_type=kind)
    response.headers.update(_EVERY_ANSWER)
    response.headers["Cache-Control"] = validity.cache_control()
    if validity.retry_after is not None:
        response.headers["Retry-After"] = str(int(validity.retry_after.total_seconds()))
    if validity.modified is not None:
        response.last_modified = validity.modified
    return response


def json_answer(
    payload: Mapping[str, Any], validity: CachePolicy, status: int = 200, kind: str = "application/json"
) -> Response:
    """JSON for any program, also one that runs in a page."""
    body = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    response = answer(body, kind, validity, status)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


def problem(
    status: int, detail: str, errors: Mapping[str, Sequence[str]] | None = None, *, sample: bool = False
) -> Response:
    """A failure as programs read it (RFC 9457)."""
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
    validity = SHORT if status < 500 else CachePolicy(None)  # noqa: PLR2004 - what is our fault is not kept
    return json_answer(payload, validity, status, "application/problem+json")


def page(  # noqa: PLR0913 - each is one part of the policy
    html: str,
    validity: CachePolicy,
    status: int = 200,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    frame_ancestors: Sequence[str] = (),
    frames: bool = False,
    connects: bool = False,
) -> Response:
    """A page that may be framed, with a policy that allows its own inline parts by hash and nothing else.

    Where only some may frame it, our own start page, which shows the widgets, is always one of them. A page
    that connects may ask us for more: its script does, or whoever examines it fetches our robots.txt from it.
    """
    response = answer(html, "text/html; charset=utf-8", validity, status)
    policy = [
        "default-src 'none'",
        *([f"style-src {_hashes(styles)}"] if styles else []),
        *([f"script-src {_hashes(scripts)}"] if scripts else []),
        "form-action 'self'",
        "base-uri 'none'",
        *(["img-src 'self'", "frame-src 'self'"] if frames else []),
        *(["connect-src 'self'"] if connects else []),
        *([f"frame-ancestors {' '.join(_with_ourselves(frame_ancestors))}"] if frame_ancestors else []),
    ]
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def picture(svg: str, validity: CachePolicy, status: int = 200, *, styles: Sequence[str] = ()) -> Response:
    """An SVG picture that brings nothing along and may be shown anywhere, as a page of a frame too."""
    response = answer(svg, "image/svg+xml; charset=utf-8", validity, status)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    response.headers["X-Robots-Tag"] = "noindex"
    policy = ["default-src 'none'", *([f"style-src {_hashes(styles)}"] if styles else [])]
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    return response


def minify(text: str) -> str:
    """Without comments and the white space and semicolons that say nothing; for our own files only."""
    text = _NEEDLESS_SPACE.sub("", _COMMENT.sub("", text)).strip()
    return text.replace(";}", "}")


def _with_ourselves(frame_ancestors: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["'self'", *frame_ancestors]))


def _hashes(parts: Sequence[str]) -> str:
    digests = [base64.b64encode(sha256(part.encode()).digest()).decode() for part in parts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)
