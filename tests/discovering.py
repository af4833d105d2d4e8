"""Discovers a portal on a local upstream, at one fixed time, without a sandbox."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from direct_runner import DirectRunner
from local_upstream import LocalUpstream, ReceivedRequest, Reply

from service.articles.discover.findings import Discovery
from service.articles.discover.visit import MAX_REQUESTS, Visit
from service.core.ports import Request, Response
from service.discover import look_at, report
from service.http_client.client import ClientLimits, HttpClient
from service.settings.load import load_tables
from service.settings.model import ArticleSource

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
HTML = {"Content-Type": "text/html; charset=utf-8"}
SETTINGS = load_tables({}, {})
NOT_FOUND = Reply(404, b"<html><h1>404</h1></html>", HTML)


def play(
    upstream: LocalUpstream,
    site: Mapping[str, str],
    other: Callable[[ReceivedRequest], Reply] = lambda _: NOT_FOUND,
) -> None:
    """Let the upstream answer these targets or paths, and all others as `other` says."""

    def answer(request: ReceivedRequest) -> Reply:
        text = site.get(request.target, site.get(request.path))
        if text is None:
            return other(request)
        return Reply(200, text.encode(), HTML if "<html" in text else {})

    upstream.handle_all(answer)


class Slow:
    """Sends requests on; for each one the timer of the visit says that it took so many seconds."""

    def __init__(self, client: HttpClient, seconds: float) -> None:
        self.client, self.each, self.passed = client, seconds, 0.0

    def timer(self) -> float:
        return self.passed

    def fetch(self, request: Request) -> Response:
        try:
            return self.client.fetch(request)
        finally:
            self.passed += self.each


def client(permit: Callable[[str], None] | None = None) -> HttpClient:
    limits = ClientLimits(allow_private=["127.0.0.1"])
    return HttpClient("tests (ops@example.invalid)", lambda: NOW, limits, permit)


def discovered(
    upstream: LocalUpstream, path: str = "/", seconds: float | None = None
) -> tuple[Discovery, list[str]]:
    """What is found at this path, and what is printed of it; each request takes so many seconds."""
    asked = upstream.url(path)
    passing: list[Slow] = []
    visit = Visit(asked, lambda: passing[0].timer() if passing and seconds is not None else 0.0)
    with client(visit.permit) as fetching:
        passing.append(Slow(fetching, seconds or 0.0))
        found = look_at([asked], passing[0], DirectRunner(), visit, lambda: NOW)
    assert visit.requests == len(upstream.requests) <= MAX_REQUESTS
    return found, list(report(found, asked, visit, SETTINGS))


def pasted(lines: list[str]) -> ArticleSource:
    """The source that a configuration has which ends with these lines."""
    (source,) = load_tables(tomllib.loads("\n".join(lines)), {}).articles.source
    return source
