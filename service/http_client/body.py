"""Reading bodies whole, up to a size."""

from collections.abc import Iterator

from requests import Response

from service.core.errors import Cause, UpstreamError
from service.http_client.decoding import FAULTS, decoder

_BLOCK = 65_536


def whole(response: Response, most: int) -> bytes:
    """The body, decompressed.

    Raises:
        UpstreamError: TOO_LARGE when it has more than `most` bytes, UNREADABLE when it is damaged or
            breaks off.
        urllib3's HTTPError: when the connection fails meanwhile.
    """
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) > len(str(most)) + 1:
        raise _too_large(most)
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _pieces(response: Response) -> Iterator[bytes]:
    coded = decoder(response.headers.get("content-encoding", ""))
    try:
        while data := response.raw.read1(_BLOCK, decode_content=False):
            yield from coded.pieces(data)
    except FAULTS:
        raise UpstreamError(Cause.UNREADABLE, "the compressed body is damaged") from None
    if not coded.is_complete():
        raise UpstreamError(Cause.UNREADABLE, "the compressed body broke off before its end")


def _too_large(most: int) -> UpstreamError:
    return UpstreamError(
        Cause.TOO_LARGE, f"the answer has more than {most / 1_000_000:g} MB, the most that is read"
    )
