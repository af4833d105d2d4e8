"""What gunicorn's asgi worker does with answers from memory. The only file that knows gunicorn's inside.

It looks at name and value of every header of an answer, and then puts each into bytes, which together is a
third of what a hit costs. `edge.ready` has done both when the answer was kept; here gunicorn is told to take
that. All other answers go its own way. Written for 27.0 and 27.1, to which pyproject.toml holds gunicorn.
"""

from typing import Any

from gunicorn.asgi import protocol
from gunicorn.workers import gasgi

from service.edge.ready import Ready

_look_at_all = protocol._scan_response_headers  # noqa: SLF001 - see above


class Protocol(protocol.ASGIProtocol):  # type: ignore[misc] # gunicorn has no types
    """One connection."""

    def _send_response_start(self, status: int, headers: Any, request: Any, close: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's own
        if close or not isinstance(headers, Ready):
            super()._send_response_start(status, headers, request, close=close)
            return
        self._response_buffer = b"".join(
            (
                protocol._get_cached_status_line(request.version, status),  # noqa: SLF001 - see above
                headers.lines,
                protocol._CACHED_SERVER_HEADER,  # noqa: SLF001 - see above
                protocol._get_cached_date_header(),  # noqa: SLF001 - see above
                b"\r\n",
            )
        )


def take_ready_headers() -> None:
    """Let this process' asgi worker take headers that are ready."""
    gasgi.ASGIProtocol = Protocol
    protocol._scan_response_headers = _framing  # noqa: SLF001 - see above


def _framing(headers: Any) -> Any:
    return headers.framing if isinstance(headers, Ready) else _look_at_all(headers)
