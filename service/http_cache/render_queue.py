"""The queue of what has to be rendered: one at a time, and in turn between clients.

One thread renders, since two would not be faster: the interpreter runs one, and each more is one more that
the event loop has to wait for. Who asks for much waits for himself: clients take turns, a request each.
"""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from service.core.clients import Client
from service.http_cache.responses import WireResponse

PER_CLIENT = 64  # waiting requests of a client that is limited; a page with widgets asks for some ten at once
_MANY = 20
_LATE, _MAX_PAUSE = 0.002, 0.05  # seconds
_TOTAL = 4_096  # more than a worker has connections

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Items by key, taken in turn between the keys and in order within each."""

    def __init__(self, per_key: int, total: int) -> None:
        """Hold at most so many items of a key that is limited, and of all keys together."""
        self._per_key, self._total = per_key, total
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """Return how many items wait."""
        return self._count

    def put(self, key: str, item: T, *, is_limited: bool) -> T | None:
        """Add an item; return one that does not wait any longer, if there is no room for all.

        That is this item where its key has too many. Where all have, it is the newest of the key with most.
        """
        own = self._waiting.get(key)
        if is_limited and own is not None and len(own) >= self._per_key:
            return item
        self._waiting.setdefault(key, deque()).append(item)
        self._count += 1
        if self._count <= self._total:
            return None
        longest = max(self._waiting, key=lambda one: len(self._waiting[one]))
        return self._remove(longest, self._waiting[longest].pop)

    def take(self) -> T | None:
        """Remove and return the next item."""
        if not self._waiting:
            return None
        key = next(iter(self._waiting))
        item = self._remove(key, self._waiting[key].popleft)
        if key in self._waiting:
            self._waiting.move_to_end(key)
        return item

    def _remove(self, key: str, pop: Callable[[], T]) -> T:
        self._count -= 1
        item = pop()
        if not self._waiting[key]:
            del self._waiting[key]
        return item


@dataclass(eq=False, frozen=True, slots=True)
class _Job:
    """One rendering: `is_wanted` returns whether somebody still waits for it."""

    render: Callable[[], WireResponse]
    is_wanted: Callable[[], bool]
    rendered: "Future[WireResponse | None]"
    loop: AbstractEventLoop


class RenderQueue:
    """Renders in a thread; all methods are called from the event loop."""

    def __init__(
        self, executor: Executor, per_client: int = PER_CLIENT, clock: Callable[[], float] = monotonic
    ) -> None:
        """Render in a thread of this executor, which others may use too; the clock is in seconds."""
        self._executor, self._clock = executor, clock
        self._waiting: FairQueue[_Job] = FairQueue(per_client, _TOTAL)
        self._is_rendering = False

    @property
    def is_busy(self) -> bool:
        """Whether a new request would have to wait."""
        return self._is_rendering

    @property
    def has_many(self) -> bool:
        """Whether more wait than the parts of a page or two; may be called from any thread."""
        return len(self._waiting) > _MANY

    def add(
        self,
        client: Client,
        render: Callable[[], WireResponse],
        is_wanted: Callable[[], bool],
        *,
        is_limited: bool,
    ) -> "Future[WireResponse | None]":
        """Render for this client when it is its turn; the result is None if that will not be."""
        loop = get_running_loop()
        job = _Job(render, is_wanted, loop.create_future(), loop)
        refused = self._waiting.put(client.queue, job, is_limited=is_limited)
        if refused is not None and not refused.rendered.done():
            refused.rendered.set_result(None)
        if not self._is_rendering:
            self._start_next()
        return job.rendered

    def _start_next(self) -> None:
        self._is_rendering = False
        while (job := self._waiting.take()) is not None:
            if job.is_wanted() and not job.rendered.done():
                self._is_rendering = True
                self._executor.submit(self._run, job)
                return
            if not job.rendered.done():
                job.rendered.set_result(None)

    def _run(self, job: _Job) -> None:
        """Render, in the thread."""
        response, error = None, None
        try:
            response = job.render()
        except BaseException as caught:  # noqa: BLE001 - it is raised where the response is awaited
            error = caught
        with suppress(RuntimeError):  # the loop is closed: the worker has ended
            job.loop.call_soon_threadsafe(self._finish, job, response, error, self._clock())

    def _finish(
        self, job: _Job, response: WireResponse | None, error: BaseException | None, rendered_at: float
    ) -> None:
        """Pass on the result; before the next one leave the loop as much time as it was late for this."""
        late = min(self._clock() - rendered_at, _MAX_PAUSE)
        if late > _LATE and len(self._waiting) > 0:
            job.loop.call_later(late, self._start_next)
        else:
            self._start_next()
        if job.rendered.done():
            return
        if error is not None:
            job.rendered.set_exception(error)
        else:
            job.rendered.set_result(response)
