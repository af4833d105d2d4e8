"""Takedowns, by operators and by the collector: a set that only grows, on every host and in Valkey.

It is not fenced: what was taken down on any host is taken down on all of them, and wins over every record.
While Valkey is away the store itself is the queue: what Valkey lacks is sent as soon as it is there again.
"""

import json
from collections.abc import Iterable, Sequence

from service.articles.store.sqlite import SqliteArticleRepository
from service.share import scripts
from service.share.connection import Connection
from service.share.publisher import STREAM_LENGTH

_CHUNK = 500
_MAX_MEMBER = 5_000  # characters


class Takedowns:
    """The takedowns of this host and of all others."""

    def __init__(self, repository: SqliteArticleRepository, connection: Connection, host: str) -> None:
        """Unite nothing yet."""
        self._repository, self._connection, self._host = repository, connection, host
        self._in_valkey: set[str] = set()
        self._sent = -1  # how many there were here when all of them were in Valkey

    def begin(self) -> None:
        """Send and read all of them anew: Valkey may have lost some."""
        self._in_valkey.clear()
        self._sent = -1

    def send(self) -> None:
        """Send what was taken down here since the last call.

        Raises:
            ShareError, StoreError: when Valkey or the store cannot be used.
        """
        number = self._repository.count_takedowns()
        if number == self._sent:
            return
        ours = sorted(set(map(_member, self._repository.takedowns())) - self._in_valkey)
        for start in range(0, len(ours), _CHUNK):
            some = ours[start : start + _CHUNK]
            self._connection.run(
                scripts.TAKE_DOWN, ["takedowns", "stream"], [STREAM_LENGTH, self._host, *some]
            )
            self._in_valkey.update(some)
        self._sent = number

    def read_all(self) -> None:
        """Take down here what was taken down anywhere.

        Raises:
            ShareError, StoreError: when Valkey or the store cannot be used.
        """
        with self._connection.commands() as client:
            found = client.sscan_iter(self._connection.key("takedowns"), count=1_000)
            self.take([member.decode(errors="replace") for member in found])

    def take(self, members: Iterable[str]) -> None:
        """Take down here what these members of the set name; what cannot be read is left out."""
        new = [member for member in members if member not in self._in_valkey]
        pairs = [pair for member in new if (pair := _pair(member)) is not None]
        self._in_valkey.update(new)
        if pairs:
            # An article that is kept although its headline was taken down is known to be another one.
            self._repository.unite_takedowns(pairs, self._repository.ids())
            self._sent = -1


def _member(takedown: Sequence[str]) -> str:
    return json.dumps(list(takedown), ensure_ascii=False, separators=(",", ":"))


def _pair(member: str) -> tuple[str, str] | None:
    """Return the id and the identity of a takedown, or None for what is none."""
    try:
        read = json.loads(member) if len(member) <= _MAX_MEMBER else None
    except (ValueError, RecursionError):
        return None
    match read:
        case [str(article), str(identity)] if article:
            return article, identity
    return None
