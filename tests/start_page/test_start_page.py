import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
from page_tags import Tags
from web_site import LANGUAGES, Site

from service.web.heights import USUAL_NARROWEST
from service.web.widget_options import DEFAULT_ARTICLES, ArticleLayout

SOURCES = """
[[articles.source]]
id = "tinh"
kind = "feed"
name = "Cổng TTĐT & <b>tin</b>"
url = "https://tinh.example/rss"
[[articles.source]]
id = "thanh-pho"
kind = "feed"
name = "UBND thành phố"
url = "https://tp.example/rss"
"""
PUBLIC = "https://widgets.example.gov.vn/tien-ich"
KINDS = ["weather", "articles", "portal"]
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}&amp;"


@pytest.fixture(scope="module")
def with_sources(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder: Path = tmp_path_factory.mktemp("start")
    file = folder / "sources.toml"
    file.write_text(SOURCES, encoding="utf-8")
    return Site.in_folder(folder, config=str(file), site__public_url=PUBLIC)


class Form(HTMLParser):
    """What a browser without script would send, the frame it shows, and the code to copy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.frame: dict[str, str | None] = {}
        self.codes: dict[str, str] = {}
        self._select = self._code = ""
        self._first = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        self._code = (given.get("id") or "").removeprefix("code-") if tag == "textarea" else ""
        if tag == "iframe" and not self.frame:  # the narrow preview, beside the wide one
            self.frame = given
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and (self._first or "selected" in given):
            self.sent = [pair for pair in self.sent if pair[0] != self._select] + [(self._select, value)]
            self._first = False
        elif (
            tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given)
        ):
            self.sent.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._code:
            self.codes[self._code] = data.removeprefix("\n")
            self._code = ""


def form(site: Site, query: str, status: int = 200) -> Form:
    answer = site.get(f"/?{query}")
    assert answer.status_code == status, answer.text
    return Form(answer.text)


class TestSnippets:
    def test_of_weather_are_exactly_these(self, with_sources: Site) -> None:
        codes = form(with_sources, "city=hue&layout=full&theme=dark&accent=%23C2410C").codes
        message = codes.pop("message")
        url = f"{PUBLIC}/widgets/weather/hue?layout=full&theme=dark&accent=c2410c"
        escaped = url.replace("&", "&amp;")
        picture = escaped.replace("hue?", "hue.svg?")
        named = f'<iframe src="{escaped}" title="Thời tiết" width="320" height="873"'
        assert codes == {
            "iframe": (
                f'{named} frameborder="0" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" '
                'style="display:block;width:100%;min-height:873px;height:873px;border:0;color-scheme:light"></iframe>'
            ),
            "react": (
                f'{named} frameBorder="0" loading="lazy" referrerPolicy="strict-origin-when-cross-origin" '
                'style={{display: "block", width: "100%", minHeight: "873px", height: "873px", '
                'border: "0", colorScheme: "light"}}></iframe>'
            ),
            "css": (
                f'iframe[src="{url}"]{{display:block;width:100%;min-height:873px;height:873px;border:0;color-scheme:light}}'
            ),
            "script": (
                f'<script src="{PUBLIC}/embed.js" async></script>\n<portal-widget type="weather" city="hue" '
                'layout="full" theme="dark" accent="c2410c" style="display:block;height:873px">'
                f'<a href="{escaped}">Thời tiết Huế</a></portal-widget>'
            ),
            "oembed": url,
            "picture": f'<img src="{picture}" alt="Thời tiết Huế" width="300" height="184">',
            "png": (
                f'<img src="{picture.replace(".svg", ".png")}" alt="Thời tiết Huế" width="300" height="184">'
            ),
        }
        assert codes["iframe"] in message
        (page,) = re.findall(rf"{PUBLIC}(/[?]\S+)", message)
        assert form(with_sources, page.removeprefix("/?")).codes["iframe"] == codes["iframe"]

    def test_survive_what_names_and_headings_may_hold(self, with_sources: Site) -> None:
        heading = quote('}} "{{x}} \'style="a" referrerpolicy="b')
        codes = form(with_sources, f"type=articles&title={heading}").codes
        react = codes["react"]
        assert react.count("style={{") == react.count("referrerPolicy=") == react.count("</iframe>") == 1
        html = react.replace("frameBorder", "frameborder").replace("referrerPolicy", "referrerpolicy")
        before, _, after = html.partition("style={{")
        assert codes["iframe"].startswith(before)
        assert after.endswith("}}></iframe>")

    def test_of_articles_name_sources_and_number(self, with_sources: Site) -> None:
        codes = form(with_sources, "type=articles&source=tinh&source=thanh-pho&limit=3&lang=en").codes
        assert codes["oembed"] == f"{PUBLIC}/widgets/articles?source=tinh,thanh-pho&limit=3&lang=en"
        assert 'title="Latest news" width="320" height="429"' in codes["iframe"]
        assert '<portal-widget type="articles" source="tinh,thanh-pho" limit="3" lang="en"' in codes["script"]
        assert "picture" not in codes

    def test_of_articles_name_words_and_category(self, with_sources: Site) -> None:
        chosen = "type=articles&words=c%E1%BA%A7u&category=Giao+th%C3%B4ng"
        codes = form(with_sources, chosen).codes
        address = "/widgets/articles?q=c%E1%BA%A7u&category=Giao+th%C3%B4ng"
        assert codes["oembed"] == f"{PUBLIC}{address}"
        assert '<portal-widget type="articles" q="cầu" category="Giao thông" style' in codes["script"]
        page = with_sources.get(f"/?{chosen}").text
        assert 'href="/tien-ich/feeds/articles.rss?q=c%E1%BA%A7u&amp;category=Giao+th%C3%B4ng"' in page

    def test_of_both_in_one_frame_name_the_place(self, with_sources: Site) -> None:
        codes = form(with_sources, "type=portal&city=hue&source=tinh&limit=1&select=no").codes
        assert codes["oembed"] == f"{PUBLIC}/widgets/portal?city=hue&source=tinh&limit=1&select=no"
        assert 'title="Thời tiết Huế và tin mới"' in codes["iframe"]  # with the select it names no place
        assert (
            '<portal-widget type="portal" city="hue" source="tinh" limit="1" select="no"' in codes["script"]
        )

    @pytest.mark.parametrize(
        "query",
        ["city=hue&layout=strip", "type=articles&layout=cards&limit=2", "type=portal&units=imperial", ""],
    )
    def test_show_what_the_frame_beside_them_shows(self, with_sources: Site, query: str) -> None:
        shown = form(with_sources, query)
        source = shown.frame["src"] or ""
        assert shown.codes["oembed"] == PUBLIC + source.removeprefix("/tien-ich")
        assert int(shown.frame["width"] or 0) == USUAL_NARROWEST
        assert f'width="{USUAL_NARROWEST}"' in shown.codes["iframe"]
        assert f"height:{shown.frame['height']}px" in shown.codes["script"]
        assert with_sources.get(source.removeprefix("/tien-ich")).status_code == 200
        url = quote(shown.codes["oembed"], safe="")
        told = with_sources.json(f"/oembed?url={url}&maxwidth={USUAL_NARROWEST}")
        assert told["height"] == int(shown.frame["height"] or 0)
        assert f'title="{(shown.frame["title"] or "").removesuffix(" (320 px)")}"' in told["html"]

    def test_say_nothing_that_is_usual_anyway(self, with_sources: Site) -> None:
        usual = "type=weather&city=hue&layout=compact&theme=auto&lang=vi&units=metric&accent=&select="
        assert form(with_sources, usual).codes["oembed"] == f"{PUBLIC}/widgets/weather/hue"

    def test_are_not_there_without_a_place(self, with_sources: Site) -> None:
        shown = form(with_sources, "city=atlantis", 404)
        assert (shown.codes, shown.frame) == ({}, {})


CHOICES = [
    "type=weather&city=hue&layout=strip&theme=dark&lang=en&units=imperial&accent=c2410c&select=yes",
    "type=weather&city=dong-ha&select=no&ui=en",
    "type=articles&words=c%E1%BA%A7u+%22%3Cb%3E&category=Giao+th%C3%B4ng",
    "type=portal&city=hue&words=c%E1%BA%A7u",
    "type=articles&source=tinh,thanh-pho&limit=20&layout=headlines&theme=light",
    "type=portal&city=vinh&source=tinh&limit=1&units=imperial&select=no&lang=en&ui=vi",
    "city=hue&portal_url=http%3A%2F%2Fportal.gov.vn%2Fx%3Fa%3D1%26b",
    "city=hue&transparent=yes&theme=light&border=no",
    "type=portal&city=hue&transparent=yes&theme=dark",
]


@pytest.mark.parametrize("query", CHOICES)
def test_what_the_form_sends_leads_to_the_same_page(with_sources: Site, query: str) -> None:
    first = form(with_sources, query)
    again = form(with_sources, "&".join(f"{name}={quote(value, safe='')}" for name, value in first.sent))
    assert (again.sent, again.codes, again.frame) == (first.sent, first.codes, first.frame)
    given = {name: ",".join(values) for name, values in parse_qs(query).items()}
    sent: dict[str, str] = {}
    for name, value in first.sent:
        sent[name] = f"{sent[name]},{value}" if name in sent else value
    assert sent | given == sent


def test_transparent_asks_for_dark_or_light_text(with_sources: Site) -> None:
    page = with_sources.get("/?city=hue&transparent=yes&theme=auto&ui=en").text
    assert "theme=light&transparent=yes" in Form(page).codes["oembed"]
    assert re.findall(r'<option value="(\w+)"[^>]*>(?:Dark|Light) text', page) == ["light", "dark"]
    assert 'for="theme">Text colour' in page
    assert 'for="theme">Theme' in with_sources.get("/?city=hue&ui=en").text


@pytest.mark.parametrize("layout", ["list", "headlines"])
def test_the_usual_number_of_articles_is_that_of_the_layout(with_sources: Site, layout: str) -> None:
    page = with_sources.get(f"/?type=articles&layout={layout}").text
    assert f"Để trống: {DEFAULT_ARTICLES[ArticleLayout(layout)]} tin." in page


TECHNICAL = [
    "iframe", "script", "oEmbed", "JSON", "RSS", "public_url", "frame_ancestors", "embed.js",
    "Content-Security-Policy", "Cross-Origin-Embedder-Policy", "CSP", "header", "thập lục phân", "hexa",
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", ["city=hue", "type=articles&limit=21", "type=portal&accent=x", "city=x", "type=articles&theme=x"]
)
def test_what_an_editor_meets_needs_no_technical_word(tmp_path: Path, language: str, query: str) -> None:
    site = Site.in_folder(tmp_path, embed__frame_ancestors="https://a.vn")
    for portal in ("b.vn", "http://a.vn", "nonsense"):
        page = site.get(f"/?{query}&ui={language}&portal_url={portal}").text
        for hidden in ("style", "script", "textarea", "noscript"):
            page = re.sub(rf"<{hidden}\b.*?</{hidden}>", "", page, flags=re.DOTALL)
        assert '<details class="admin">' in page
        page = re.sub(r'<details class="admin">.*?</details>', "", page, flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", "\n", page)
        assert [word for word in TECHNICAL if word.lower() in words.lower()] == []


@pytest.mark.parametrize(
    ("query", "province"),
    [
        ("", "Quảng Trị"),
        ("&city=hue", "Huế"),
        ("&city=hue&province=An+Giang&layout=strip", "An Giang"),
        ("&city=da-nang&province=Atlantis", "Đà Nẵng"),
    ],
)
def test_several_places_are_those_of_a_province(with_sources: Site, query: str, province: str) -> None:
    chosen = form(with_sources, f"type=table{query}")
    assert f'province="{province}"' in chosen.codes["script"]
    assert f'title="Thời tiết {province}"' in chosen.codes["iframe"]
    assert f"/widgets/weather?province={quote_plus(province)}" in chosen.codes["iframe"]
    assert dict(chosen.sent)["province"] == province
    assert not {"svg", "png"} & chosen.codes.keys()


def test_a_layout_of_another_widget_gives_way_without_a_word(with_sources: Site) -> None:
    page = with_sources.get("/?type=articles&layout=full&units=imperial&city=hue")
    assert page.status_code == 200
    assert "note ill" not in page.text
    assert Form(page.text).codes["oembed"] == f"{PUBLIC}/widgets/articles"


def test_the_place_is_not_lost_on_the_way_to_the_articles_and_back(with_sources: Site) -> None:
    assert ("city", "hue") in form(with_sources, "type=articles&city=hue").sent
    assert form(with_sources, "type=articles&city=atlantis").codes


def test_a_place_is_searched_for_beside_the_words_of_the_articles(with_sources: Site) -> None:
    page = with_sources.get("/?type=portal&city=vinh&q=dong+ha&words=c%E1%BA%A7u").text
    assert 'href="/tien-ich/?city=dong-ha&amp;type=portal&amp;words=c%E1%BA%A7u&amp;ui=vi"' in page
    assert Form(page).codes["oembed"] == f"{PUBLIC}/widgets/portal?city=vinh&q=c%E1%BA%A7u"


class TestBadValues:
    @pytest.mark.parametrize(
        ("bad", "named"),
        [
            ("type=radio", "“type”"),
            ("theme=pink", "“theme”"),
            ("layout=huge", "“layout”"),
            ("accent=blue", "“accent”"),
            ("units=stones", "“units”"),
            ("select=perhaps", "“select”"),
            ("lang=xx", "“lang”"),
            ("ui=xx", "“ui”"),
            ("type=articles&limit=21", "“limit”"),
            ("type=articles&source=nobody", "“source”"),
            ("theme=pink&units=stones", "“units”"),
        ],
    )
    def test_are_named_and_the_rest_is_kept(self, with_sources: Site, bad: str, named: str) -> None:
        rest = "city=hue&accent=c2410c" if "accent" not in bad else "city=hue"
        answer = with_sources.get(f"/?{rest}&{bad}")
        assert answer.status_code == 400
        assert named in answer.text
        shown = Form(answer.text)
        assert "accent=c2410c" in shown.codes["oembed"] or "accent" in bad
        assert "pink" not in shown.codes["oembed"]

    @pytest.mark.parametrize(
        ("bad", "said"),
        [
            ("accent=blue", "Mục “Màu nhấn” chưa đúng. Tham số “accent” phải là mã màu 6 ký tự"),
            ("theme=pink", "Mục “Nền (sáng/tối)” chưa đúng."),
            ("type=articles&title=" + "x" * 61, "phải là một dòng dài tối đa 60 ký tự."),
        ],
    )
    def test_are_said_by_the_labels_of_the_fields(self, with_sources: Site, bad: str, said: str) -> None:
        assert said in with_sources.get(f"/?{bad}&ui=vi").text

    def test_are_said_in_the_pages_language(self, with_sources: Site) -> None:
        assert "The parameter “theme”" in with_sources.get("/?theme=pink&lang=en").text
        assert "Tham số “theme”" in with_sources.get("/?theme=pink&lang=en&ui=vi").text

    @pytest.mark.parametrize(
        "name",
        ["type", "city", "source", "limit", "layout", "theme", "lang", "accent", "units", "select", "ui", "q",
         "words", "category", "portal_url"],
    )  # fmt: skip
    @pytest.mark.parametrize("kind", KINDS)
    def test_markup_is_never_more_than_text(self, with_sources: Site, kind: str, name: str) -> None:
        paths = [f"/?type={each}&theme=x&q={q}&portal_url=x" for each in KINDS for q in ("zzzz", "hue")]
        usual = [Tags(with_sources.get(path).text) for path in paths]
        answer = with_sources.get(f"/?{name}={quote(MARKUP, safe='')}&type={kind}")
        seen = Tags(answer.text)
        assert set(seen.tags) <= {tag for page in usual for tag in page.tags}
        assert {attribute for attribute, _ in seen.attributes} <= {
            attribute for page in usual for attribute, _ in page.attributes
        }
        assert "<script>alert" not in answer.text
        for code in Form(answer.text).codes.values():
            assert "<script>alert" not in code
            assert "alert" not in code or name in {"words", "category"}


class TestHostileConfiguration:
    def test_names_are_escaped_in_the_page_and_in_the_code(self, tmp_path: Path) -> None:
        file = tmp_path / "places.toml"
        file.write_text(
            '[[weather.city]]\nid = "x"\nname = { vi = "A\\"><script>alert(1)</script>&" }\ncountry = "VN"\n'
            "latitude = 16.5\nlongitude = 107\n",
            encoding="utf-8",
        )
        page = Site.in_folder(tmp_path, config=str(file)).get("/?city=x").text
        assert "<script>alert" not in page
        named = "A&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"
        codes = Form(page).codes
        assert f">Thời tiết {named}</a>" in codes["script"]
        assert f">Thời tiết {named}</a>" in codes["script"]
        assert f'alt="Thời tiết {named}"' in codes["picture"]

    def test_a_sources_name_is_text(self, with_sources: Site) -> None:
        page = with_sources.get("/?type=articles").text
        assert "Cổng TTĐT &amp; &lt;b&gt;tin&lt;/b&gt;" in page


class TestLanguages:
    def test_the_page_and_the_widget_may_differ(self, with_sources: Site) -> None:
        page = with_sources.get("/?city=hue&lang=en&ui=vi").text
        assert '<html lang="vi">' in page
        assert Form(page).frame["title"] == "Weather (320 px)"

    def test_who_names_the_widgets_language_only_reads_the_page_in_it(self, with_sources: Site) -> None:
        assert '<html lang="en">' in with_sources.get("/?lang=en").text

    def test_the_way_to_the_other_language_keeps_every_choice(self, with_sources: Site) -> None:
        query = "type=portal&city=hue&source=tinh&limit=2&theme=dark&portal_url=a.vn"
        page = with_sources.get(f"/?{query}").text
        (there,) = re.findall(r'<a href="([^"]+)" hreflang="en" lang="en">English</a>', page)
        said = {name: values[0] for name, values in parse_qs(urlsplit(unescape(there)).query).items()}
        given = {name: values[0] for name, values in parse_qs(query).items()}
        assert said == given | {"ui": "en"}
        assert there.startswith("/tien-ich/?")


class TestNoSources:
    @pytest.mark.parametrize("kind", ["articles", "portal"])
    def test_it_is_said_in_words_and_the_code_is_there(self, site: Site, kind: str) -> None:
        page = site.get(f"/?type={kind}&source=nobody").text
        assert "Chưa cấu hình nguồn tin nào" in page
        assert set(Form(page).codes) == {"iframe", "message", "script", "react", "css", "oembed"}
        assert '<input type="checkbox"' not in page

    def test_it_is_not_said_of_the_weather(self, site: Site) -> None:
        assert "Chưa cấu hình nguồn tin nào" not in site.get("/").text


class TestEmbedCheck:
    def test_it_says_whether_our_frame_rules_admit_the_portal(self, tmp_path: Path) -> None:
        site = Site.in_folder(
            tmp_path, embed__frame_ancestors="https://*.gov.vn", site__public_url="https://w.example"
        )
        assert "https://a.gov.vn được phép nhúng" in site.get("/?portal_url=a.gov.vn/tin").text
        assert "https://a.vn chưa được phép nhúng" in site.get("/?portal_url=https://a.vn").text
        assert "http://a.gov.vn chưa được phép nhúng" in site.get("/?portal_url=http://a.gov.vn").text

    def test_it_lists_what_the_portals_own_rules_must_allow(self, with_sources: Site) -> None:
        page = with_sources.get("/?portal_url=https://a.vn&lang=en").text
        assert ">frame-src https://widgets.example.gov.vn</code>" in page
        assert ">script-src https://widgets.example.gov.vn</code>" in page
        assert ">img-src https://widgets.example.gov.vn</code>" in page
        assert ">style-src &#39;unsafe-inline&#39;</code>" in page
        assert "Cross-Origin-Embedder-Policy needs no further change" in page

    def test_http_in_https_is_said_to_be_blocked(self, site: Site) -> None:
        assert "trình duyệt sẽ chặn khung" in site.get("/?portal_url=https://a.vn").text
        assert "trình duyệt sẽ chặn khung" not in site.get("/?portal_url=http://a.vn").text

    def test_nonsense_gets_a_sentence(self, with_sources: Site) -> None:
        answer = with_sources.get("/?portal_url=%3Cb%3Enonsense")
        assert answer.status_code == 200
        assert "“&lt;b&gt;nonsense” không phải là địa chỉ trang web" in answer.text


def test_the_page_may_ask_its_own_service_and_nobody_else(site: Site) -> None:
    policy = site.get("/").headers["Content-Security-Policy"]
    assert "connect-src 'self';" in f"{policy};"
    assert "frame-src 'self';" in f"{policy};"
    assert "connect-src" not in site.get("/widgets/weather/dong-ha").headers["Content-Security-Policy"]
    assert "connect-src" not in site.get("/status").headers["Content-Security-Policy"]


def test_every_word_of_it_is_there_in_every_language(with_sources: Site) -> None:
    for query in CHOICES:
        for language in LANGUAGES:
            page = with_sources.get(
                f"/?{query}&portal_url=b.vn&ui={language}".replace("&ui=en&ui=vi", "&ui=vi")
            )
            assert not re.search(r">(start|check|layout|theme)\.\w+<", page.text)
