"""The entries of RSS, RDF and Atom."""

from datetime import UTC, datetime, timedelta

import pytest
from source_answers import NOW, PORTAL, VIETNAM, answer, source_of

from service.articles.model import ParsedEntry, Published
from service.articles.sources.feed import Feed

RSS = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>'
)
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'


def entries_of(xml: str, **settings: object) -> tuple[ParsedEntry, ...]:
    source = Feed(source_of(**settings))  # type: ignore[arg-type]  # the tests pass what the keys take
    return source.read_listing(answer(xml), NOW).entries


def item(inner: str, **settings: object) -> ParsedEntry:
    return entries_of(RSS.format(f"<item><title>Tin mới</title>{inner}</item>"), **settings)[0]


def test_a_vnexpress_item_is_title_lead_image_link_and_time() -> None:
    xml = RSS.format("""<item>
<title>
Đông Hà mở phố đi bộ ven sông
</title>
<description><![CDATA[
<a href="https://bao.example.vn/pho-1.html"><img width=130 height=100 src="https://anh.example.vn/p_180x108.jpg"
 ></a></br>Phố đi bộ hoạt động từ tối thứ sáu đến hết chủ nhật hằng tuần.
]]></description>
<pubDate>Sat, 21 Nov 2026 20:03:00 +0700</pubDate>
<link>
https://bao.example.vn/pho-1.html
</link>
<guid>
https://bao.example.vn/pho-1.html
</guid>
</item>""")
    entry = entries_of(xml)[0]
    assert entry.key == entry.url == "https://bao.example.vn/pho-1.html"
    assert entry.title == "Đông Hà mở phố đi bộ ven sông"
    assert entry.lead == "Phố đi bộ hoạt động từ tối thứ sáu đến hết chủ nhật hằng tuần."
    assert [image.url for image in entry.images] == ["https://anh.example.vn/p_180x108.jpg"]
    assert entry.published == Published(datetime(2026, 11, 21, 20, 3, tzinfo=VIETNAM))


def test_a_nukeviet_item_has_its_image_resolved_and_its_guid_for_a_key() -> None:
    entry = item(
        "<link>https://cong.example.gov.vn/vi/news/le-hoi-12.html</link>"
        '<guid isPermaLink="false">news_12</guid>'
        '<description>&lt;img src="/assets/news/le-hoi.jpg" width="100" align="left" border="0"&gt;'
        "Lễ hội kéo dài ba ngày bên bờ sông, với nhiều hoạt động.</description>"
    )
    assert entry.key == "news_12"
    assert entry.lead == "Lễ hội kéo dài ba ngày bên bờ sông, với nhiều hoạt động."
    assert entry.images[0].url == f"{PORTAL}/assets/news/le-hoi.jpg"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Sat, 21 Nov 2026 08:15:00 ICT", Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))),
        ("Sat, 21 Nov 2026 08:15:00 UTC+7", Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))),
        ("Sat, 21 Nov 2026 08:15:00 GMT+7", Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))),
        ("2026-11-21T08:15:00", Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))),
        ("21/11/2026", Published(datetime(2026, 11, 21, tzinfo=VIETNAM), date_only=True)),
        ("Thứ Bảy, 21/11/2026 08:15", Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))),
        ("hôm qua", None),
    ],
)
def test_a_date_is_read_as_written_and_in_the_zone_of_the_source(
    written: str, expected: Published | None
) -> None:
    assert item(f"<pubDate>{written}</pubDate>").published == expected


def test_a_source_that_writes_the_month_first_says_so() -> None:
    published = item("<pubDate>10/2/2026 9:25:00 AM</pubDate>", date_order="mdy").published
    assert published == Published(datetime(2026, 10, 2, 9, 25, tzinfo=VIETNAM))


def test_one_date_tells_in_which_order_a_feed_writes_all_of_them() -> None:
    days = ("10/2/2026 9:25:00 AM", "9/27/2026 9:25:00 AM", "9/1/2026 9:25:00 AM")
    items = "".join(f"<item><title>Tin {day[:4]}</title><pubDate>{day}</pubDate></item>" for day in days)
    published = [entry.published for entry in entries_of(RSS.format(items))]
    assert [(one.at.month, one.at.day) for one in published if one] == [(10, 2), (9, 27), (9, 1)]


def test_a_date_that_lies_ahead_is_no_date() -> None:
    assert item("<pubDate>Wed, 25 Nov 2026 08:15:00 +0700</pubDate>").published is None


def test_an_unreadable_date_gives_way_to_the_next() -> None:
    published = item("<pubDate>hôm nay</pubDate><dc:date>2026-11-21T01:15:00Z</dc:date>").published
    assert published == Published(datetime(2026, 11, 21, 1, 15, tzinfo=UTC))


