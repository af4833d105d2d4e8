"""The cache key of a request: port, path and canonical query."""

from collections.abc import Callable
from dataclasses import dataclass

_MAX_LENGTH = 4_096  # characters of path and query; the longest useful list names fifty places of 64 each
_MEMO_SIZE, _MEMO_MAX_LENGTH = 2_000, 500  # requests, and characters of each


@dataclass(frozen=True, slots=True)
class CacheKey:
    """All that a response may depend on: the application sees nothing else of the request.

    Attributes:
        port: the port of the request, which absolute links name where no public address is configured.
        path: PATH_INFO, as WSGI has it: percent-decoded, each byte as one Latin-1 character.
        query: canonical: only the parameters that the view declares, each once, in one order.
    """

    port: str
    path: str
    query: str


class CacheKeys:
    """Makes cache keys, and remembers those of short requests."""

    def __init__(self, canonical_query: Callable[[str, str], str]) -> None:
        """Make keys with this function from path and query to the part of the query that the view reads."""
        self._canonical_query = canonical_query
        self._memo: dict[tuple[str, str, str], CacheKey] = {}

    def of(self, port: str, path: str, query: str) -> CacheKey | None:
        """Return the key of this request; None where it is too long for its response to be stored."""
        request = (port, path, query)
        known = self._memo.get(request)
        if known is not None:
            return known
        length = len(path) + len(query)
        if length > _MAX_LENGTH:
            return None
        key = CacheKey(port, path, self._canonical_query(path, query))
        if length <= _MEMO_MAX_LENGTH:
            if len(self._memo) >= _MEMO_SIZE:
                self._memo.clear()
            self._memo[request] = key
        return key
