"""Articles' own pages: which parts of an entry they complete, and from where."""

from dataclasses import replace
from datetime import datetime

import pytest
from source_answers import NOW, PORTAL, VIETNAM, an_entry, answer, page, source_of

from service.articles.model import ImageCandidate, ParsedEntry, Published
from service.articles.sources.feed import Feed
from service.articles.sources.html_listing import HtmlListing
from service.core.errors import UpstreamError
from service.settings.model import Selectors

URL = f"{PORTAL}/tin-tuc/le-hoi-dong-song-1009.html"


def completed(
    markup: str, entry: ParsedEntry | None = None, selectors: Selectors | None = None
) -> ParsedEntry:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", selectors=selectors))
    return source.read_page(answer(markup, "text/html", URL), entry or an_entry(), NOW)


def article(inner: str, head: str = "") -> str:
    paragraphs = "".join(
        f"<p>Đoạn thứ {n} của bài viết, kể thêm về công việc của thành phố.</p>" for n in range(4)
    )
    return f"<html><head>{head}</head><body><div class='content'>{inner}{paragraphs}</div></body></html>"


def test_the_organisation_of_another_author_is_not_lent_to_the_listings_one() -> None:
    page = article("<h1>Lễ hội đông sông</h1>").replace(
        "</div>", "<p style='text-align:right'>Nguyễn Đức Hải - Văn phòng HĐND và UBND</p></div>"
    )
    assert completed(page).organisation == "Văn phòng HĐND và UBND"
    same = completed(page, replace(an_entry(), author="Nguyễn đức Hải"))
    assert same.organisation == "Văn phòng HĐND và UBND"
    other = completed(page, replace(an_entry(), author="Trần Thị Hoa"))
    assert (other.author, other.organisation) == ("Trần Thị Hoa", None)


def test_an_old_portal_without_any_meta_tags_is_read_from_its_layout() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    listed = an_entry(
        "Thành phố khởi công tuyến đường ven sông Hiếu", f"{PORTAL}/x/Default.aspx?TabId=9&ItemId=1205"
    )
    entry = source.read_page(
        page("dong_ha_article.html", f"{PORTAL}/x/Default.aspx?TabId=9&ItemId=1205"), listed, NOW
    )
    assert entry.title == "Thành phố khởi công tuyến đường ven sông Hiếu"
    assert entry.published == Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)
    assert entry.lead.startswith("Sáng 7/3, UBND thành phố tổ chức lễ khởi công")
    assert (entry.author, entry.organisation) == ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")
    assert entry.images == (
        ImageCandidate(
            f"{PORTAL}/Upload/2020/3/duong-song-hieu.jpg",
            400,
            266,
            caption="Các đại biểu thực hiện nghi thức khởi công",
        ),
    )
    assert entry.body_html is not None
    for kept in ("tổng mức đầu tư", "bảo đảm tiến độ", "năm 2021"):
        assert kept in entry.body_html
    for left_out in (
        "Quay lại",
        "tin khác",
        "Hội nghị tổng kết",
        "Nguyễn Đức Hải",
        "(07/03/2020)",
        "Giới thiệu",
    ):
        assert left_out not in entry.body_html


def test_an_old_portals_title_is_found_without_the_listing_by_the_date_beside_it() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("dong_ha_article.html", URL), an_entry(), NOW)
    assert entry.title == "Thành phố khởi công tuyến đường ven sông Hiếu"


def test_a_modern_page_is_read_from_its_structured_data() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), an_entry("Lễ hội dòng sông thu hút…"), NOW)
    assert entry.title == "Lễ hội dòng sông thu hút hàng nghìn người"
    assert entry.published == Published(datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM))
    assert entry.lead == "Đua thuyền, thả hoa đăng và hội chợ ẩm thực kéo dài ba ngày bên bờ sông."
    assert entry.author == "Trần Thị Hoa"
    assert entry.images[0] == ImageCandidate(
        f"{PORTAL}/uploads/le-hoi-dong-song-lon.jpg", 1200, 800, caption="Đội đua của phường Một về nhất"
    )
    assert entry.body_html is not None
    assert "thi thả diều" in entry.body_html
    assert "xã vùng cao" not in entry.body_html


