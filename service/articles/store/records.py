"""Articles and the states of their sources as records: a line of JSON, and behind it an article's text.

Records of every version are read (`storage/records.py`): what a record lacks is None, or follows from what it
has. Only an article without any time at all is treated as missing.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from service.articles.model import Article, ArticleImage, Declared, Published, SourceState, StoredImage
from service.storage.records import (
    count,
    decode,
    encode,
    encode_text,
    fields_of,
    flag,
    history,
    history_fields,
    instant,
    iso,
    item,
    items,
    stored_cause,
    text,
    texts,
)

# Attributes by the keys of the record. Keys never change; some attributes had other names before.
_TEXTS = {
    "id": "id",
    "source": "source",
    "title": "title",
    "lead": "lead",
    "whole_lead": "whole_lead",
    "language": "language",
    "identity": "canonical_url",
    "revision": "content_hash",
}
_OPTIONAL_TEXTS = ("url", "author", "organisation")


def article_to_bytes(article: Article) -> bytes:
    """Return an article as a record. Its text follows the JSON as it is: reading it needs no unescaping."""
    fields = {
        **{key: getattr(article, name) for key, name in _TEXTS.items()},
        **{key: getattr(article, key) for key in _OPTIONAL_TEXTS},
        "published": _published_fields(article.published),
        "first_seen": article.first_seen.isoformat(),
        "changed_at": article.changed_at.isoformat(),
        "order": article.sort_key.isoformat(),
        "illustration": _image_fields(article.image),
        "has_body": article.body_html is not None,
        "fetch_url": article.fetch_url,
        "declared": _declared_fields(article.declared),
        "reading": article.reading,
        "categories": list(article.categories),
    }
    return encode(fields) + b"\n" + encode_text(article.body_html or "")


def article_from_bytes(record: bytes | None) -> Article | None:
    """Return the article, or None for a record that cannot be read.

    Id and source are empty where the record lacks them.
    """
    return decode(record, _article)


def state_to_bytes(state: SourceState) -> bytes:
    """Return the state of a source as a record."""
    return encode(
        {
            "fetched_at": iso(state.fetched_at),
            "cause": state.cause,
            "failures": state.failures,
            "due": iso(state.due),
            "validators": dict(state.validators),
            "unchanged": state.unchanged,
            "read_at": iso(state.read_at),
            "reading": state.reading,
            "page_cause": state.page_cause,
            "unread": list(state.unread),
            "settings_digest": state.settings_digest,
            "history": history_fields(state.history),
        }
    )


def state_from_bytes(record: bytes | None) -> SourceState | None:
    """Return the state of a source, or None for a record that cannot be read."""
    return decode(record, _state)


def _article(record: bytes) -> Article:
    head, _, body = record.partition(b"\n")
    fields = fields_of(head)
    url, published = text(fields.get("url")), _published(fields.get("published"))
    read = {name: value for key, name in _TEXTS.items() if (value := text(fields.get(key))) is not None}
    optional: dict[str, Any] = {key: text(fields.get(key)) for key in _OPTIONAL_TEXTS}
    missing: dict[str, Any] = {"id": "", "source": "", "title": read.get("lead") or url or ""}
    return Article(
        **(missing | read),
        **optional,
        **_times(fields, published),
        published=published,
        image=_image(fields.get("illustration")),
        body_html=_body_html(fields, body),
        categories=tuple(filter(None, map(text, items(fields.get("categories"))))),
        fetch_url=text(fields.get("fetch_url")),
        declared=_declared(fields.get("declared")),
        reading=count(fields.get("reading")) or 0,
    )


def _times(fields: Mapping[str, Any], published: Published | None) -> dict[str, Any]:
    """Return first_seen, changed_at and sort_key: one that is missing follows from the others."""
    first_seen, changed_at, sort_key = (
        instant(fields.get(key)) for key in ("first_seen", "changed_at", "order")
    )
    first_seen = first_seen or sort_key or changed_at or (published.at if published else None)
    if first_seen is None:
        raise ValueError("an article without any time")
    return {
        "first_seen": first_seen,
        "changed_at": changed_at or first_seen,
        "sort_key": sort_key or (min(published.at, first_seen) if published else first_seen),
    }


def _body_html(fields: Mapping[str, Any], body: bytes) -> str | None:
    has_body = flag(fields.get("has_body"))
    return body.decode(errors="replace") if (bool(body) if has_body is None else has_body) else None


def _published_fields(published: Published | None) -> list[Any] | None:
    return [published.at.isoformat(), published.date_only] if published else None


def _published(fields: object) -> Published | None:
    at = instant(item(fields, 0))
    return Published(at, flag(item(fields, 1)) or False) if at else None


def _declared_fields(declared: Declared | None) -> dict[str, Any] | None:
    if declared is None:
        return None
    return {
        "lead": declared.lead,
        "image": declared.image,
        "day": declared.day.isoformat() if declared.day else None,
        "lead_is_alone": declared.lead_is_alone,
        "image_is_alone": declared.image_is_alone,
        "shown": _published_fields(declared.shown),
    }


def _declared(fields: object) -> Declared | None:
    if not isinstance(fields, dict):
        return None
    return Declared(
        lead=text(fields.get("lead")) or "",
        image=text(fields.get("image")) or "",
        day=_day(fields.get("day")),
        lead_is_alone=flag(fields.get("lead_is_alone")) or False,
        image_is_alone=flag(fields.get("image_is_alone")) or False,
        shown=_published(fields.get("shown")),
    )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(text(value) or "")
    except ValueError:
        return None


def _image_fields(image: ArticleImage | None) -> dict[str, Any] | None:
    if image is None:
        return None
    return {
        "pictures": [[variant.hash, variant.width, variant.height] for variant in image.variants],
        "alt": image.alt,
        "caption": image.caption,
        "source_url": image.source_url,
    }


def _image(fields: object) -> ArticleImage | None:
    if not isinstance(fields, dict):
        return None
    variants = tuple(filter(None, map(_variant, items(fields.get("pictures")))))
    described = {key: text(fields.get(key)) or "" for key in ("alt", "caption", "source_url")}
    return ArticleImage(variants, **described) if variants else None


def _variant(fields: object) -> StoredImage | None:
    image_hash, width, height = text(item(fields, 0)), count(item(fields, 1)), count(item(fields, 2))
    return StoredImage(image_hash, width, height) if image_hash is not None and width and height else None


def _state(record: bytes) -> SourceState:
    fields = fields_of(record)
    return SourceState(
        fetched_at=instant(fields.get("fetched_at")),
        cause=stored_cause(fields),
        failures=count(fields.get("failures")) or 0,
        due=instant(fields.get("due")),
        validators=texts(fields.get("validators")),
        unchanged=count(fields.get("unchanged")) or 0,
        read_at=instant(fields.get("read_at")),
        reading=count(fields.get("reading")) or 0,
        page_cause=stored_cause({"cause": fields.get("page_cause")}),
        unread=tuple(one for one in items(fields.get("unread")) if isinstance(one, str)),
        settings_digest=text(fields.get("settings_digest")) or "",
        history=history(fields.get("history")),
    )


# Instants, by which articles are ordered

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_INSTANT = 2**53 - 1


def microseconds(sort_key: datetime) -> int:
    """Return microseconds since 1970; dates that are centuries off become the first or the last instant."""
    return max(-_MAX_INSTANT, min((sort_key - _EPOCH) // _MICROSECOND, _MAX_INSTANT))


# Keys in the store. The articles themselves have tables of their own; `article_key` and `articles_key` only
# mark them as written, so that responses made from them are invalidated.


def article_key(article_id: str) -> str:
    """Return the key that marks one article as written."""
    return f"article/{article_id}"


def articles_key(source_id: str) -> str:
    """Return the key that marks the articles of a source as written."""
    return f"articles/{source_id}"


def source_key(source_id: str) -> str:
    """Return the key of a source's state: its last fetch, failures and validators."""
    return f"source/{source_id}"
