"""The port to where articles and their pictures are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.articles.model import Article, Published


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, newest first; `cursor` leads to the next part, None at the end."""

    articles: tuple[Article, ...]
    cursor: str | None


class ArticleRepository(Protocol):
    """Where articles and their pictures are kept; the same file and the same write numbers as the `Store`.

    Every method raises StoreError when it cannot be used.
    """

    def save(self, articles: Sequence[Article]) -> None:
        """Keep these, newest first, all or none; one that was taken down stays down, and is `known`.

        Of several at the same instant the last to come stands above. What is as it was is not written again.
        """
        ...

    def get(self, ids: Sequence[str]) -> list[Article]:
        """Those of these that are there, in the order asked."""
        ...

    def page(
        self, *, sources: Sequence[str] = (), query: str = "", limit: int = 20, cursor: str | None = None
    ) -> Page:
        """The newest articles (of these sources; that have every word of the query, folded).

        A word of the query is the beginning of a word of title, lead, author or organisation. Paging neither
        skips nor repeats while articles arrive.

        Raises:
            ValueError: for a cursor that is none of ours.
        """
        ...

    def find_duplicate(self, canonical_url: str, title: str, published: Published | None) -> Article | None:
        """The article, of any source, with this identity, or else with this title on this day.

        An empty identity is like no other, and so is a title of fewer than five words, which portals give to
        many an article, or one without a date.
        """
        ...

    def seen(self, ids: Sequence[str]) -> set[str]:
        """Those of these that were put before or taken down, though they may be dropped since.

        A damaged one is not known, so that it comes again; the last thousand dropped of a source are.
        """
        ...

    def first_seen(self, ids: Sequence[str]) -> dict[str, datetime]:
        """When each of these was put for the first time, also of those that were dropped since."""
        ...

    def take_down(self, ids: Sequence[str], *, wherever_told: bool = False) -> None:
        """Remove these; `put` brings back neither them nor their identity nor (wherever) title and day."""
        ...

    def trim(self, source: str, keep: int) -> None:
        """Drop all but the newest of a source, with pictures that nobody shows any more.

        When all pictures together weigh too much, the oldest articles lose theirs.
        """
        ...

    def save_image(self, hash: str, body: bytes) -> None:  # noqa: A002 - the field's own name
        """Keep the bytes of a picture (WebP) under their hash."""
        ...

    def image(self, hash: str) -> bytes | None:  # noqa: A002 - the field's own name
        """The bytes of a picture, or None."""
        ...
