"""Images in the store: which articles show them, and when they are dropped.

The tables are `pictures` (the bytes, under their hash) and `shown` (which article shows which).
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from service.articles.model import Article
from service.storage.store import checksum

# The newest may belong to articles that are about to be saved: 8 sources, 13 images, 2 widths, and room.
_MAX_PENDING = 256
_IN_BODY = re.compile(r"/images/([0-9a-f]{16,128})\.webp")
_FIGURE = re.compile(r'<figure><img src="/images/[^<>]*+>(?:<figcaption>[^<>]*+</figcaption>)?</figure>')


def save_image(connection: sqlite3.Connection, hash: str, body: bytes) -> None:  # noqa: A002 - the field's own name
    """Save the bytes of an image; one that is there already counts as new again."""
    connection.execute(
        "INSERT OR REPLACE INTO pictures (hash, size, checksum, body) VALUES (?, ?, ?, ?)",
        (hash, len(body), checksum(hash, body), body),
    )


def read_image(connection: sqlite3.Connection, hash: str) -> bytes | None:  # noqa: A002 - the field's own name
    """Return the bytes of an image; None where there is none, or a damaged one."""
    row = connection.execute("SELECT checksum, body FROM pictures WHERE hash = ?", (hash,)).fetchone()
    return row[1] if row is not None and row[0] == checksum(hash, row[1]) else None


def hashes_of(article: Article) -> set[str]:
    """Return the hashes of the images that an article shows, above its text and within."""
    hashes = {variant.hash for variant in article.image.variants} if article.image else set()
    return hashes.union(_IN_BODY.findall(article.body_html or ""))


def link_images(connection: sqlite3.Connection, article: Article) -> None:
    """Note which images an article shows."""
    rows = [(article.id, one) for one in sorted(hashes_of(article))]
    connection.executemany("INSERT INTO shown VALUES (?, ?)", rows)


def unlink_images(connection: sqlite3.Connection, article_id: str) -> list[str]:
    """Forget which images an article shows, and return their hashes."""
    rows = connection.execute("DELETE FROM shown WHERE article = ? RETURNING picture", (article_id,))
    return [image_hash for (image_hash,) in rows.fetchall()]


def drop_unlinked(connection: sqlite3.Connection, hashes: Iterable[str]) -> None:
    """Drop those of these images that no article shows."""
    connection.executemany(
        "DELETE FROM pictures WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM shown WHERE picture = hash)",
        [(image_hash,) for image_hash in hashes],
    )


def drop_abandoned(connection: sqlite3.Connection) -> None:
    """Drop the images of articles that never came, because the collector was stopped before it saved them."""
    connection.execute(
        "DELETE FROM pictures WHERE number <= (SELECT max(number) FROM pictures) - ?"
        " AND NOT EXISTS (SELECT 1 FROM shown WHERE picture = hash)",
        (_MAX_PENDING,),
    )


def without_images(article: Article) -> Article:
    """Return the article without its image and those in its text."""
    body = article.body_html
    return replace(article, image=None, body_html=_FIGURE.sub("", body) if body is not None else None)


def total_bytes(connection: sqlite3.Connection) -> int:
    """Return the size of all images together."""
    return int(connection.execute("SELECT coalesce(sum(size), 0) FROM pictures").fetchone()[0])


def articles_with_images(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of all articles that show images, oldest first."""
    query = "SELECT id FROM articles WHERE EXISTS (SELECT 1 FROM shown WHERE article = id) ORDER BY place"
    return [article_id for (article_id,) in connection.execute(query)]
