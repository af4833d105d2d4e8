"""Takes what others publish into this host's store.

A new host notes the end of the stream, reads the hashes, and then follows the stream. It begins anew where it
may have missed something: when the stream has been cut beyond what it has read, and when Valkey was started
anew.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.articles.model import Article
from service.articles.store import images
from service.articles.store import records as article_records
from service.articles.store.sqlite import SqliteArticleRepository
from service.share import scripts
from service.share.connection import Connection
from service.share.kinds import Articles, Kind, Pictures
from service.share.messages import Item, MessageError, NewerMessageError, from_bytes
from service.share.takedowns import Takedowns

_BATCH = 500  # entries that are read at once
_CHUNK = 100  # records that are fetched at once

log = logging.getLogger(__name__)


class Follower:
    """Follows the stream; see the module."""

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each dependency
        self,
        kinds: Sequence[Kind],
        connection: Connection,
        takedowns: Takedowns,
        clock: Callable[[], datetime],
        host: str,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Follow nothing yet. `between` is called between commands, so that the lease is renewed."""
        self._kinds = {kind.name: kind for kind in kinds}
        self._connection, self._takedowns, self._clock, self._host = connection, takedowns, clock, host
        self._between = between
        self._position: bytes | None = None
        self._told: set[str] = set()
        self.lag = 0.0  # seconds between a host's write and ours, of the last entry
        self.newer_messages = 0  # of versions that this one does not read

    def begin(self) -> None:
        """Read everything at the next `follow`."""
        self._position = None

    def follow(self, *, wait: float = 0.0, fenced: bool = True) -> int:
        """Take what is new, and return how many entries there were.

        Args:
            wait: for so many seconds when there is nothing.
            fenced: take the holder's records too, not only what was taken down.

        Raises:
            ShareError: when Valkey cannot be used.
            StoreError: when the store cannot be used.
        """
        if self._position is None or self._has_missed():
            self._read_all(fenced=fenced)
        stream = self._connection.key("stream")
        milliseconds = max(1, int(wait * 1000)) if wait else None
        with self._connection.commands() as client:
            answer = client.xread({stream: self._position}, count=_BATCH, block=milliseconds)
        entries = answer[0][1] if answer else []
        if not entries:
            self.lag = 0.0
            return 0
        self._take_entries([fields for _, fields in entries], fenced=fenced)
        self._position = entries[-1][0]
        written = int(entries[-1][0].partition(b"-")[0]) / 1000
        self.lag = max(0.0, self._connection.now() - written)
        return len(entries)

    def _has_missed(self) -> bool:
        """Return whether entries may have been cut off the stream, or the stream is another one."""
        with self._connection.commands() as client:
            first = client.xrange(self._connection.key("stream"), count=1)
        position = self._position or b"0-0"
        return bool(first) and _order(first[0][0]) > _order(position) and position != b"0-0"

    def _read_all(self, *, fenced: bool) -> None:
        """Note the end of the stream, then take everything that lies in the hashes."""
        with self._connection.commands() as client:
            last = client.xrevrange(self._connection.key("stream"), count=1)
        self._takedowns.read_all()
        if fenced:
            for name, kind in self._kinds.items():
                if name != "pictures":  # they come with the articles that show them
                    self._read_hash(kind)
        self._position = last[0][0] if last else b"0-0"

    def _read_hash(self, kind: Kind) -> None:
        """Take the present state of one kind; only what differs from ours is fetched."""
        with self._connection.commands() as client:
            keys = [name.decode(errors="replace") for name in client.hkeys(self._connection.key(kind.name))]
        for some in _chunks(keys):
            beginnings = self._connection.run(scripts.BEGINNINGS, [kind.name], some)
            ours = kind.read(some)
            differing = [
                key
                for key, begin in zip(some, beginnings, strict=True)
                if begin and (key not in ours or ours[key].beginning.encode() != begin)
            ]
            self._fetch(kind, differing)
            self._between()

    def _take_entries(self, entries: Sequence[Mapping[bytes, bytes]], *, fenced: bool) -> None:
        """Take what these entries tell of; of several about one record only the last one counts."""
        last: dict[tuple[str, str], str] = {}
        for entry in entries:
            kind, key, operation, host = (
                entry.get(name, b"").decode(errors="replace") for name in (b"kind", b"key", b"do", b"host")
            )
            if kind == "takedowns":
                self._takedowns.take([key])
            elif fenced and host != self._host:
                last.pop((kind, key), None)
                last[kind, key] = operation
        for known in self._kinds.values():
            ours = {key: operation for (of_kind, key), operation in last.items() if of_kind == known.name}
            if known.name != "pictures":
                for some in _chunks([key for key, operation in ours.items() if operation == "put"]):
                    self._fetch(known, some)
            known.remove([key for key, operation in ours.items() if operation == "delete"])

    def _fetch(self, kind: Kind, keys: Sequence[str]) -> None:
        """Fetch these records, and keep those that can be used."""
        items = list(self._items(kind.name, keys))
        if not items:
            return
        if isinstance(kind, Articles):
            self._fetch_pictures(kind.repository, items)
        self._report(kind.name, kind.take(items, self._clock()))
        if isinstance(kind, Articles):
            kind.trim({article.source for article in _articles(items)})

    def _fetch_pictures(self, repository: SqliteArticleRepository, items: Sequence[Item]) -> None:
        pictures = self._kinds.get("pictures")
        if not isinstance(pictures, Pictures):
            return
        needed: set[str] = set().union(*(images.hashes_of(article) for article in _articles(items)))
        for some in _chunks(sorted(needed - repository.images())):
            found = list(self._items(pictures.name, some))
            self._report(pictures.name, pictures.take(found, self._clock()))

    def _items(self, kind: str, keys: Sequence[str]) -> Iterator[Item]:
        if not keys:
            return
        with self._connection.commands() as client:
            messages = client.hmget(self._connection.key(kind), keys)
        self._between()
        refused: dict[str, str] = {}
        for key, message in zip(keys, messages, strict=True):
            if message is None:
                continue
            try:
                yield from_bytes(message, kind, key)
            except NewerMessageError as error:
                self.newer_messages += 1
                refused[key] = str(error)
            except MessageError as error:
                refused[key] = str(error)
        self._report(kind, refused)

    def _report(self, kind: str, refused: Mapping[str, str]) -> None:
        """Tell once of each reason why records are not taken."""
        for reason, number in Counter(refused.values()).items():
            if f"{kind} {reason}" not in self._told:
                self._told.add(f"{kind} {reason}")
                example = next(key for key, why in refused.items() if why == reason)
                log.warning(
                    "share: %d of %s not taken from Valkey (such as %s): %s",
                    number,
                    kind,
                    example[:80],
                    reason,
                )


def _articles(items: Sequence[Item]) -> list[Article]:
    return [article for item in items if (article := article_records.article_from_bytes(item.body))]


def _order(position: Any) -> tuple[int, int]:
    first, _, second = bytes(position).partition(b"-")
    return int(first), int(second or 0)


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))
