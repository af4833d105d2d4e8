import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.errors import SettingsError
from service.settings.environment import FEEDS
from service.settings.load import feed_tables, load

PORTAL = "https://www.portal.example.gov.vn/rss.xml"
NEWS = "https://portal.example.gov.vn/tin-moi.rss?key=1"


def ids(*urls: str, taken: tuple[str, ...] = ()) -> list[str]:
    return [source["id"] for source in feed_tables(urls, taken)]


def test_a_feed_has_the_name_of_its_host() -> None:
    (source,) = load({FEEDS: PORTAL}).articles.source
    assert (source.id, source.name, source.kind, source.url) == (
        "portal-example-gov-vn",
        "www.portal.example.gov.vn",
        "feed",
        PORTAL,
    )
    assert not source.full_text


def test_two_feeds_of_one_host_have_two_ids_and_one_named_twice_has_one() -> None:
    first, second = ids(PORTAL, NEWS, PORTAL)
    assert first == "portal-example-gov-vn"
    assert re.fullmatch("portal-example-gov-vn-[0-9a-f]{8}", second)


def test_a_configured_source_keeps_its_id() -> None:
    (own,) = ids(PORTAL, taken=("portal-example-gov-vn",))
    assert own.startswith("portal-example-gov-vn-")


def test_without_feeds_nothing_is_added() -> None:
    assert load({FEEDS: ""}).articles.source == ()


@given(st.lists(st.from_regex(r"https?://[a-zA-Z0-9.\-_đ]{1,90}/[a-z]*", fullmatch=True), max_size=6))
def test_every_id_is_one_that_an_address_may_carry(urls: list[str]) -> None:
    made = ids(*urls)
    assert all(re.fullmatch("[a-z0-9-]{1,64}", one) for one in made)
    assert len(set(made)) == len(made) == len(set(urls))


def test_what_is_no_address_is_a_fault_that_is_told_and_nothing_worse() -> None:
    for url in ("http://[", "https://a.vn/\udcff", "\udcff"):
        with pytest.raises(SettingsError, match="articles"):
            load({FEEDS: url})
