"""What every repository must do, whatever it is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_articles import MORNING, VIETNAM, article, illustrated, repository_in

from service.articles.model import Article, Published
from service.articles.narrowing import Narrowing
from service.articles.repository import ArticleRepository, Period
from service.settings.model import ArticleSource

NewRepository = Callable[[Path], ArticleRepository]


@pytest.fixture(params=[repository_in], ids=["sqlite"])
def new_repository(request: pytest.FixtureRequest) -> NewRepository:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def repository(new_repository: NewRepository, tmp_path: Path) -> ArticleRepository:
    return new_repository(tmp_path)


def ids(articles: Sequence[Article]) -> list[str]:
    return [one.id for one in articles]


def all_pages(repository: ArticleRepository, limit: int, **wanted: object) -> list[str]:
    """The ids of the whole list, fetched page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = repository.page(limit=limit, cursor=cursor, **wanted)  # type: ignore[arg-type]
        found += ids(page.articles)
        if (cursor := page.cursor) is None:
            return found


def test_an_article_is_given_back_as_it_was_put(repository: ArticleRepository) -> None:
    full = article(
        "a",
        title="Lễ hội “đường phố” <Đông Hà>",
        lead="Tối 7/3, hàng nghìn người\nđã đến.",
        author="Nguyễn Đức Hải",
        organisation="Văn phòng HĐND và UBND",
        image=illustrated("aa", "bb"),
        body_html="<p>Một\nhai</p>\n",
        categories=("Lễ hội", "Văn hóa"),
        canonical_url="portal.example.gov.vn/a",
        content_hash="r1",
        published=Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True),
    )
    bare = article("b", url=None, published=None, body_html="")
    repository.save([full, bare])
    assert repository.get(["a", "b"]) == [full, bare]


def test_articles_come_in_the_order_asked_and_unknown_ones_are_left_out(
    repository: ArticleRepository,
) -> None:
    repository.save([article("a"), article("b"), article("c")])
    assert ids(repository.get(["c", "nobody", "a"])) == ["c", "a"]


def test_an_empty_repository_has_an_empty_page_without_a_cursor(repository: ArticleRepository) -> None:
    assert (repository.page().articles, repository.page().cursor) == ((), None)
    assert repository.get(["a"]) == []
    assert repository.image("00") is None


def test_the_newest_stands_first_whatever_order_they_came_in(repository: ArticleRepository) -> None:
    repository.save([article("old", minutes=1), article("new", minutes=3)])
    repository.save([article("middle", minutes=2)])
    assert ids(repository.page().articles) == ["new", "middle", "old"]


def test_articles_of_one_instant_keep_the_order_of_their_listing_and_later_arrivals_stand_above(
    repository: ArticleRepository,
) -> None:
    repository.save([article("first"), article("second"), article("third")])
    repository.save([article("newcomer")])
    assert ids(repository.page().articles) == ["newcomer", "first", "second", "third"]


def test_the_last_page_has_no_cursor_even_when_it_is_full(repository: ArticleRepository) -> None:
    repository.save([article(name, minutes=-n) for n, name in enumerate("abcd")])
    first = repository.page(limit=2)
    last = repository.page(limit=2, cursor=first.cursor)
    assert (ids(first.articles), ids(last.articles), last.cursor) == (["a", "b"], ["c", "d"], None)


def test_arrivals_and_changes_between_two_pages_neither_skip_nor_repeat(
    repository: ArticleRepository,
) -> None:
    repository.save([article(name, minutes=-n) for n, name in enumerate("abcdef")])
    first = repository.page(limit=3)
    repository.save([article("newest", minutes=5), article("b", minutes=-1, title="Sửa lại")])
    repository.take_down(["c"])  # the one the cursor stands on
    repository.save([article("e", minutes=-4, title="Cũng sửa")])
    rest = repository.page(limit=3, cursor=first.cursor)
    assert (ids(first.articles), ids(rest.articles)) == (["a", "b", "c"], ["d", "e", "f"])


