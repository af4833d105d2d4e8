"""The worker class for gunicorn: uvicorn's, with timeouts, limits and a graceful end.

uvicorn 0.54 has no deadline for receiving a request and no limit on its head, refuses no connection, closes
idle ones at once when it is stopped, and never checks whether its master is alive. Besides that, a response
that needs no waiting is sent here without a task, and in one piece. `UVICORN_INTERNALS` names the classes
whose internals are used beyond their public interface: a test notices when they change, and pyproject.toml
holds uvicorn to one minor version.
"""

import heapq
import os
import re
import signal
import socket
import struct
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl
from functools import partial
from http import HTTPStatus
from logging import WARNING, getLogger
from mmap import mmap
from operator import itemgetter
from termios import TIOCOUTQ
from time import monotonic
from types import coroutine
from typing import Any, ClassVar

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server, ServerState
from uvicorn_worker import UvicornWorker

from service.core.clients import DISCONNECTED

UVICORN_INTERNALS = (HttpToolsProtocol, RequestResponseCycle, FlowControl, Server, ServerState, UvicornWorker)

_MAX_HEAD, _MAX_FIELDS = 32_768, 100  # bytes and header fields of a request
_MAX_REQUEST = 1_048_576  # bytes; no view reads a body
# Bytes parsed at a time, so that few short requests wait as objects and other connections get turns.
_PIECE = 4_096
_VERSIONS = {"1.1", "1.0"}
# All in seconds.
_IDLE_TIMEOUT = 75  # where gunicorn's keepalive is 0
_SUCCESSOR_TIMEOUT = 10.0  # for which a worker that a reload ends waits for its successors to serve
_LAST_REQUESTS = 2.0  # for requests that are on their way when the worker is stopped
_LINGER = 2.0  # for the client to read a refusal: at once, a close would reset what it has not read
_VICTIMS = 64  # idle connections that are found at once: finding the oldest takes a look at all
_MAX_LINGERING = 50  # connections whose clients have time to read a refusal
# Seconds for which a thread that renders goes on while the event loop waits; Python's own are 0.005.
_SWITCH_INTERVAL = 0.0005
_RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: the kernel discards what was not sent
_INVALID = HTTPStatus.BAD_REQUEST, b"This is no HTTP/1.1 request.\n"
_HEAD_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, b"The head of the request is too large.\n"
_BODY_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"The body of the request is too large.\n"
_NO_ROOM = HTTPStatus.SERVICE_UNAVAILABLE, b"All connections are taken; try again.\n", b"Retry-After: 1"
_BODY_FIELDS = {b"content-length", b"transfer-encoding"}
_NOT_ASCII = re.compile(rb"[^\x00-\x7f]")
_ORIGIN = re.compile(rb"^https?://[^/?#]*/?", re.IGNORECASE)
_IGNORED = "access_log_format limit_request_line limit_request_fields limit_request_field_size threads"

# Shared by all processes: the number of the last reload, and of the last one whose workers serve.
RELOADS = mmap(-1, 2)
TOLD = mmap(-1, 1)  # whether one of them has said in the log that a client has no limit


