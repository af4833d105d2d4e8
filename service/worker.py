"""gunicorn's asgi worker with an end to every wait: it bounds connections and time, and goes politely.

gunicorn's own waits without end for a first request, and for readers who take nothing; it counts connections
and refuses none; it hangs up on who closes his half of the line behind the request; and when it is told to
end it waits for those who only keep a line open. Written for 27.0 and 27.1, to which pyproject.toml holds it.
"""

import heapq
import signal
import socket
import struct
import sys
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

_PATIENCE = 75  # seconds, where no line is kept for a second request
_ANNOUNCED = 0.1  # seconds until all that is answered was answered with the word that it is the last
_LAST_CALL = 2.0  # seconds for requests that are on their way when the worker is told to end
_AT_ONCE = 50  # room is made by this part of all at once: to find the longest waiting means to look at all
_NOTHING_MORE = struct.pack("ii", 1, 0)  # the kernel, too, forgets what was not taken
_UNAVAILABLE = 503
_AGAIN = (("Retry-After", "1"),)


class Connection(ASGIProtocol):  # type: ignore[misc] # gunicorn has no types
    """One line to a reader or to a server in front. What it does for every request is gunicorn's alone."""

    def __init__(self, worker: "Worker") -> None:
        """Said by gunicorn, before there is a line."""
        super().__init__(worker)
        self._untaken, self._looks = (0, 0), 0  # bytes at the last look, and looks since they changed

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request no longer than for any other."""
        super().connection_made(transport)
        if self._request_ready is not None:  # None: HTTP/2, which gunicorn speaks where it is told to
            wait = self.worker.loop.call_later
            self._keepalive_handle = wait(self.worker.patience, self._keepalive_timeout)
            self.worker.take_in(self)
        if self.worker.parting:
            self.answer_for_the_last_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is no more."""
        super().connection_lost(exc)
        self.worker.connections.pop(self, None)
        self.worker.leaving.discard(self)

    def eof_received(self) -> bool:
        """Keep the line where an answer is owed, until gunicorn would wait for more; else close it now."""
        self.close_when_answered()
        return not self.waits and self._request_ready is not None and not self._is_ssl

    @property
    def waits(self) -> bool:
        """Whether no request is here that is still to be answered."""
        return self._request_ready is not None and not self._request_ready.is_set()

    def waits_until(self) -> float:
        """The loop's time at which it is closed if no request comes."""
        return float("inf") if self._keepalive_handle is None else float(self._keepalive_handle.when())

    def close_when_answered(self) -> None:
        """Wait for no request behind those that are here."""
        self._arm_keepalive_timer = self._keepalive_timeout

    def answer_for_the_last_time(self) -> None:
        """Say with every answer from now on that it is the last one, and close behind it."""
        self._send_response_start = self._start_the_last

    def leave(self) -> None:
        """Close a line that no request is on."""
        self._cancel_keepalive_timer()
        self._keepalive_timeout()
        if self._is_ssl and not self.transport.get_write_buffer_size():
            self.transport.abort()  # else it waits half a minute for the other end to agree

    def refuse(self) -> None:
        """Tell who has not been answered yet that there is no room."""
        self._send_error_response(_UNAVAILABLE, "All lines are taken; try again.\n", _AGAIN)
        self.leave()

    def drop_if_nothing_is_taken(self, looks: int) -> None:
        """Break off with a reader who has taken nothing of what was sent for so many looks."""
        untaken = self._untaken_bytes()
        self._looks = self._looks + 1 if untaken[0] and untaken == self._untaken else 0
        self._untaken = untaken
        if self._looks > looks:
            line = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_MORE)
            self.transport.abort()

    def _untaken_bytes(self) -> tuple[int, int]:
        """What waits here for the kernel; and what waits in the kernel, where something waits here."""
        here, kernels = self.transport.get_write_buffer_size(), bytes(4)
        if here:
            with suppress(OSError):
                kernels = ioctl(self.transport.get_extra_info("socket").fileno(), TIOCOUTQ, kernels)
        return here, int.from_bytes(kernels, "little")

    def _start_the_last(self, status: int, headers: Any, request: Any, close: bool = True) -> None:  # noqa: FBT001, FBT002, ARG002 - gunicorn's own
        self.close_when_answered()
        super()._send_response_start(status, headers, request, close=True)

    def _close_transport(self) -> None:
        super()._close_transport()
        self.worker.let_go(self)


