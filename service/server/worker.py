"""gunicorn's worker class: uvicorn's, with an end to every wait, bounds on all that comes, a polite end.

uvicorn has no deadline for receiving a request and no limit on its head, refuses no connection, closes idle
ones at once when it is told to end, and never looks whether its master lives. An answer that is at hand is
also begun here without a task, and written in one piece. `INSIDE` names what of uvicorn's is relied on beyond
its public interface: a test notices when it changes, and pyproject.toml holds uvicorn to one minor version.
"""

import heapq
import os
import re
import signal
import socket
import struct
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from functools import partial
from http import HTTPStatus
from logging import WARNING, getLogger
from mmap import mmap
from termios import TIOCOUTQ
from time import monotonic
from types import coroutine
from typing import Any, ClassVar

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server, ServerState
from uvicorn_worker import UvicornWorker

INSIDE = (HttpToolsProtocol, RequestResponseCycle, FlowControl, Server, ServerState, UvicornWorker)

_LONGEST_HEAD, _MOST_FIELDS = 32_768, 100  # bytes of a request's first line and fields
_LONGEST_REQUEST = 1_048_576  # bytes; nothing here reads a body
_PIECE = (
    4_096  # bytes parsed at once, so that few short requests wait as objects and other connections get turns
)
_VERSIONS = {"1.1", "1.0"}
_PATIENCE = 75  # seconds, where gunicorn's keepalive is 0
_TAKES_OVER = 10.0  # seconds for which a worker that is told to end by a reload waits for who comes after it
_LAST_CALL = 2.0  # seconds for requests that are on their way when the worker is told to end
_LINGER = 2.0  # seconds in which a refusal can be read: closed at once, what was not read would reset it
_AT_ONCE = 50  # room is made by this part of all at once: to find the longest waiting means to look at all
_NOTHING_MORE = struct.pack("ii", 1, 0)  # for SO_LINGER: the kernel, too, forgets what was not taken
_INVALID = HTTPStatus.BAD_REQUEST, b"This is no HTTP/1.1 request.\n"
_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, b"The head of the request is too large.\n"
_TOO_LONG = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"The body of the request is too large.\n"
_NO_ROOM = HTTPStatus.SERVICE_UNAVAILABLE, b"All connections are taken; try again.\n", b"Retry-After: 1"
_NO_BODY = HTTPStatus.NOT_MODIFIED
_OF_A_BODY = {b"content-length", b"transfer-encoding"}
_ORIGIN = re.compile(rb"^https?://[^/?#]*/?", re.IGNORECASE)
_NOT_FOLLOWED = "access_log_format limit_request_line limit_request_fields limit_request_field_size threads"


RELOADS = mmap(-1, 2)  # shared by all processes: the number of the last reload, and of the last that serves


