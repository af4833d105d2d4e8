"""Taking a compressed body apart piece by piece, so that what comes out can be counted as it comes.

Our own, because urllib3 takes a compressed body that breaks off for whole, and unpacks up to five
compressions within each other without coming up for air.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

from service.core.errors import Cause, UpstreamError

_PIECE = 65_536  # bytes that come out at a time
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MEMBER = b"\x1f\x8b"
_MOST_MEMBERS = 1_000  # an empty one has 20 bytes, and every one costs as much as a small file
_BOUNDED_BROTLI = hasattr(
    brotli.Decompressor, "can_accept_more_data"
)  # before 1.2 one byte could become a gigabyte

ACCEPTED = "gzip, deflate, br" if _BOUNDED_BROTLI else "gzip, deflate"
FAULTS = (zlib.error, brotli.error)


class Decoder(Protocol):
    """Undoes one content coding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What these further bytes become. Raises one of FAULTS when they are damaged."""
        ...

    def is_complete(self) -> bool:
        """Whether the body may end here."""
        ...


def decoder(coding: str) -> Decoder:
    """For the value of `Content-Encoding`.

    Raises:
        UpstreamError: UNREADABLE, for a coding that was not asked for.
    """
    match coding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(_GZIP)
        case "deflate":
            return _Deflate()
        case "br" if _BOUNDED_BROTLI:
            return _Brotli()
        case _:
            raise UpstreamError(Cause.UNREADABLE, "the body has a content coding that was not asked for")


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def is_complete(self) -> bool:
        return True


class _Zlib:
    """gzip, whose file may have several members, and the two forms of deflate."""

    def __init__(self, form: int) -> None:
        self._form = form
        self._stream = zlib.decompressobj(form)
        self._empty = True
        self._members = 1

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._empty = self._empty and not data
        piece = b""
        while data or len(piece) == _PIECE:
            piece = self._stream.decompress(data, _PIECE)
            yield piece
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data = self._next_member()

    def _next_member(self) -> bytes:
        """What follows the end: a further member, or padding, which is passed over."""
        rest = self._stream.unused_data
        if self._form != _GZIP or not rest.startswith(_GZIP_MEMBER):
            return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise UpstreamError(Cause.UNREADABLE, f"the gzip body has more than {_MOST_MEMBERS:,} members")
        self._stream = zlib.decompressobj(self._form)
        return rest

    def is_complete(self) -> bool:
        return self._empty or self._stream.eof


class _Deflate:
    """RFC 9110 means the zlib format; some servers send the bare stream. The first two bytes tell."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Zlib | None = None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None:
            self._head = data = self._head + data
            if len(data) < 2:  # noqa: PLR2004 - the header's length
                return
            wrapped = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0
            self._inner = _Zlib(_ZLIB if wrapped else _RAW)
        yield from self._inner.pieces(data)

    def is_complete(self) -> bool:
        return not self._head if self._inner is None else self._inner.is_complete()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._empty = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._empty = self._empty and not data
        if not data or self._stream.is_finished():
            return
        piece = self._stream.process(data, output_buffer_limit=_PIECE)
        while piece or not self._stream.can_accept_more_data():
            yield piece
            if self._stream.is_finished():
                return
            piece = self._stream.process(b"", output_buffer_limit=_PIECE)

    def is_complete(self) -> bool:
        return self._empty or bool(self._stream.is_finished())