def test_an_arrival_at_the_very_instant_of_the_cursor_repeats_nothing(repository: ArticleRepository) -> None:
    repository.save([article(name) for name in "abcd"])
    first = repository.page(limit=2)
    repository.save([article("newcomer")])
    assert ids(repository.page(limit=2, cursor=first.cursor).articles) == ["c", "d"]


def test_an_article_whose_date_was_corrected_moves(repository: ArticleRepository) -> None:
    repository.save([article("a", minutes=2), article("b", minutes=1)])
    repository.save([article("a", minutes=0)])
    assert ids(repository.page().articles) == ["b", "a"]


@pytest.mark.parametrize(
    "cursor", ["", "0", "abc", "AAAAAAAAAAAAAAAA", "đ", "=", "A" * 1000, "../../x", "a b", "\0", "%"]
)
def test_what_is_no_cursor_of_ours_is_refused(repository: ArticleRepository, cursor: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the contract, the words are not
        repository.page(cursor=cursor)


def test_a_cursor_with_one_letter_changed_is_refused(repository: ArticleRepository) -> None:
    repository.save([article("a"), article("b", minutes=-1)])
    cursor = repository.page(limit=1).cursor or ""
    for position, letter in enumerate(cursor):
        other = cursor[:position] + ("A" if letter != "A" else "B") + cursor[position + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            repository.page(cursor=other)


def test_a_cursor_can_stand_in_an_address_as_it_is(repository: ArticleRepository) -> None:
    repository.save([article(f"a{n}", minutes=n) for n in range(50)])
    for limit in range(1, 50):
        cursor = repository.page(limit=limit).cursor or "!"
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert cursor.isascii()


def test_only_the_asked_sources_are_listed(repository: ArticleRepository) -> None:
    repository.save([article(f"{s}{n}", source=s, minutes=n) for s in ("x", "y", "z") for n in range(3)])
    assert all_pages(repository, 2, sources=["x"]) == ["x2", "x1", "x0"]
    assert sorted(all_pages(repository, 2, sources=["x", "z", "x"])) == ["x0", "x1", "x2", "z0", "z1", "z2"]
    assert all_pages(repository, 2, sources=["nobody"]) == []


def test_more_sources_than_a_statement_can_merge_are_listed_too(repository: ArticleRepository) -> None:
    many = [f"s{n}" for n in range(700)]
    repository.save([article(f"a{n}", source=f"s{n}", minutes=n) for n in range(600, 720)])
    assert all_pages(repository, 50, sources=many) == [f"a{n}" for n in range(699, 599, -1)]


def test_what_is_put_again_unchanged_is_the_same_article_once(repository: ArticleRepository) -> None:
    repository.save([article("a"), article("a")])
    repository.save([article("a", title="Sửa lại")])
    assert [one.title for one in repository.page().articles] == ["Sửa lại"]
    assert ids(repository.page(query="sửa").articles) == ["a"]
    assert repository.page(query="tin").articles == ()


def test_what_was_taken_down_is_gone_everywhere_and_does_not_come_back(repository: ArticleRepository) -> None:
    repository.save([article("a"), article("b")])
    repository.take_down(["a", "never-seen"])
    repository.save([article("a", title="Đăng lại"), article("never-seen")])
    assert ids(repository.page().articles) == ["b"]
    assert repository.get(["a"]) == []
    assert repository.page(query="lại").articles == ()
    assert repository.find_duplicates("", "Đăng lại", None) == []


def test_the_same_link_under_another_id_does_not_bring_back_what_was_taken_down(
    repository: ArticleRepository,
) -> None:
    repository.save([article("a", canonical_url="example.vn/a")])
    repository.take_down(["a"])
    repository.take_down(["a"])
    repository.save([article("a2", source="khac", canonical_url="example.vn/a"), article("b")])
    assert ids(repository.page().articles) == ["b"]


def test_what_comes_in_vain_because_it_was_taken_down_is_known_from_then_on(
    repository: ArticleRepository,
) -> None:
    repository.save([article("a", canonical_url="example.vn/a")])
    repository.take_down(["a"])
    repository.save([article("a2", source="khac", canonical_url="example.vn/a")])
    assert repository.seen(["a", "a2"]) == {"a", "a2"}


def test_what_is_taken_down_wherever_it_is_told_does_not_come_back_by_its_headline(
    repository: ArticleRepository,
) -> None:
    title = "Khánh thành cầu mới qua sông Hiếu"
    repository.save(
        [
            article("a", title=title, canonical_url="tinh.vn/a"),
            article("b", title=title, canonical_url="tinh.vn/b"),
        ]
    )
    repository.take_down(["a"])
    repository.save([article("a2", title=title, canonical_url="bao.vn/a")])
    assert set(ids(repository.page().articles)) == {"a2", "b"}
    repository.take_down(["b"], everywhere=True)
    repository.save(
        [article("b2", title=title.upper(), canonical_url="bao.vn/b"), article("c", title="Khánh thành")]
    )
    assert set(ids(repository.page().articles)) == {"a2", "c"}


def test_taking_down_an_article_without_a_link_bars_no_other_one_without(
    repository: ArticleRepository,
) -> None:
    repository.save([article("a", url=None)])
    repository.take_down(["a"])
    repository.save([article("b", url=None)])
    assert ids(repository.page().articles) == ["b"]


def test_trimming_keeps_the_newest_of_its_source_and_touches_no_other(repository: ArticleRepository) -> None:
    repository.save([article(f"{s}{n}", source=s, minutes=n) for s in ("x", "y") for n in range(5)])
    repository.trim("x", 2)
    assert all_pages(repository, 3, sources=["x"]) == ["x4", "x3"]
    assert len(all_pages(repository, 3, sources=["y"])) == 5
    repository.trim("x", 0)
    assert all_pages(repository, 3, sources=["x"]) == []


def test_what_was_trimmed_may_come_again(repository: ArticleRepository) -> None:
    repository.save([article("a")])
    repository.trim("tinh", 0)
    repository.save([article("a")])
    assert ids(repository.page().articles) == ["a"]


def test_kept_dropped_and_taken_down_articles_are_known_and_others_are_not(
    repository: ArticleRepository,
) -> None:
    repository.save([article("kept", minutes=2), article("dropped", minutes=0), article("down", minutes=3)])
    repository.take_down(["down", "never-seen"])
    repository.trim("tinh", 1)
    assert repository.seen(["kept", "dropped", "down", "never-seen", "new"]) == {
        "kept",
        "dropped",
        "down",
        "never-seen",
    }


def test_the_same_link_is_the_same_article_of_whatever_source(repository: ArticleRepository) -> None:
    kept = article("a", canonical_url="example.vn/tin/1")
    repository.save([kept])
    assert repository.find_duplicates("example.vn/tin/1", "Khác", None)[0] == kept
    assert repository.find_duplicates("example.vn/tin/2", "Khác", None) == []


def test_the_same_long_title_on_the_same_day_is_the_same_article(repository: ArticleRepository) -> None:
    kept = article("a", title="Đông Hà: Khánh thành cầu đi bộ qua sông Hiếu")
    repository.save([kept])
    evening = Published(datetime(2020, 3, 7, 23, 50, tzinfo=VIETNAM))
    next_day = Published(datetime(2020, 3, 8, 0, 10, tzinfo=VIETNAM))
    title = "ĐÔNG HÀ - Khánh thành cầu đi bộ qua sông Hiếu"
    assert repository.find_duplicates("elsewhere.vn/9", title, evening)[0] == kept
    assert repository.find_duplicates("elsewhere.vn/9", title, next_day) == []
    assert repository.find_duplicates("elsewhere.vn/9", title, None) == []


def test_a_title_that_many_articles_bear_makes_none_of_them_the_same(repository: ArticleRepository) -> None:
    kept = article("a", title="Thông báo", canonical_url="")
    repository.save([kept])
    assert repository.find_duplicates("", "Thông báo", kept.published) == []


def test_a_link_says_more_than_a_title(repository: ArticleRepository) -> None:
    title = "Khánh thành cầu đi bộ qua sông Hiếu"
    by_link = article("link", title="Khác hẳn", canonical_url="example.vn/1")
    by_title = article("title", title=title, canonical_url="example.vn/2")
    repository.save([by_link, by_title])
    assert repository.find_duplicates("example.vn/1", title, by_title.published)[0] == by_link


def test_an_article_that_was_removed_is_the_same_as_none(repository: ArticleRepository) -> None:
    repository.save([article("a", canonical_url="example.vn/1")])
    repository.trim("tinh", 0)
    assert repository.find_duplicates("example.vn/1", "", None) == []


def test_dates_at_the_edge_of_the_calendar_are_sorted_and_kept(repository: ArticleRepository) -> None:
    early = datetime(1, 1, 1, tzinfo=UTC)
    late = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    put = [
        article("late", sort_key=late, published=None),
        article("now"),
        article("early", sort_key=early, published=None),
    ]
    repository.save(put)
    assert all_pages(repository, 1) == ["late", "now", "early"]
    assert repository.get(["late", "early"]) == [put[0], put[2]]


def test_thousands_of_one_instant_have_each_a_place_of_its_own(repository: ArticleRepository) -> None:
    many = [article(f"a{n}", title="Tin", lead="") for n in range(2_500)]
    repository.save(many)
    assert all_pages(repository, 100) == ids(many)


@dataclass(frozen=True)
class Step:
    """One thing that happens to the repository."""

    kind: str
    name: str
    source: str
    number: int


_STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["put", "put", "put", "take down", "trim"]),
        st.sampled_from([f"n{number}" for number in range(8)]),
        st.sampled_from("xy"),
        st.integers(0, 3),
    ),
    max_size=25,
)


