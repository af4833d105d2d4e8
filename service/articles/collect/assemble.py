"""Makes the article to save of an entry: its id, its digests and its place in the lists."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import blake2b

from service.articles.listing_order import STEP, instant_of
from service.articles.model import (
    READING,
    Article,
    ArticleImage,
    ParsedEntry,
    Published,
    without_secrets,
)
from service.articles.text import urls
from service.core.secrets import Secrets
from service.settings.model import ArticleSource

_HASH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that is new or changed.

    Attributes:
        id: of the article.
        key: a digest of the source's own identifier; no other entry of the listing has it.
        rank: the higher, the nearer to the newest end of its listing.
        shares_link: other entries of its listing have the same link, which identifies none of them.
        is_stored: some version of the article is stored.
        is_renewed: it has another link than before.
        is_read_again: the listing has it unchanged, but its page was read in an earlier way.
        is_distinct: its listing has an article of the same title and day that was taken down.
        heads_listing: it appeared at the very top of a listing that was read before.
        may_ask: whether its page may be requested now.
    """

    id: str
    key: str
    entry: ParsedEntry
    content_hash: str
    rank: int
    shares_link: bool
    is_stored: bool = False
    is_renewed: bool = False
    is_read_again: bool = False
    is_distinct: bool = False
    heads_listing: bool = False
    may_ask: bool = True

    @property
    def canonical_url(self) -> str:
        """The link in the form by which other sources' entries are recognised; empty where it is shared."""
        return "" if self.shares_link else canonical_link(self.entry)


def article_id(source_id: str, key: str) -> str:
    """Return the id of the article that a source calls `key`: the same over restarts and corrections."""
    return blake2b(f"{source_id}\0{key}".encode(), digest_size=_HASH_BYTES).hexdigest()


def canonical_link(entry: ParsedEntry) -> str:
    """Return an entry's link in the form that identifies it; empty where it has none."""
    return urls.canonical_url(entry.url) if entry.url else ""


def needs_its_page(entry: ParsedEntry, source: ArticleSource) -> bool:
    """Return whether an article is incomplete without its own page: not where a picture alone is missing."""
    lacks_text = source.full_text and not entry.body_html
    return entry.url is not None and (source.kind == "page" or not entry.lead or lacks_text)


