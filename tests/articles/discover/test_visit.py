"""The limits of a visit: one host, thirty requests, a minute."""

import pytest

from service.articles.discover.visit import MAX_REQUESTS, MAX_SECONDS, REQUEST_SECONDS, Visit
from service.core.errors import Cause, UpstreamError


class Timer:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def settled(url: str = "https://xa.example.gov.vn/tin", timer: Timer | None = None) -> Visit:
    visit = Visit(url, timer or Timer())
    visit.permit(url)
    visit.settle()
    return visit


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("https://xa.example.gov.vn/rss.xml", True),
        ("http://xa.example.gov.vn/rss.xml", True),
        ("https://www.xa.example.gov.vn/rss.xml", True),
        ("https://xa.example.gov.vn:443/rss.xml", True),
        ("https://xa.example.gov.vn:8443/rss.xml", False),
        ("https://tinh.example.gov.vn/rss.xml", False),
        ("https://xa.example.gov.vn.example.com/", False),
        ("http://127.0.0.1/", False),
    ],
)
def test_only_the_portals_own_host_is_asked(url: str, is_here: bool) -> None:
    visit = settled()
    assert visit.is_here(url) is is_here
    if is_here:
        visit.permit(url)
    else:
        with pytest.raises(UpstreamError) as refused:
            visit.permit(url)
        assert refused.value.cause is Cause.ADDRESS_REFUSED


def test_a_host_at_another_port_is_another_portal() -> None:
    visit = settled("http://127.0.0.1:8081/")
    assert visit.is_here("http://127.0.0.1:8081/rss")
    assert not visit.is_here("http://127.0.0.1:8082/rss")
    assert not visit.is_here("http://127.0.0.1/rss")


def test_the_address_itself_may_redirect_to_another_host_and_no_later_one() -> None:
    visit = Visit("https://xa.example.gov.vn/", Timer())
    visit.permit("https://xa.example.gov.vn/")
    visit.permit("https://cong.example.gov.vn/xa")
    visit.settle()
    assert visit.is_here("https://cong.example.gov.vn/rss")
    assert visit.hosts >= {"xa.example.gov.vn", "cong.example.gov.vn"}
    with pytest.raises(UpstreamError):
        visit.permit("https://quang-cao.example.com/")


def test_after_thirty_requests_none_is_permitted() -> None:
    visit = settled()
    while visit.requests < MAX_REQUESTS:
        visit.permit("https://xa.example.gov.vn/rss")
    assert visit.is_over
    with pytest.raises(UpstreamError):
        visit.permit("https://xa.example.gov.vn/rss")


def test_no_request_begins_that_might_last_beyond_the_minute() -> None:
    timer = Timer()
    visit = settled(timer=timer)
    timer.seconds += MAX_SECONDS - REQUEST_SECONDS
    assert not visit.is_over
    timer.seconds += 0.1
    assert visit.is_over


def test_a_portal_that_asks_for_a_pause_gets_it() -> None:
    visit = settled()
    visit.stop()
    assert visit.is_over
