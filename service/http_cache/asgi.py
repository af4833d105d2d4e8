"""The edge in the event loop: what is kept is answered there, for all else a thread asks the WSGI edge.

The thread hands a finished answer back whole. A bridge that passes on the parts as they come wakes either
side for each of them, which together is half of what it costs to draw a page.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from time import monotonic
from typing import Any

from service.http_cache.responses import WireResponse, as_bytes
from service.http_cache.wsgi import CachingMiddleware, Environ

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

_SAFE = {"GET", "HEAD"}
_NO_BODY = {"type": "http.response.body", "body": b""}
_NOBODY_KNOWS = ("localhost", 80)  # what the bridge to WSGI takes where the server tells no address


def in_the_loop(  # noqa: C901 - a call costs what a quarter of the look-up does
    edge: CachingMiddleware, environ_of: Callable[[Scope], Environ], threads: Executor, behind: Application
) -> Application:
    """An ASGI application that answers GET and HEAD, and leaves everything else to the one behind.

    What is done for every hit is written out here and kept to a look-up, for all else costs more than
    it: the name of the request is made of what the server has parsed anyway.
    """
    memory = edge.memory
    at_hand, clock = (memory.at_hand, memory.clock) if memory else ({}, monotonic)

    async def app(scope: Scope, receive: Any, send: Send) -> None:
        method = scope.get("method")  # only http has one
        if method not in _SAFE:
            return await behind(scope, receive, send)
        accepted = if_none_match = b""
        for name, value in scope["headers"]:  # what is sent twice is one field with both (RFC 9110 §5.3)
            if name == b"accept-encoding":
                accepted = accepted + b", " + value if accepted else value
            elif name == b"if-none-match":
                if_none_match = if_none_match + b", " + value if if_none_match else value
        alias = (scope["server"], scope["path"], scope["query_string"], accepted, scope.get("root_path"))
        finished = at_hand.get(alias)
        if finished is None or not finished.good_from <= clock() < finished.good_until:
            finished = _found(scope, alias, accepted)
            if finished is None:
                finished = await get_running_loop().run_in_executor(threads, _made, scope)
        if if_none_match and (start := _not_modified(finished, if_none_match)):
            await send(start)
            return await send(_NO_BODY)
        await send(finished.start)
        return await send(finished.body if method == "GET" else _NO_BODY)

    def _found(scope: Scope, alias: tuple[object, ...], accepted: bytes) -> WireResponse | None:
        if memory is None or scope.get("root_path"):
            return None
        _, port = scope["server"] or _NOBODY_KNOWS
        path = scope["path"].encode().decode("latin-1")
        question = memory.questions.of(str(port or 0), path, scope["query_string"].decode("latin-1"))
        return memory.find_now(question, accepted.decode("latin-1"), alias) if question else None

    def _made(scope: Scope) -> WireResponse:
        return edge.finished(environ_of(scope))

    return app


def _not_modified(finished: WireResponse, if_none_match: bytes) -> MutableMapping[str, Any] | None:
    if if_none_match == finished.if_none_match and finished.unchanged is not None:
        return finished.unchanged
    headers = finished.not_modified(if_none_match.decode("latin-1"))
    if headers is None:
        return None
    start = {"type": "http.response.start", "status": 304, "headers": as_bytes(headers), "joined": []}
    if if_none_match == finished.if_none_match:
        finished.unchanged = start  # for the next one within this second
    return start
