"""Finding articles by what a reader types."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_articles import article, repository_in

from service.articles.repository import ArticleRepository
from service.core.folding import words

ARTICLES = [
    article("bridge", minutes=3, title="Khánh thành cầu đi bộ ở Đông Hà", lead="Sông Hiếu có cầu mới."),
    article("storm", minutes=2, title="Bão số 5 đổ bộ", lead="Hà Tĩnh và Đông Hới mưa lớn.", source="bao"),
    article(
        "fair", minutes=1, title="Hội chợ YÊN BÁI", author="Nguyễn Đức Hải", organisation="Văn phòng UBND"
    ),
]


@pytest.fixture
def repository(tmp_path: Path) -> ArticleRepository:
    repository = repository_in(tmp_path)
    repository.save(ARTICLES)
    return repository


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Đông Hà", ["bridge", "storm"]),
        ("dong ha", ["bridge", "storm"]),
        ("ĐÔNG HÀ", ["bridge", "storm"]),
        ("Đo\u0302ng Ha\u0300", ["bridge", "storm"]),
        ("hà đông", ["bridge", "storm"]),
        ("dong ha cau", ["bridge"]),
        ("dong hoi", ["storm"]),
        ("do", ["bridge", "storm"]),
        ("5", ["storm"]),
        ("yen bai", ["fair"]),
        ("duc hai", ["fair"]),
        ("van phong", ["fair"]),
        ("ong", []),
        ("donghaa", []),
        ("dong ha khong co", []),
        ("  ", ["bridge", "storm", "fair"]),
        ("“Hội chợ”, 2020?", []),
        ("“Hội chợ”!", ["fair"]),
        ("!?", []),
    ],
)
def test_every_word_of_the_query_must_begin_a_word_of_the_article(
    repository: ArticleRepository, query: str, found: list[str]
) -> None:
    assert [one.id for one in repository.page(query=query).articles] == found


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "dong*",
        "NEAR(dong ha)",
        "text:dong",
        "-dong",
        "^dong",
        "a AND",
        "(",
        "'; DROP TABLE articles",
        "\0",
    ],
)
def test_what_means_something_to_the_index_means_nothing_in_a_query(
    repository: ArticleRepository, query: str
) -> None:
    repository.page(query=query)
    assert len(repository.page().articles) == 3


def test_operators_are_words_like_any_other(repository: ArticleRepository) -> None:
    repository.save([article("and", title="Rock AND roll")])
    assert [one.id for one in repository.page(query="rock AND roll").articles] == ["and"]
    assert [one.id for one in repository.page(query="bridge OR and").articles] == []


def test_a_query_is_looked_for_in_the_asked_sources_only(repository: ArticleRepository) -> None:
    assert [one.id for one in repository.page(query="dong", sources=["bao", "khac"]).articles] == ["storm"]
    assert repository.page(query="dong", sources=["ba"]).articles == ()


def test_no_query_finds_an_article_by_the_word_that_stands_for_its_source(
    repository: ArticleRepository,
) -> None:
    hidden = "y" + b"bao".hex()
    assert repository.page(query=hidden).articles == ()
    assert repository.page(query=hidden[:3]).articles == ()


def test_a_query_is_looked_for_in_many_sources_as_in_few(repository: ArticleRepository) -> None:
    many = [f"s{n}" for n in range(600)]
    assert repository.page(query="dong", sources=many).articles == ()
    assert [one.id for one in repository.page(query="dong", sources=[*many, "bao"]).articles] == ["storm"]


def test_an_endless_query_is_answered(repository: ArticleRepository) -> None:
    assert repository.page(query="tu " * 100_000).articles == ()
    assert repository.page(query=" ".join(f"chu{n}" for n in range(5_000))).articles == ()
    assert repository.page(query="x" * 1_000_000).articles == ()


def test_a_search_is_paged_like_the_list(repository: ArticleRepository) -> None:
    repository.save([article(f"a{n}", minutes=-n, title=f"Bản tin {n}") for n in range(7)])
    first = repository.page(query="ban tin", limit=3)
    repository.save([article("newer", minutes=9, title="Bản tin mới")])
    second = repository.page(query="ban tin", limit=3, cursor=first.cursor)
    third = repository.page(query="ban tin", limit=3, cursor=second.cursor)
    found = [one.id for page in (first, second, third) for one in page.articles]
    assert found == [f"a{n}" for n in range(7)]
    assert third.cursor is None


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=40))
def test_any_text_may_be_asked_for(repository: ArticleRepository, query: str) -> None:
    found = repository.page(query=query).articles
    assert {one.id for one in found} <= {"bridge", "storm", "fair"}


@settings(deadline=None, max_examples=60)
@given(title=st.text(min_size=1, max_size=40))
def test_an_article_is_found_by_its_own_title(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    repository = repository_in(tmp_path_factory.mktemp("title"))
    repository.save([article("a", title=title)])
    found = [one.id for one in repository.page(query=title).articles]
    assert found == (["a"] if words(title) or not title.strip() else [])


@pytest.mark.parametrize(
    ("category", "found"),
    [
        ("Giáo dục", ["school", "both"]),
        ("giao duc", ["school", "both"]),
        ("giao-duc", ["school", "both"]),
        ("GIÁO  DỤC", ["school", "both"]),
        ("Gia\u0301o du\u0323c", ["school", "both"]),
        ("Y tế", ["both"]),
        ("Giáo", []),
        ("Giáo dục và đào tạo", []),
        ("truong", []),
        ("!", []),
        (" ", ["school", "both", "neither"]),
    ],
)
def test_a_category_is_meant_whole_however_it_is_spelled(
    tmp_path: Path, category: str, found: list[str]
) -> None:
    repository = repository_in(tmp_path)
    repository.save(
        [
            article("school", minutes=3, title="Trường mới", categories=("Giáo dục",)),
            article("both", minutes=2, title="Y tế trường học", categories=("Giáo dục", "Y tế")),
            article("neither", minutes=1, title="Giáo dục miền núi", source="y tế"),
        ]
    )
    assert [one.id for one in repository.page(category=category).articles] == found


def test_query_category_and_sources_narrow_together(tmp_path: Path) -> None:
    repository = repository_in(tmp_path)
    names = [(source, category) for source in ("a", "b") for category in ("Y tế", "Thể thao")]
    repository.save(
        [
            article(
                f"{source}{category[0]}{n}",
                minutes=n,
                source=source,
                title=f"Cầu {n}",
                categories=(category,),
            )
            for source, category in names
            for n in range(3)
        ]
    )
    first = repository.page(sources=["a"], query="cau", category="y te", limit=2)
    rest = repository.page(sources=["a"], query="cau", category="y te", limit=2, cursor=first.cursor)
    assert [one.id for one in (*first.articles, *rest.articles)] == ["aY2", "aY1", "aY0"]
    assert repository.page(query="!", category="Y tế").articles == ()
    assert repository.page(query="cau", category="!").articles == ()
    many = [f"s{n}" for n in range(20)]
    assert len(repository.page(sources=["a", *many], category="Y tế").articles) == 3
