"""What comes of a document that cannot be read."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from direct_runner import DirectRunner
from PIL import Image

from service.articles.collect.document_reader import ROUND_SECONDS, DocumentReader, ImageFetcher
from service.articles.model import ImageCandidate, Listing, ParsedEntry
from service.collector.sandbox import CpuUsage, LimitExceededError, SandboxError
from service.core.errors import Cause, UpstreamError
from service.core.ports import Request, Response
from service.settings.model import ArticleSource

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANSWER = Response(200, {}, b"wrong sig=a1b2c3", "https://portal.example/rss?token=geheim")
DRAFT = ParsedEntry(key="1", title="Tin")


class Mistaken:
    """A source whose readers have a fault of their own."""

    source = ArticleSource("tinh", "Tỉnh", ANSWER.url)

    def listing_request(self) -> Request:
        return Request(ANSWER.url)

    def read_listing(self, answer: Response, now: datetime) -> Listing:
        raise IndexError(answer, now)

    def wants_page(self, draft: ParsedEntry) -> bool:
        return bool(draft)

    def page_request(self, draft: ParsedEntry) -> Request | None:
        return Request(draft.url or "")

    def read_page(self, answer: Response, draft: ParsedEntry, now: datetime) -> ParsedEntry:
        raise RecursionError(answer, draft, now)


class Ending:
    """A runner whose calls end as told, and cost so much."""

    def __init__(self, error: Exception, seconds: float = 0.0) -> None:
        self.error, self.seconds, self.calls = error, seconds, 0

    def run(self, usage: CpuUsage, function: Callable[..., Any], *_args: object) -> Any:
        assert callable(function)
        self.calls += 1
        usage.add(self.seconds)
        raise self.error


def test_a_mistake_in_reading_is_a_failure_of_this_answer_alone(caplog: pytest.LogCaptureFixture) -> None:
    reader = DocumentReader(Mistaken(), DirectRunner())
    with pytest.raises(UpstreamError, match="IndexError") as listed:
        reader.listing(ANSWER, NOW)
    with pytest.raises(UpstreamError, match="RecursionError") as shown:
        reader.page(ANSWER, DRAFT, NOW)
    assert {listed.value.cause, shown.value.cause} == {Cause.UNREADABLE}
    assert len(caplog.records) == 2
    assert "source tinh: its listing could not be read, which is a fault of portal-widgets" in caplog.text
    assert not any(secret in caplog.text for secret in ("geheim", "a1b2c3"))


def test_a_document_that_costs_too_much_is_named_with_what_it_used(caplog: pytest.LogCaptureFixture) -> None:
    reader = DocumentReader(Mistaken(), Ending(LimitExceededError("it took more than 5 s of CPU time")))
    with pytest.raises(UpstreamError, match="its listing was given up: it took more than 5 s") as refused:
        reader.listing(ANSWER, NOW)
    assert refused.value.cause is Cause.TOO_COSTLY
    assert caplog.messages == ["source tinh: its listing was given up: it took more than 5 s of CPU time"]


def test_a_crash_is_a_failure_of_this_document_alone(caplog: pytest.LogCaptureFixture) -> None:
    reader = DocumentReader(Mistaken(), Ending(SandboxError("its process ended by signal 11")))
    with pytest.raises(UpstreamError) as refused:
        reader.page(ANSWER, DRAFT, NOW)
    assert refused.value.cause is Cause.UNREADABLE
    assert caplog.messages == [
        "source tinh: the page portal.example/rss could not be read: its process ended by signal 11"
    ]


def read_pages(reader: DocumentReader, number: int) -> None:
    for _ in range(number):
        with pytest.raises(UpstreamError):
            reader.page(ANSWER, DRAFT, NOW)


def test_a_round_ends_with_the_second_document_that_is_given_up_and_the_next_begins_anew() -> None:
    runner = Ending(LimitExceededError("it took more than 5 s of CPU time"), seconds=5.0)
    reader = DocumentReader(Mistaken(), runner)
    reader.begin_round()
    read_pages(reader, 4)
    assert runner.calls == 2
    assert reader.is_exhausted
    assert reader.trouble is not None
    assert "more than 5 s of CPU time" in reader.trouble.detail
    reader.begin_round()
    assert (reader.is_exhausted, reader.trouble) == (False, None)


def test_a_round_ends_when_documents_that_are_each_within_the_limits_use_too_much_together() -> None:
    runner = Ending(UpstreamError(Cause.UNREADABLE, "no article"), seconds=ROUND_SECONDS / 3)
    reader = DocumentReader(Mistaken(), runner)
    reader.begin_round()
    read_pages(reader, 5)
    assert (runner.calls, reader.is_exhausted, reader.trouble) == (3, True, None)


class Pictures:
    """An upstream that has squares, as many pixels wide as their name says, and nothing else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, request: Request) -> Response:
        self.asked.append(request.url)
        side = int(request.url.rpartition("/")[2])
        if not side:
            raise UpstreamError(Cause.GONE, "nothing is here")
        body = BytesIO()
        Image.new("RGB", (side, side), "red").save(body, "PNG")
        return Response(200, {}, body.getvalue(), request.url)


@pytest.mark.parametrize(
    ("sides", "is_found", "asked"),
    [
        ([600, 700], True, 1),
        ([0, 16, 48, 0, 79, 32, 0, 600, 700], True, 8),
        ([0, 16, 48, 0, 79, 32, 0, 16, 700], False, 8),
        ([], False, 0),
    ],
)
def test_up_to_eight_images_are_tried_and_icons_passed_over(
    sides: list[int], is_found: bool, asked: int
) -> None:
    upstream, saved = Pictures(), dict[str, bytes]()
    reader = DocumentReader(Mistaken(), DirectRunner())
    reader.begin_round()
    fetcher = ImageFetcher(upstream, reader.image, saved.__setitem__)
    candidates = [ImageCandidate(f"https://portal.example/{n}/{side}") for n, side in enumerate(sides)]
    image = fetcher.first_usable(candidates)
    assert len(upstream.asked) == asked
    assert (image is not None) is is_found
    assert set(saved) == ({variant.hash for variant in image.variants} if image else set())
