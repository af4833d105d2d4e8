"""From an entry of a listing to an article: its id, sort key and content hash. Pure."""

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from service.articles.model import Article, ArticleImage, ParsedEntry
from service.articles.secrets import without_secrets
from service.core.secrets import Secrets

_ID_BYTES = 8
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)


def id_of(source: str, key: str) -> str:
    """Ours for what the source calls `key`: the same over restarts, and after a correction."""
    return blake2b(f"{source}\0{key}".encode(), digest_size=_ID_BYTES).hexdigest()


def content_hash_of(entry: ParsedEntry) -> str:
    """Return a digest of everything that a listing says of an article."""
    fields = asdict(entry)
    fields["pictures"] = fields.pop("images")  # another key would make every stored article look changed
    text = json.dumps(fields, default=str, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def article_of(  # noqa: PLR0913 - each is one of the things an article is made of
    draft: ParsedEntry,
    *,
    id: str,  # noqa: A002 - the field's own name
    source: str,
    language: str,
    canonical_url: str,
    content_hash: str,
    rank: int,
    known: Article | None,
    image: ArticleImage | None,
    body_html: str | None,
    secrets: Secrets,
    now: datetime,
) -> Article:
    """The article as it is kept: `known` is how it was kept before, `rank` counts from its listing's foot.

    Whatever its source echoed of the secrets it was asked with is left out.
    """
    first_seen = known.first_seen if known else now
    told = Article(
        id=id,
        source=source,
        title=draft.title,
        url=draft.url,
        published=draft.published,
        first_seen=first_seen,
        changed_at=known.changed_at if known else now,
        sort_key=_order(draft, first_seen, rank),
        lead=draft.lead,
        author=draft.author,
        organisation=draft.organisation,
        language=draft.language or language,
        image=image,
        body_html=body_html,
        canonical_url=canonical_url,
        content_hash=content_hash,
    )
    article = without_secrets(told, secrets)
    return article if known is None or _reads_the_same(article, known) else replace(article, changed_at=now)


def _reads_the_same(article: Article, known: Article) -> bool:
    """Return whether readers see no difference; what is internal may differ."""
    return known == replace(
        article,
        sort_key=known.sort_key,
        canonical_url=known.canonical_url,
        content_hash=known.content_hash,
    )


def _order(draft: ParsedEntry, first_seen: datetime, rank: int) -> datetime:
    """Nothing from the future heads the list, and what has no date stands where it was first seen.

    A day without a time ends when it does, unless we saw the article on that very day. Among equals the
    rank in the listing decides, in microseconds.
    """
    if draft.published is None:
        return first_seen
    at = draft.published.at
    if draft.published.date_only:
        at += _LAST_SECOND
    return min(at, first_seen) + timedelta(microseconds=rank)
