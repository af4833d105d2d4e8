"""The edge in front of an ASGI application: what is kept is answered in the event loop, without a thread.

Everything else goes behind, where the WSGI edge with the same memory finds, makes and keeps answers.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from service.edge.answer import Finished, as_bytes
from service.edge.memory import Memory
from service.edge.ready import Ready

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

_SAFE = {"GET", "HEAD"}
_NO_BODY = {"type": "http.response.body", "body": b""}
_NOBODY_KNOWS = ("localhost", 80)  # what the bridge to WSGI takes where the server tells no address


def in_front_of(behind: Application, memory: Memory | None) -> Application:
    """The application with the edge before it, if there is a memory.

    What is done for every hit is written out here and kept to a look-up, for all else costs more than
    it: the name of the request is made of what the server has parsed anyway.
    """
    if memory is None:
        return behind
    at_hand, questions, clock = memory.at_hand, memory.questions, memory.clock

    async def app(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _SAFE or scope.get("root_path"):
            return await behind(scope, receive, send)
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):  # a field sent twice is for those who read slowly
            return await behind(scope, receive, send)
        accepted = headers.get(b"accept-encoding", b"")
        alias = (scope["server"], scope["path"], scope["query_string"], accepted)
        finished = at_hand.get(alias)
        if finished is None or not finished.good_from <= clock() < finished.good_until:
            finished = _found(scope, alias, accepted)
            if finished is None:
                return await behind(scope, receive, send)
        if b"if-none-match" in headers and (start := _not_modified(finished, headers[b"if-none-match"])):
            await send(start)
            return await send(_NO_BODY)
        await send(finished.start)
        return await send(finished.body if scope["method"] == "GET" else _NO_BODY)

    def _found(scope: Scope, alias: tuple[object, ...], accepted: bytes) -> Finished | None:
        _, port = scope["server"] or _NOBODY_KNOWS
        path = scope["path"].encode().decode("latin-1")
        question = questions.of(str(port or 0), path, scope["query_string"].decode("latin-1"))
        return memory.find_now(question, accepted.decode("latin-1"), alias) if question else None

    return app


def _not_modified(finished: Finished, if_none_match: bytes) -> MutableMapping[str, Any] | None:
    if if_none_match == finished.if_none_match and finished.unchanged is not None:
        return finished.unchanged
    headers = finished.not_modified(if_none_match.decode("latin-1"))
    if headers is None:
        return None
    start = {"type": "http.response.start", "status": 304, "headers": Ready(as_bytes(headers))}
    if if_none_match == finished.if_none_match:
        finished.unchanged = start  # for the next one within this second
    return start
