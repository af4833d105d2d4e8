"""The errors that cross rooms: of upstreams, of the store and of the configuration.

An error's detail goes to the log and to `check`; readers and programs get a phrase for its cause, never more.
"""

import traceback
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Cause(StrEnum):
    """Why an upstream could not be used."""

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
    UNREADABLE = "unreadable"  # a response that is not what the upstream documents
    INCOMPLETE = "incomplete"  # a response without what it was asked for: no temperature, no hours
    CLOCK = "clock"  # a response for another time than now
    TOO_COSTLY = "too-costly"  # parsing its document takes too much time or memory
    UNKNOWN = "unknown"  # read from a record of another version, whose cause this version does not have


@dataclass(slots=True, eq=False)
class UpstreamError(Exception):
    """An upstream could not be used.

    Attributes:
        cause: the kind of failure, which decides the length of the back-off.
        detail: a sentence for the log and for `check`. It may name host, status and path; it quotes neither
            a query nor anything that the upstream wrote, which may contain a key.
        retry_after: the delay that the upstream itself asked for.
        status: the HTTP status, where there was one.
        is_sent: whether the request, or a part of it, may have reached the upstream, which then counts it.
    """

    cause: Cause
    detail: str
    retry_after: timedelta | None = None
    status: int | None = None
    is_sent: bool = True

    def __reduce__(self) -> tuple[type["UpstreamError"], tuple[object, ...]]:
        """Pickle all fields; by default an exception keeps only its positional arguments."""
        return UpstreamError, (self.cause, self.detail, self.retry_after, self.status, self.is_sent)

    def __str__(self) -> str:
        return self.detail


class StoreError(Exception):
    """The store cannot be read or written at the moment."""


class StoreSlowError(StoreError):
    """The store has not answered yet, and is not waited for any longer."""


class StoreRefusedError(StoreError):
    """The file was written by a newer version or by another application, and is left as it is."""


class StoreForeignError(StoreRefusedError):
    """The file is a database of another application."""


class SettingsError(Exception):
    """The configuration has faults; the message has a line for each of them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def traceback_without_messages(error: BaseException) -> str:
    """Return the stack and type of an exception and of its causes, innermost last.

    The messages are left out: they may quote what an upstream wrote.
    """
    lines: list[str] = []
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        lines += [*traceback.format_tb(inner.__traceback__), f"{type(inner).__qualname__}\n"]
        inner = inner.__cause__ or inner.__context__
    return "".join(lines).rstrip()