class Worker(gasgi.ASGIWorker):  # type: ignore[misc] # gunicorn has no types
    """Has at most `worker_connections` lines, and waits on none for longer than `keepalive` seconds."""

    max_requests: int
    parting = False  # whether every answer says that it is the last one on its line
    _alive = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Said by gunicorn's master."""
        super().__init__(*args, **kwargs)
        # As they came: the loop counts in milliseconds, and of those who wait equally long the first goes.
        self.connections: dict[Connection, None] = {}
        self.leaving: set[Connection] = set()  # closed by us, and with something that is still to be taken
        self.patience = self.cfg.keepalive or _PATIENCE
        self._told: list[int] = []  # signals to end that came before the loop could hear them
        # gunicorn would look behind every answer, and close upon who does not know that it was the last.
        self._most_requests, self.max_requests = self.max_requests, sys.maxsize

    @property
    def alive(self) -> bool:
        """Whether lines are kept behind answers. False is said by gunicorn, for whatever reason it ends."""
        return self._alive

    @alive.setter
    def alive(self, goes_on: bool) -> None:
        if goes_on:
            self._alive = True
        elif not self.parting:
            self._part()

    def init_process(self) -> None:
        """Have gunicorn make our connections, and find the fast parser, which it keeps at its own class."""
        self._note_ends()
        ASGIProtocol._check_h1c_protocol_available()  # noqa: SLF001 - see above
        gasgi.ASGIProtocol = Connection
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and only then hear of signals by the loop, which stands still until then."""
        self._note_ends()
        super().load_wsgi()
        self.init_signals()
        if self._told:
            (self.handle_exit_signal if signal.SIGTERM in self._told else self.handle_quit_signal)()

    def _note_ends(self) -> None:
        for end in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(end, lambda number, _: self._told.append(number))

    def take_in(self, newcomer: Connection) -> None:
        """Make room by closing the lines that have been without a request for longest."""
        self.connections[newcomer] = None
        if len(self.connections) <= self.worker_connections:
            return
        waiting = [one for one in self.connections if one.waits and one is not newcomer]
        for one in heapq.nsmallest(1 + len(waiting) // _AT_ONCE, waiting, key=Connection.waits_until):
            (one.leave if one.req_count > 1 else one.refuse)()
        if not waiting:
            newcomer.refuse()

    def let_go(self, one: Connection) -> None:
        """Its place is free, whatever of it is still to be taken."""
        if one in self.connections:
            del self.connections[one]
            self.leaving.add(one)

    def notify(self) -> None:
        """Once a second, beside the sign of life: end after so many requests; see who takes nothing."""
        super().notify()
        if self.nr >= self._most_requests and not self.parting:
            self.log.info("Autorestarting worker after %d requests.", self.nr)
            self.alive = False
        for one in (*self.connections, *self.leaving):
            one.drop_if_nothing_is_taken(self.patience)

    def _part(self) -> None:
        """Say with every answer that it is the last one here, and only then be what closes behind answers.

        Who was answered without a word of it is no longer closed upon, with his next request on its way.
        """
        self.parting = True
        for one in self.connections:
            one.answer_for_the_last_time()
        self.loop.call_later(_ANNOUNCED, self._end)
        self.loop.call_later(_LAST_CALL, self._close_what_waits)

    def _end(self) -> None:
        self._alive = False

    def _close_what_waits(self) -> None:
        for one in tuple(self.connections):
            if one.waits:
                one.leave()

    async def _shutdown(self) -> None:
        self.alive = False  # which gunicorn does not say when its master has died
        await super()._shutdown()
