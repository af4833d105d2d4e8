"""What an article is found by: its folded words, its headline on a day, and the SQL of every list."""

from collections.abc import Sequence
from typing import Any

from service.articles.model import Article, Published
from service.core.folding import fold, words

_FEWEST_WORDS = 5  # of a headline that two portals do not give to different articles on one day
_LONGEST_QUERY = 400  # characters; what follows is not read
_MOST_LOOKED_UP = 10  # so many sources are mostly all of them: looking at each row found is then cheaper
_MOST_MERGED = 100  # SQLite merges 500 lists at the most; parsing so many costs more than looking at each row

ROW = "SELECT place, id, source, record, checksum FROM articles"
_FOUND = (
    "SELECT a.place, a.id, a.source, a.record, a.checksum FROM article_search JOIN articles AS a"
    " ON a.place = article_search.rowid WHERE article_search MATCH ? AND article_search.rowid < ?"
)
_NEWEST_FOUND = " ORDER BY article_search.rowid DESC"

Statement = tuple[str, Sequence[Any]]


def searched_text(article: Article) -> str:
    """The words that a query looks at, and one that stands for the source."""
    said = (article.title, article.lead, article.author, article.organisation)
    return " ".join((_source_word(article.source), *words(" ".join(filter(None, said)))))


def headline(title: str, published: Published | None) -> str:
    """What tells an article by when its link does not; empty for a headline that says too little."""
    if published is None or len(words(title)) < _FEWEST_WORDS:
        return ""
    return f"{published.at.date().isoformat()} {fold(title)}"


def listing(sources: Sequence[str], query: str, before: int) -> Statement | None:
    """The rows of a list below a place, newest first; None when a query holds nothing to look for."""
    wanted = sorted(set(sources))
    if query.strip():
        return _search(_looked_for(query), wanted, before)
    if not wanted:
        return f"{ROW} WHERE place < ? ORDER BY place DESC", (before,)
    if len(wanted) > _MOST_MERGED:
        marks = ",".join("?" * len(wanted))
        return f"{ROW} WHERE place < ? AND +source IN ({marks}) ORDER BY place DESC", (before, *wanted)
    each = [f"{ROW} WHERE source = ?{number} AND place < ?1" for number in range(2, len(wanted) + 2)]
    return f"{' UNION ALL '.join(each)} ORDER BY place DESC", (before, *wanted)


def _search(looked_for: Sequence[str], sources: Sequence[str], before: int) -> Statement | None:
    if not looked_for:
        return None
    if len(sources) <= _MOST_LOOKED_UP:
        return _FOUND + _NEWEST_FOUND, (_match(looked_for, sources), before)
    marks = ",".join("?" * len(sources))
    query = f"{_FOUND} AND +a.source IN ({marks}){_NEWEST_FOUND}"
    return query, (_match(looked_for, ()), before, *sources)


def _looked_for(query: str) -> list[str]:
    """The words that must begin some word of the article, without those that others imply."""
    kept: list[str] = []
    for word in sorted(set(words(query[:_LONGEST_QUERY])), reverse=True):
        if not (kept and kept[-1].startswith(word)):
            kept.append(word)
    return kept


def _match(looked_for: Sequence[str], sources: Sequence[str]) -> str:
    every = [f'"{word}"*' for word in looked_for]
    if sources:
        every.append("(" + " OR ".join(f'"{_source_word(source)}"' for source in sources) + ")")
    return " AND ".join(every)


def _source_word(source: str) -> str:
    """No reader can type it: folding leaves no y."""
    return "y" + source.encode(errors="replace").hex()
