from dataclasses import replace
from datetime import UTC, datetime

from service.articles.collect.dedupe import content_hash_of
from service.articles.model import ImageCandidate, ParsedEntry, Published

ENTRY = ParsedEntry(
    key="1009",
    title="Lễ hội",
    url="https://a.example/1",
    published=Published(datetime(2020, 3, 7, 1, 15, tzinfo=UTC)),
    lead="Tối 7/3",
    images=(ImageCandidate("https://a.example/1.jpg", 640, None, "Cầu", "Chú"),),
)


def test_a_hash_that_was_stored_by_an_earlier_version_is_still_that_of_the_same_entry() -> None:
    assert content_hash_of(ENTRY) == "42c36c7d061cb6e2"


def test_another_image_is_another_hash() -> None:
    assert content_hash_of(replace(ENTRY, images=())) != content_hash_of(ENTRY)
