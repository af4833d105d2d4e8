import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest
from local_upstream import LocalUpstream, Reply


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def test_it_answers_as_told_and_remembers_what_was_asked(upstream: LocalUpstream) -> None:
    upstream.answer("/x", body="Đông Hà")
    upstream.handle("/y", lambda asked: Reply(200, asked.query["q"].encode()))
    assert get(upstream.url("/x")).decode() == "Đông Hà"
    assert get(upstream.url("/y?q=1")) == b"1"
    assert [(asked.number, asked.method, asked.path) for asked in upstream.requests] == [
        (0, "GET", "/x"),
        (1, "GET", "/y"),
    ]
    with pytest.raises(HTTPError, match="404"):
        get(upstream.url("/unknown"))


def test_it_knows_how_many_asked_at_once(upstream: LocalUpstream) -> None:
    upstream.hang("/x", then=Reply(200, b"go"))
    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(get, upstream.url("/x")) for _ in range(3)]
        upstream.wait_for(lambda: upstream.most_at_once["/x"] == 3)
        upstream.release("/x")
        assert [asked.result() for asked in asking] == [b"go"] * 3


def test_waiting_for_what_does_not_come_fails(upstream: LocalUpstream) -> None:
    with pytest.raises(AssertionError):
        upstream.wait_for(lambda: upstream.requests, timeout=0.01)


def test_closing_lets_everybody_go_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with ThreadPoolExecutor(4) as pool:
        with LocalUpstream() as upstream:
            upstream.hang("/hang")
            upstream.drip_body("/drip")
            upstream.drip_headers("/headers")
            upstream.endless_body("/endless")
            paths = ["/hang", "/drip", "/headers", "/endless"]
            asking = [pool.submit(get, upstream.url(path)) for path in paths]
            upstream.wait_for(lambda: {asked.path for asked in upstream.requests} == set(paths))
        outcomes = [asked.exception(timeout=5) for asked in asking]
    assert outcomes[0] is not None
    assert threading.active_count() == before


def test_a_fault_in_what_it_was_told_comes_to_light_at_the_end() -> None:
    upstream = LocalUpstream()
    upstream.handle("/x", lambda asked: Reply(200, asked.query["missing"].encode()))
    with pytest.raises(OSError, match=r"closed|reset"):
        get(upstream.url("/x"))
    with pytest.raises(KeyError):
        upstream.close()
