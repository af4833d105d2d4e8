"""The ports to the network and to the store, whose implementations can be exchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """A GET or HEAD request to an upstream. Header names are lower case.

    Its repr leaves out where it goes, which may contain a key.
    """

    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    head: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response of an upstream: status 200 to 299 or 304, the body already decompressed.

    Header names are lower case. `url` is the address after redirects.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Upstream(Protocol):
    """The client through which every request to the network is made."""

    def fetch(self, request: Request) -> Response:
        """Send one request, within the deadline and the size limit.

        Raises:
            UpstreamError: for every way this can fail, statuses from 400 on included.
        """
        ...


class Store(Protocol):
    """The last good record of every item, as bytes under a key. Records never expire.

    Every method raises StoreError when the store cannot be used. A damaged record is treated as missing.
    """

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the records under these keys; missing ones are left out."""
        ...

    def write(self, records: Mapping[str, bytes]) -> None:
        """Write all of these records, or none."""
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the records under these keys, which counts as a write."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix, sorted."""
        ...

    def origin(self) -> int:
        """Return the number of this store's file.

        It differs once the file was replaced, and write numbers have started over.
        """
        ...

    def last_write(self) -> int:
        """Return the number of the latest write; it only grows."""
        ...

    def written_since(self, number: int) -> list[str]:
        """Return the keys written or removed after that write."""
        ...
