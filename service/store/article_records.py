"""Articles and what is known of their sources ⇄ bytes: JSON with a version in front, texts behind.

A record of another version is as if it were not there.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from service.domain.articles import Article, Illustration, Picture, Published, SourceState
from service.store.records import kept_cause

R = TypeVar("R")

_VERSION = 1
_TEXTS = ("id", "source", "title", "lead", "language", "identity", "revision")
_TEXTS_OR_NONE = ("url", "author", "organisation")


def article_to_bytes(article: Article) -> bytes:
    """An article as bytes: its text follows the JSON's line as it is, so that reading costs no unescaping."""
    fields = {name: getattr(article, name) for name in _TEXTS + _TEXTS_OR_NONE} | {
        "published": _published_fields(article.published),
        "first_seen": article.first_seen.isoformat(),
        "changed_at": article.changed_at.isoformat(),
        "order": article.order.isoformat(),
        "illustration": _illustration_fields(article.illustration),
        "has_body": article.body_html is not None,
        "fetch_url": article.fetch_url,
    }
    return _dump(fields) + b"\n" + _encoded(article.body_html or "")


def article_from_bytes(record: bytes | None) -> Article | None:
    """The kept article, or None."""
    return _read(record, _article)


def state_to_bytes(state: SourceState) -> bytes:
    """How it stands with a source, as bytes."""
    return _dump(
        {
            "fetched_at": _iso(state.fetched_at),
            "cause": state.cause,
            "failures": state.failures,
            "due": _iso(state.due),
            "validators": dict(state.validators),
        }
    )


def state_from_bytes(record: bytes | None) -> SourceState | None:
    """How it stands with a source, or None."""
    return _read(record, _state)


def _read(record: bytes | None, parse: Callable[[bytes], R]) -> R | None:
    if record is None:
        return None
    try:
        return parse(record)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _object(record: bytes) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(record)
    if kept["v"] != _VERSION:
        raise ValueError
    return kept


def _dump(fields: Mapping[str, Any]) -> bytes:
    text = json.dumps({"v": _VERSION, **fields}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _encoded(text)


def _encoded(text: str) -> bytes:
    """Half a letter, which JSON can smuggle in and UTF-8 cannot write, costs that letter only."""
    return text.encode(errors="replace")


def _article(record: bytes) -> Article:
    head, _, body = record.partition(b"\n")
    fields = _object(head)
    return Article(
        **{name: str(fields[name]) for name in _TEXTS},
        **{name: fields[name] for name in _TEXTS_OR_NONE},
        published=_published(fields["published"]),
        first_seen=datetime.fromisoformat(fields["first_seen"]),
        changed_at=datetime.fromisoformat(fields.get("changed_at", fields["first_seen"])),
        order=datetime.fromisoformat(fields["order"]),
        illustration=_illustration(fields["illustration"]),
        body_html=body.decode() if fields["has_body"] else None,
        fetch_url=fields.get("fetch_url"),
    )


def _published_fields(published: Published | None) -> list[Any] | None:
    return [published.at.isoformat(), published.date_only] if published else None


def _published(fields: Any) -> Published | None:
    return Published(datetime.fromisoformat(fields[0]), bool(fields[1])) if fields else None


def _illustration_fields(illustration: Illustration | None) -> dict[str, Any] | None:
    if illustration is None:
        return None
    return {
        "pictures": [[picture.hash, picture.width, picture.height] for picture in illustration.pictures],
        "alt": illustration.alt,
        "caption": illustration.caption,
        "source_url": illustration.source_url,
    }


def _illustration(fields: Any) -> Illustration | None:
    if fields is None:
        return None
    pictures = tuple(
        Picture(str(name), int(width), int(height)) for name, width, height in fields["pictures"]
    )
    return Illustration(pictures, str(fields["alt"]), str(fields["caption"]), str(fields["source_url"]))


def _state(record: bytes) -> SourceState:
    fields = _object(record)
    return SourceState(
        fetched_at=_instant(fields["fetched_at"]),
        cause=kept_cause(fields),
        failures=int(fields["failures"]),
        due=_instant(fields["due"]),
        validators={str(name): str(value) for name, value in fields["validators"].items()},
    )


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
