"""What can go wrong outside, as nouns.

The detail goes to the log and to `check`; readers and programs get a phrase for the cause, never more.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Cause(StrEnum):
    """Why an upstream gave us nothing to use."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    ADDRESS_REFUSED = "address-refused"
    REDIRECTS = "redirects"
    RATE_LIMITED = "rate-limited"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    REJECTED = "rejected"  # another 4xx: our request is at fault
    BROKEN = "broken"  # 5xx
    UNREADABLE = "unreadable"  # an answer that is not what the provider documents
    CLOCK = "clock"  # an answer for another time than now
    TOO_COSTLY = "too-costly"  # its document takes too much time or memory to read
    UNKNOWN = "unknown"  # a record of another version, which names no cause that this one knows


@dataclass(slots=True, eq=False)
class UpstreamError(Exception):
    """An upstream could not be used.

    Attributes:
        cause: the kind of failure, which decides how long the upstream rests.
        detail: a sentence of ours for the log and for `check`. It may name host, status and path; it quotes
            neither a query nor anything that the upstream wrote, which may hold a key.
        retry_after: how long the upstream itself asked us to stay away.
        status: the HTTP status, where there was one.
    """

    cause: Cause
    detail: str
    retry_after: timedelta | None = None
    status: int | None = None

    def __reduce__(self) -> tuple[type["UpstreamError"], tuple[object, ...]]:
        """Pickle by the fields: an exception keeps only what its constructor got by position."""
        return UpstreamError, (self.cause, self.detail, self.retry_after, self.status)

    def __str__(self) -> str:
        """The detail: what log lines and `check` print."""
        return self.detail


class StoreError(Exception):
    """The store cannot be read or written just now."""


class StoreRefusedError(StoreError):
    """The file is a newer version's or another application's, and left as it is: a sentence that says so."""


class SettingsError(Exception):
    """The configuration has faults: one line each, all of them."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults, and be the lines when printed."""
        super().__init__("\n".join(faults))
        self.faults = faults