class Connection(HttpToolsProtocol):  # type: ignore[misc] # without types, as all of uvicorn here
    """One connection to a reader or to a server in front, and the transport of the answers on it.

    Attributes:
        current: the request whose answer is under way, or was the last; `cycle` is the newest one.
        turn: the request whose answer is to be begun, and the application.
        unread: bytes received that were not parsed yet.
        waits_since: when the last answer was complete, or the connection made.
        farewell: what is written when all is answered, before the connection is closed; None: it is kept.
        untaken, taken_at: bytes that the other end has not taken, and when that number changed.
    """

    def __init__(self, worker: "Worker", **given: Any) -> None:
        super().__init__(**given)
        self.worker = worker
        self.current: RequestResponseCycle | None = None
        self.turn: tuple[RequestResponseCycle, Any] | None = None
        self.url = self.unread = b""
        self.farewell: bytes | None = None
        self.scope: dict[str, Any] = {}
        self.measured, self.size = self.scope, 0
        self.waits_since = monotonic()
        self.untaken, self.taken_at = (0, b""), self.waits_since
        self.begins, self.holds, self.held = False, False, b""

    @property
    def waits(self) -> bool:
        """Whether no request is here whole that is still to be answered."""
        current = self.current
        return self.turn is None and (current is None or current.response_complete or current.more_body)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.is_closing = transport.is_closing
        self.worker.make_room(self)
        if self.worker.parting:
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unread, self.turn = b"", None
        self.pipeline.clear()
        if self.current is not None:
            self.current.disconnected = True

    def eof_received(self) -> bool:
        """Keep the connection while something is still to be answered."""
        self.farewell = self.farewell or b""
        return (not self.waits or bool(self.unread)) and self.scheme == "http"

    def data_received(self, data: bytes) -> None:
        if self.farewell is None:
            self.unread = self.unread + data if self.unread else data
            self.read_on()

    def read_on(self) -> None:
        """Parse a piece and answer; behind a request that has to queue the rest waits as bytes."""
        if self.unread and not self.pipeline:
            piece, self.unread = self.unread[:_PIECE], self.unread[_PIECE:]
            try:
                self.parser.feed_data(piece)
                if "method" not in self.scope or self.cycle.more_body:
                    self.measure(len(piece))
            except HttpParserUpgrade as upgrade:  # to nothing spoken here: it goes on as it was
                self.unread = piece[upgrade.args[0] :] + self.unread
                if any(name in _OF_A_BODY and value != b"0" for name, value in self.headers):
                    self.cycle.keep_alive, self.farewell, self.unread = False, b"", b""  # not parsed as one
            except HttpParserError as error:
                self.refuse(*(_TOO_LARGE if isinstance(error.__context__, TooLargeError) else _INVALID))
        while self.turn is not None:
            self.begin(*self.turn)
        if self.pipeline or self.is_closing():
            return
        if self.unread:
            self.flow.pause_reading()
            self.loop.call_soon(self.read_on)
        elif self.farewell is not None and self.waits:
            self.say_farewell(self.farewell)
        else:
            self.flow.resume_reading()

    def measure(self, size: int) -> None:
        """Bound a request that is not here whole after this piece."""
        if self.scope is not self.measured:
            self.measured, self.size = self.scope, 0
        self.size += size
        longest = _LONGEST_REQUEST if "method" in self.scope else _LONGEST_HEAD + _PIECE
        if self.size > longest or len(self.headers or ()) > _MOST_FIELDS:
            self.refuse(*(_TOO_LONG if "method" in self.scope else _TOO_LARGE))

    def on_headers_complete(self) -> None:
        if not self.url.startswith(b"/"):
            self.url = _ORIGIN.sub(b"/", self.url)  # as to a proxy: uvicorn fails where the path is empty
        if len(self.headers) > _MOST_FIELDS or (self.scope is self.measured and self.head() > _LONGEST_HEAD):
            raise TooLargeError
        super().on_headers_complete()
        if self.scope["http_version"] not in _VERSIONS:
            raise ValueError

    def head(self) -> int:
        """Bytes of the head, near enough."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_message_complete(self) -> None:
        """As uvicorn's, which forgets it of a request that was answered before it was here whole."""
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Keep it for `read_on`, which begins it when the parser has returned."""
        self.turn = cycle, app

    def begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Run the application; only if it has to wait for something, in a task."""
        self.turn, self.current = None, cycle
        if self.worker.parting or (cycle.waiting_for_100_continue and cycle.more_body):
            cycle.keep_alive = False
        cycle.__class__, cycle.transport = Cycle, self  # it uses three methods of a transport
        running, self.begins = cycle.run_asgi(app), True
        try:
            waits_for = self.step(running.send, None)
        except StopIteration:
            return
        finally:
            self.begins = False
        task = self.loop.create_task(self.finish(running, waits_for))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def finish(self, running: Any, waits_for: Any) -> None:
        """Run to its end, as a task, what waits for this future."""
        await self.the_rest(running, waits_for)

    @coroutine
    def the_rest(self, running: Any, waits_for: Any) -> Generator[Any, Any, None]:
        while True:
            try:
                go_on, given = running.send, (yield waits_for)
            except BaseException as error:  # noqa: BLE001 - also that the task is cancelled
                go_on, given = running.throw, error
            try:
                waits_for = self.step(go_on, given)
            except StopIteration:
                return

    def step(self, go_on: Callable[[Any], Any], given: Any) -> Any:
        """Let the application go on to its next wait, and send what it has written meanwhile."""
        self.holds = True
        try:
            return go_on(given)
        finally:
            self.let_go()

    def write(self, data: bytes) -> None:
        """Send the head of an answer together with the body, where both come at once."""
        if self.holds and not self.held:
            self.held = data
        else:
            self.transport.write(self.held + data)
            self.held = b""

    def let_go(self) -> None:
        self.holds = False
        if self.held:
            self.write(b"")

    def close(self) -> None:
        self.let_go()
        self.transport.close()

    def on_response_complete(self) -> None:
        """In the place of uvicorn's, whose timer for the next request outlives a connection that is reset."""
        self.server_state.total_requests += 1
        self.waits_since = monotonic()
        if self.is_closing():
            return
        if self.pipeline:
            self.turn = self.pipeline.pop()
        if not self.begins:
            self.loop.call_soon(self.read_on)
        if self.worker.parting:
            self.shutdown()

    def refuse(self, status: HTTPStatus, text: bytes, *more: bytes) -> None:
        """Answer behind what was asked before that this is no request, and close; nothing more is heard."""
        self.unread = b""
        if self.farewell is not None:
            return
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope and cycle.more_body:  # the fault is in its body
            cycle.disconnected = True
            self.turn = None if self.turn and self.turn[0] is cycle else self.turn
            if cycle.response_started:
                self.farewell = b""
                return
        fields = [b"%b: %b" % field for field in self.server_state.default_headers]
        fields += [
            b"content-type: text/plain",
            b"content-length: %d" % len(text),
            b"connection: close",
            *more,
        ]
        self.farewell = STATUS_LINE[status] + b"\r\n".join([*fields, b"", text])

    def say_farewell(self, farewell: bytes) -> None:
        """Close, and leave the other end the time to read why."""
        self.farewell = b""
        self.transport.write(farewell)
        if farewell and self.transport.can_write_eof():
            self.transport.write_eof()
            self.waits_since = monotonic() + _LINGER - self.worker.patience
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Say with the next answer that it is the last; wait a little for a request."""
        if self.current is not None and not self.current.response_started:
            self.current.keep_alive = False
        self.loop.call_later(_LAST_CALL, self.leave)

    def leave(self) -> None:
        """Close a connection that no whole request is on."""
        if self.waits:
            self.transport.close()

    def make_way(self) -> None:
        """Leave the place to another; who has asked nothing yet is told so."""
        if self.current is None and self.farewell is None:
            self.refuse(*_NO_ROOM)
            self.read_on()
        else:
            self.transport.close()

    def look(self, now: float) -> None:
        """Once a second: part from who asks nothing, or takes nothing."""
        if now - self.waits_since > self.worker.patience:
            self.leave()
        line, here = self.transport.get_extra_info("socket"), self.transport.get_write_buffer_size()
        with suppress(OSError, ValueError):  # it may have gone since
            untaken = (here, ioctl(line.fileno(), TIOCOUTQ, bytes(4)) if here else b"")  # here, in the kernel
            if not here or untaken != self.untaken:
                self.untaken, self.taken_at = untaken, now
            elif now - self.taken_at > self.worker.patience:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_MORE)
                self.transport.abort()


class Cycle(RequestResponseCycle):  # type: ignore[misc]
    """One request and its answer. A head that was checked and joined once is sent again as it is.

    Who sends the same message for several answers may give it a list under the key `joined`: in it is kept
    what becomes of the headers. For an answer from memory, uvicorn's check of each is a third of the work.
    """

    def send(self, message: Any) -> Awaitable[None]:
        joined = None if self.response_started else message.get("joined")  # type: ignore[has-type]
        if (
            joined is None
            or self.disconnected
            or not self.keep_alive
            or self.access_log
            or self.flow.write_paused
        ):
            return super().send(message)  # type: ignore[no-any-return]
        if not joined:
            return self.join(message, joined)
        self.waiting_for_100_continue = False
        self.response_started = True
        head, self.chunked_encoding, self.expected_content_length = joined
        self.transport.write(head)
        return _SENT

    async def join(self, message: Any, joined: list[Any]) -> None:
        """Send it as uvicorn does, and keep what it has made, unless that holds for this request alone."""
        await super().send(message)
        head = self.transport.held
        if head and self.keep_alive and (self.chunked_encoding is False or message["status"] == _NO_BODY):
            joined[:] = head, self.chunked_encoding, self.expected_content_length


class Sent:
    """What is awaited of something that is already done."""

    def __await__(self) -> Any:  # an iterator, which no type of Python's allows here
        return iter(())


_SENT = Sent()


class TooLargeError(Exception):
    """A head beyond what is read."""


class PoliteServer(Server):  # type: ignore[misc]
    """uvicorn's server, for a worker that goes on when it has ended."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__(worker.config)
        self.worker = worker

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear of every end; uvicorn's swallows SIGQUIT, and dies of the others before gunicorn's hooks."""
        for end in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(end, self.handle_exit)
        yield

    async def on_tick(self, counter: int) -> bool:
        """At a reload gunicorn ends who serves before the others can: nobody would be served meanwhile."""
        return bool(await super().on_tick(counter)) and not self.worker.awaits_others()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say with every answer from now on that it is the last one on its connection."""
        self.worker.parting = True
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc]
    """At most `worker_connections` connections, and no wait on any for longer than `keepalive` seconds."""

    CONFIG_KWARGS: ClassVar = {
        "loop": "uvloop",
        "ws": "none",
        "interface": "asgi3",
        "proxy_headers": False,
        "headers": [("server", "portal-widgets")],
        "timeout_notify": float("-inf"),  # every second, also when the clock was set back
    }
    parting = False

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Said by gunicorn's master when it starts."""
        for name in _NOT_FOLLOWED.split():
            if cfg.settings[name].get() != cfg.settings[name].default:
                log.warning("%s: this setting is not followed by %s", name, cfg.worker_class_str)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = self.cfg.keepalive or _PATIENCE
        self.generation, self.awaits_until = RELOADS[0], float("inf")
        self.config.http = partial(Connection, self)
        self.config.timeout_graceful_shutdown = max(self.cfg.graceful_timeout - 1, 0)
        getLogger("uvicorn.error").setLevel(WARNING)  # gunicorn tells of workers that come and go

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        self.server = PoliteServer(self)
        await self.server.serve(sockets=[one.sock for one in self.sockets])

    def awaits_others(self) -> bool:
        """Whether there was a reload, and nobody serves yet who came with it."""
        self.awaits_until = min(self.awaits_until, monotonic() + _TAKES_OVER)
        return RELOADS[0] not in {self.generation, RELOADS[1]} and monotonic() < self.awaits_until

    def make_room(self, newcomer: Connection) -> None:
        """Close those that have been without a request for longest."""
        everybody: Any = self.server.server_state.connections
        if len(everybody) <= self.cfg.worker_connections:
            return
        waiting = [one for one in everybody if one.waits and not one.is_closing() and one is not newcomer]
        for one in heapq.nsmallest(1 + len(waiting) // _AT_ONCE, waiting, key=lambda one: one.waits_since):
            one.make_way()
        if not waiting:
            newcomer.make_way()

    def notify(self) -> None:
        """Once a second, beside the sign of life: whether to go on, and who is waited for too long."""
        super().notify()
        if self.generation == RELOADS[0]:
            RELOADS[1] = self.generation
        if not self.alive or os.getppid() != self.ppid:  # a file was changed, or the master has gone
            self.server.should_exit = True
        now, everybody = monotonic(), self.server.server_state.connections
        for one in tuple(everybody):
            one.look(now)
