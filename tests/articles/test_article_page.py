import json
from typing import Any

import pytest
from newsroom import BODY, CITY, ILLUSTRATION, PROVINCE, article

from service.articles.model import ArticleImage, StoredImage
from service.articles.page_presenter import ArticleView, present
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource

BASE = "https://widgets.example/w"


def view(source: ArticleSource = PROVINCE, *, body: str | None = None, **other: Any) -> ArticleView:
    return present(
        article(0, **other),
        source,
        body=body,
        formatter=Formatter("vi"),
        back="/w/widgets/articles",
        prefix="/w",
        base_url=BASE,
        sample=False,
    )


def structured(shown: ArticleView) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(shown.structured)
    return told


def test_the_page_title_names_article_and_source() -> None:
    assert view(title="Lễ hội").page_title == "Lễ hội – Cổng thông tin điện tử tỉnh"  # noqa: RUF001 - the dash that belongs there


def test_the_day_stands_with_the_title_as_vietnam_writes_it() -> None:
    assert (view().date, view().iso) == ("07/03/2020", "2020-03-07T08:15:00+07:00")
    assert view(published=None).date is None


@pytest.mark.parametrize(
    ("lead", "shown"),
    [
        ("Sáng 7/3, đoàn viên các phường cùng ra quân…", False),
        ("Một câu dẫn của riêng mình.", True),
        ("", False),
    ],
)
def test_a_lead_that_only_repeats_the_text_is_not_read_twice(lead: str, shown: bool) -> None:
    assert view(body=BODY, lead=lead).lead == (lead if shown else None)


def test_entities_and_markup_do_not_hide_that_the_text_repeats_the_lead() -> None:
    assert view(body="<p><b>Giá</b> &lt; 5&nbsp;tỉ</p>", lead="Giá < 5\u00a0tỉ").lead is None


def test_without_the_text_the_lead_is_shown() -> None:
    assert view(CITY, lead="Một câu.").lead == "Một câu."


def test_the_picture_stands_above_the_text_with_its_caption_unless_the_text_has_it() -> None:
    shown = view(image=ILLUSTRATION, body=BODY)
    assert shown.image is not None
    assert shown.image.url == f"/w/images/{'0' * 31}2.webp"
    assert shown.caption == "Đoàn viên trồng cây bên bờ sông sáng 7/3. Ảnh: Văn phòng"
    inside = f'<p><img src="/w/images/{"0" * 31}2.webp"></p>'
    assert view(image=ILLUSTRATION, body=inside).image is None


@pytest.mark.parametrize(
    ("kept", "shown"),
    [((480, 1280), (216, 576)), ((960, 642), (861, 576)), ((9, 9000), (1, 576)), ((320, 214),) * 2],
)
def test_a_picture_that_stands_upright_is_made_smaller_in_its_own_shape(
    kept: tuple[int, int], shown: tuple[int, int]
) -> None:
    image = view(image=ArticleImage((StoredImage("0" * 32, *kept),), alt="", caption="")).image
    assert image is not None
    assert (image.width, image.height) == shown


def test_links_in_the_text_leave_the_frame() -> None:
    body = view(body='<p><a href="https://khac.example/" rel="nofollow">bài khác</a></p>').body
    assert body == '<p><a target=_top href="https://khac.example/" rel="nofollow">bài khác</a></p>'


def test_the_original_is_reached_through_us_and_is_the_canonical_page() -> None:
    assert view().original == "/w/go/0000000000000000"
    assert view().canonical == "https://tinh.example/bai/0"
    alone = view(url=None)
    assert alone.original is None
    assert alone.canonical == f"{BASE}/articles/0000000000000000"


def test_programs_read_a_news_article() -> None:
    told = structured(view(image=ILLUSTRATION, author="Nguyễn Đức Hải", organisation="Văn phòng"))
    assert told["@type"] == "NewsArticle"
    assert told["datePublished"] == "2020-03-07T08:15:00+07:00"
    assert told["image"] == f"{BASE}/images/{'0' * 31}2.webp"
    assert told["author"] == [
        {"@type": "Person", "name": "Nguyễn Đức Hải"},
        {"@type": "Organization", "name": "Văn phòng"},
    ]
    assert told["mainEntityOfPage"] == "https://tinh.example/bai/0"


def test_what_nobody_told_is_left_out_for_programs() -> None:
    shown = view(published=None, lead="")
    assert structured(shown).keys().isdisjoint({"datePublished", "description", "author", "image"})
    properties = dict(shown.properties)
    assert properties.keys().isdisjoint({"article:published_time", "og:image", "og:description"})


def test_no_title_ends_the_element_that_programs_read() -> None:
    title = "</script><script>alert(1)</script><!-- & \u2028"
    shown = view(title=title)
    assert not set("<>&") & set(shown.structured)
    assert structured(shown)["headline"] == title


def test_social_networks_are_told_title_picture_and_day() -> None:
    told = dict(view(image=ILLUSTRATION).properties)
    assert told["og:type"] == "article"
    assert told["og:locale"] == "vi_VN"
    assert told["og:image"] == f"{BASE}/images/{'0' * 31}2.webp"
    assert (told["og:image:width"], told["og:image:height"]) == ("960", "642")
    assert told["article:published_time"] == "2020-03-07T08:15:00+07:00"


def test_a_language_is_told_with_its_country_and_an_unknown_one_not_at_all() -> None:
    assert dict(view(language="km").properties)["og:locale"] == "km_KH"
    assert "og:locale" not in dict(view(language="qq").properties)