class Connection(HttpToolsProtocol):  # type: ignore[misc] # without types, as all of uvicorn here
    """A connection to a client or to a proxy in front; also the transport of the responses on it.

    Attributes:
        current: the request whose response is under way, or was the last; `cycle` is the newest one.
        next_request: the request whose response is started next, with the application.
        unparsed: bytes received that were not parsed yet.
        idle_since: when the last response was complete, or the connection made.
        closing_message: written after all responses, before the connection is closed; None: it stays open.
        unsent, progress_at: what the other end has not acknowledged, and when that changed.
        measured_scope, received: the request that is being received, and its bytes so far.
        buffer: the head of a response, while `is_buffering`.
    """

    def __init__(self, worker: "Worker", **given: Any) -> None:
        super().__init__(**given)
        self.worker = worker
        self.current: RequestResponseCycle | None = None
        self.next_request: tuple[RequestResponseCycle, Any] | None = None
        self.url = self.unparsed = b""
        self.closing_message: bytes | None = None
        self.scope: dict[str, Any] = {}
        self.measured_scope, self.received = self.scope, 0
        self.idle_since = monotonic()
        self.unsent, self.progress_at = (0, b""), self.idle_since
        self.is_starting, self.is_buffering, self.buffer = False, False, b""

    @property
    def is_idle(self) -> bool:
        """Whether no complete request is still without its response."""
        current = self.current
        if self.next_request is not None:
            return False
        return current is None or current.response_complete or current.more_body

    @property
    def is_evictable(self) -> bool:
        """Whether it is idle, and not about to be closed."""
        return self.closing_message is None and self.is_idle and not self.is_closing()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.is_closing = transport.is_closing
        self.worker.evict_idle(self)
        if self.worker.is_stopping:
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unparsed, self.next_request = b"", None
        self.pipeline.clear()
        if self.current is not None:
            self.current.disconnected = True
            self.current.scope[DISCONNECTED] = True  # what waits to be rendered for it is left out

    def eof_received(self) -> bool:
        """Keep the connection open while a response is missing."""
        self.closing_message = self.closing_message or b""
        return (not self.is_idle or bool(self.unparsed)) and self.scheme == "http"

    def data_received(self, data: bytes) -> None:
        if self.closing_message is None:
            self.unparsed = self.unparsed + data if self.unparsed else data
            self.process_input()

    def process_input(self) -> None:
        """Parse a piece and respond to it; while a request is queued, what follows is not parsed."""
        if self.unparsed and not self.pipeline:
            piece, self.unparsed = self.unparsed[:_PIECE], self.unparsed[_PIECE:]
            try:
                self.parser.feed_data(piece if piece.isascii() else self.parsable(piece))
                if "method" not in self.scope or self.cycle.more_body:
                    self.check_size(len(piece))
            except HttpParserUpgrade as upgrade:  # to no protocol that is supported: it goes on as HTTP
                self.unparsed = piece[upgrade.args[0] :] + self.unparsed
                if any(name in _BODY_FIELDS and value != b"0" for name, value in self.headers):
                    # The parser did not take its body for one.
                    self.cycle.keep_alive, self.closing_message, self.unparsed = False, b"", b""
            except HttpParserError as error:
                self.reject(*(_HEAD_TOO_LARGE if isinstance(error.__context__, TooLargeError) else _INVALID))
        while self.next_request is not None:
            self.start(*self.next_request)
        if self.pipeline or self.is_closing():
            return
        if self.unparsed:
            self.flow.pause_reading()
            self.loop.call_soon(self.process_input)
        elif self.closing_message is not None and self.is_idle:
            self.close_after(self.closing_message)
        else:
            self.flow.resume_reading()

    def parsable(self, piece: bytes) -> bytes:
        """Return what the parser takes: the request line of a new request in ASCII."""
        is_new = not self.scope or ("method" in self.scope and not self.cycle.more_body)
        return ascii_request_line(piece) if is_new else piece

    def check_size(self, size: int) -> None:
        """Reject a request that is too large, and not complete after this piece."""
        if self.scope is not self.measured_scope:
            self.measured_scope, self.received = self.scope, 0
        self.received += size
        longest = _MAX_REQUEST if "method" in self.scope else _MAX_HEAD + _PIECE
        if self.received > longest or len(self.headers or ()) > _MAX_FIELDS:
            self.reject(*(_BODY_TOO_LARGE if "method" in self.scope else _HEAD_TOO_LARGE))

    def on_headers_complete(self) -> None:
        if not self.url.startswith(b"/"):
            self.url = _ORIGIN.sub(b"/", self.url)  # absolute form: uvicorn fails where the path is empty
        is_measured = self.scope is self.measured_scope
        if len(self.headers) > _MAX_FIELDS or (is_measured and self.head_size() > _MAX_HEAD):
            raise TooLargeError
        super().on_headers_complete()
        if self.scope["http_version"] not in _VERSIONS:
            raise ValueError

    def head_size(self) -> int:
        """Return the approximate size of the head in bytes."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_message_complete(self) -> None:
        """Do as uvicorn's, which leaves this out for a request that was answered before it was complete."""
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Leave it to `process_input`, which starts it when the parser has returned."""
        self.next_request = cycle, app

    def start(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Run the application, in a task only if it has to wait for something."""
        self.next_request, self.current = None, cycle
        if self.worker.is_stopping or (cycle.waiting_for_100_continue and cycle.more_body):
            cycle.keep_alive = False
        cycle.__class__, cycle.transport = Cycle, self  # it uses `write`, `close` and `is_closing` of this
        running, self.is_starting = cycle.run_asgi(app), True
        try:
            waits_for = self.step(running.send, None)
        except StopIteration:
            return
        finally:
            self.is_starting = False
        task = self.loop.create_task(self.finish(running, waits_for))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def finish(self, running: Any, waits_for: Any) -> None:
        """Run a coroutine that waits for this future to its end, as a task."""
        await self.drive(running, waits_for)

    @coroutine
    def drive(self, running: Any, waits_for: Any) -> Generator[Any, Any, None]:
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
        """Run the application to its next wait, and send what it has written."""
        self.is_buffering = True
        try:
            return go_on(given)
        finally:
            self.flush()

    def write(self, data: bytes) -> None:
        """Send the head of a response together with its body, if both are written in one step."""
        if self.is_buffering and not self.buffer:
            self.buffer = data
        else:
            self.transport.write(self.buffer + data)
            self.buffer = b""

    def flush(self) -> None:
        self.is_buffering = False
        if self.buffer:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self.transport.close()

    def on_response_complete(self) -> None:
        """Replace uvicorn's, whose keep-alive timer outlives a connection that is reset."""
        self.server_state.total_requests += 1
        self.idle_since = monotonic()
        if self.is_closing():
            return
        if self.pipeline:
            self.next_request = self.pipeline.pop()
        if not self.is_starting:
            self.loop.call_soon(self.process_input)
        if self.worker.is_stopping:
            self.shutdown()

    def reject(self, status: HTTPStatus, text: bytes, *more: bytes) -> None:
        """Respond with an error after the responses to earlier requests, and close; nothing more is read."""
        self.unparsed = b""
        if self.closing_message is not None:
            return
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope and cycle.more_body:  # the error is in its body
            cycle.disconnected = True
            if self.next_request and self.next_request[0] is cycle:
                self.next_request = None
            if cycle.response_started:
                self.closing_message = b""
                return
        fields = [b"%b: %b" % field for field in self.server_state.default_headers]
        fields += [
            b"content-type: text/plain",
            b"content-length: %d" % len(text),
            b"connection: close",
            *more,
        ]
        self.closing_message = STATUS_LINE[status] + b"\r\n".join([*fields, b"", text])

    def close_after(self, closing_message: bytes) -> None:
        """Send a last message and close, with time for the other end to read it."""
        self.closing_message = b""
        self.transport.write(closing_message)
        if closing_message and self.transport.can_write_eof():
            self.transport.write_eof()
            self.idle_since = monotonic() + _LINGER - self.worker.idle_timeout
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Send the next response with `Connection: close`; wait a little for a request."""
        if self.current is not None and not self.current.response_started:
            self.current.keep_alive = False
        self.loop.call_later(_LAST_REQUESTS, self.close_if_idle)

    def close_if_idle(self) -> None:
        """Close the connection if it is idle."""
        if self.is_idle:
            self.transport.close()

    def evict(self) -> None:
        """Close the connection in favour of another; a client without a request so far gets a 503."""
        if self.current is None and self.closing_message is None:
            self.reject(*_NO_ROOM)
            self.process_input()
        else:
            self.transport.close()

    def check_timeouts(self, now: float) -> None:
        """Close the connection if it was idle, or did not take a response, for too long."""
        if now - self.idle_since > self.worker.idle_timeout:
            self.close_if_idle()
        sock, buffered = self.transport.get_extra_info("socket"), self.transport.get_write_buffer_size()
        with suppress(OSError, ValueError):  # it may be closed already
            # Both in this process and in the kernel.
            unsent = (buffered, ioctl(sock.fileno(), TIOCOUTQ, bytes(4)) if buffered else b"")
            if not buffered or unsent != self.unsent:
                self.unsent, self.progress_at = unsent, now
            elif now - self.progress_at > self.worker.idle_timeout:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.transport.abort()


def ascii_request_line(piece: bytes) -> bytes:
    """Return the beginning of a request with its target percent-encoded, as some clients leave that to us.

    The parser takes ASCII alone there. Fields may have other bytes.
    """
    line, end, rest = piece.lstrip(b"\r\n").partition(b"\n")
    return _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), line) + end + rest


class Cycle(RequestResponseCycle):  # type: ignore[misc]
    """One request and its response. A head that was checked and joined once is sent again as it is.

    An application that sends the same message for several responses may add a list under the key `joined`, in
    which the joined headers are cached. For a cached response, uvicorn's check of each header is a third of
    the work.
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
            return self.send_and_cache(message, joined)
        self.waiting_for_100_continue = False
        self.response_started = True
        head, self.chunked_encoding, self.expected_content_length = joined
        self.transport.write(head)
        return _SENT

    async def send_and_cache(self, message: Any, joined: list[Any]) -> None:
        """Send a message as uvicorn does, and cache its head, unless that is valid for this request only."""
        await super().send(message)
        head = self.transport.buffer
        has_no_chunks = self.chunked_encoding is False or message["status"] == HTTPStatus.NOT_MODIFIED
        if head and self.keep_alive and has_no_chunks:
            joined[:] = head, self.chunked_encoding, self.expected_content_length


