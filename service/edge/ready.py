"""Headers that were looked at once and go out many times."""

from collections.abc import Sequence


class Ready(list[tuple[bytes, bytes]]):
    """ASGI headers, and beside them what a server makes of such: worth it where it is told the same again.

    Attributes:
        lines: as they go out, each with its line break.
        framing: whether there is a Content-Length, which, and whether there is a Transfer-Encoding.
    """

    __slots__ = ("framing", "lines")

    def __init__(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Names in lower case; Flask has refused line breaks in values when it was given them."""
        super().__init__(headers)
        self.lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        named = dict(headers)
        length = named.get(b"content-length")
        self.framing = (length is not None, length, b"transfer-encoding" in named)