class SortedList:
    """The same in the plainest way: a dictionary that is sorted at every look."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, int, Article]] = {}  # minute, arrival, article
        self._down: set[str] = set()

    def take(self, step: Step, arrival: int) -> None:
        if step.kind == "take down":
            self._down.add(step.name)
            self._kept.pop(step.name, None)
        elif step.kind == "trim":
            for one in self.articles(step.source)[step.number :]:
                del self._kept[one.id]
        elif step.name not in self._down:
            minute, came, _ = self._kept.get(step.name, (None, arrival, None))
            self._kept[step.name] = (step.number, came if minute == step.number else arrival, put_by(step))

    def articles(self, source: str = "") -> list[Article]:
        newest = sorted(self._kept.values(), key=itemgetter(0, 1), reverse=True)
        return [one for *_, one in newest if source in {"", one.source}]


def put_by(step: Step) -> Article:
    return article(step.name, minutes=step.number, source=step.source)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, limit=st.integers(1, 4))
def test_after_any_steps_the_list_is_what_a_sorted_list_would_be(
    new_repository: NewRepository, steps: list[Step], limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository = new_repository(tmp_path_factory.mktemp("steps"))
    expected = SortedList()
    for arrival, step in enumerate(steps):
        expected.take(step, arrival)
        if step.kind == "put":
            repository.save([put_by(step)])
        elif step.kind == "trim":
            repository.trim(step.source, step.number)
        else:
            repository.take_down([step.name])
    assert repository.get(ids(expected.articles())) == expected.articles()
    assert all_pages(repository, limit) == ids(expected.articles())
    assert all_pages(repository, limit, sources=["x"]) == ids(expected.articles("x"))
    assert all_pages(repository, limit, query="tin", sources=["y"]) == ids(expected.articles("y"))


def test_an_article_may_lose_and_change_what_is_optional(repository: ArticleRepository) -> None:
    rich = article("a", author="Hải", lead="Mở đầu", body_html="<p>x</p>", image=illustrated("aa"))
    poor = replace(rich, author=None, lead="", body_html=None, image=None, published=None, url=None)
    repository.save([rich])
    repository.save([poor])
    assert repository.get(["a"]) == [poor]


# Narrowed sources


def bridges(**patterns: tuple[str, ...]) -> Narrowing:
    return Narrowing(
        [ArticleSource("tinh", "Tỉnh", "https://tinh.example/", **(patterns or {"include": ("cầu",)}))]
    )


def bridges_and_markets(count: int) -> list[Article]:
    """Every other one is of a bridge, the first of a market."""
    return [
        article(f"{'cb'[n % 2]}{n}", minutes=-n, title=f"{('Chợ', 'Cầu')[n % 2]} số {n} mở lại")
        for n in range(count)
    ]


def test_hidden_articles_are_passed_over_on_every_page(repository: ArticleRepository) -> None:
    repository.save([*bridges_and_markets(20), article("other", minutes=-50, source="bao")])
    shown = [f"b{n}" for n in range(1, 20, 2)]
    for limit in (1, 3, 10, 50):
        assert all_pages(repository, limit, narrowing=bridges()) == [*shown, "other"]
        assert all_pages(repository, limit, narrowing=bridges(), sources=["tinh"], query="mo lai") == shown
    assert len(all_pages(repository, 7)) == 21


def test_a_corrected_article_is_judged_anew(repository: ArticleRepository) -> None:
    narrowing = bridges()
    repository.save([article("a", title="Chợ mới")])
    assert ids(repository.page(narrowing=narrowing).articles) == []
    repository.save([article("a", title="Cầu mới")])
    assert ids(repository.page(narrowing=narrowing).articles) == ["a"]


def test_another_narrowing_shows_at_once_what_it_asks_for(repository: ArticleRepository) -> None:
    repository.save(bridges_and_markets(4))
    assert ids(repository.page(narrowing=bridges()).articles) == ["b1", "b3"]
    assert ids(repository.page(narrowing=bridges(exclude=("cầu",))).articles) == ["c0", "c2"]
    assert ids(repository.page(narrowing=bridges(include=("mo lai",))).articles) == ["c0", "b1", "c2", "b3"]


def test_as_many_hidden_as_shown_articles_are_kept(repository: ArticleRepository) -> None:
    repository.save(
        [*bridges_and_markets(20), *(article(f"m{n}", minutes=n + 1, title="Chợ") for n in range(9))]
    )
    repository.trim("tinh", 3, bridges())
    assert ids(repository.page(limit=50).articles) == ["m8", "m7", "m6", "b1", "b3", "b5"]
    assert ids(repository.page(narrowing=bridges()).articles) == ["b1", "b3", "b5"]
    repository.trim("tinh", 2, Narrowing())
    assert ids(repository.page(limit=50).articles) == ["m8", "m7"]


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_period_has_what_was_published_in_it_wherever_it_stands(
    new_repository: NewRepository, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Also what was dated ahead of its time, or by a day alone; and it counts as much as it lists."""
    repository = new_repository(tmp_path_factory.mktemp("period"))
    hours = st.integers(-200, 200)
    saved = []
    for number in range(data.draw(st.integers(0, 12))):
        at = MORNING + timedelta(hours=data.draw(hours))
        seen = at - timedelta(hours=data.draw(st.sampled_from([0, 0, -30, 20, 600])))
        published = data.draw(st.sampled_from([Published(at.astimezone(VIETNAM)), None]))
        saved.append(article(f"a{number}", published=published, first_seen=seen, sort_key=min(at, seen)))
    repository.save(saved)
    ends = st.none() | hours.map(lambda hour: MORNING + timedelta(hours=hour))
    period = Period(data.draw(ends), data.draw(ends))
    expected = {one.id for one in saved if period.has(one)}
    assert set(all_pages(repository, 3, period=period)) == expected
    assert repository.count(period=period) == len(expected)


def test_a_list_counts_what_all_its_pages_have(repository: ArticleRepository) -> None:
    repository.save(
        [article(f"b{n}", minutes=n, title=f"Cầu số {n} mở lại", source="tinh") for n in range(7)]
    )
    repository.save([article(f"c{n}", minutes=n, title=f"Chợ số {n}", source="xa") for n in range(5)])
    for wanted in (
        {},
        {"sources": ["tinh"]},
        {"query": "cau"},
        {"query": "cho", "sources": ["tinh"]},
        {"query": "!"},
        {"narrowing": bridges(), "sources": ["tinh", "xa"]},
        {"narrowing": bridges(), "query": "so"},
    ):
        count = repository.count(**wanted)  # type: ignore[arg-type]
        assert count == len(all_pages(repository, 3, **wanted))
    repository.drop(["b1"])
    assert repository.count() == 11