def test_nukeviets_minute_that_is_the_month_is_not_taken_for_the_minute() -> None:
    items = "".join(
        f"<item><title>Tin {day}</title><pubDate>Fri, {day} Nov 2026 0{day % 7}:11:{day} GMT</pubDate></item>"
        for day in range(10, 21)
    )
    published = [entry.published for entry in entries_of(RSS.format(items))]
    assert all(one is not None and one.at.minute != 11 for one in published)


def test_an_item_without_a_guid_is_known_by_its_link_and_without_a_link_by_its_title() -> None:
    assert item("<link>https://cong.example.gov.vn/1.html</link>").key == "https://cong.example.gov.vn/1.html"
    assert item("<description>Không có gì khác.</description>").key == "Tin mới"


def test_a_guid_that_is_only_an_attribute_names_nothing() -> None:
    entry = item('<guid isPermaLink="false"/><link>https://cong.example.gov.vn/1.html</link>')
    assert entry.key == "https://cong.example.gov.vn/1.html"


def test_a_guid_that_several_items_share_gives_way_to_their_links() -> None:
    items = "".join(
        f"<item><title>Tin {n}</title><guid>tin</guid><link>https://cong.example.gov.vn/{n}.html</link></item>"
        for n in (1, 2)
    )
    assert [entry.key for entry in entries_of(RSS.format(items))] == [f"{PORTAL}/1.html", f"{PORTAL}/2.html"]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "ftp://x.vn/a", "", "http://"])
def test_an_odd_link_is_no_link(link: str) -> None:
    assert item(f"<link>{link}</link>").url is None


@pytest.mark.parametrize("link", ["www.example.vn/tin/1.html", " WWW.example.vn/tin/1.html\n"])
def test_a_link_that_lacks_its_scheme_names_its_host(link: str) -> None:
    assert (item(f"<link>{link}</link>").url or "").lower() == "https://www.example.vn/tin/1.html"


def test_a_relative_link_starts_from_the_feed() -> None:
    assert item("<link>/tin/1.html</link>").url == f"{PORTAL}/tin/1.html"


def test_author_and_organisation_come_from_the_byline() -> None:
    entry = item("<dc:creator>Nguyễn Đức Hải - Văn phòng HĐND và UBND</dc:creator>")
    assert (entry.author, entry.organisation) == ("Nguyễn Đức Hải", "Văn phòng HĐND và UBND")


@pytest.mark.parametrize(
    "creator", ["", "<dc:creator>Quản trị</dc:creator>", "<dc:creator>Lê An</dc:creator>"]
)
def test_a_text_in_the_feed_tells_who_has_signed_it(creator: str) -> None:
    text = "<content:encoded><![CDATA[<p>Ba ngày hội.</p><p>Lê An - Sở Y tế</p>]]></content:encoded>"
    entry = item(creator + text)
    assert (entry.author, entry.organisation) == ("Lê An", "Sở Y tế")


def test_the_organisation_of_another_signature_is_not_lent_to_the_feeds_author() -> None:
    text = "<content:encoded><![CDATA[<p>Ba ngày hội.</p><p>Lê An - Sở Y tế</p>]]></content:encoded>"
    entry = item("<dc:creator>Trần Thị Hoa</dc:creator>" + text)
    assert (entry.author, entry.organisation) == ("Trần Thị Hoa", None)


def test_an_address_for_mail_is_no_author() -> None:
    assert item("<author>hai@cong.example.gov.vn</author>").author is None
    assert item("<author>hai@cong.example.gov.vn (Nguyễn Đức Hải)</author>").author == "Nguyễn Đức Hải"


def test_markup_in_a_title_is_not_shown() -> None:
    xml = RSS.format(
        "<item><title>Tin &lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;nóng&lt;/b&gt;</title></item>"
    )
    assert entries_of(xml)[0].title == "Tin nóng"


def test_entities_within_cdata_are_letters() -> None:
    xml = RSS.format("<item><title><![CDATA[Huế &amp; Quảng Trị: m&ugrave;a lễ hội]]></title></item>")
    assert entries_of(xml)[0].title == "Huế & Quảng Trị: mùa lễ hội"


def test_a_text_without_a_title_begins_with_one() -> None:
    entry = entries_of(RSS.format("<item><description>Mưa lớn đêm nay.</description></item>"))[0]
    assert entry.title == entry.lead == "Mưa lớn đêm nay."


def test_an_entry_without_title_and_text_is_left_out() -> None:
    xml = RSS.format("<item><link>https://x.vn/1</link></item><item><title>Có tin</title></item>")
    assert [entry.title for entry in entries_of(xml)] == ["Có tin"]


def test_the_whole_text_is_kept_only_where_the_owner_allows_it() -> None:
    inner = "<content:encoded><![CDATA[<p>Cả bài.</p>]]></content:encoded>"
    assert item(inner).body_html == "<p>Cả bài.</p>"
    assert item(inner, full_text=False).body_html is None


