"""Which entries of a listing are new or changed.

`NewArticles` compares a listing with its last reading and with the repository before anything else is
fetched, and again before an article is saved, as another source may have brought the same article meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from service.articles import listing_order
from service.articles.collect import identity
from service.articles.collect.assemble import (
    Candidate,
    article_id,
    canonical_link,
    content_digest,
    content_hash_of,
    placed_at,
)
from service.articles.model import READING, Article, ParsedEntry, without_secrets
from service.articles.narrowing import EVERYTHING, Narrowing
from service.articles.repository import ArticleRepository
from service.articles.store.listings import LastListing, ListedEntry
from service.articles.text import urls
from service.core.decisions import DecisionRecorder
from service.core.folding import fold
from service.core.secrets import NO_SECRETS, Secrets

_MAX_TITLE = 200  # characters of a title that are remembered from one reading to the next
_MAX_NEIGHBOURS = 20  # on either side of an undated entry that are looked at


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: by its article, where that is stored, else by its date in the listing."""

    article: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a listing has that was not there before, and what it has no more.

    Attributes:
        candidates: the new and changed entries, the newest first.
        listed: the entries, to be remembered until it is read again.
        places: where each entry stands, from the newest end on.
        left: ids of the articles that left the listing, the likeliest withdrawn first.
        moved: stored articles under their new links, to be saved.
        repeated: ids of stored articles that are repetitions of others, to be dropped.
    """

    candidates: Sequence[Candidate] = ()
    listed: LastListing | None = None
    places: Sequence[Place] = ()
    left: Sequence[str] = ()
    moved: Sequence[Article] = ()
    repeated: Sequence[str] = ()


class NewArticles:
    """Compares the entries of one source with the stored articles of all sources."""

    def __init__(
        self,
        source_id: str,
        repository: ArticleRepository,
        secrets: Secrets = NO_SECRETS,
        wants_page: Callable[[ParsedEntry], bool] = lambda _: False,
        narrowing: Narrowing = EVERYTHING,
    ) -> None:
        """Compare by this repository; no entry is merged with an article that is hidden.

        Entries that want a page are taken again when the way in which pages are read has changed.
        """
        self._source_id, self._repository, self._secrets = source_id, repository, secrets
        self._wants_page, self._narrowing = wants_page, narrowing
        # other sources' articles, and which entries of this listing they are
        self._claimed: dict[str, str] = {}

    def compare(  # noqa: PLR0913 - each is one of the things that are compared
        self,
        entries: Sequence[ParsedEntry],
        before: LastListing | None,
        stored: Sequence[Article],
        *,
        keep: int,
        decisions: DecisionRecorder,
        now: datetime,
    ) -> Comparison:
        """Compare a listing with its last reading and the stored articles; decide about what is not taken.

        Args:
            entries: of the listing, from its newest end on.
            before: the last reading; None at the first.
            stored: the articles of this source.
            keep: how many are kept: the newest by their dates.
            decisions: told of every entry that is no candidate, and of former links.
            now: our clock.
        """
        listing = _Listing(self._source_id, entries, before, stored)
        by_id = {article.id: article for article in self._repository.get(listing.ids)}
        barred, seen = self._repository.taken_down(listing.ids), self._repository.seen(listing.ids)
        titles = listing.titles(barred)
        order = listing_order.by_date([entry.published for entry in listing.entries])
        kept = frozenset(order[:keep])
        self._claimed = {}
        candidates: dict[int, Candidate] = {}
        links: list[tuple[Article, Candidate, _Link]] = []
        # Those that were merged before come first, so that they are merged with the same article again.
        for index in sorted(order, key=lambda one: not listing.was_merged_with(one)):
            candidate, article = listing.candidate(index, by_id, titles), by_id.get(listing.ids[index])
            if candidate.id in barred:
                decide(decisions, candidate, "barred", "it was taken down for good")
            elif index not in kept:
                decide(decisions, candidate, "too old", f"beyond the newest {keep}")
            elif article is not None:
                link = listing.moved_to(index, article)
                candidate = replace(candidate, is_renewed=link is not None and link.is_renewal)
                links += [(article, candidate, link)] if link is not None else []
                if (taken := self._changed(listing, index, article, candidate)) is not None:
                    candidates[index] = taken
                else:
                    decide(decisions, candidate, "same")
            elif candidate.id in seen:
                decide(decisions, candidate, "too old", "so many newer ones came that it was dropped")
            elif other := self._elsewhere(candidate, listing, index):
                listing.merged[index] = other.id
                decide(decisions, candidate, "merged", merged(other))
            else:
                candidates[index] = candidate
        repeated = listing.repeated(stored)
        for one, of in repeated.items():
            decisions.decide(one, "merged", f"with {of}: their links differ in a session alone")
        return Comparison(
            candidates=[candidates[index] for index in order if index in candidates],
            listed=listing.remembered(by_id),
            places=listing.places(now),
            left=listing.left(),
            moved=[self._moved(*one, decisions, now) for one in links],
            repeated=list(repeated),
        )

    def stored_version(self, candidate: Candidate, entry: ParsedEntry) -> Article | None:
        """Return the stored article that a candidate is, of this source or, as a duplicate, of another.

        `entry` is the candidate's, completed from its page.
        """
        own = self._repository.get([candidate.id])
        return own[0] if own else self._duplicate(candidate, entry)

    def place(self, candidate: Candidate, places: Sequence[Place]) -> datetime | None:
        """Return where an undated candidate stands between its neighbours in the listing.

        None where it appeared at the very top, or none of its neighbours has a place yet.
        """
        if candidate.heads_listing:
            return None
        index = len(places) - candidate.rank
        above = places[max(index - _MAX_NEIGHBOURS, 0) : index][::-1]
        below = places[index + 1 : index + 1 + _MAX_NEIGHBOURS]
        stored = {one.id: one.sort_key for one in self._repository.get([p.article for p in (*above, *below)])}

        def instants(neighbours: Sequence[Place]) -> list[datetime]:
            return [at for one in neighbours if (at := stored.get(one.article, one.at)) is not None]

        return listing_order.between(instants(above), instants(below))

    def _changed(
        self, listing: "_Listing", index: int, article: Article, candidate: Candidate
    ) -> Candidate | None:
        """Return the candidate where a stored article is to be taken in again; None where it is the same."""
        if candidate.is_renewed or not listing.is_unchanged(index, article):
            return candidate
        is_of_before = article.reading < READING and self._wants_page(candidate.entry)
        return replace(candidate, is_read_again=True) if is_of_before else None

    def _elsewhere(self, candidate: Candidate, listing: "_Listing", index: int) -> Article | None:
        """Return the article of another source that a new entry is."""
        before = listing.was_merged_with(index)
        if before and listing.has_same_content(index) and before not in self._claimed:
            for other in filter(self._narrowing.shows, self._repository.get([before])):
                self._claimed[other.id] = candidate.key
                return other
        return self._duplicate(candidate, candidate.entry)

    def _duplicate(self, candidate: Candidate, entry: ParsedEntry) -> Article | None:
        """Return the same article of another source, unless another entry of this listing is that already."""
        found = self._repository.find_duplicates(candidate.canonical_url, entry.title, entry.published)
        for other in found:
            if other.source == self._source_id or not self._narrowing.shows(other):
                continue
            if self._claimed.setdefault(other.id, candidate.key) == candidate.key:
                return other
        return None

    def _moved(
        self,
        article: Article,
        candidate: Candidate,
        link: "_Link",
        decisions: DecisionRecorder,
        now: datetime,
    ) -> Article:
        """Return the article under its new link; let the former one of a renewed article be found too."""
        if link.is_renewal and link.former:
            decisions.decide(
                article_id(self._source_id, f"former\0{link.former}"),
                "renewed",
                f"it is {candidate.id} now, at {candidate.canonical_url}",
                title=candidate.entry.title,
                address=link.former,
            )
        moved = replace(
            article,
            url=urls.without_session(link.url),
            canonical_url=candidate.canonical_url,
            changed_at=now if link.is_renewal else article.changed_at,
            fetch_url=None,
        )
        return without_secrets(moved, self._secrets)


@dataclass(frozen=True, slots=True)
class _Link:
    """The new link of an article, the former one in canonical form, and whether it leads to another page."""

    url: str
    former: str
    is_renewal: bool


class _Listing:
    """The entries of a listing and which articles they are.

    Attributes:
        entries: each once, from the newest end on.
        ids: of their articles.
        merged: the ids of other sources' articles that they are, by their indexes.
    """

    def __init__(
        self,
        source_id: str,
        entries: Sequence[ParsedEntry],
        before: LastListing | None,
        stored: Sequence[Article],
    ) -> None:
        self.entries, self._listed = _distinct(source_id, entries)
        self._before = before.entries if before else ()
        self._titles = [fold(entry.title) for entry in self.entries]
        self._was_read = before is not None or bool(stored)
        self._known = identity.find_known(self._listed, self._before, _stored_besides(self._before, stored))
        self.ids = self._ids(source_id)
        self.merged: dict[int, str] = {}
        self._volatile = identity.volatile_parts((self._listed[i], one) for i, one in self._known.items())
        self._links = Counter(map(canonical_link, self.entries))
        self._stored = {article.id for article in stored}
        is_known = (i in self._known or one in self._stored for i, one in enumerate(self.ids))
        self._first_known = next((i for i, known in enumerate(is_known) if known), len(self.ids))

    def titles(self, ids: AbstractSet[str]) -> set[str]:
        """Return the folded titles of the entries that are these articles."""
        return {title for one, title in zip(self.ids, self._titles, strict=True) if one in ids}

    def candidate(self, index: int, by_id: Mapping[str, Article], barred: AbstractSet[str]) -> Candidate:
        """Return an entry as if it were new or changed; `barred` are titles of articles taken down."""
        return Candidate(
            id=self.ids[index],
            key=self._listed[index].key,
            entry=self.entries[index],
            content_hash=self._listed[index].content_hash,
            rank=len(self.entries) - index,
            shares_link=self._links[canonical_link(self.entries[index])] > 1,
            is_stored=self.ids[index] in by_id,
            is_distinct=self._titles[index] in barred,
            heads_listing=self._was_read and index < self._first_known,
        )

    def was_merged_with(self, index: int) -> str:
        """Return the id of the other source's article that an entry was in the last reading; or empty."""
        return self._known[index].merged_with if index in self._known else ""

    def has_same_content(self, index: int) -> bool:
        """Return whether an entry says what it said in the last reading, whatever its link."""
        was = self._known.get(index)
        return was is not None and was.content == self._listed[index].content

    def is_unchanged(self, index: int, article: Article) -> bool:
        """Return whether the article is stored as the entry has it."""
        if article.content_hash == self._listed[index].content_hash:
            return True
        is_of_former = bool(article.content_hash) and article.content_hash == self._known_hash(index)
        return is_of_former and self.has_same_content(index)

    def moved_to(self, index: int, article: Article) -> _Link | None:
        """Return the new link of a stored article; None where just a session or tracking differs."""
        was, url = self._known.get(index), self.entries[index].url
        former = was.url if was is not None and was.content else article.page_url
        if url is None or url == former:
            return None
        if urls.canonical_url(url) == urls.canonical_url(former or "") and not _is_elsewhere(
            url, former or ""
        ):
            return None
        is_renewal = not identity.is_same_address(url, former, self._volatile)
        return _Link(url, urls.canonical_url(former) if former else "", is_renewal)

    def remembered(self, by_id: Mapping[str, Article]) -> LastListing:
        """Return what is to be remembered of this listing."""
        return LastListing(tuple(self._remembered(index, by_id) for index in range(len(self.entries))))

    def places(self, now: datetime) -> list[Place]:
        """Return where the entries stand by their dates in the listing."""
        dates = (entry.published for entry in self.entries)
        return [
            Place(one, placed_at(date, now, len(self.ids) - index) if date else None)
            for index, (one, date) in enumerate(zip(self.ids, dates, strict=True))
        ]

    def left(self) -> list[str]:
        """Return the articles of the last reading that are gone; those that fell off its end come last."""
        ids = set(self.ids)
        last = max((place for place, one in enumerate(self._before) if one.article in ids), default=0)
        gone = [
            (place > last, place, one.article)
            for place, one in enumerate(self._before)
            if one.article and one.article not in ids
        ]
        return [article for _, _, article in sorted(gone)]

    def repeated(self, stored: Sequence[Article]) -> dict[str, str]:
        """Return the stored articles that differ from a listed one in a session alone, and from which."""
        by_link = {
            canonical_link(entry): self.ids[index]
            for index, entry in enumerate(self.entries)
            if entry.url and self._links[canonical_link(entry)] == 1
        }
        ids = set(self.ids)
        links = {one.id: one.page_url for one in stored if one.id not in ids and one.canonical_url}
        return {
            one: by_link[link]
            for one, url in links.items()
            if url and urls.without_session(url) != url and (link := urls.canonical_url(url)) in by_link
        }

    def _ids(self, source_id: str) -> list[str]:
        """Return the id of each entry's article: that of the article it is, else one of its key."""
        ids = {index: one.article for index, one in self._known.items() if one.article}
        taken = set(ids.values())
        for index, entry in enumerate(self._listed):
            if index not in ids:
                one = entry.key
                while one in taken:  # by an article that has another key now
                    one = article_id(source_id, one)
                ids[index] = one
                taken.add(one)
        return [ids[index] for index in range(len(self._listed))]

    def _known_hash(self, index: int) -> str:
        return self._known[index].content_hash if index in self._known else ""

    def _remembered(self, index: int, by_id: Mapping[str, Article]) -> ListedEntry:
        listed, article = self._listed[index], by_id.get(self.ids[index])
        if index in self.merged:
            return replace(listed, merged_with=self.merged[index])
        if article is not None and self.is_unchanged(index, article):
            return replace(listed, article=article.id, content_hash=article.content_hash)
        return replace(listed, article=self.ids[index])


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


