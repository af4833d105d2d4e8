"""The SQL of every list of articles, and the search index.

The index (FTS5, table `article_search`) gets folded words, since FTS5 cannot fold `đ`. Its row numbers are
the articles' positions, so that every list, searched or not, walks along an index and nothing is sorted.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from service.articles.model import Article, Published
from service.core.folding import fold, words

_MIN_WORDS = 5  # of a headline that two sources do not give to different articles on one day
_MAX_QUERY = 400  # characters; what follows is not read
_MAX_SOURCES_IN_INDEX = 10  # more sources are mostly all of them: looking at each row found is then cheaper
_MAX_SOURCES_MERGED = (
    100  # SQLite merges 500 lists at most; parsing so many costs more than looking at each row
)
_IDS_PER_QUERY = 500

ROW = "SELECT place, id, source, record, checksum FROM articles"
_FOUND = (
    "SELECT a.place, a.id, a.source, a.record, a.checksum FROM article_search JOIN articles AS a"
    " ON a.place = article_search.rowid WHERE article_search MATCH ? AND article_search.rowid < ?"
)
_NEWEST_FIRST = " ORDER BY article_search.rowid DESC"

Statement = tuple[str, Sequence[Any]]


def searchable_text(article: Article) -> str:
    """Return the folded words of an article, and words that stand for its source and its categories."""
    texts = (article.title, article.lead, article.author, article.organisation)
    marks = (_source_word(article.source), *map(_category_word, article.categories))
    return " ".join((*marks, *words(" ".join(filter(None, texts)))))


def headline(title: str, published: Published | None) -> str:
    """Return day and folded title, by which an article is recognised; empty where they say too little."""
    if published is None or len(words(title)) < _MIN_WORDS:
        return ""
    return f"{published.at.date().isoformat()} {fold(title)}"


def list_statement(sources: Sequence[str], query: str, before: int, category: str = "") -> Statement | None:
    """Return the SQL of the articles below a position, newest first.

    None for a query without any word, and for a category without any letter: nothing matches them.

    The `+` before a column keeps SQLite from using its index, which would need a sort.
    """
    sources = sorted(set(sources))
    if query.strip() or category.strip():
        return _search_statement(_terms(query, category), sources, before)
    if not sources:
        return f"{ROW} WHERE place < ? ORDER BY place DESC", (before,)
    if len(sources) > _MAX_SOURCES_MERGED:
        marks = ",".join("?" * len(sources))
        return f"{ROW} WHERE place < ? AND +source IN ({marks}) ORDER BY place DESC", (before, *sources)
    each = [f"{ROW} WHERE source = ?{number} AND place < ?1" for number in range(2, len(sources) + 2)]
    return f"{' UNION ALL '.join(each)} ORDER BY place DESC", (before, *sources)


def _search_statement(terms: Sequence[str], sources: Sequence[str], before: int) -> Statement | None:
    if not terms:
        return None
    if len(sources) <= _MAX_SOURCES_IN_INDEX:
        return _FOUND + _NEWEST_FIRST, (_match(terms, sources), before)
    marks = ",".join("?" * len(sources))
    query = f"{_FOUND} AND +a.source IN ({marks}){_NEWEST_FIRST}"
    return query, (_match(terms, ()), before, *sources)


def _terms(query: str, category: str) -> list[str]:
    """Return what the index must have of an article, each in its syntax; none where nothing can match."""
    terms = [f'"{word}"*' for word in _search_words(query)]
    if query.strip() and not terms:
        return []
    if category.strip():
        word = _category_word(category[:_MAX_QUERY])
        return [*terms, f'"{word}"'] if word else []
    return terms


def _search_words(query: str) -> list[str]:
    """Return the words that must begin some word of the article, without those that others imply."""
    wanted: list[str] = []
    for word in sorted(set(words(query[:_MAX_QUERY])), reverse=True):  # "lehoi" comes before "le"
        if not (wanted and wanted[-1].startswith(word)):
            wanted.append(word)
    return wanted


def _match(terms: Sequence[str], sources: Sequence[str]) -> str:
    if not sources:
        return " AND ".join(terms)
    return " AND ".join([*terms, "(" + " OR ".join(f'"{_source_word(source)}"' for source in sources) + ")"])


def _source_word(source_id: str) -> str:
    """Return a word that no query contains: folding leaves no y."""
    return "y" + source_id.encode(errors="replace").hex()


def _category_word(name: str) -> str:
    """Return a word that stands for a category however it is spelled, and for no source; "" for no name."""
    folded = fold(name)
    return f"yy{folded.encode(errors='replace').hex()}" if folded else ""


def rows_by_id(connection: sqlite3.Connection, query: str, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the rows with these ids; the query ends with `id IN`."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), _IDS_PER_QUERY):
        some = ids[start : start + _IDS_PER_QUERY]
        rows += connection.execute(f"{query} ({','.join('?' * len(some))})", some)
    return rows


def is_damaged_index(error: BaseException | None) -> bool:
    """Return whether the search index is damaged, which SQLite's own check of the file does not notice."""
    return (
        isinstance(error, sqlite3.DatabaseError)
        and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT_VTAB
    )


def rebuild_index(connection: sqlite3.Connection) -> None:
    """Make the index again from the texts that FTS5 stores beside it."""
    connection.execute("INSERT INTO article_search (article_search) VALUES ('rebuild')")
