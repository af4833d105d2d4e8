from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from article_samples import MINUTE, NOW, PUBLIC_URL, WHOLE, ArticleSite
from web_site import max_age

FORMS = ("rss", "atom", "json")
XML_FORMS = ("rss", "atom")
MEDIA = "{http://search.yahoo.com/mrss/}"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def site(tmp_path: Path) -> ArticleSite:
    """Every source was heard two minutes ago; the goal is a quarter of an hour."""
    return ArticleSite(tmp_path).hear_all()


def tree(site: ArticleSite, path: str) -> ET.Element:
    return ET.fromstring(site.get(path).data)


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_whose_size_cannot_be_had_is_no_enclosure_of_rss(site: ArticleSite, form: str) -> None:
    site.repository.pictures.clear()
    answer = site.get(f"/feeds/articles.{form}")
    assert answer.status_code == 200
    assert f"{PUBLIC_URL}/images/facade.webp" in answer.text
    assert "length=" not in answer.text
    assert form != "rss" or "<enclosure" not in answer.text


def test_rss_has_every_field(site: ArticleSite) -> None:
    item = tree(site, "/feeds/articles.rss?limit=1").find("channel/item")
    assert item is not None
    assert item.findtext("title") == "Khai mạc lễ hội & chợ phiên"
    assert item.findtext("link") == WHOLE.url
    assert item.findtext("pubDate") == "Sat, 07 Mar 2020 08:00:00 +0700"
    assert item.findtext("description") == WHOLE.lead
    assert item.findtext(CREATOR) == "Nguyễn Đức Hải"
    guid, source = item.find("guid"), item.find("source")
    assert guid is not None
    assert source is not None
    assert guid.get("isPermaLink") == "false"
    assert (source.text, source.get("url")) == ("Cổng TTĐT", "https://tinh.example.vn/rss.xml")
    assert item.findtext(f"{MEDIA}content/{MEDIA}description") == "Sân lễ sáng nay"


@pytest.mark.parametrize("form", FORMS)
def test_an_article_tells_its_categories(site: ArticleSite, form: str) -> None:
    if form == "json":
        told = [item.get("tags") for item in site.json("/feeds/articles.json?limit=2")["items"]]
        assert told == [["Văn hóa", "Lễ hội & chợ"], None]
        return
    path = "channel/item" if form == "rss" else f"{ATOM}entry"
    name = "category" if form == "rss" else f"{ATOM}category"
    items = tree(site, f"/feeds/articles.{form}?limit=2").findall(path)
    named = [[one.get("term") or one.text for one in item.findall(name)] for item in items]
    assert named == [["Văn hóa", "Lễ hội & chợ"], []]


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_may_be_narrowed_by_words_and_category(site: ArticleSite, form: str) -> None:
    def count(query: str) -> int:
        return site.get(f"/feeds/articles.{form}?{query}").text.count(
            "tag:widgets.example.gov.vn,2020:article/"
        )

    assert count("q=khai+mac") == count("category=le-hoi-cho") == count("q=le+hoi&category=van+hoa") == 1
    assert count("q=khai+mac&category=y+te") == count("category=van") == 0


def test_a_narrowed_feed_is_another_feed_and_says_what_it_was_narrowed_by(site: ArticleSite) -> None:
    root = tree(site, "/feeds/articles.atom?source=tinh&q=l%E1%BB%85+h%E1%BB%99i&category=V%C4%83n+h%C3%B3a")
    narrowed = "q=l%E1%BB%85+h%E1%BB%99i&category=V%C4%83n+h%C3%B3a"
    assert root.findtext(f"{ATOM}id") == f"tag:widgets.example.gov.vn,2020:articles/tinh?{narrowed}"
    assert root.findtext(f"{ATOM}title") == "Cổng TTĐT \u2013 Văn hóa \u2013 lễ hội"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"{PUBLIC_URL}/feeds/articles.atom?source=tinh&{narrowed}"
    assert links["alternate"] == f"{PUBLIC_URL}/widgets/articles?source=tinh&{narrowed}"


