"""What has to be rendered: one at a time, in turn between clients, and within bounds."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from service.core.clients import Client
from service.http_cache.render_queue import FairQueue, RenderQueue


def drained(queue: FairQueue[str]) -> list[str]:
    return list(iter(queue.take, None))


def fill(queue: FairQueue[str], *items: str, is_limited: bool = True) -> list[str | None]:
    """Put items whose first letter is their key."""
    return [queue.put(item[0], item, is_limited=is_limited) for item in items]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([], []),
        (["a1", "a2", "a3"], ["a1", "a2", "a3"]),
        (["a1", "a2", "a3", "b1"], ["a1", "b1", "a2", "a3"]),
        (["a1", "a2", "b1", "b2", "c1"], ["a1", "b1", "c1", "a2", "b2"]),
        (["b1", "a1", "a2", "b2"], ["b1", "a1", "b2", "a2"]),
    ],
)
def test_clients_take_turns_and_each_keeps_its_order(given: list[str], taken: list[str]) -> None:
    queue: FairQueue[str] = FairQueue(per_key=10, total=10)
    assert fill(queue, *given) == [None] * len(given)
    assert len(queue) == len(given)
    assert drained(queue) == taken
    assert len(queue) == 0


def test_who_comes_back_comes_after_those_that_wait() -> None:
    queue: FairQueue[str] = FairQueue(per_key=10, total=10)
    fill(queue, "a1", "a2", "b1", "c1")
    assert [queue.take(), queue.take()] == ["a1", "b1"]
    fill(queue, "b2", "d1")
    assert drained(queue) == ["c1", "a2", "b2", "d1"]


def test_only_who_fills_its_own_queue_is_refused() -> None:
    queue: FairQueue[str] = FairQueue(per_key=2, total=10)
    assert fill(queue, "a1", "a2", "a3", "a4", "b1") == [None, None, "a3", "a4", None]
    assert queue.take() == "a1"
    assert fill(queue, "a5", "a6") == [None, "a6"]
    assert drained(queue) == ["b1", "a2", "a5"]


def test_without_a_limit_there_is_room_to_the_last() -> None:
    queue: FairQueue[str] = FairQueue(per_key=2, total=5)
    assert fill(queue, "a1", "a2", "a3", "a4", is_limited=False) == [None] * 4
    assert fill(queue, "b1", "b2") == [None, "a4"]  # the newest of whoever has most
    assert fill(queue, "a5", is_limited=False) == ["a5"]
    assert drained(queue) == ["a1", "b1", "a2", "b2", "a3"]


def client(name: str, *, is_limited: bool = True) -> Client:
    return Client(name, name, is_limited, is_forwarded=False, is_trusted=False)


class ByHand(Executor):
    """Runs what it is given when it is told to."""

    def __init__(self) -> None:
        self.given: list[Callable[[], object]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
        self.given.append(lambda: function(*args, **kwargs))
        return Future()

    def run_one(self) -> None:
        self.given.pop(0)()


def in_a_loop(rendering: Callable[[RenderQueue, ByHand], Any]) -> Any:
    """Run this coroutine function with a queue of two for each client."""
    executor = ByHand()

    async def run() -> Any:
        return await rendering(RenderQueue(executor, per_client=2), executor)

    with ThreadPoolExecutor(1) as thread:  # playwright leaves a running loop in the tests' own
        return thread.submit(asyncio.run, run()).result()


def test_one_is_rendered_at_a_time_and_a_full_queue_refuses_at_once() -> None:
    rendered: list[str] = []

    async def rendering(queue: RenderQueue, executor: ByHand) -> list[str | None]:
        def ask(name: str) -> Any:
            def render() -> Any:
                rendered.append(name)
                return name

            return queue.add(client(name[0]), render, lambda: True, is_limited=True)

        assert not queue.is_busy
        results = [ask(name) for name in ("a1", "a2", "a3", "a4", "b1")]
        assert results[3].done()
        assert queue.is_busy
        for count in range(1, 5):
            assert len(executor.given) == 1
            executor.run_one()
            assert len(rendered) == count
            await asyncio.sleep(0)
        assert not queue.is_busy
        return [await result for result in results]

    assert in_a_loop(rendering) == ["a1", "a2", "a3", None, "b1"]
    assert rendered == ["a1", "a2", "b1", "a3"]


def test_what_nobody_waits_for_any_more_is_not_rendered_and_an_error_stops_nothing() -> None:
    async def rendering(queue: RenderQueue, executor: ByHand) -> None:
        present = {"a", "b", "c"}

        def ask(name: str, result: Any) -> Any:
            def render() -> Any:
                return result() if callable(result) else result

            return queue.add(client(name), render, lambda: name in present, is_limited=True)

        def fail() -> Any:
            raise RuntimeError("a fault")

        first, second, third = ask("a", fail), ask("b", "b"), ask("c", "c")
        present.remove("b")
        executor.run_one()
        await asyncio.sleep(0)
        executor.run_one()
        await asyncio.sleep(0)
        assert (await second, await third) == (None, "c")
        with pytest.raises(RuntimeError, match="a fault"):
            await first
        assert not queue.is_busy
        assert executor.given == []

    in_a_loop(rendering)


def test_a_loop_that_is_late_gets_time_for_itself() -> None:
    now, executor = [0.0], ByHand()

    async def rendering() -> None:
        queue = RenderQueue(executor, clock=lambda: now[0])
        results = [queue.add(client(name), lambda: None, lambda: True, is_limited=True) for name in "ab"]  # type: ignore[arg-type, return-value]
        executor.run_one()
        now[0] += 0.01  # until the loop comes to it
        await results[0]
        assert (executor.given, queue.is_busy) == ([], True)
        while not executor.given:  # noqa: ASYNC110 - a timer of the queue's own
            await asyncio.sleep(0)
        executor.run_one()
        now[0] += 0.01
        await results[1]
        assert not queue.is_busy  # nobody waits

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, rendering()).result()