def test_what_the_listing_said_stays() -> None:
    listed = replace(
        an_entry("Lễ hội dòng sông thu hút hàng nghìn người"), lead="Từ danh sách.", author="Lê Văn An",
        published=Published(datetime(2026, 11, 19, tzinfo=VIETNAM), date_only=True),
    )  # fmt: skip
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), listed, NOW)
    assert (entry.lead, entry.author, entry.published) == ("Từ danh sách.", "Lê Văn An", listed.published)


def test_the_page_adds_the_time_to_the_listings_day() -> None:
    day = Published(datetime(2026, 11, 20, tzinfo=VIETNAM), date_only=True)
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), replace(an_entry("Lễ hội"), published=day), NOW)
    assert entry.published == Published(datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM))


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<h1>Họp báo <span class='ngay'>07/03/2020</span></h1>", "Họp báo"),
        ("<h1>Họp báo thường kỳ tháng ba (07/03/2020)</h1>", "Họp báo thường kỳ tháng ba"),
        (
            "<h1>Họp báo thường kỳ tháng ba <small>(Cập nhật: 07/03/2020 08:15)</small></h1>",
            "Họp báo thường kỳ tháng ba",
        ),
        ("<h1>07/03/2020 - Họp báo thường kỳ tháng ba</h1>", "Họp báo thường kỳ tháng ba"),
    ],
)
def test_a_date_in_the_titles_element_is_the_date_and_not_the_title(heading: str, title: str) -> None:
    entry = completed(article(heading))
    assert entry.title == title
    assert entry.published is not None
    assert entry.published.at.date() == datetime(2020, 3, 7).date()


def test_a_date_that_the_title_tells_of_stays_in_it() -> None:
    entry = completed(
        article("<h1>Kết luận phiên họp ngày 07/03/2020 của UBND</h1><p class='date'>09/03/2020</p>")
    )
    assert entry.title == "Kết luận phiên họp ngày 07/03/2020 của UBND"
    assert entry.published == Published(datetime(2020, 3, 9, tzinfo=VIETNAM), date_only=True)


def test_todays_date_in_the_head_of_the_portal_is_not_the_articles() -> None:
    top = (
        "<div class='date-now'>Chủ nhật, 22/11/2026</div><h1>Khánh thành cầu mới</h1><div>(07/03/2020)</div>"
    )
    entry = completed(article("").replace("<body>", f"<body>{top}"))
    assert entry.published == Published(datetime(2020, 3, 7, tzinfo=VIETNAM), date_only=True)


def test_a_day_that_a_sentence_tells_of_is_not_the_articles() -> None:
    sentence = "<p>Trước đó, vào ngày 01/02/2020, thành phố đã có kế hoạch cho việc xây cây cầu mới này.</p>"
    assert completed(article(f"<h1>Khánh thành cầu mới qua sông</h1>{sentence}")).published is None


def test_structured_data_comes_before_configured_selectors_and_these_before_the_layout() -> None:
    markup = article(
        "<h1>Tiêu đề trong trang của bài</h1><b class='t'>Tiêu đề do bộ chọn tìm thấy</b>"
        "<i class='d'>01/11/2026</i>"
        "<em class='l'>Tóm tắt do bộ chọn.</em><u class='a'>Lê Văn An - Phòng Văn hóa</u>"
        "<img class='p' src='/p.jpg'>",
        '<meta property="og:title" content="Tiêu đề cho việc chia sẻ">',
    )
    selectors = Selectors(title=".t", date=".d", lead=".l", author=".a", image=".p", body=".content")
    entry = completed(markup, selectors=selectors)
    assert entry.title == "Tiêu đề cho việc chia sẻ"
    assert entry.published == Published(datetime(2026, 11, 1, tzinfo=VIETNAM), date_only=True)
    assert (entry.lead, entry.author, entry.organisation) == (
        "Tóm tắt do bộ chọn.",
        "Lê Văn An",
        "Phòng Văn hóa",
    )
    assert entry.images[0].url == f"{PORTAL}/p.jpg"
    assert (
        completed(markup.replace("og:title", "x"), selectors=selectors).title == "Tiêu đề do bộ chọn tìm thấy"
    )


