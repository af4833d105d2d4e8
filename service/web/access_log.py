"""The access log, as WSGI and as ASGI middleware: one line a request, once its response begins.

Both are installed only where `[log] access` asks for it, so that it costs nothing elsewhere.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from time import perf_counter
from typing import Any

from service.core.clients import TrustedProxies, forwarded_for, forwarded_for_in
from service.core.logs import cut_address

Environ = dict[str, Any]
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger("service.access")


class AccessLog:
    """Writes the lines; `cuts` leaves of each address its network alone."""

    def __init__(self, proxies: TrustedProxies, *, cuts: bool) -> None:
        self._proxies, self._cuts = proxies, cuts
        log.setLevel(logging.INFO)  # whatever `[log] level` says

    def wsgi(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """Return the application with a line for each of its responses."""

        def logged(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            begun = perf_counter()

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                query = environ.get("QUERY_STRING", "")
                path = environ.get("RAW_URI") or environ["PATH_INFO"] + (f"?{query}" if query else "")
                client = self._proxies.address(environ.get("REMOTE_ADDR", ""), forwarded_for(environ))
                request = (client, environ["REQUEST_METHOD"], path)
                self._write(request, int(status[:3]), dict(headers), environ.get("HTTP_REFERER", ""), begun)
                return start_response(status, headers, exc_info)

            return application(environ, start)

        return logged

    def asgi(
        self, application: Callable[[Scope, Any, Send], Awaitable[None]]
    ) -> Callable[[Scope, Any, Send], Awaitable[None]]:
        """Return the application with a line for each of its responses."""

        async def logged(scope: Scope, receive: Any, send: Send) -> None:
            if "method" not in scope:  # the start and the end of the server
                return await application(scope, receive, send)
            begun = perf_counter()

            async def send_and_log(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    query = scope["query_string"].decode("latin-1")
                    path = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
                    headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
                    referrer = next((v.decode("latin-1") for n, v in scope["headers"] if n == b"referer"), "")
                    peer, _ = scope.get("client") or ("", 0)
                    client = self._proxies.address(peer, forwarded_for_in(scope["headers"]))
                    request = (client, scope["method"], path)
                    self._write(request, message["status"], headers, referrer, begun)
                await send(message)

            return await application(scope, receive, send_and_log)

        return logged

    def _write(
        self,
        request: tuple[str, str, str],
        status: int,
        headers: dict[str, str],
        referrer: str,
        begun: float,
    ) -> None:
        named = {name.lower(): value for name, value in headers.items()}
        client, method, path = request
        fields = {
            "client": cut_address(client) if self._cuts else client,
            "method": method,
            "path": _printable(path),
            "status": status,
            "bytes": int(named.get("content-length", 0)),
            "milliseconds": round((perf_counter() - begun) * 1000, 1),
            "cache": named.get("cache-status", "").partition("; ")[2],
            "referrer": _printable(referrer),
        }
        if name := named.get("x-request-id"):
            fields["request_id"] = name
        log.info(
            '%s "%s %s" %d %d B %s ms, %s, from "%s"%s',
            fields["client"] or "-", method, fields["path"], status, fields["bytes"], fields["milliseconds"],
            fields["cache"] or "-", fields["referrer"] or "-", f" (request {name})" if name else "",
            extra={"fields": fields},
        )  # fmt: skip


def _printable(text: str) -> str:
    """Return text that can end no line of the log."""
    return "".join(letter if letter.isprintable() and letter != '"' else "?" for letter in text)