def merged(other: Article) -> str:
    """Return the reason why an entry that another source has is not taken."""
    return f"with {other.id} of {other.source}, which had it first"


def _is_elsewhere(url: str, former: str) -> bool:
    """Return whether a link has another scheme or host, be it with or without `www.`."""
    return urlsplit(url)[:2] != urlsplit(former)[:2]


def _distinct(source_id: str, entries: Sequence[ParsedEntry]) -> tuple[list[ParsedEntry], list[ListedEntry]]:
    """Return each entry once, and what it is recognised by. A key that differing entries share is none."""
    titles: dict[str, set[str]] = {}
    for entry in entries:
        titles.setdefault(entry.key, set()).add(fold(entry.title))
    distinct: dict[str, tuple[ParsedEntry, ListedEntry]] = {}
    for entry in entries:
        key = urls.without_session(entry.key) if "://" in entry.key else entry.key
        if len(titles[entry.key]) > 1:
            key = f"{key}\0{fold(entry.title)}"
        listed = ListedEntry(
            key=article_id(source_id, key),
            url=entry.url,
            title=entry.title[:_MAX_TITLE],
            published=entry.published,
            lead=identity.telling_lead(entry.lead),
            content=content_digest(entry),
            content_hash=content_hash_of(entry),
        )
        distinct.setdefault(listed.key, (entry, listed))
    return [entry for entry, _ in distinct.values()], [listed for _, listed in distinct.values()]


def _stored_besides(before: Sequence[ListedEntry], stored: Sequence[Article]) -> list[ListedEntry]:
    """Return the stored articles that the last reading lacks, the first seen first."""
    ids = {one.article for one in before}
    return [
        ListedEntry(
            key=article.id,
            article=article.id,
            url=article.page_url if article.canonical_url else None,
            title=article.title,
            published=article.published,
            lead=identity.telling_lead(article.lead),
        )
        for article in sorted(stored, key=lambda one: one.first_seen)
        if article.id not in ids
    ]