def test_the_channel_of_rss_names_itself(site: ArticleSite) -> None:
    channel = tree(site, "/feeds/articles.rss?source=tinh&limit=5&utm_source=x").find("channel")
    assert channel is not None
    assert channel.findtext("title") == "Cổng TTĐT"
    assert channel.findtext("link") == f"{PUBLIC_URL}/widgets/articles?source=tinh"
    assert channel.findtext("description")
    assert channel.findtext("language") == "vi"
    assert channel.findtext("ttl") == "15"
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert own.attrib == {
        "href": f"{PUBLIC_URL}/feeds/articles.rss?source=tinh&limit=5",
        "rel": "self",
        "type": "application/rss+xml",
    }


def test_atom_has_what_rfc_4287_demands(site: ArticleSite) -> None:
    root = tree(site, "/feeds/articles.atom?source=xa,tinh&lang=en")
    assert root.findtext(f"{ATOM}id") == "tag:widgets.example.gov.vn,2020:articles/xa/tinh"
    assert root.findtext(f"{ATOM}title") == "Latest news"
    assert root.findtext(f"{ATOM}updated") == "2020-03-07T01:04:00+00:00"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {
        "self": f"{PUBLIC_URL}/feeds/articles.atom?source=xa,tinh&lang=en",
        "alternate": f"{PUBLIC_URL}/widgets/articles?source=xa,tinh&lang=en",
    }
    for entry in root.findall(f"{ATOM}entry"):
        assert all(entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        assert entry.findtext(f"{ATOM}author/{ATOM}name")


def test_an_undated_article_has_no_date_but_when_atom_wants_one(site: ArticleSite) -> None:
    item = tree(site, "/feeds/articles.rss").findall("channel/item")[2]
    entry = tree(site, "/feeds/articles.atom").findall(f"{ATOM}entry")[2]
    told = site.json("/feeds/articles.json")["items"][2]
    assert item.find("pubDate") is None
    assert entry.find(f"{ATOM}published") is None
    assert entry.findtext(f"{ATOM}updated") == "2020-03-05T04:30:00+00:00"
    assert "date_published" not in told


def test_json_feed_is_told_field_for_field(site: ArticleSite) -> None:
    feed = site.json("/feeds/articles.json?source=tinh&limit=1")
    (item,) = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Cổng TTĐT",
        "description": feed["description"],
        "home_page_url": f"{PUBLIC_URL}/widgets/articles?source=tinh",
        "feed_url": f"{PUBLIC_URL}/feeds/articles.json?source=tinh&limit=1",
        "language": "vi",
    }
    assert item == {
        "id": "tag:widgets.example.gov.vn,2020:article/a1b2c3",
        "url": WHOLE.url,
        "title": WHOLE.title,
        "language": "vi",
        "summary": WHOLE.lead,
        "content_html": item["content_html"],
        "date_published": "2020-03-07T08:00:00+07:00",
        "authors": [{"name": "Nguyễn Đức Hải"}],
        "tags": ["Văn hóa", "Lễ hội & chợ"],
        "image": f"{PUBLIC_URL}/images/facade.webp",
        "_snippet": {
            "date_only": False,
            "organisation": "Văn phòng HĐND và UBND",
            "image": {"width": 960, "height": 640, "caption": "Sân lễ sáng nay"},
            "source": {"id": "tinh", "name": "Cổng TTĐT", "url": "https://tinh.example.vn/rss.xml"},
        },
    }


def test_every_item_of_json_feed_has_one_content(site: ArticleSite) -> None:
    for item in site.json("/feeds/articles.json")["items"]:
        assert len({"content_html", "content_text"} & item.keys()) == 1
        assert item.get("content_html") or item["content_text"]


def test_the_whole_text_is_told_where_its_owner_allows_it_and_pictures_are_absolute(
    site: ArticleSite,
) -> None:
    picture = f'<img src="{PUBLIC_URL}/images/c0ffee.webp">'
    of_rss = tree(site, "/feeds/articles.rss").findall("channel/item")
    of_atom = tree(site, "/feeds/articles.atom").findall(f"{ATOM}entry")
    of_json = site.json("/feeds/articles.json")["items"]
    content = of_atom[0].find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert picture in (of_rss[0].findtext(CONTENT) or "")
    assert picture in (content.text or "")
    assert picture in of_json[0]["content_html"]
    assert of_rss[1].find(CONTENT) is None
    assert of_atom[1].find(f"{ATOM}content") is None
    assert "content_html" not in of_json[1]