def test_a_selector_that_is_no_css_is_named() -> None:
    with pytest.raises(UpstreamError, match="valid CSS"):
        completed(article("<h1>Tiêu đề của bài</h1>"), selectors=Selectors(date="div["))


@pytest.mark.parametrize(
    "line",
    [
        '<p style="text-align:right"><strong>Nguyễn Đức Hải - Văn phòng HĐND và UBND</strong></p>',
        '<div align="right">Nguyễn Đức Hải - Văn phòng HĐND và UBND</div>',
        "<p><b>Nguyễn Đức Hải - Văn phòng HĐND và UBND</b></p>",
        "<p>Tác giả: Nguyễn Đức Hải - Văn phòng HĐND và UBND</p>",
        '<p class="author">Nguyễn Đức Hải - Văn phòng HĐND và UBND</p>',
    ],
)
def test_the_authors_line_is_found_at_the_end(line: str) -> None:
    markup = article("<h1>Khánh thành cầu mới qua sông</h1>").replace("</div></body>", f"{line}</div></body>")
    entry = completed(markup)
    assert (entry.author, entry.organisation) == ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")


def test_a_paragraph_that_ends_a_text_is_no_author() -> None:
    assert completed(article("<h1>Khánh thành cầu mới qua sông</h1>")).author is None


def test_what_the_site_says_of_itself_is_no_lead() -> None:
    own = '<meta name="description" content="Trang thông tin chính thức: thủ tục, văn bản, dịch vụ công">'
    entry = completed(article("<h1>Khánh thành cầu mới qua sông</h1>", own))
    assert entry.lead == "Đoạn thứ 0 của bài viết, kể thêm về công việc của thành phố."


def test_a_whole_portal_within_one_form_is_read() -> None:
    markup = article("<h1>Khánh thành cầu mới qua sông</h1>").replace(
        "<body>", "<body><form id='aspnetForm'>"
    )
    assert "Đoạn thứ 3" in (completed(markup).body_html or "")


def test_a_source_without_leave_for_the_whole_text_gets_none() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc", full_text=False))
    assert source.read_page(page("news_article.html", URL), an_entry("Lễ hội"), NOW).body_html is None


def test_a_feed_keeps_its_own_title_and_its_large_image() -> None:
    listed = replace(an_entry("Tiêu đề của kênh"), images=(ImageCandidate(f"{PORTAL}/kenh.jpg", 800, 600),))
    entry = Feed(source_of()).read_page(page("news_article.html", URL), listed, NOW)
    assert entry.title == "Tiêu đề của kênh"
    assert entry.images[0].url == f"{PORTAL}/kenh.jpg"


def test_a_feeds_thumbnail_gives_way_to_the_pages_image() -> None:
    listed = replace(an_entry("Tiêu đề của kênh"), images=(ImageCandidate(f"{PORTAL}/kenh.jpg", 130, 100),))
    entry = Feed(source_of()).read_page(page("news_article.html", URL), listed, NOW)
    assert entry.images[0].url == f"{PORTAL}/uploads/le-hoi-dong-song-lon.jpg"