class Completed:
    """An awaitable of something that is done already."""

    def __await__(self) -> Any:  # an iterator, which no type of Python's allows here
        return iter(())


_SENT = Completed()


class TooLargeError(Exception):
    """The head of a request is too large."""


class WorkerServer(Server):  # type: ignore[misc]
    """uvicorn's server, for a worker that runs gunicorn's hooks when it has ended."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__(worker.config)
        self.worker = worker

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle all three signals: uvicorn ignores SIGQUIT, and raises the others again before the hooks."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self.handle_exit)
        yield

    async def on_tick(self, counter: int) -> bool:
        """Wait for successors at a reload: gunicorn stops the old workers before the new ones can serve."""
        return bool(await super().on_tick(counter)) and not self.worker.waits_for_successors()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send every response from now on with `Connection: close`."""
        self.worker.is_stopping = True
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc]
    """Serves at most `worker_connections` connections, and waits for none longer than `keepalive` seconds."""

    CONFIG_KWARGS: ClassVar = {
        "loop": "uvloop",
        "ws": "none",
        "interface": "asgi3",
        "proxy_headers": False,
        "headers": [("server", "portal-widgets")],
        "timeout_notify": float("-inf"),  # notify every second, also after the clock was set back
    }
    is_stopping = False

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Warn of settings that have no effect; called by gunicorn's master when it starts."""
        for name in _IGNORED.split():
            if cfg.settings[name].get() != cfg.settings[name].default:
                log.warning("%s: this setting is not followed by %s", name, cfg.worker_class_str)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle_timeout = self.cfg.keepalive or _IDLE_TIMEOUT
        self.victims: deque[tuple[float, Connection]] = deque()
        self.lingering: deque[Connection] = deque()
        self.generation, self.successor_deadline = RELOADS[0], float("inf")
        self.config.http = partial(Connection, self)
        self.config.timeout_graceful_shutdown = max(self.cfg.graceful_timeout - 1, 0)
        getLogger("uvicorn.error").setLevel(WARNING)  # gunicorn logs the start and the end of workers

    async def _serve(self) -> None:
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self.config.app = self.wsgi
        self.server = WorkerServer(self)
        await self.server.serve(sockets=[listener.sock for listener in self.sockets])

    def waits_for_successors(self) -> bool:
        """Return whether there was a reload whose workers do not serve yet."""
        self.successor_deadline = min(self.successor_deadline, monotonic() + _SUCCESSOR_TIMEOUT)
        return RELOADS[0] not in {self.generation, RELOADS[1]} and monotonic() < self.successor_deadline

    def evict_idle(self, newcomer: Connection) -> None:
        """Close the connection that has been idle longest, if there are too many."""
        connections: Any = self.server.server_state.connections
        if len(connections) <= self.cfg.worker_connections:
            return
        victim = self.idle_longest(newcomer) or newcomer
        if victim.current is None:
            self.lingering.append(victim)
        victim.evict()
        while len(self.lingering) > _MAX_LINGERING:
            self.lingering.popleft().transport.close()

    def idle_longest(self, newcomer: Connection) -> Connection | None:
        """Return the connection that has been idle longest; None if all are at work."""
        for is_last in (False, True):
            while self.victims:
                idle_since, one = self.victims.popleft()
                if one.idle_since == idle_since and one.is_evictable:
                    return one
            if not is_last:
                connections: Any = self.server.server_state.connections
                idle = [
                    (one.idle_since, one) for one in connections if one.is_evictable and one is not newcomer
                ]
                self.victims.extend(heapq.nsmallest(_VICTIMS, idle, key=itemgetter(0)))
        return None

    def notify(self) -> None:
        """Send the heartbeat, stop if the master wants it or is dead, check timeouts. Called every second."""
        super().notify()
        if self.generation == RELOADS[0]:
            RELOADS[1] = self.generation
        if not self.alive or os.getppid() != self.ppid:  # a file was changed, or the master is dead
            self.server.should_exit = True
        now = monotonic()
        for connection in tuple(self.server.server_state.connections):
            connection.check_timeouts(now)
