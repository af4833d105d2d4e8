"""What gunicorn's asgi worker does with answers from memory. With `worker`, all that knows gunicorn's inside.

It looks at name and value of every header of an answer, and then puts each into bytes, which together is a
third of what a hit costs. `edge.ready` has done both when the answer was kept; here gunicorn is told to take
that. All other answers go its own way. Written for 27.0 and 27.1, to which pyproject.toml holds gunicorn.
"""

from typing import Any

from gunicorn.asgi import protocol
from gunicorn.asgi.protocol import ASGIProtocol

from service.edge.ready import Ready

# In the place of gunicorn's own functions, not in a subclass: it asks its class by name for the fast parser.
_look_at_all = protocol._scan_response_headers  # noqa: SLF001 - see above
_start_any = ASGIProtocol._send_response_start  # noqa: SLF001 - see above


def take_ready_headers() -> None:
    """Let this process' asgi worker take headers that are ready."""
    protocol._scan_response_headers = _framing  # noqa: SLF001 - see above
    ASGIProtocol._send_response_start = _start  # noqa: SLF001 - see above


def _framing(headers: Any) -> Any:
    return headers.framing if isinstance(headers, Ready) else _look_at_all(headers)


def _start(connection: Any, status: int, headers: Any, request: Any, close: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's own
    if close or not isinstance(headers, Ready):
        _start_any(connection, status, headers, request, close=close)
        return
    connection._response_buffer = b"".join(  # noqa: SLF001 - see above
        (
            protocol._get_cached_status_line(request.version, status),  # noqa: SLF001 - see above
            headers.lines,
            protocol._CACHED_SERVER_HEADER,  # noqa: SLF001 - see above
            protocol._get_cached_date_header(),  # noqa: SLF001 - see above
            b"\r\n",
        )
    )