def content_hash_of(entry: ParsedEntry) -> str:
    """Return a digest of everything that a listing says of an article, without sessions in its links."""
    fields = asdict(_without_sessions(entry))
    # Other keys would make every stored article look changed.
    fields["pictures"] = fields.pop("images")
    del fields["body_base"]
    if not entry.categories:
        del fields["categories"]
    if entry.whole_lead in ("", entry.lead):
        del fields["whole_lead"]
    del fields["declared"], fields["undeclared"]  # of the page
    text = json.dumps(fields, default=str, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def content_digest(entry: ParsedEntry) -> str:
    """Return a digest of everything that a listing says of an article but its identifier and link."""
    folder = f"{canonical_link(entry).rpartition('/')[0]}/"  # with a session, images beside it too
    images = tuple(
        replace(image, url=urls.canonical_url(image.url).removeprefix(folder)) for image in entry.images
    )
    return content_hash_of(replace(entry, key="", url=None, images=images))


def make_article(  # noqa: PLR0913 - each is one of the things an article is made of
    candidate: Candidate,
    entry: ParsedEntry,
    source: ArticleSource,
    *,
    stored: Article | None,
    image: ArticleImage | None,
    body_html: str | None,
    secrets: Secrets,
    now: datetime,
    place: datetime | None = None,
) -> Article:
    """Return the article to save. Whatever the source echoed of the secrets in its requests is left out.

    A session in its link is left out too.

    Args:
        candidate: its identity, as the listing has it.
        entry: the candidate's, completed from its page.
        source: whose article it is.
        stored: the article as it is stored so far, of the same source.
        image: above the text; None: as before.
        body_html: sanitised.
        secrets: to leave out.
        now: our clock.
        place: where it stands if it has no date.
    """
    first_seen = stored.first_seen if stored else now
    article = Article(
        id=stored.id if stored else candidate.id,
        source=source.id,
        title=entry.title,
        url=urls.without_session(entry.url) if entry.url else None,
        published=entry.published,
        first_seen=first_seen,
        changed_at=stored.changed_at if stored else now,
        sort_key=_sort_key(entry, first_seen, candidate.rank, place, stored),
        lead=entry.lead,
        whole_lead=entry.whole_lead if source.full_text and entry.whole_lead != entry.lead else "",
        author=entry.author,
        organisation=entry.organisation,
        language=entry.language or source.language,
        image=image or _kept_image(stored, entry),
        body_html=body_html,
        categories=entry.categories,
        canonical_url=candidate.canonical_url,
        content_hash=candidate.content_hash,
        declared=entry.declared,
        reading=READING,
    )
    article = without_secrets(article, secrets)
    return article if stored is None or _reads_the_same(article, stored) else replace(article, changed_at=now)


def completed_from(article: Article, stored: Article | None) -> Article:
    """Return an article whose page could not be read, with what its stored version has of it."""
    if stored is None:
        return article
    return replace(
        article,
        lead=article.lead or stored.lead,
        whole_lead=article.whole_lead or (stored.whole_lead if article.lead in ("", stored.lead) else ""),
        published=article.published or stored.published,
        author=article.author or stored.author,
        organisation=article.organisation or stored.organisation,
        body_html=article.body_html or stored.body_html,
        categories=article.categories or stored.categories,
        declared=article.declared or stored.declared,
    )


def under_link_of(article: Article, moved: Article) -> Article:
    """Return the article under the link of a moved version of it."""
    return replace(
        article,
        url=moved.url,
        fetch_url=moved.fetch_url,
        canonical_url=moved.canonical_url,
        changed_at=max(article.changed_at, moved.changed_at),
    )


def _kept_image(stored: Article | None, entry: ParsedEntry) -> ArticleImage | None:
    """Return the stored image, unless the article's page was read and does not have it."""
    image = stored.image if stored else None
    is_told = image is None or image.source_url in {one.url for one in entry.images}
    return image if is_told or entry.declared is None else None


def _reads_the_same(article: Article, stored: Article) -> bool:
    """Return whether readers see no difference; what is internal may differ."""
    return stored == replace(
        article,
        sort_key=stored.sort_key,
        canonical_url=stored.canonical_url,
        content_hash=stored.content_hash,
        declared=stored.declared,
        reading=stored.reading,
    )


def placed_at(published: Published, first_seen: datetime, rank: int = 0) -> datetime:
    """Return where a dated article stands, no later than first seen: nothing from the future heads the list.

    A day without a time counts as its end, unless the article was seen on that very day. The rank decides
    among equals, in microseconds.
    """
    return min(instant_of(published), first_seen) + rank * STEP


def _sort_key(
    entry: ParsedEntry, first_seen: datetime, rank: int, place: datetime | None, stored: Article | None
) -> datetime:
    """Return where an article stands in the lists.

    One without a date stays where it is, else goes to its place in the listing, else stands at the moment
    when it was first seen.
    """
    if entry.published is not None:
        return placed_at(entry.published, first_seen, rank)
    if stored is not None:
        return stored.sort_key
    seen = first_seen + rank * STEP
    return min(place, seen) if place else seen


def _without_sessions(entry: ParsedEntry) -> ParsedEntry:
    return replace(
        entry,
        key=urls.without_session(entry.key) if "://" in entry.key else entry.key,
        url=urls.without_session(entry.url) if entry.url else None,
        images=tuple(replace(image, url=urls.without_session(image.url)) for image in entry.images),
        body_html=urls.without_sessions_in(entry.body_html) if entry.body_html else entry.body_html,
    )