@pytest.mark.parametrize(
    ("changes", "full_text", "wanted"),
    [
        ({}, False, True),
        ({"lead": "Có."}, False, True),
        ({"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),)}, False, False),
        ({"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),)}, True, True),
        (
            {"lead": "Có.", "images": (ImageCandidate("https://x.vn/a.jpg"),), "body_html": "<p>Có.</p>"},
            True,
            False,
        ),
        ({"url": None}, True, False),
    ],
)
def test_a_feed_asks_for_the_page_only_for_what_is_missing(
    changes: dict[str, object], full_text: bool, wanted: bool
) -> None:
    entry = replace(an_entry("Tin"), **changes)  # type: ignore[arg-type]  # the cases name real fields
    assert Feed(source_of(full_text=full_text)).wants_page(entry) is wanted


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "Not found",
        "<html><title>404 Not Found</title><body><h1>404 Not Found</h1></body></html>",
        "<html><title>Không tìm thấy trang</title><body><h1>Không tìm thấy trang</h1></body></html>",
        "<html><title>Just a moment...</title><body><div>Checking your browser</div></body></html>",
        "<html><body><div></div></body></html>",
        '{"error": "x"}',
    ],
)
def test_an_error_never_becomes_an_article(markup: str) -> None:
    with pytest.raises(UpstreamError, match="not the page of an article"):
        completed(markup, an_entry("Lễ hội dòng sông"))


def test_an_article_that_leads_to_the_front_page_is_gone() -> None:
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    with pytest.raises(UpstreamError, match="front page"):
        source.read_page(page("news_article.html", f"{PORTAL}/"), an_entry("Lễ hội"), NOW)


def test_a_lead_that_the_listing_cut_is_taken_whole_from_the_page() -> None:
    listed = replace(an_entry("Lễ hội"), lead="Đua thuyền, thả hoa đăng và hội chợ…")
    source = HtmlListing(source_of("page", f"{PORTAL}/tin-tuc"))
    entry = source.read_page(page("news_article.html", URL), listed, NOW)
    assert entry.lead == "Đua thuyền, thả hoa đăng và hội chợ ẩm thực kéo dài ba ngày bên bờ sông."


@pytest.mark.parametrize(
    "maze",
    [
        "<div>" * 100_000,
        "<div " + " ".join(f"a{n}" for n in range(20_000)) + ">",
        "<p>" + "".join(f"<b a{n}>" for n in range(400)) + "<p>x" * 20_000,
    ],
)
def test_a_page_made_to_take_for_ever_is_refused(maze: str) -> None:
    with pytest.raises(UpstreamError, match="thousands"):
        completed(maze)


def test_a_page_of_millions_of_letters_is_refused() -> None:
    with pytest.raises(UpstreamError, match="characters of HTML"):
        completed("<p>" + "x" * 3_100_000)


def test_an_image_written_into_the_page_does_not_count_against_it() -> None:
    image = f"<img src='data:image/png;base64,{'A' * 4_000_000}'>"
    assert completed(article(f"<h1>Khánh thành cầu mới qua sông</h1>{image}")).title


_SENTENCE = "Sáng nay, hơn 300 đoàn viên đã tham gia lễ ra quân tại công viên trung tâm thành phố."


def test_a_lead_between_headline_and_text_needs_no_name() -> None:
    markup = article("").replace(
        "<div class='content'>", f"<h1>Lễ hội dòng sông</h1><div>{_SENTENCE}</div><div>"
    )
    assert completed(markup).lead == _SENTENCE


def test_a_heading_that_is_a_sentence_is_the_lead() -> None:
    assert completed(article(f"<h2>{_SENTENCE}</h2>", "<title>Lễ hội dòng sông</title>")).lead == _SENTENCE


def test_the_author_named_by_a_label_beside_the_date_is_found() -> None:
    said = "<div>T7, 07/03/2020, 08:15 | Tác giả: <a href='/tac-gia/1'>Võ Thị Hồng Nhung</a></div>"
    markup = article(f"<h1>Lễ hội dòng sông thu hút khách</h1>{said}", '<meta name="author" content="admin">')
    assert completed(markup).author == "Võ Thị Hồng Nhung"


def test_the_author_in_a_row_below_the_text_is_found() -> None:
    rows = f"<table><tr><td>{article('')}</td></tr><tr><td align=right><b>Trần Văn Ơn</b></td></tr></table>"
    markup = rows.replace("<html>", "").replace("</html>", "")
    assert completed(f"<h1>Lễ hội dòng sông</h1>{markup}").author == "Trần Văn Ơn"


def test_the_banner_of_a_page_without_an_element_for_its_article_is_no_image_of_it() -> None:
    paragraphs = f"<p>{_SENTENCE}</p>" * 4
    above = "<img src='/banner.jpg'><h4>Lễ hội dòng sông</h4>"
    markup = f"<html><body>{above}<img src='/le.jpg'>{paragraphs}</body></html>"
    entry = completed(markup, an_entry("Lễ hội dòng sông"))
    assert [image.url for image in entry.images] == [f"{PORTAL}/le.jpg"]


def test_the_heading_over_other_news_is_no_author() -> None:
    inner = "<h1>Lễ hội dòng sông thu hút khách</h1>"
    markup = article(inner).replace("</div></body>", "<h4>Bài viết khác</h4><p>Lượt xem: 45</p></div></body>")
    entry = completed(markup)
    assert entry.author is None
    assert "khác" not in (entry.body_html or "")
