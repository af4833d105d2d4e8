"""What a changed `include` or `exclude` means for what is kept, once, when the collector starts with it.

Readers narrow what they read, so that most of a change needs nothing. But an article that another source has
too was merged with it: where that one is hidden now, the other source has to be read in full; and an article
that comes back may be shown by another source meanwhile.
"""

from collections.abc import Sequence

from service.articles.narrowing import Narrowing
from service.articles.repository import ArticleRepository
from service.core.ports import Store
from service.settings.model import ArticleSource
from service.storage.records import decode, encode, fields_of, items, mapping, text

_KEY = "narrowing"  # of the record with the patterns by which the last collector narrowed


def apply_changes(
    store: Store, repository: ArticleRepository, sources: Sequence[ArticleSource], narrowing: Narrowing
) -> bool:
    """Return whether the patterns have changed since the last start; drop what would come back twice."""
    patterns = {
        source.id: [list(source.include), list(source.exclude)]
        for source in sources
        if source.include or source.exclude
    }
    before = decode(store.read([_KEY]).get(_KEY), _patterns) or {}
    if patterns == before:
        return False
    last = Narrowing.of({name: (include, exclude) for name, (include, exclude) in before.items()})
    for source in sources:
        if before.get(source.id) != patterns.get(source.id):
            _drop_repeated(source.id, repository, last, narrowing)
    store.write({_KEY: encode({"patterns": patterns})})
    return True


def _drop_repeated(
    source_id: str, repository: ArticleRepository, last: Narrowing, narrowing: Narrowing
) -> None:
    """Drop the articles of a source that come back and that another source shows already."""
    cursor, repeated = None, []
    while True:
        page = repository.page(sources=[source_id], limit=100, cursor=cursor, narrowing=narrowing)
        for article in page.articles:
            if not last.shows(article):
                found = repository.find_duplicates(article.canonical_url, article.title, article.published)
                if any(one.source != source_id and narrowing.shows(one) for one in found):
                    repeated.append(article.id)
        cursor = page.cursor
        if cursor is None:
            break
    repository.drop(repeated)


def _patterns(record: bytes) -> dict[str, list[list[str]]]:
    return {
        source: [[one for one in items(side) if text(one)] for side in (*items(sides), [], [])][:2]
        for source, sides in mapping(fields_of(record).get("patterns")).items()
    }
