"""The response cache as an ASGI application: stored responses from the event loop, all others from a thread.

The thread runs the WSGI middleware and returns a whole response. A bridge that passes on the parts as they
come wakes the thread and the loop for each of them, which is half of what it costs to render a page.

What is stored waits for nothing that is rendered. The look at the store, once a second, and the first
encoding for a client that accepts another one have threads of their own; and while others wait for their turn
(`render_queue`), a response that is out of date is served for the few seconds that it may be.
"""

import logging
from asyncio import Future, get_running_loop, wait
from collections.abc import Awaitable, Callable, MutableMapping, MutableSequence
from concurrent.futures import Executor
from functools import partial
from mmap import mmap
from time import monotonic
from typing import Any

from service.core.clients import DISCONNECTED, Client, TrustedProxies, forwarded_for_in
from service.http_cache.render_queue import RenderQueue
from service.http_cache.response_cache import CacheKey, ResponseCache
from service.http_cache.responses import WireResponse, as_asgi
from service.http_cache.wsgi import CachingMiddleware, Environ

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]

THREADS = 3  # one renders, the others look at the store and encode
_SAFE_METHODS = {"GET", "HEAD"}
_EMPTY_BODY = {"type": "http.response.body", "body": b""}
_DEFAULT_SERVER = ("localhost", 80)  # a2wsgi's, where the server names no address
_LOOK = 0.1  # seconds that a request waits for the look at the store
_LONG_AGO = 3.0  # seconds

log = logging.getLogger(__name__)


def asgi_application(  # noqa: PLR0913, PLR0917 - each call would cost a quarter of the look-up
    middleware: CachingMiddleware,
    environ_of: Callable[[Scope], Environ],
    executor: Executor,
    fallback: Application,
    proxies: TrustedProxies | None = None,
    told: MutableSequence[int] | mmap | None = None,
) -> Application:
    """Return an ASGI application that serves HTTP, and leaves everything else to `fallback`.

    The path of a hit is written out here and reduced to one look-up, for everything else costs more than
    that: its key is made of what the server has parsed anyway.

    Args:
        middleware: the WSGI middleware, whose cache is shared.
        environ_of: makes the WSGI environ of a scope.
        executor: has `THREADS` threads.
        fallback: called for what is no HTTP request.
        proxies: say who a client is.
        told: the first item is set when the log says that a client has no limit; shared by all workers.
    """
    cache = middleware.cache
    hot_responses, clock = (cache.hot_responses, cache.clock) if cache else ({}, monotonic)
    uncached = _Uncached(middleware, environ_of, executor, proxies or TrustedProxies(), told or [0])

    async def application(scope: Scope, receive: Any, send: Send) -> None:
        method = scope.get("method")  # absent for lifespan and websocket
        if method not in _SAFE_METHODS:
            return await (fallback(scope, receive, send) if method is None else uncached.send(scope, send))
        accept_encoding = if_none_match = since = b""
        for name, value in scope["headers"]:  # fields of the same name are one list (RFC 9110 §5.3)
            if name == b"accept-encoding":
                accept_encoding = accept_encoding + b", " + value if accept_encoding else value
            elif name == b"if-none-match":
                if_none_match = if_none_match + b", " + value if if_none_match else value
            elif name == b"if-modified-since":
                since = value
        hot_key = (
            scope["server"],
            scope["path"],
            scope["query_string"],
            accept_encoding,
            scope.get("root_path"),
        )
        response = hot_responses.get(hot_key)
        if response is None or not response.valid_from <= clock() < response.valid_until:
            response = await uncached.response(scope, hot_key, accept_encoding)
            if response is None:
                return None
        if (if_none_match or since) and (start := _not_modified_start(response, if_none_match, since)):
            response.sent_not_modified[0] += 1
            await send(start)
            return await send(_EMPTY_BODY)
        response.sent[0] += 1
        await send(response.start)
        return await send(response.body if method == "GET" else _EMPTY_BODY)

    return application


