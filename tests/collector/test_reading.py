"""What comes of a reader's own mistake."""

from datetime import UTC, datetime

import pytest

from service.collector import reading
from service.domain.articles import Draft, Listing
from service.domain.failures import Cause, UpstreamError
from service.domain.ports import Answer, Request

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANSWER = Answer(200, {}, b"", "https://portal.example/rss")
DRAFT = Draft(key="1", title="Tin")


class Mistaken:
    """A source whose readers have a fault of their own."""

    id = "tinh"

    def listing_request(self) -> Request:
        return Request(ANSWER.url)

    def read_listing(self, answer: Answer, now: datetime) -> Listing:
        raise IndexError(answer, now)

    def wants_page(self, draft: Draft) -> bool:
        return bool(draft)

    def page_request(self, draft: Draft) -> Request | None:
        return Request(draft.url or "")

    def read_page(self, answer: Answer, draft: Draft, now: datetime) -> Draft:
        raise RecursionError(answer, draft, now)


def test_a_mistake_in_reading_is_a_failure_of_this_answer_alone() -> None:
    with pytest.raises(UpstreamError, match="IndexError") as listed:
        reading.listing(Mistaken(), ANSWER, NOW)
    with pytest.raises(UpstreamError, match="RecursionError") as shown:
        reading.page(Mistaken(), ANSWER, DRAFT, NOW)
    assert {listed.value.cause, shown.value.cause} == {Cause.UNREADABLE}
