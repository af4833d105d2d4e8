import html
import re
import sqlite3
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from newsroom import BODY, ILLUSTRATION, Newsroom, article, picture
from werkzeug.test import TestResponse

from service.core.errors import StoreError
from service.http_cache import cache_tags
from service.web.cache_policy import ARTICLE_PAGE, SHORT

WIDGETS = ["/widgets/articles", "/widgets/portal"]
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}'


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Two portals that have answered; the first allows whole articles."""
    made = Newsroom.in_folder(tmp_path, site__public_url="https://widgets.example/w")
    made.answered("tinh", "thanh-pho")
    made.repository.save(
        [
            article(1, body_html=BODY, image=ILLUSTRATION),
            article(2, source="thanh-pho", body_html=BODY),
        ]
    )
    made.put_pictures()
    return made


@pytest.fixture
def client(room: Newsroom) -> FlaskClient:
    return room.client


def get(room: Newsroom, path: str) -> TestResponse:
    return room.client.get(path)


def max_age(answer: TestResponse) -> int:
    found = re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])
    assert found
    return int(found[1])


def titles(answer: TestResponse) -> list[str]:
    return re.findall(r'class="title"[^>]*>([^<]*)<', answer.text)


def break_repository(room: Newsroom) -> None:
    with sqlite3.connect(room.store.path) as file:
        file.execute("ALTER TABLE articles RENAME TO lost")
    file.close()


@pytest.mark.parametrize("path", WIDGETS)
def test_a_widget_lists_the_newest_first_and_is_not_indexed(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert re.findall(r'href="(/w/(?:articles|go)/\w+)" target="_top"', answer.text) == [
        "/w/articles/0000000000000001",
        "/w/go/0000000000000002",
    ]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize("path", WIDGETS)
def test_one_source_can_be_chosen_and_the_number_limited(room: Newsroom, path: str) -> None:
    room.repository.save([article(number, title=f"Tin {number}") for number in range(3, 30)])
    answer = get(room, f"{path}?source=tinh&limit=3")
    assert len(titles(answer)) == 3
    assert "/go/0000000000000002" not in answer.text
    usual = {"/widgets/articles": 5, "/widgets/portal": 8}[path]
    assert len(titles(get(room, path))) == usual


@pytest.mark.parametrize("path", WIDGETS)
def test_a_widget_may_be_narrowed_by_words_and_category(room: Newsroom, path: str) -> None:
    room.repository.save(
        [
            article(3, title="Cầu mới", categories=("Giao thông",)),
            article(4, title="Đường mới", categories=("Giao thông", "Đô thị")),
        ]
    )
    assert titles(get(room, f"{path}?q=cau")) == ["Cầu mới"]
    assert titles(get(room, f"{path}?category=giao+thong")) == ["Cầu mới", "Đường mới"]
    assert titles(get(room, f"{path}?category=giao+thong&q=%C4%91%C6%B0%E1%BB%9Dng&source=tinh")) == [
        "Đường mới"
    ]
    nothing = get(room, f"{path}?category=giao")
    assert "Không có tin bài nào phù hợp." in nothing.text
    assert nothing.status_code == 200
    assert HOSTILE not in get(room, f"{path}?q={HOSTILE}&category={HOSTILE}").text


def test_headlines_are_eight_unless_a_number_is_given(room: Newsroom) -> None:
    room.repository.save([article(number) for number in range(3, 30)])
    assert len(titles(get(room, "/widgets/articles?layout=headlines"))) == 8


@pytest.mark.parametrize("path", WIDGETS)
def test_an_unknown_source_is_named_with_those_there_are(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?source=x&limit=21&theme=dark&lang=en")
    assert answer.status_code == 400
    assert "The parameter “source” is not valid. Accepted values: tinh, thanh-pho." in answer.text
    assert "The parameter “limit” must be from 1 to 20." in answer.text
    assert titles(answer) == []
    assert answer.headers["Cache-Control"] == SHORT.cache_control()
    assert "main{--bg:#171c22" in answer.text  # what can be used is kept to


@pytest.mark.parametrize("path", WIDGETS)
def test_without_a_source_a_sentence_is_the_answer_whatever_is_asked(tmp_path: Path, path: str) -> None:
    room = Newsroom.in_folder(tmp_path, sources=())
    answer = get(room, f"{path}?source=tinh")
    assert answer.status_code == 200
    assert "Chưa có nguồn tin nào được cấu hình." in answer.text


@pytest.mark.parametrize("path", WIDGETS)
def test_before_the_first_answer_of_a_source_the_widget_asks_again_and_nobody_keeps_it(
    tmp_path: Path, path: str
) -> None:
    answer = get(Newsroom.in_folder(tmp_path), path)
    assert answer.status_code == 200
    assert "location.reload()" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.parametrize("path", WIDGETS)
def test_a_failing_store_leaves_the_articles_that_are_remembered(room: Newsroom, path: str) -> None:
    before = titles(get(room, path))
    break_repository(room)
    with pytest.raises(StoreError):
        room.repository.page()
    assert titles(get(room, path)) == before != []


def test_a_widget_is_kept_no_longer_than_until_a_source_changes_its_state(room: Newsroom) -> None:
    usual = max_age(get(room, "/widgets/articles"))
    assert 0 < usual <= 15 * 60
    room.hours_later = 3 - 1 / 60
    assert max_age(get(room, "/widgets/articles")) <= 60
    room.hours_later = 3
    assert "10:02 ngày 27/11/2020" in get(room, "/widgets/articles").text


def test_pictures_are_allowed_only_where_there_are_some_and_only_ours(client: FlaskClient) -> None:
    with_pictures = client.get("/widgets/articles")
    assert "img-src 'self'" in with_pictures.headers["Content-Security-Policy"]
    assert re.findall(r'<img src="([^"]*)"', with_pictures.text) == [f"/w/images/{'0' * 31}1.webp"]
    for path in (
        "/widgets/articles?layout=headlines",
        "/widgets/portal",
        "/widgets/articles?source=thanh-pho",
    ):
        assert "img-src" not in client.get(path).headers["Content-Security-Policy"]


def test_only_the_article_page_may_be_asked_more_of_and_by_us_alone(client: FlaskClient) -> None:
    page = client.get("/articles/0000000000000001").headers["Content-Security-Policy"]
    assert "connect-src 'self';" in f"{page};"
    for path in WIDGETS:
        assert "connect-src" not in client.get(path).headers["Content-Security-Policy"]


def test_the_portal_frame_draws_either_part_without_the_other(room: Newsroom) -> None:
    unknown = get(room, "/widgets/portal?city=atlantis")
    assert unknown.status_code == 404
    assert "Địa điểm này không có trong danh sách" in unknown.text
    assert len(titles(unknown)) == 2
    room.repository.take_down(["0000000000000001", "0000000000000002"])
    alone = get(room, "/widgets/portal?city=hue")
    assert alone.status_code == 200
    assert "Chưa có tin bài." in alone.text
    assert "27<small>&nbsp;°C" in alone.text


def test_the_city_select_of_the_portal_frame_takes_the_other_choices_along(client: FlaskClient) -> None:
    page = client.get("/widgets/portal?source=tinh&limit=2&theme=dark&units=imperial&city=hue&layout=x").text
    assert '<form action="/w/widgets/portal">' in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page))
    assert hidden == {"source": "tinh", "limit": "2", "theme": "dark", "units": "imperial"}
    assert '<option value="hue" selected>' in page
    assert "81<small>&nbsp;°F" in page


def test_the_weather_of_the_portal_frame_goes_along_to_the_page_of_an_article(client: FlaskClient) -> None:
    def first(query: str) -> str:
        page = client.get(f"/widgets/portal?source=tinh&limit=1&{query}").text
        return html.unescape(re.findall(r'class="title" href="([^"]*)"', page)[0])

    chosen = first("units=imperial&city=hue&accent=aa2200&lang=en")
    assert chosen == "/w/articles/0000000000000001?lang=en&accent=aa2200&units=imperial&city=hue"
    assert "Weather in Hue" in client.get(chosen.removeprefix("/w")).text
    assert first("city=atlantis") == "/w/articles/0000000000000001"


def test_sample_articles_are_called_so_on_every_page(room: Newsroom) -> None:
    room.demo = True
    for path in (*WIDGETS, "/articles/0000000000000001"):
        assert "Tin mẫu, không phải tin thật." in get(room, path).text


def test_an_article_page_has_what_a_city_portal_has(client: FlaskClient) -> None:
    answer = client.get("/articles/0000000000000001")
    page = answer.text
    assert answer.status_code == 200
    assert "(06/03/2020)</time></h1>" in page
    assert BODY in page
    assert '<form action="/w/articles/0000000000000001">' in page
    assert 'href="/w/widgets/articles" data-back' in page
    assert '<link rel="canonical" href="https://tinh.example/bai/1">' in page
    assert "https://widgets.example/w/images/" in page
    assert "X-Robots-Tag" not in answer.headers


def test_an_article_page_is_kept_for_some_minutes_at_the_most_and_no_longer_than_its_weather_is_true(
    room: Newsroom,
) -> None:
    assert ARTICLE_PAGE.max_age is not None
    assert max_age(get(room, "/articles/0000000000000001")) == ARTICLE_PAGE.max_age.total_seconds()
    room.hours_later = 1.5 - 1 / 60
    assert max_age(get(room, "/articles/0000000000000001")) <= 60


def test_the_city_of_an_article_page_is_the_readers_choice(client: FlaskClient) -> None:
    page = client.get("/articles/0000000000000001?city=hue&lang=en").text
    assert 'aria-label="Weather in Hue"' in page
    unknown = client.get("/articles/0000000000000001?city=x")
    assert unknown.status_code == 404
    assert BODY in unknown.text


def test_a_source_without_full_text_gets_its_snippet_and_the_way_to_the_original(client: FlaskClient) -> None:
    page = client.get("/articles/0000000000000002").text
    assert "Nhiều việc nhỏ" not in page
    assert '<p class="summary">Sáng nay' in page
    assert 'class="button" href="/w/go/0000000000000002"' in page


@pytest.mark.parametrize("path", ["/articles/", "/go/"])
def test_an_article_that_was_taken_down_is_said_to_be_gone(room: Newsroom, path: str) -> None:
    room.repository.take_down(["0000000000000001"])
    for name in ("0000000000000001", "never", "%00", "a" * 3000):
        answer = get(room, path + name)
        assert answer.status_code == 404
        assert "Bài viết này không còn hoặc đã được gỡ." in answer.text
        assert '<a href="/w/widgets/articles">Tin mới</a>' in answer.text
        assert '<a href="/w/">' in answer.text


def test_the_way_to_the_original_goes_by_id_alone(room: Newsroom) -> None:
    answer = get(room, "/go/0000000000000002?url=https://evil.example/&next=//evil.example")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://tinh.example/bai/2"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "//evil.example/"])
def test_what_has_no_honest_original_leads_nowhere(room: Newsroom, url: str | None) -> None:
    room.repository.save([article(3, url=url)])
    answer = get(room, "/go/0000000000000003")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_picture_never_changes_and_may_be_shown_anywhere(client: FlaskClient) -> None:
    answer = client.get(f"/images/{'0' * 31}1.webp")
    assert answer.status_code == 200
    assert answer.data == picture(320, 214)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("digest", ["f" * 32, "x" * 32, "0", "..%2f..%2fetc%2fpasswd", "0" * 31 + "1%00"])
def test_no_other_name_is_a_picture(client: FlaskClient, digest: str) -> None:
    answer = client.get(f"/images/{digest}.webp")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", [*WIDGETS, "/widgets/articles?layout=cards", "/articles/0000000000000003"])
def test_nothing_that_a_source_says_becomes_markup(room: Newsroom, path: str) -> None:
    hostile = article(
        3,
        title=HOSTILE,
        lead=HOSTILE,
        author=HOSTILE,
        organisation=HOSTILE,
        language='"><i>',
        image=ILLUSTRATION,
    )
    room.repository.save([hostile])
    page = get(room, path).text
    assert "<script>alert" not in page
    assert "<i>" not in page
    assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("path", WIDGETS)
def test_a_store_that_fails_at_first_is_said_and_not_taken_for_an_empty_list(
    room: Newsroom, path: str
) -> None:
    break_repository(room)
    answer = get(room, path)
    assert "Hệ thống đang gặp sự cố" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"


def test_the_weather_stays_above_articles_that_cannot_be_read(room: Newsroom) -> None:
    break_repository(room)
    assert "°C" in get(room, "/widgets/portal").text


@pytest.mark.parametrize(
    "path", ["/articles/0000000000000001", "/go/0000000000000002", f"/images/{'0' * 31}1.webp"]
)
def test_a_store_that_fails_makes_no_page_gone(room: Newsroom, path: str) -> None:
    with sqlite3.connect(room.store.path) as file:
        file.execute("ALTER TABLE articles RENAME TO lost")
        file.execute("ALTER TABLE pictures RENAME TO lost_pictures")
    file.close()
    answer = get(room, path)
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "30"


def test_an_article_that_is_not_there_is_not_found_whatever_the_parameters(client: FlaskClient) -> None:
    assert client.get("/articles/0000000000000000?theme=x").status_code == 404
    assert client.get("/articles/0000000000000001?theme=x").status_code == 400


def test_an_article_has_its_portal_above_and_other_news_of_it_beside(room: Newsroom) -> None:
    room.repository.save([article(number, title=f"Tin {number}") for number in range(3, 12)])
    page = get(room, "/articles/0000000000000001?lang=en&city=hue").text
    header = re.search(r"<header>(.*?)</header>", page)
    assert header
    assert header[1] == '<a href="https://tinh.example/" target="_top">Cổng thông tin điện tử tỉnh</a>'
    others = re.findall(r'<li[^>]*><a href="([^"]*)" target="_top">Tin (\d+)', page)
    assert [number for _, number in others] == ["3", "4", "5", "6", "7"]
    assert html.unescape(others[0][0]) == "/w/articles/0000000000000003?lang=en&city=hue"
    assert ">More news</h2>" in page


def test_a_portal_with_one_article_has_no_other_news(room: Newsroom) -> None:
    assert "Tin khác" not in get(room, "/articles/0000000000000001").text


def test_the_page_of_an_article_does_not_depend_on_the_other_news(room: Newsroom) -> None:
    room.repository.save([article(3, title="Tin 3")])
    app = room.client.application
    with app.test_request_context(), cache_tags.recording() as dependencies:
        page = app.view_functions["article"](article_id="0000000000000001")
    assert b"Tin 3<" in page.data
    kinds = {key.partition("/")[0] for key in dependencies.store_keys}
    assert kinds == {"article", "current", "outlook"}
