"""Which entries of a listing it had before, under whatever identifier, link and title."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from service.articles.collect.identity import find_known, is_same_address, telling_lead, volatile_parts
from service.articles.model import Published
from service.articles.store.listings import ListedEntry

VIETNAM = timezone(timedelta(hours=7))
DAY = datetime(2026, 11, 16, tzinfo=VIETNAM)
LEAD = telling_lead("Sáng 16/11, UBND tỉnh tổ chức hội nghị tổng kết công tác cán bộ.")
DECISION = "Quyết định của UBND tỉnh về bổ nhiệm cán bộ"


def at(hour: int, minute: int = 0, day: int = 0) -> Published:
    return Published(DAY + timedelta(days=day, hours=hour, minutes=minute))


def on(day: int = 0) -> Published:
    return Published(DAY + timedelta(days=day), date_only=True)


def entry(name: str, title: str = "", published: Published | None = None, **more: str) -> ListedEntry:
    """An entry that is the article of its name, unless it says otherwise."""
    fields = {"key": name, "article": name, "url": f"http://s.test/{name}", "title": title or f"Tin {name}"}
    return ListedEntry(**{**fields, **more}, published=published)


def known(
    now: Sequence[ListedEntry], before: Sequence[ListedEntry], others: Sequence[ListedEntry] = ()
) -> dict[str, str]:
    """Which article each entry is, by their keys."""
    found = find_known([replace(one, article="") for one in now], before, others)
    return {now[index].key: one.article for index, one in found.items()}


A, B, C, D = (entry(name, published=at(9 - number)) for number, name in enumerate("abcd"))
RENEWED = [
    # a link, an identifier, or both are others
    replace(B, key="b2", url="http://s.test/b-moi"),
    replace(B, key="b2"),
    replace(B, key="b2", url=None),
    # a title is corrected, with the link or the identifier that are made of it
    replace(B, key="b2", title="Tin b sửa lại"),
    replace(B, key="b2", url="http://s.test/b-moi", published=at(8, 5)),
    replace(B, key="b2", url="http://s.test/b-moi", published=on()),
    replace(B, key="b2", url="http://s.test/b-moi", published=None),
    replace(B, key="b2", url="http://s.test/b-moi", title="TIN B"),
]


@pytest.mark.parametrize("renewed", RENEWED, ids=lambda one: f"{one.url} {one.title} {one.published}")
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_that_appears_as_its_twin_leaves_is_the_same(renewed: ListedEntry, place: int) -> None:
    now = [A, C, D]
    now.insert(place, renewed)
    assert known(now, [A, B, C, D]) == {"a": "a", "c": "c", "d": "d", "b2": "b"}


@pytest.mark.parametrize("renewed", RENEWED)
def test_so_is_the_only_one_and_the_last_one_in_its_place(renewed: ListedEntry) -> None:
    assert known([renewed], [B]) == {"b2": "b"}
    assert known([A, renewed], [A, B]) == {"a": "a", "b2": "b"}


def test_two_that_stand_in_one_listing_are_two_whatever_they_share() -> None:
    twins = [entry(name, DECISION, at(9)) for name in "abc"]
    assert known(twins, [twins[0]]) == {"a": "a"}
    shared = [replace(one, url="http://s.test/") for one in twins]
    assert known(shared, [shared[0]]) == {"a": "a"}
    assert known(twins, [], [twins[2]]) == {"c": "c"}


@pytest.mark.parametrize("dates", [[at(9, 30), at(9, 20), at(9, 10), at(9)], [on()] * 4, [None] * 4])
def test_what_falls_off_the_end_as_another_of_its_title_comes_on_top_is_another(
    dates: list[Published | None],
) -> None:
    q4, q3, q2, q1 = (
        entry(name, DECISION, date) for name, date in zip(["4", "3", "2", "1"], dates, strict=True)
    )
    assert known([q4, q3, q2], [q3, q2, q1]) == {"3": "3", "2": "2"}
    assert known([q4, q3, q2], [q3, q2], [q1]) == {"3": "3", "2": "2"}


def test_what_fell_off_the_end_and_comes_back_on_top_is_known_by_its_time_or_its_lead() -> None:
    for old in (entry("c", DECISION, at(7, 41)), entry("c", DECISION, on(), lead=LEAD)):
        back = replace(old, key="c2", url="http://s.test/c2")
        assert known([back, A, B], [A, B, old])["c2"] == "c"
        assert known([back, A, B], [A, B], [old])["c2"] == "c"


def test_another_day_is_another_article_unless_its_text_is_the_same() -> None:
    weekly = entry("b", "Lịch công tác tuần của lãnh đạo", at(8))
    next_one = replace(weekly, key="b2", url="http://s.test/b2", published=at(8, day=7))
    assert "b2" not in known([next_one, A, C], [A, weekly, C])
    weekly, next_one = replace(weekly, lead=LEAD), replace(next_one, lead=LEAD)
    assert known([A, next_one, C], [A, weekly, C])["b2"] == "b"


def test_a_link_brings_back_what_was_gone_for_long_but_not_one_that_several_share() -> None:
    back = replace(B, key="b2", title="Khác hẳn", published=at(1, day=30))
    assert known([back, A], [A], [B])["b2"] == "b"
    several = [back, replace(A, url=B.url)]
    assert "b2" not in known(several, [A], [B])


@pytest.mark.parametrize(
    ("title", "corrected", "is_same"),
    [
        ("Khánh thành cầu mới qua sông Hiếu", "Khánh thành cầu mới bắc qua sông Hiếu", True),
        ("Khánh thành cầu mới qua sông Hiếu", "Công bố quyết định bổ nhiệm cán bộ", False),
        (
            "Thông báo tuyển dụng viên chức đợt 1 năm nay",
            "Thông báo tuyển dụng viên chức đợt 2 năm nay",
            False,
        ),
        ("Kết quả thi ngày 15/11", "Kết quả thi ngày 16/11", False),
    ],
)
def test_a_title_that_is_corrected_with_its_link_is_known_in_its_place(
    title: str, corrected: str, *, is_same: bool
) -> None:
    old = entry("b", title, at(8, 41))
    new = entry("b2", corrected, at(8, 41))
    assert ("b2" in known([A, new, C], [A, old, C])) is is_same
    assert "b2" not in known([new, A, C], [A, old, C])  # elsewhere


def test_a_number_in_the_link_and_a_similar_title_are_one_article_but_not_a_year() -> None:
    old = entry("b", "Khánh thành cầu mới qua sông Hiếu", on(), url="http://s.test/2026/cau-moi-48213.html")
    new = replace(
        old, key="b2", title="Khánh thành cầu mới bắc qua sông Hiếu", url="http://s.test/2026/cau-48213.html"
    )
    assert known([A, new, C], [A, old, C])["b2"] == "b"
    without = replace(new, url="http://s.test/2026/cau.html")
    other = entry("x", "Khánh thành trường mới bên sông Hiếu", on())
    assert "b2" not in known([A, without, other, C], [A, old, C])
    assert known([A, without, C], [A, old, C])["b2"] == "b"  # where no other one may have taken its place


def linked(pattern: str, token: str, count: int = 4) -> list[ListedEntry]:
    """A listing whose links have this token; without an identifier of its own a link is the key."""
    urls = [pattern.format(number=number, token=f"{token}{number}", session=token) for number in range(count)]
    return [
        entry(str(number), f"Thông báo tuyển dụng đợt {number}", key=url, url=url)
        for number, url in enumerate(urls)
    ]


PATTERNS = [
    "http://s.test/tin?id={number}&t={token}",
    "http://s.test/tin-{number}.html?token={token}",
    "http://s.test/tin-{number}.html?sid={session}",
    "http://s.test/{session}/tin-{number}.html",
    "http://s.test/{token}/tin-{number}.html",
    "http://s.test/tin-{number}.html?nocache={token}&cat=3",
    "http://s.test/tin/{number}/{token}",
    "http://s.test/xem?{session}&id={number}",
]


@pytest.mark.parametrize("pattern", PATTERNS[:-1])
def test_what_changes_in_all_links_of_a_listing_is_no_part_of_an_identity(pattern: str) -> None:
    before, now = linked(pattern, "aZ"), linked(pattern, "bY")
    expected = {one.key: str(number) for number, one in enumerate(now)}
    assert known(now, before) == expected
    new = entry("new", "Tin mới", url=pattern.format(number=99, token="bY99", session="bY"))
    assert known([new, *now[:3]], before) == {key: one for key, one in expected.items() if one != "3"}
    pairs = list(zip(now, before, strict=True))
    parts = volatile_parts(pairs)
    assert len(parts) == 1
    assert all(is_same_address(one.url, other.url, parts) for one, other in pairs)
    assert not is_same_address(now[0].url, before[1].url, parts)


@pytest.mark.parametrize("pattern", PATTERNS[:-1])
def test_of_one_title_they_are_told_apart_by_the_rest_of_their_links(pattern: str) -> None:
    before = [replace(one, title=DECISION, published=on()) for one in linked(pattern, "aZ")]
    now = [replace(one, title=DECISION, published=on()) for one in linked(pattern, "bY")]
    assert known(now[::-1], before) == {one.key: str(number) for number, one in enumerate(now)}


@pytest.mark.parametrize("pattern", PATTERNS[:-1])
def test_a_title_that_is_corrected_while_all_links_change_is_known_by_the_rest_of_its_link(
    pattern: str,
) -> None:
    before, now = linked(pattern, "aZ"), linked(pattern, "bY")
    now[2] = replace(now[2], title="Một tên khác hẳn")
    assert known(now, before)[now[2].key] == "2"


def test_links_that_differ_by_number_are_of_different_articles() -> None:
    one, two = (entry(n, f"Tin số {n}", on(), url=f"http://s.test/tin?id={n}") for n in "12")
    assert known([two], [one]) == {}
    assert known([two, one], [one]) == {"1": "1"}
    assert volatile_parts([(one, one), (two, two)]) == frozenset()


def test_a_part_that_stays_in_one_link_is_volatile_in_none() -> None:
    before, now = linked(PATTERNS[0], "aZ"), linked(PATTERNS[0], "bY")
    now[1] = before[1]
    assert volatile_parts(zip(now, before, strict=True)) == frozenset()


def test_in_a_single_link_what_looks_generated_is_volatile() -> None:
    for first, second, is_volatile in (
        ("1700000000", "1700000900", True),
        ("a8f3kd92", "77ahd3k1", True),
        ("1", "2", False),
    ):
        pair = [
            entry("a", "Tin", key=token, url=f"http://s.test/tin?id={token}") for token in (first, second)
        ]
        assert bool(volatile_parts([(pair[1], pair[0])])) is is_volatile


def test_what_falls_off_the_end_while_all_links_change_is_not_the_new_one_of_its_title() -> None:
    links = "http://s.test/{}?t={}"
    old = [
        replace(entry(n, title, on()), key=f"{n}x", url=links.format(n, "x1"))
        for n, title in (("3", "Tin ba"), ("2", "Tin hai"), ("1", DECISION))
    ]
    new = [
        replace(entry(n, title, on()), key=f"{n}y", url=links.format(n, "y1"))
        for n, title in (("4", DECISION), ("3", "Tin ba"), ("2", "Tin hai"))
    ]
    assert known(new, old) == {"3y": "3", "2y": "2"}


def test_of_a_listing_from_its_oldest_on_what_falls_off_its_top_is_not_the_new_one_below() -> None:
    q1, q2, q3, q4 = (entry(name, DECISION, on()) for name in "1234")
    assert known([q2, q3, q4], [q1, q2, q3]) == {"2": "2", "3": "3"}


def test_another_text_under_the_same_title_elsewhere_is_another_article() -> None:
    old = entry("b", DECISION, on(), lead=LEAD)
    new = entry(
        "b2", DECISION, on(), lead=telling_lead("Chiều 16/11, Sở Nội vụ trao một quyết định khác cho cán bộ.")
    )
    assert "b2" not in known([new, A, C], [A, old, C])
    assert known([A, new, C], [A, old, C])["b2"] == "b"


@pytest.mark.parametrize("title", ["Khánh thành cầu mới bắc qua sông Hiếu", "Khánh thành cầu mới qua sông"])
def test_a_title_and_a_link_that_change_together_are_known_where_nothing_else_changed(title: str) -> None:
    old = entry(
        "b", "Khánh thành cầu mới qua sông Hiếu", url="http://s.test/khanh-thanh-cau-moi-qua-song-hieu"
    )
    new = replace(old, key="b2", title=title, url="http://s.test/khanh-thanh-cau")
    for date in (on(), at(8), None):
        before, now = replace(old, published=date), replace(new, published=date)
        assert known([A, now, C], [A, before, C])["b2"] == "b"
        assert known([now, A, C], [before, A, C])["b2"] == "b"
        assert "b2" not in known([replace(now, title="Một tin hoàn toàn khác"), A], [before, A])


def test_many_of_one_title_are_told_apart_by_their_links() -> None:
    before = [entry(str(n), DECISION, on(), url=f"http://s.test/{n}?t=a{n}") for n in range(60)]
    now = [entry(f"x{n}", DECISION, on(), url=f"http://s.test/{n}?t=b{n}") for n in range(60)]
    assert known(now[::-1], before) == {f"x{n}": str(n) for n in range(60)}
