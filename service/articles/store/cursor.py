"""Where an article stands in the list, as one integer, and the cursor that says so to the outside.

The microseconds of its order, times 1,024: who comes later to the same instant stands above. The integer
serves as row number, which is why it must be one; 63 bits reach from 1685 to 2255.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

TIES = 1024
NEWEST = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FARTHEST = 2**53 - 1  # microseconds
_CHECK_BYTES = 4
_CURSOR_BYTES = 8 + _CHECK_BYTES


def instant(order: datetime) -> int:
    """Microseconds since 1970; what lies centuries off is drawn to the edge."""
    return max(-_FARTHEST, min((order - _EPOCH) // _MICROSECOND, _FARTHEST))


def moment(microseconds: int) -> datetime:
    """The inverse of `instant`."""
    return _EPOCH + microseconds * _MICROSECOND


def cursor_of(place: int) -> str:
    """An opaque word of 16 letters that an address can carry."""
    said = place.to_bytes(8, "big", signed=True)
    return urlsafe_b64encode(said + _check(said)).decode()


def place_of(cursor: str) -> int:
    """The place that a cursor names.

    Raises:
        ValueError: for anything that `cursor_of` did not make.
    """
    packed = urlsafe_b64decode(cursor)
    said = packed[:-_CHECK_BYTES]
    if len(packed) != _CURSOR_BYTES or packed[-_CHECK_BYTES:] != _check(said):
        raise ValueError("not a cursor of ours")
    place = int.from_bytes(said, "big", signed=True)
    if cursor_of(place) != cursor:  # base64 is forgiving: the same bytes in another spelling
        raise ValueError("not a cursor of ours")
    return place


def _check(said: bytes) -> bytes:
    return blake2b(said, digest_size=_CHECK_BYTES, person=b"cursor").digest()