@pytest.mark.parametrize("form", FORMS)
def test_no_address_in_a_feed_is_relative(site: ArticleSite, form: str) -> None:
    text = site.get(f"/feeds/articles.{form}").text
    assert not any(f'{mark}="/' in text for mark in ("href", "src", "url"))
    assert ':"/' not in text


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_says_its_type_and_that_anybody_may_read_it(site: ArticleSite, form: str) -> None:
    answer = site.get(f"/feeds/articles.{form}")
    assert (
        answer.content_type
        == f"application/{'feed+json' if form == 'json' else form + '+xml'}; charset=utf-8"
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Last-Modified"] == "Sat, 07 Mar 2020 01:04:00 GMT"
    assert max_age(answer) == 13 * 60


@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_are_the_same_until_an_article_arrives(site: ArticleSite, form: str) -> None:
    path = f"/feeds/articles.{form}"
    first = site.get(path)
    site.now += 11 * MINUTE
    site.hear_all(site.now)
    assert site.get(path).data == first.data
    again = site.get(path, {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    site.repository.save([replace(WHOLE, id="new", sort_key=NOW, first_seen=NOW, changed_at=NOW)])
    changed = site.get(path, {"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] == "Sun, 08 Mar 2020 03:20:00 GMT"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_feed_is_sent_in_a_coding_with_a_tag_of_its_own(site: ArticleSite, form: str, coding: str) -> None:
    plain = site.get(f"/feeds/articles.{form}")
    coded = site.get(f"/feeds/articles.{form}", {"Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert coded.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert coded.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("form", FORMS)
def test_a_head_has_the_headers_of_the_get(site: ArticleSite, form: str) -> None:
    head = site.client.head(f"/feeds/articles.{form}")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == site.get(f"/feeds/articles.{form}").headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/feeds/articles.xml", "/feeds/articles", "/feeds/articles.rss/", "/feeds/"]
)
def test_no_other_form_is_known(site: ArticleSite, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_three_forms_tell_the_same_articles_in_the_same_order(site: ArticleSite) -> None:
    query = "source=xa,bao&limit=3"
    rss = [guid.text for guid in tree(site, f"/feeds/articles.rss?{query}").iter("guid")]
    atom = [e.findtext(f"{ATOM}id") for e in tree(site, f"/feeds/articles.atom?{query}").iter(f"{ATOM}entry")]
    told = [item["id"] for item in site.json(f"/feeds/articles.json?{query}")["items"]]
    assert rss == atom == told
    assert [name.rpartition("/")[2] for name in told] == ["d4", "u5", "g6"]


@pytest.mark.parametrize(
    ("query", "title", "language"),
    [
        ("", "Tin mới", "vi"),
        ("?lang=en", "Latest news", "en"),
        ("?source=bao", "The Paper", "en"),
        ("?source=tinh,xa&lang=en", "Latest news", "vi"),
    ],
)
def test_the_title_is_in_the_readers_language_and_the_feed_in_its_portals(
    site: ArticleSite, query: str, title: str, language: str
) -> None:
    feed = site.json(f"/feeds/articles.json{query}")
    assert (feed["title"], feed["language"]) == (title, language)


def test_ids_stay_the_same_while_no_public_url_is_configured(tmp_path: Path) -> None:
    site = ArticleSite(tmp_path, written={}).hear_all()
    item = site.json("/feeds/articles.json?limit=1")["items"][0]
    assert item["id"] == "tag:portal-widgets,2020:article/a1b2c3"
    assert item["image"] == "http://127.0.0.1:80/images/facade.webp"


def test_the_host_header_is_never_believed(site: ArticleSite) -> None:
    for form in FORMS:
        assert "evil" not in site.get(f"/feeds/articles.{form}", {"Host": "evil.example"}).text


@pytest.mark.parametrize("form", FORMS)
def test_a_sample_feed_says_so(tmp_path: Path, form: str) -> None:
    assert "Dữ liệu mẫu" in ArticleSite(tmp_path, demo=True).hear_all().get(f"/feeds/articles.{form}").text