def test_a_short_description_is_not_taken_for_the_whole_text() -> None:
    assert item("<description>&lt;p&gt;Vài dòng.&lt;/p&gt;</description>").body_html is None


def test_atom_gives_summary_content_author_and_dates() -> None:
    xml = ATOM.format(
        "<entry><id>urn:1</id><title type='html'>Tin &amp;lt;b&amp;gt;</title><link href='/a.html'/>"
        "<updated>2026-11-21T08:00:00+07:00</updated><published>2026-11-20T08:00:00+07:00</published>"
        "<author><name>Trần Thị Hoa</name></author><summary>Tóm tắt ngắn của bài viết.</summary>"
        "<content type='html'>&lt;p&gt;Cả bài viết.&lt;/p&gt;</content></entry>"
    )
    entry = entries_of(xml)[0]
    assert (entry.key, entry.url, entry.author) == ("urn:1", f"{PORTAL}/a.html", "Trần Thị Hoa")
    assert (entry.lead, entry.body_html) == ("Tóm tắt ngắn của bài viết.", "<p>Cả bài viết.</p>")
    assert entry.published == Published(datetime(2026, 11, 20, 8, tzinfo=VIETNAM))


def test_rdf_gives_its_items() -> None:
    xml = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://x.vn"><title>Kênh</title></channel>'
        '<item rdf:about="https://x.vn/1"><title>Tin RDF</title><link>https://x.vn/1</link>'
        "<dc:date>2026-11-21T08:00:00+07:00</dc:date></item></rdf:RDF>"
    )
    entry = entries_of(xml)[0]
    assert (entry.title, entry.url, entry.key) == ("Tin RDF", "https://x.vn/1", "https://x.vn/1")
    assert entry.published == Published(datetime(2026, 11, 21, 8, tzinfo=VIETNAM))


def test_the_feeds_own_order_is_kept() -> None:
    items = "".join(f"<item><title>Tin số {n}</title></item>" for n in (3, 1, 2))
    assert [entry.title for entry in entries_of(RSS.format(items))] == ["Tin số 3", "Tin số 1", "Tin số 2"]


@pytest.mark.parametrize(
    ("ttl", "wish"),
    [
        ("15", timedelta(minutes=15)),
        ("0", None),
        ("-5", None),
        ("một giờ", None),
        ("99999999", timedelta(days=1)),
        ("9" * 400, None),
    ],
)
def test_the_feeds_wish_for_rest_is_heard_up_to_a_day(ttl: str, wish: timedelta | None) -> None:
    xml = RSS.format(f"<ttl>{ttl}</ttl><item><title>Tin</title></item>")
    assert Feed(source_of()).read_listing(answer(xml), NOW).refresh == wish


@pytest.mark.parametrize(
    ("own", "language"),
    [
        ("<dc:language>en</dc:language>", "en"),
        ("<dc:language>en-us</dc:language>", "vi"),  # what the whole feed says, rightly or not
        ('<dc:language>"><script></dc:language>', "vi"),
        ("", "vi"),
    ],
)
def test_an_entrys_own_language_comes_before_the_configured_one(own: str, language: str) -> None:
    said = own.replace('"><script>', "&quot;&gt;&lt;script&gt;")
    xml = RSS.format(f"<language>en-us</language><item><title>News</title>{said}</item>")
    assert entries_of(xml)[0].language == language


def test_an_atom_entry_in_another_language_says_so() -> None:
    xml = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi"><title>T</title>'
        '<entry xml:lang="en"><id>1</id><title>News</title></entry>'
        "<entry><id>2</id><title>Tin</title></entry></feed>"
    )
    assert [entry.language for entry in entries_of(xml)] == ["en", "vi"]


def test_the_configured_language_comes_before_the_feeds() -> None:
    xml = RSS.format("<language>en-us</language><item><title>Tin</title></item>")
    assert entries_of(xml)[0].language == "vi"
    assert entries_of(xml, language="")[0].language == "en-us"


def test_categories_are_those_of_the_item() -> None:
    entry = item(
        "<category><![CDATA[Giáo dục]]></category><category domain='x'>Xã hội &amp; đời sống</category>"
        "<dc:subject>Y tế</dc:subject><category/>"
    )
    assert entry.categories == ("Giáo dục", "Xã hội & đời sống", "Y tế")
    assert item("").categories == ()


def test_a_category_of_atom_is_its_label_else_its_term() -> None:
    xml = ATOM.format(
        "<entry><id>1</id><title>Tin mới</title><category term='giao-duc' label='Giáo dục'/>"
        "<category term='Y tế'/><category term='http://schemas.example/kind#post' scheme='x'/></entry>"
    )
    assert entries_of(xml)[0].categories == ("Giáo dục", "Y tế")
