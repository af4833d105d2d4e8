"""What the two halves ask of the outside: who implements these can be exchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """A GET to an upstream, or a HEAD, whose answer has no body. Header names are lower case.

    Its repr says nothing of where it goes, which may hold a key.
    """

    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    head: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of an upstream: status 200 to 299 or 304, the body already decompressed.

    Header names are lower case. `url` is where the answer came from, after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Upstream(Protocol):
    """The only door to the network."""

    def fetch(self, request: Request) -> Answer:
        """Ask once, within the deadline and the size cap.

        Raises:
            UpstreamError: for every way this can fail, statuses from 400 included.
        """
        ...


class Store(Protocol):
    """The last good record of every item, as bytes under a key; it forgets nothing by itself.

    Every method raises StoreError when the store cannot be used. A record that is damaged is as if it
    were not there.
    """

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The records under these keys; those that are not there are left out."""
        ...

    def keep(self, records: Mapping[str, bytes]) -> None:
        """Keep all of these, or none."""
        ...

    def forget(self, keys: Sequence[str]) -> None:
        """Remove these; it counts as a write."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with this, sorted."""
        ...

    def origin(self) -> int:
        """Which store this is: another number once its file was replaced, and the writes begin anew."""
        ...

    def last_write(self) -> int:
        """The number of the newest write; it only grows."""
        ...

    def written_since(self, number: int) -> list[str]:
        """The keys written or forgotten after that write."""
        ...
