"""Articles and what is known of their sources ⇄ bytes: JSON with its form's number in front, texts behind.

They are read whatever wrote them (`storage/records`). What a record lacks is None, or what `domain` has where
None makes no sense. An article is as if it were not there only without any moment at all.
"""

from collections.abc import Mapping
from typing import Any

from service.articles.model import Article, ArticleImage, Published, SourceState, StoredImage
from service.storage.records import (
    count,
    decode,
    encode,
    encode_text,
    fields_of,
    flag,
    instant,
    iso,
    item,
    items,
    stored_cause,
    text,
    texts,
)

# Attributes by the keys of the record. Keys never change; some attributes have had other names.
_TEXTS = {
    "id": "id",
    "source": "source",
    "title": "title",
    "lead": "lead",
    "language": "language",
    "identity": "canonical_url",
    "revision": "content_hash",
}
_TEXTS_OR_NONE = ("url", "author", "organisation")


def article_to_bytes(article: Article) -> bytes:
    """An article as bytes: its text follows the JSON's line as it is, so that reading costs no unescaping."""
    texts = {key: getattr(article, name) for key, name in _TEXTS.items()}
    texts_or_none = {name: getattr(article, name) for name in _TEXTS_OR_NONE}
    fields = {
        **texts,
        **texts_or_none,
        "published": _published_fields(article.published),
        "first_seen": article.first_seen.isoformat(),
        "changed_at": article.changed_at.isoformat(),
        "order": article.sort_key.isoformat(),
        "illustration": _illustration_fields(article.image),
        "has_body": article.body_html is not None,
        "fetch_url": article.fetch_url,
    }
    return encode(fields) + b"\n" + encode_text(article.body_html or "")


def article_from_bytes(record: bytes | None) -> Article | None:
    """The kept article, or None. Its id and its source are empty where the record lacks them."""
    return decode(record, _article)


def state_to_bytes(state: SourceState) -> bytes:
    """How it stands with a source, as bytes."""
    return encode(
        {
            "fetched_at": iso(state.fetched_at),
            "cause": state.cause,
            "failures": state.failures,
            "due": iso(state.due),
            "validators": dict(state.validators),
        }
    )


def state_from_bytes(record: bytes | None) -> SourceState | None:
    """How it stands with a source, or None."""
    return decode(record, _state)


def _article(record: bytes) -> Article:
    head, _, body = record.partition(b"\n")
    fields = fields_of(head)
    said = {name: known for key, name in _TEXTS.items() if (known := text(fields.get(key))) is not None}
    url, published = text(fields.get("url")), _published(fields.get("published"))
    usual: dict[str, Any] = {"id": "", "source": "", "title": said.get("lead") or url or ""}
    return Article(
        **(usual | said),
        **_texts_or_none(fields),
        **_moments(fields, published),
        published=published,
        image=_illustration(fields.get("illustration")),
        body_html=_body(fields, body),
        fetch_url=text(fields.get("fetch_url")),
    )


def _texts_or_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text(fields.get(name)) for name in _TEXTS_OR_NONE}


def _moments(fields: Mapping[str, Any], published: Published | None) -> dict[str, Any]:
    """When it was first seen, when it changed, and its order: one that is missing follows from the others."""
    first_seen, changed_at, order = (instant(fields.get(n)) for n in ("first_seen", "changed_at", "order"))
    first_seen = first_seen or order or changed_at or (published.at if published else None)
    if first_seen is None:
        raise ValueError("an article without any moment")
    usual = min(published.at, first_seen) if published else first_seen
    return {"first_seen": first_seen, "changed_at": changed_at or first_seen, "sort_key": order or usual}


def _body(fields: Mapping[str, Any], body: bytes) -> str | None:
    told = flag(fields.get("has_body"))
    there = bool(body) if told is None else told
    return body.decode(errors="replace") if there else None


def _published_fields(published: Published | None) -> list[Any] | None:
    return [published.at.isoformat(), published.date_only] if published else None


def _published(fields: object) -> Published | None:
    at = instant(item(fields, 0))
    return Published(at, flag(item(fields, 1)) or False) if at else None


def _illustration_fields(illustration: ArticleImage | None) -> dict[str, Any] | None:
    if illustration is None:
        return None
    return {
        "pictures": [[picture.hash, picture.width, picture.height] for picture in illustration.variants],
        "alt": illustration.alt,
        "caption": illustration.caption,
        "source_url": illustration.source_url,
    }


def _illustration(fields: object) -> ArticleImage | None:
    if not isinstance(fields, dict):
        return None
    pictures = tuple(filter(None, map(_picture, items(fields.get("pictures")))))
    said = {name: text(fields.get(name)) or "" for name in ("alt", "caption", "source_url")}
    return ArticleImage(pictures, **said) if pictures else None


def _picture(told: object) -> StoredImage | None:
    name, width, height = text(item(told, 0)), count(item(told, 1)), count(item(told, 2))
    return StoredImage(name, width, height) if name is not None and width and height else None


def _state(record: bytes) -> SourceState:
    fields = fields_of(record)
    return SourceState(
        fetched_at=instant(fields.get("fetched_at")),
        cause=stored_cause(fields),
        failures=count(fields.get("failures")) or 0,
        due=instant(fields.get("due")),
        validators=texts(fields.get("validators")),
    )
