"""The port to the stored articles and their images."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from service.articles.model import Article, Published
from service.articles.narrowing import EVERYTHING, Narrowing


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first; `cursor` leads to the next part, None at the end."""

    articles: tuple[Article, ...]
    cursor: str | None


class Period(NamedTuple):
    """A time of publication: from `after` on, and before `before`; None: without that end."""

    after: datetime | None = None
    before: datetime | None = None

    def has(self, article: Article) -> bool:
        """Return whether the article was published in it; one without a date is in no bounded period."""
        if self == ALWAYS:
            return True
        if article.published is None:
            return False
        at = article.published.at
        return (self.after is None or at >= self.after) and (self.before is None or at < self.before)


ALWAYS = Period()


class ArticleRepository(Protocol):
    """The articles and their images, in the same file and under the same write numbers as the `Store`.

    Every method raises StoreError when the file cannot be used.
    """

    def save(self, articles: Sequence[Article], *, is_distinct: bool = False) -> None:
        """Save these, given newest first, all or none; those that were taken down are left out, but `seen`.

        A headline that was taken down bars neither an article that is stored already nor one that is known to
        be another (`is_distinct`).

        Of several with the same sort key the last one saved is listed first. An unchanged article is not
        written again.
        """
        ...

    def get(self, ids: Sequence[str]) -> list[Article]:
        """Return the stored ones among these, in this order."""
        ...

    def page(  # noqa: PLR0913 - each narrows the list
        self,
        *,
        sources: Sequence[str] = (),
        query: str = "",
        category: str = "",
        limit: int = 20,
        cursor: str | None = None,
        period: Period = ALWAYS,
        narrowing: Narrowing = EVERYTHING,
    ) -> Page:
        """Return the newest articles (of these sources, with these words, in the category and the period).

        A word of the query is the beginning of a word of title, lead, author or organisation, and a category
        is meant whole, both folded. Articles that the narrowing hides are passed over. Paging neither skips
        nor repeats while articles arrive.

        Raises:
            ValueError: for a cursor that no `Page` had.
        """
        ...

    def count(
        self,
        *,
        sources: Sequence[str] = (),
        query: str = "",
        category: str = "",
        period: Period = ALWAYS,
        narrowing: Narrowing = EVERYTHING,
    ) -> int:
        """Return how many articles `page` has for these, on all its pages together."""
        ...

    def find_duplicates(self, canonical_url: str, title: str, published: Published | None) -> list[Article]:
        """Return the articles, of any source, with this canonical URL, then those of this title and day.

        An empty URL matches none. Neither does a title without a date, or of fewer than five words, which
        sources give to several articles.
        """
        ...

    def seen(self, ids: Sequence[str]) -> set[str]:
        """Return those among these that were ever saved or taken down, dropped ones included.

        A damaged article is left out, so that it is fetched again. Of the dropped ones, the last thousand of
        each source are remembered.
        """
        ...

    def taken_down(self, ids: Sequence[str]) -> set[str]:
        """Return those among these that were taken down."""
        ...

    def take_down(self, ids: Sequence[str], *, everywhere: bool = False) -> None:
        """Remove these for good: `save` then refuses their ids and canonical URLs.

        With `everywhere` it also refuses articles of the same title and day.
        """
        ...

    def drop(self, ids: Sequence[str]) -> None:
        """Drop these as `trim` does: they are still `seen`, and may be saved again."""
        ...

    def trim(self, source: str, keep: int, narrowing: Narrowing = EVERYTHING) -> None:
        """Drop all but the newest articles of a source, and the images that no article uses any more.

        Of a source that is narrowed as many are kept of those shown as of those hidden.
        When all images together exceed their limit, the oldest articles lose theirs.
        """
        ...

    def save_image(self, hash: str, body: bytes) -> None:  # noqa: A002 - the field's own name
        """Save the bytes of an image (WebP) under their hash."""
        ...

    def image(self, hash: str) -> bytes | None:  # noqa: A002 - the field's own name
        """Return the bytes of an image, or None."""
        ...
