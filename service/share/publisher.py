"""Publishes what the collectors of this host have written, while it holds the lease.

The store numbers its writes, so that nobody has to tell the publisher anything: it looks which keys were
written since it looked last. Whatever began to hold the lease first offers all that it has; only what is not
there already is sent.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from service.articles.store import images
from service.articles.store import records as article_records
from service.share import scripts
from service.share.connection import Connection
from service.share.kinds import Articles, Kind, Pictures, Sources
from service.share.lease import Lease
from service.share.messages import Item, to_bytes
from service.storage.store import SqliteStore

STREAM_LENGTH = 20_000  # entries
_CHUNK = 100  # records that are read at once
_MAX_SENT = 1_000_000  # bytes of one command
_SWEEP_EVERY = 600.0  # seconds


class LeaseLostError(Exception):
    """The lease is another host's: what was to be published is not."""


class Publisher:
    """Publishes the records of these kinds, in their order: what others refer to comes first."""

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each dependency
        self,
        store: SqliteStore,
        kinds: Sequence[Kind],
        connection: Connection,
        lease: Lease,
        host: str,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Publish nothing yet. `between` is called between commands, so that the lease is renewed."""
        self._store, self._connection, self._lease, self._host = store, connection, lease, host
        self._kinds = {kind.name: kind for kind in kinds}
        self._between = between
        self._position: tuple[int, int] | None = None  # of the store: its file and its last write
        self.sent = 0  # bytes
        self.ahead = 0  # records that were left out, since their time is still to come

    def begin(self) -> None:
        """Offer everything at the next `publish`."""
        self._position = None

    def publish(self) -> int:
        """Publish what was written since the last call, and return how many records were new to Valkey.

        Raises:
            LeaseLostError: when the lease is another's.
            ShareError: when Valkey cannot be used.
            StoreError: when the store cannot be used.
        """
        origin, last = self._store.origin(), self._store.last_write()
        if self._position is None or self._position[0] != origin:
            written = sum(self._publish_all(kind) for kind in self._kinds.values())
        elif last == self._position[1]:
            return 0
        else:
            written = self._publish_written(self._store.written_since(self._position[1]))
        self._position = (origin, last)
        return written

    def _publish_all(self, kind: Kind) -> int:
        written = 0
        for keys in _chunks(kind.keys()):
            written += self._publish_items(kind.name, kind.read(keys), [])
        return written

    def _publish_written(self, store_keys: Sequence[str]) -> int:
        written = 0
        for kind in self._kinds.values():
            keys = [key for one in store_keys if (key := kind.key_of(one)) is not None]
            for some in _chunks(keys):
                items = kind.read(some)
                gone = [key for key in some if key not in items]
                if isinstance(kind, Articles):
                    gone = self._of_our_sources(kind, gone)
                    self._publish_pictures(items)
                written += self._publish_items(kind.name, items, gone)
        return written

    def _publish_pictures(self, articles: Mapping[str, Item]) -> None:
        pictures = self._kinds.get("pictures")
        if not isinstance(pictures, Pictures):
            return
        read = (article_records.article_from_bytes(item.body) for item in articles.values())
        hashes = sorted(set().union(*(images.hashes_of(article) for article in read if article)))
        known = set(self._beginnings("pictures", hashes)) if hashes else set()
        for some in _chunks([one for one in hashes if one not in known]):
            self._publish_items("pictures", pictures.read(some), [])

    def _of_our_sources(self, articles: Articles, gone: Sequence[str]) -> list[str]:
        """Return those of these articles that were published of a source which this host has.

        Articles of sources that are not configured here are dropped here, and stay with the hosts that have
        these sources.
        """
        if not gone:
            return []
        with self._connection.commands() as client:
            messages = client.hmget(self._connection.key("articles"), gone)
        found = zip(gone, messages, strict=True)
        return [key for key, message in found if message and source_of(message) in articles.sources]

    def _publish_items(self, kind: str, items: Mapping[str, Item], gone: Sequence[str]) -> int:
        known = self._beginnings(kind, list(items))
        changed = [item for key, item in items.items() if known.get(key) != item.beginning]
        pairs = [(item.key, to_bytes(item, self._lease.token)) for item in changed]
        return sum(self._send(kind, some) for some in _by_size([*pairs, *((key, b"") for key in gone)]))

    def _beginnings(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Return the beginnings of the messages that lie under these keys; none for missing ones."""
        if not keys:
            return {}
        found = self._connection.run(scripts.BEGINNINGS, [kind], keys)
        self._between()
        return {key: begin.decode() for key, begin in zip(keys, found, strict=True) if begin}

    def _send(self, kind: str, pairs: Sequence[tuple[str, bytes]]) -> int:
        arguments: list[str | bytes | int] = [self._lease.token, STREAM_LENGTH, kind, self._host]
        for pair in pairs:
            arguments.extend(pair)
        written = int(self._connection.run(scripts.PUBLISH, ["lease", kind, "stream"], arguments))
        if written < 0:
            raise LeaseLostError
        self.sent += sum(len(message) for _, message in pairs)
        self._between()
        return written

    def sweep_pictures(self) -> None:
        """Remove the pictures from Valkey that no article of this host shows any more."""
        pictures = self._kinds.get("pictures")
        if pictures is None:
            return
        with self._connection.commands() as client:
            there = {name.decode(errors="replace") for name in client.hkeys(self._connection.key("pictures"))}
        for some in _chunks(sorted(there - set(pictures.keys()))):
            self._send("pictures", [(key, b"") for key in some])

    def sources(self) -> frozenset[str]:
        """Return the sources that this host publishes."""
        return frozenset().union(
            *(kind.sources for kind in self._kinds.values() if isinstance(kind, Sources))
        )


def source_of(message: bytes) -> str:
    """Return the source of the article that a message carries; empty where it does not say."""
    try:
        return str(json.loads(message.partition(b"\n")[0][38:])["about"]["source"])
    except (ValueError, LookupError, TypeError):
        return ""


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _by_size(pairs: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """Yield the pairs in groups that fit into one command."""
    group: list[tuple[str, bytes]] = []
    size = 0
    for pair in pairs:
        if group and size + len(pair[1]) > _MAX_SENT:
            yield group
            group, size = [], 0
        group.append(pair)
        size += len(pair[1])
    if group:
        yield group
