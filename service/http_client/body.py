"""Reading a response's body whole, decompressed piece by piece so that its size is checked as it comes.

urllib3's own decoders take a compressed body that breaks off for whole, and unpack up to five compressions
within each other before anything can be counted.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
from requests import Response

from service.core.errors import Cause, UpstreamError

_BLOCK = 65_536  # bytes read from the connection at a time
_PIECE = 65_536  # bytes decompressed at a time
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MEMBER = b"\x1f\x8b"
_GZIP_FILE = b"\x1f\x8b\x08"  # with its only method
_MAX_MEMBERS = 1_000  # an empty one has 20 bytes, and every one costs as much as a small file
# Before brotli 1.2 the output could not be bounded: one byte could become a gigabyte.
_BOUNDED_BROTLI = hasattr(brotli.Decompressor, "can_accept_more_data")

ACCEPTED_CODINGS = "gzip, deflate, br" if _BOUNDED_BROTLI else "gzip, deflate"


def read_body(response: Response, max_bytes: int) -> bytes:
    """Return the body, decompressed.

    Raises:
        UpstreamError: TOO_LARGE when it has more than `max_bytes`, UNREADABLE when it is damaged or breaks
            off.
        urllib3.exceptions.HTTPError: when the connection fails meanwhile.
    """
    declared = response.headers.get("content-length", "")
    if declared.isdecimal():
        is_absurd = len(declared) > len(str(max_bytes)) + 1  # int() of thousands of digits is slow, or raises
        if is_absurd or int(declared) > max_bytes:
            raise _too_large(max_bytes)
    body = bytearray()
    for piece in _pieces(response, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _pieces(response: Response, max_bytes: int) -> Iterator[bytes]:
    """Yield the body decoded as its header says; then, where that is the file of a gzip, what is in it."""
    decoder = decoder_for(response.headers.get("content-encoding", ""))
    file: Decoder = _GzipFile()
    decoded = 0
    try:
        while data := response.raw.read1(_BLOCK, decode_content=False):
            for piece in decoder.pieces(data):
                decoded += len(piece)  # the file may ignore what comes behind its end
                if decoded > max_bytes:
                    raise _too_large(max_bytes)
                yield from file.pieces(piece)
    except (zlib.error, brotli.error):
        raise UpstreamError(Cause.UNREADABLE, "the compressed body is damaged") from None
    if not (decoder.is_complete() and file.is_complete()):
        raise UpstreamError(Cause.UNREADABLE, "the compressed body broke off before its end")


def _too_large(max_bytes: int) -> UpstreamError:
    return UpstreamError(
        Cause.TOO_LARGE, f"the answer has more than {max_bytes / 1_000_000:g} MB, the most that is read"
    )


class Decoder(Protocol):
    """Undoes one content coding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decode further bytes, in pieces of bounded size.

        Raises:
            zlib.error, brotli.error: when they are damaged.
        """
        ...

    def is_complete(self) -> bool:
        """Return whether the body may end here."""
        ...


def decoder_for(coding: str) -> Decoder:
    """Return the decoder for a value of `Content-Encoding`.

    Raises:
        UpstreamError: UNREADABLE, for a coding that `Accept-Encoding` did not offer.
    """
    match coding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return _Zlib(_GZIP)
        case "deflate":
            return _Deflate()
        case "br" if _BOUNDED_BROTLI:
            return _Brotli()
        case _:
            raise UpstreamError(Cause.UNREADABLE, "the body has a content coding that was not asked for")


class _Identity:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def is_complete(self) -> bool:
        return True


class _Zlib:
    """gzip, which may have several members, and the two forms of deflate."""

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
        """Return the further member that follows a member; padding is ignored."""
        rest = self._stream.unused_data
        if self._form != _GZIP or not rest.startswith(_GZIP_MEMBER):
            return b""
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise UpstreamError(Cause.UNREADABLE, f"the gzip body has more than {_MAX_MEMBERS:,} members")
        self._stream = zlib.decompressobj(self._form)
        return rest

    def is_complete(self) -> bool:
        return self._empty or self._stream.eof


class _Deflate:
    """RFC 9110 means the zlib format; some servers send the bare stream. The first two bytes show which."""

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


class _GzipFile:
    """Passes a body on, and unpacks one that begins as a gzip does: `.gz` files come without a header."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: Decoder | None = None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None:
            self._head = data = self._head + data
            if len(data) < len(_GZIP_FILE) and _GZIP_FILE.startswith(data):
                return
            self._inner = _Zlib(_GZIP) if data.startswith(_GZIP_FILE) else _Identity()
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
