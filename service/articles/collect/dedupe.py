"""Which entries of a listing are new or changed, and the articles that are made of them.

`NewArticles` compares a listing with the repository before anything else is fetched, and again before an
article is saved, as another source may have brought the same article meanwhile.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from service.articles.model import (
    READING,
    Article,
    ArticleImage,
    ParsedEntry,
    Published,
    without_secrets,
)
from service.articles.repository import ArticleRepository
from service.articles.text import urls
from service.core.decisions import DecisionRecorder
from service.core.secrets import Secrets
from service.settings.model import ArticleSource

_HASH_BYTES = 8
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)  # of a day


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that is new or changed.

    Attributes:
        id: of the article.
        rank: the higher, the nearer to the top of its listing.
        shares_link: other entries of its listing have the same link, which identifies none of them.
        is_read_again: the listing has it unchanged, but its page was read in an earlier way.
    """

    id: str
    entry: ParsedEntry
    content_hash: str
    rank: int
    shares_link: bool
    is_read_again: bool = False

    @property
    def canonical_url(self) -> str:
        """The link in the form by which other sources' entries are recognised; empty where it is shared."""
        url = self.entry.url
        return urls.canonical_url(url) if url and not self.shares_link else ""


class NewArticles:
    """Compares the entries of one source with the stored articles of all sources."""

    def __init__(
        self,
        source_id: str,
        repository: ArticleRepository,
        wants_page: Callable[[ParsedEntry], bool] = lambda _: False,
    ) -> None:
        """Compare by this repository; entries that want a page are read again when the way has changed."""
        self._source_id, self._repository, self._wants_page = source_id, repository, wants_page

    def candidates(self, entries: Sequence[ParsedEntry], decisions: DecisionRecorder) -> list[Candidate]:
        """Return the entries that are new or changed, in their order; decide about the others."""
        ids = [article_id(self._source_id, entry.key) for entry in entries]
        stored = {article.id: article for article in self._repository.get(ids)}
        dropped = self._repository.seen(ids) - stored.keys()
        taken_down = self._repository.taken_down(ids)
        links = Counter(entry.url for entry in entries)
        listed = set(ids)
        candidates = []
        for index, entry in enumerate(entries):
            candidate = Candidate(
                id=ids[index],
                entry=entry,
                content_hash=content_hash_of(entry),
                rank=len(entries) - index,
                shares_link=links[entry.url] > 1,
            )
            if candidate.id in taken_down:
                decide(decisions, candidate, "barred", "it was taken down for good")
            elif candidate.id in dropped:
                decide(decisions, candidate, "too old", "so many newer ones came that it was dropped")
            elif candidate.id in stored:
                known = stored[candidate.id]
                if known.content_hash != candidate.content_hash:
                    candidates.append(candidate)
                elif known.reading < READING and self._wants_page(entry):
                    candidates.append(replace(candidate, is_read_again=True))
                else:
                    decide(decisions, candidate, "same")
            elif other := self._duplicate(candidate, listed):
                decide(
                    decisions, candidate, "merged", f"with {other.id} of {other.source}, which had it first"
                )
            else:
                candidates.append(candidate)
        return candidates

    def stored_version(self, candidate: Candidate, entry: ParsedEntry) -> Article | None:
        """Return the stored article that a candidate is, of this source or, as a duplicate, of another.

        `entry` is the candidate's, completed from its page.
        """
        own = self._repository.get([candidate.id])
        if own:
            return own[0]
        return self._repository.find_duplicate(candidate.canonical_url, entry.title, entry.published)

    def _duplicate(self, candidate: Candidate, listed: Collection[str]) -> Article | None:
        """Return the same article as stored for another source, or for another entry of this listing.

        What this source had under another key and lists no more was published again, and is replaced.
        """
        entry = candidate.entry
        other = self._repository.find_duplicate(candidate.canonical_url, entry.title, entry.published)
        if other is None or (other.source == self._source_id and other.id not in listed):
            return None
        return other


def decide(
    decisions: DecisionRecorder,
    candidate: Candidate,
    outcome: str,
    detail: str = "",
    next_at: datetime | None = None,
) -> None:
    """Decide about a candidate; it is found by its id and by its canonical URL."""
    decisions.decide(
        candidate.id,
        outcome,
        detail,
        title=candidate.entry.title,
        address=candidate.canonical_url,
        next_at=next_at,
    )


def article_id(source_id: str, key: str) -> str:
    """Return the id of the article that a source calls `key`: the same over restarts and corrections."""
    return blake2b(f"{source_id}\0{key}".encode(), digest_size=_HASH_BYTES).hexdigest()


def content_hash_of(entry: ParsedEntry) -> str:
    """Return a digest of everything that a listing says of an article."""
    fields = asdict(entry)
    # Other keys would make every stored article look changed.
    fields["pictures"] = fields.pop("images")
    if not entry.categories:
        del fields["categories"]
    if entry.whole_lead in ("", entry.lead):
        del fields["whole_lead"]
    del fields["declared"], fields["undeclared"]  # of the page
    text = json.dumps(fields, default=str, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


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
) -> Article:
    """Return the article to save. Whatever the source echoed of the secrets in its requests is left out.

    Args:
        candidate: what the listing has.
        entry: the candidate's, completed from its page.
        source: whose article it is.
        stored: the article as it is stored so far, of the same source.
        image: above the text; None: as before.
        body_html: sanitised.
        secrets: to leave out.
        now: our clock.
    """
    first_seen = stored.first_seen if stored else now
    article = Article(
        id=stored.id if stored else candidate.id,
        source=source.id,
        title=entry.title,
        url=entry.url,
        published=entry.published,
        first_seen=first_seen,
        changed_at=stored.changed_at if stored else now,
        sort_key=sort_key_of(entry.published, first_seen, candidate.rank),
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


def sort_key_of(published: Published | None, first_seen: datetime, rank: int = 0) -> datetime:
    """Return the publication, but no later than first seen, so that nothing from the future heads the list.

    A day without a time counts as its end, unless the article was seen on that very day. The rank decides
    among equals, in microseconds.
    """
    if published is None:
        return first_seen
    at = published.at
    if published.date_only:
        at += _LAST_SECOND
    return min(at, first_seen) + timedelta(microseconds=rank)
