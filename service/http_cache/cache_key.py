"""What is asked, in the one form under which its answer is kept."""

from collections.abc import Callable
from dataclasses import dataclass

_LONGEST = 4_096  # characters of path and query; a place in a list of fifty is 64 at the most
_REMEMBERED, _LONGEST_REMEMBERED = 2_000, 500


@dataclass(frozen=True, slots=True)
class CacheKey:
    """All that an answer may depend on: it is made from these three and from nothing else of the request.

    Attributes:
        port: the port asked at, which absolute links name where no public address is configured.
        path: as WSGI has it.
        query: canonical: known parameters alone, each once, in one order.
    """

    port: str
    path: str
    query: str


class CacheKeys:
    """Tells the question in a request; remembers the short ones."""

    def __init__(self, canonical: Callable[[str, str], str]) -> None:
        """`canonical` tells of a path and a query what of the query its view reads."""
        self._canonical = canonical
        self._known: dict[tuple[str, str, str], CacheKey] = {}

    def of(self, port: str, path: str, query: str) -> CacheKey | None:
        """The question; None for one so long that no answer to it is kept."""
        asked = (port, path, query)
        known = self._known.get(asked)
        if known is not None:
            return known
        length = len(path) + len(query)
        if length > _LONGEST:
            return None
        question = CacheKey(port, path, self._canonical(path, query))
        if length <= _LONGEST_REMEMBERED:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[asked] = question
        return question
