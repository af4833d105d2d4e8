"""Pictures on the shelf: which articles show them, and when they go."""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from service.articles.model import Article
from service.storage.store import checksum

# The newest may belong to an article that is about to be put: 8 sources, 13 pictures, 2 widths, and room.
_UNDER_WAY = 256
_IN_A_BODY = re.compile(r"/images/([0-9a-f]{16,128})\.webp")
_FIGURE = re.compile(r'<figure><img src="/images/[^<>]*+>(?:<figcaption>[^<>]*+</figcaption>)?</figure>')


def keep_picture(connection: sqlite3.Connection, name: str, body: bytes) -> None:
    """Keep a picture; one that is there counts as new again."""
    connection.execute(
        "INSERT OR REPLACE INTO pictures (hash, size, checksum, body) VALUES (?, ?, ?, ?)",
        (name, len(body), checksum(name, body), body),
    )


def read_picture(connection: sqlite3.Connection, name: str) -> bytes | None:
    """The bytes of a picture; None where there is none, or a damaged one."""
    row = connection.execute("SELECT checksum, body FROM pictures WHERE hash = ?", (name,)).fetchone()
    return row[1] if row is not None and row[0] == checksum(name, row[1]) else None


def show(connection: sqlite3.Connection, article: Article) -> None:
    """Note what an article shows, in its illustration and in its text."""
    names = {picture.hash for picture in article.image.variants} if article.image else set()
    names.update(_IN_A_BODY.findall(article.body_html or ""))
    connection.executemany("INSERT INTO shown VALUES (?, ?)", [(article.id, name) for name in sorted(names)])


def hide(connection: sqlite3.Connection, article_id: str) -> list[str]:
    """Forget what an article shows, and say what it was."""
    rows = connection.execute("DELETE FROM shown WHERE article = ? RETURNING picture", (article_id,))
    return [name for (name,) in rows.fetchall()]


def drop_unshown(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Drop those of these pictures that no article shows."""
    connection.executemany(
        "DELETE FROM pictures WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM shown WHERE picture = hash)",
        [(name,) for name in names],
    )


def drop_abandoned(connection: sqlite3.Connection) -> None:
    """Drop what was kept for articles that never came, for whoever was about it was stopped."""
    connection.execute(
        "DELETE FROM pictures WHERE number <= (SELECT max(number) FROM pictures) - ?"
        " AND NOT EXISTS (SELECT 1 FROM shown WHERE picture = hash)",
        (_UNDER_WAY,),
    )


def without_pictures(article: Article) -> Article:
    """The article in words alone."""
    body = article.body_html
    return replace(article, image=None, body_html=_FIGURE.sub("", body) if body is not None else None)


def kept_bytes(connection: sqlite3.Connection) -> int:
    """What all pictures weigh."""
    return int(connection.execute("SELECT coalesce(sum(size), 0) FROM pictures").fetchone()[0])


def oldest_illustrated(connection: sqlite3.Connection) -> list[str]:
    """The ids of all articles that show pictures, oldest first."""
    query = "SELECT id FROM articles WHERE EXISTS (SELECT 1 FROM shown WHERE article = id) ORDER BY place"
    return [article_id for (article_id,) in connection.execute(query)]
