"""What of a listing is to be taken in: not what is kept as it is, what another told, or what is barred."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.articles.collect.article_builder import content_hash_of, id_of
from service.articles.model import Article, ParsedEntry
from service.articles.repository import ArticleRepository
from service.articles.text import urls


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft that is to be kept; the higher its rank, the nearer it stands to the top of its listing.

    `shares_link`: others in its listing have the same link, which therefore is no article's own.
    """

    draft: ParsedEntry
    content_hash: str
    rank: int
    shares_link: bool


class NewArticles:
    """Compares listings with what the shelf has."""

    def __init__(self, repository: ArticleRepository) -> None:
        """Compare with this shelf."""
        self._repository = repository

    def of(self, source: str, drafts: Sequence[ParsedEntry]) -> list[Candidate]:
        """What is not kept yet, or was changed; neither what another tells nor what was taken down before."""
        ids = [id_of(source, draft.key) for draft in drafts]
        kept = {article.id: article for article in self._repository.get(ids)}
        gone = self._repository.seen(ids) - kept.keys()
        times = Counter(draft.url for draft in drafts)
        listed = set(ids)
        arrivals = []
        for index, (own_id, draft) in enumerate(zip(ids, drafts, strict=True)):
            arrival = Candidate(
                draft, content_hash_of(draft), len(drafts) - index, shares_link=times[draft.url] > 1
            )
            if own_id in gone:
                continue
            if own_id in kept:
                if kept[own_id].content_hash != arrival.content_hash:
                    arrivals.append(arrival)
            elif self._twin(source, arrival, listed) is None:
                arrivals.append(arrival)
        return arrivals

    def known(self, source: str, draft: ParsedEntry, canonical_url: str) -> Article | None:
        """The article that this is, of this source or told by another before."""
        own = self._repository.get([id_of(source, draft.key)])
        return own[0] if own else self._repository.find_duplicate(canonical_url, draft.title, draft.published)

    def _twin(self, source: str, arrival: Candidate, listed: Collection[str]) -> Article | None:
        """The same article as kept before: of another source, or of this one and listed beside the draft.

        What this source told under another key and lists no more was published anew, and is replaced.
        """
        draft = arrival.draft
        twin = self._repository.find_duplicate(canonical_url_of(draft, arrival), draft.title, draft.published)
        return twin if twin is not None and (twin.source != source or twin.id in listed) else None


def canonical_url_of(draft: ParsedEntry, arrival: Candidate) -> str:
    """What tells the same article of another source by: its link, where that is its own."""
    return urls.canonical_url(draft.url) if draft.url and not arrival.shares_link else ""
