"""The position of an article in the list, as one integer, and the paging cursor made of it.

A position is the article's sort key in microseconds since 1970, times 1,024; an article that comes later to
the same instant gets the next number. It serves as SQLite's row number (column `place`), which is why it must
be one integer; 63 bits reach from 1685 to 2255.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

POSITIONS_PER_INSTANT = 1024
NEWEST = 2**63 - 1  # above every position
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_INSTANT = 2**53 - 1
_CHECK_BYTES = 4
_CURSOR_BYTES = 8 + _CHECK_BYTES


def instant(sort_key: datetime) -> int:
    """Return microseconds since 1970; dates that are centuries off become the first or the last instant."""
    return max(-_MAX_INSTANT, min((sort_key - _EPOCH) // _MICROSECOND, _MAX_INSTANT))


def encode_cursor(position: int) -> str:
    """Return an opaque word of 16 letters that a URL can carry; it contains a checksum."""
    packed = position.to_bytes(8, "big", signed=True)
    return urlsafe_b64encode(packed + _check(packed)).decode()


def decode_cursor(cursor: str) -> int:
    """Return the position that a cursor names.

    Raises:
        ValueError: for anything that `encode_cursor` did not make.
    """
    decoded = urlsafe_b64decode(cursor)
    packed, check = decoded[:-_CHECK_BYTES], decoded[-_CHECK_BYTES:]
    if len(decoded) != _CURSOR_BYTES or check != _check(packed):
        raise ValueError("not a cursor of ours")
    position = int.from_bytes(packed, "big", signed=True)
    if encode_cursor(position) != cursor:  # base64 is forgiving: the same bytes in another spelling
        raise ValueError("not a cursor of ours")
    return position


def _check(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=_CHECK_BYTES, person=b"cursor").digest()