class _Uncached:
    """Finds or makes what is not hot."""

    def __init__(
        self,
        middleware: CachingMiddleware,
        environ_of: Callable[[Scope], Environ],
        executor: Executor,
        proxies: TrustedProxies,
        told: MutableSequence[int] | mmap,
    ) -> None:
        self._middleware, self._environ_of, self._executor = middleware, environ_of, executor
        self._proxies, self._told = proxies, told
        self._cache = middleware.cache
        self._queue = RenderQueue(executor)
        self._looking: Future[None] | None = None
        if self._cache is not None:
            self._cache.has_more_to_do = lambda: self._queue.has_many

    async def response(
        self, scope: Scope, hot_key: tuple[object, ...], accept_encoding: bytes
    ) -> WireResponse | None:
        """Return the response to a GET or HEAD: stored if it can be, else rendered; as `rendered`."""
        cache = self._cache
        if cache is None or scope.get("root_path"):
            return await self.rendered(scope)
        _, port = scope["server"] or _DEFAULT_SERVER
        path = scope["path"].encode().decode("latin-1")  # as in PATH_INFO: both adapters share the key
        key = cache.cache_keys.of(str(port or 0), path, scope["query_string"].decode("latin-1"))
        if key is None:
            return await self.rendered(scope)
        accepted = accept_encoding.decode("latin-1")
        if cache.is_check_due:
            await self._look(cache)
        response = cache.find_ready(key, accepted, hot_key, is_checked=True)
        if response is not None:
            return response
        if cache.is_servable(key) or self._begins_next(scope, key, cache):
            encode = partial(cache.find_stored, key, accepted)
            response = await get_running_loop().run_in_executor(self._executor, encode)
        return response or await self.rendered(scope)

    async def _look(self, cache: ResponseCache) -> None:
        """Let a thread look at the store.

        While something is rendered that thread gets the interpreter late, so then nobody waits for it, unless
        the last look is long ago.
        """
        if self._looking is None or self._looking.done():
            self._looking = get_running_loop().run_in_executor(self._executor, cache.check_store)
        if not self._queue.is_busy or cache.seconds_since_check >= _LONG_AGO:
            await wait((self._looking,), timeout=_LOOK)

    async def send(self, scope: Scope, send: Send) -> None:
        """Respond to a method other than GET and HEAD."""
        response = await self.rendered(scope)
        if response is not None:
            await send(response.start)
            await send(response.body)

    async def rendered(self, scope: Scope) -> WireResponse | None:
        """Return what the application responds, or a refusal; None if the client has gone meanwhile."""

        def render() -> WireResponse:
            return self._middleware.respond(self._environ_of(scope), waits=False)

        client = self._client(scope)
        rendering = self._queue.add(
            client, render, lambda: DISCONNECTED not in scope, is_limited=client.is_limited
        )
        response = await rendering
        if response is None and DISCONNECTED not in scope:
            return self._middleware.refuse(self._environ_of(scope), client.address)
        return response

    def _begins_next(self, scope: Scope, key: CacheKey, cache: ResponseCache) -> bool:
        """Let the next response be made while the stale one is served, if this request would have to wait."""
        if not self._queue.is_busy:
            return False
        miss = cache.claim(key)
        if miss is None:
            return False

        def render() -> WireResponse:
            return self._middleware.make(miss, key, self._environ_of(scope), cache)

        # Without a limit: there is one for each stored response.
        rendering = self._queue.add(self._client(scope), render, lambda: True, is_limited=False)
        rendering.add_done_callback(lambda _: cache.finish(key, miss.flight))
        return True

    def _client(self, scope: Scope) -> Client:
        peer, _ = scope.get("client") or ("", 0)
        client = self._proxies.client(peer, forwarded_for_in(scope["headers"]))
        if not client.is_limited and not client.is_trusted and not self._told[0]:
            self._told[0] = 1
            log.info(
                "requests from %s have no limit per address: that is this machine, a private network or a "
                "Unix socket, and limits.trusted_proxies does not name it",
                client.address or "a Unix socket",
            )
        return client


def _not_modified_start(
    response: WireResponse, if_none_match: bytes, since: bytes
) -> MutableMapping[str, Any] | None:
    """Return the first message of a 304; None for a client that needs the body. A tag wins over a time."""
    is_own_tag = bool(if_none_match) and if_none_match == response.etag
    if is_own_tag and response.not_modified_start is not None:
        return response.not_modified_start
    headers = response.not_modified(if_none_match.decode("latin-1"), since.decode("latin-1"))
    if headers is None:
        return None
    start = {"type": "http.response.start", "status": 304, "headers": as_asgi(headers), "joined": []}
    if is_own_tag:
        response.not_modified_start = start  # sent again to the others of this second
    return start
