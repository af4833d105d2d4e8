import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.locales.formatter import Formatter
from service.start_page.embed_check import MixedContent, Origin, admits, check_embedding, origin_of
from service.start_page.presenter import present_check

OURS = Origin("https", "widgets.example.gov.vn", 443)
OURS_IN_HTTP = Origin("http", "widgets.example.gov.vn", 80)
RULES = [
    "*",
    "'self'",
    "https:",
    "http:",
    "https://*.gov.vn",
    "*.gov.vn:*",
    "http://a.vn:80",
    "[::1]",
    "",
    "*.",
]


def portal(address: str) -> Origin:
    read = origin_of(address)
    assert read is not None, address
    return read[0]


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "origin"),
        [
            ("https://portal.gov.vn", "https://portal.gov.vn"),
            ("HTTPS://Portal.GOV.vn/Tin-Tuc?a=1#b", "https://portal.gov.vn"),
            ("  http://portal.gov.vn:8080/x  ", "http://portal.gov.vn:8080"),
            ("http://portal.gov.vn:80", "http://portal.gov.vn"),
            ("https://portal.gov.vn:443/", "https://portal.gov.vn"),
            ("https://portal.gov.vn:", "https://portal.gov.vn"),
            ("https://portal.gov.vn.", "https://portal.gov.vn"),
            ("https://cổng.vn", "https://xn--cng-qmz.vn"),
            ("https://CỔNG.vn", "https://xn--cng-qmz.vn"),
            ("https://xn--CNG-qmz.vn", "https://xn--cng-qmz.vn"),
            ("http://intranet/trang", "http://intranet"),
            ("http://[2001:DB8::1]:8000/", "http://[2001:db8::1]:8000"),
            ("http://10.20.0.5", "http://10.20.0.5"),
        ],
    )
    def test_of_an_address_the_origin_counts(self, address: str, origin: str) -> None:
        read = origin_of(address)
        assert read is not None
        assert (str(read[0]), read[1]) == (origin, False)

    @pytest.mark.parametrize(
        ("address", "origin"),
        [
            ("portal.gov.vn", "https://portal.gov.vn"),
            ("//portal.gov.vn/x", "https://portal.gov.vn"),
            ("portal.gov.vn:8443/x", "https://portal.gov.vn:8443"),
            ("localhost:3000", "https://localhost:3000"),
        ],
    )
    def test_without_a_scheme_https_is_assumed_and_told(self, address: str, origin: str) -> None:
        read = origin_of(address)
        assert read is not None
        assert (str(read[0]), read[1]) == (origin, True)

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "   ",
            "cổng của tôi",
            "portal",
            "javascript:alert(1)",
            "ftp://portal.gov.vn",
            "file:///C:/trang.html",
            "mailto:a@b.vn",
            "https://user:pass@portal.gov.vn",
            "https://portal.gov.vn:99999",
            "https://portal.gov.vn:http",
            "https://",
            "https:///x",
            "https://-.vn",
            "https://a..vn",
            "https://1.2.3",
            "https://999.1.1.1",
            "https://[::zz]",
            "https://a_\x00.vn",
            "https://<script>.vn",
            "https://" + "a" * 64 + ".vn",
            "https://" + "a." * 1000 + "vn",
        ],
    )
    def test_nonsense_is_none(self, address: str) -> None:
        assert origin_of(address) is None


class TestRules:
    @pytest.mark.parametrize(
        ("rule", "page"),
        [
            ("*", "http://anything.example:81"),
            ("https:", "https://anything.example:444"),
            ("http:", "http://anything.example"),
            ("http:", "https://anything.example"),
            ("https://portal.gov.vn", "https://portal.gov.vn/any/path"),
            ("HTTPS://Portal.Gov.VN", "https://portal.gov.vn"),
            ("https://portal.gov.vn:443", "https://portal.gov.vn"),
            ("https://portal.gov.vn:8443", "https://portal.gov.vn:8443"),
            ("https://portal.gov.vn:*", "https://portal.gov.vn:8443"),
            ("http://portal.gov.vn", "https://portal.gov.vn"),
            ("http://portal.gov.vn:80", "https://portal.gov.vn"),
            ("portal.gov.vn", "https://portal.gov.vn"),
            ("https://*.gov.vn", "https://quangtri.gov.vn"),
            ("https://*.gov.vn", "https://dong-ha.quangtri.gov.vn"),
            ("*.gov.vn:*", "https://quangtri.gov.vn:9000"),
            ("https://xn--cng-qmz.vn", "https://cổng.vn"),
            ("'self'", "https://widgets.example.gov.vn/trang"),
        ],
    )
    def test_a_rule_admits(self, rule: str, page: str) -> None:
        assert admits(rule, portal(page), OURS)

    @pytest.mark.parametrize(
        ("rule", "page"),
        [
            ("https:", "http://anything.example"),
            ("https://portal.gov.vn", "http://portal.gov.vn"),
            ("https://portal.gov.vn", "https://portal.gov.vn:8443"),
            ("https://portal.gov.vn:8443", "https://portal.gov.vn"),
            ("http://portal.gov.vn:8080", "https://portal.gov.vn"),
            ("https://portal.gov.vn", "https://www.portal.gov.vn"),
            ("https://portal.gov.vn", "https://portal.gov.vn.evil.example"),
            ("https://*.gov.vn", "https://gov.vn"),
            ("https://*.gov.vn", "https://evilgov.vn"),
            ("https://*.gov.vn", "http://quangtri.gov.vn"),
            ("portal.gov.vn", "http://portal.gov.vn"),
            ("'self'", "https://portal.gov.vn"),
            ("'self'", "https://widgets.example.gov.vn:8443"),
            ("'none'", "https://portal.gov.vn"),
            ("", "https://portal.gov.vn"),
        ],
    )
    def test_a_rule_does_not_admit(self, rule: str, page: str) -> None:
        assert not admits(rule, portal(page), OURS)

    def test_a_rule_without_a_scheme_has_ours(self) -> None:
        assert admits("portal.gov.vn", portal("http://portal.gov.vn"), OURS_IN_HTTP)
        assert admits("portal.gov.vn", portal("https://portal.gov.vn"), OURS_IN_HTTP)


class TestEmbedCheck:
    def test_without_rules_every_site_is_admitted(self) -> None:
        check = check_embedding("http://portal.gov.vn:81", [], OURS)
        assert check is not None
        assert (check.unrestricted, check.admitted) == (True, True)

    def test_with_rules_only_those_that_one_of_them_matches(self) -> None:
        rules = ["https://a.gov.vn", "https://*.b.vn"]
        admitted = [
            address
            for address in ("a.gov.vn", "x.b.vn", "b.vn", "https://widgets.example.gov.vn", "c.vn")
            if (check := check_embedding(address, rules, OURS)) and check.admitted
        ]
        assert admitted == ["a.gov.vn", "x.b.vn", "https://widgets.example.gov.vn"]

    @pytest.mark.parametrize(
        ("page", "ours", "mixed_content"),
        [
            ("https://portal.gov.vn", OURS, MixedContent.BOTH_HTTPS),
            ("http://portal.gov.vn", OURS, MixedContent.HTTPS_IN_HTTP),
            ("http://portal.gov.vn", OURS_IN_HTTP, MixedContent.BOTH_HTTP),
            ("https://portal.gov.vn", OURS_IN_HTTP, MixedContent.BLOCKED),
            ("portal.gov.vn", OURS_IN_HTTP, MixedContent.BLOCKED),
        ],
    )
    def test_only_http_in_https_is_blocked(
        self, page: str, ours: Origin, mixed_content: MixedContent
    ) -> None:
        check = check_embedding(page, [], ours)
        assert check is not None
        assert check.mixed_content is mixed_content

    @given(address=st.text(), rules=st.lists(st.sampled_from(RULES) | st.text()))
    def test_no_text_breaks_it(self, address: str, rules: list[str]) -> None:
        for written in (address, f"https://{address}", f"http://a.vn:{address}", f"//[{address}]"):
            check = check_embedding(written, rules, OURS)
            assert check is None or str(check.portal).startswith(("http://", "https://"))

    @given(rule=st.text() | st.from_regex(r"(https?://)?(\*\.)?[a-z.]+(:\d{0,5})?", fullmatch=True))
    def test_no_rule_breaks_it(self, rule: str) -> None:
        admits(rule, portal("https://portal.gov.vn"), OURS)


class TestSentences:
    formatter = Formatter("en")

    def sentences(
        self, address: str, *rules: str, ours: str = "https://widgets.example.gov.vn/tien-ich"
    ) -> str:
        view = present_check(address, rules, ours, self.formatter)
        return " ".join(finding.text for finding in view.findings)

    def test_a_refused_portal_gets_the_setting_to_ask_for(self) -> None:
        view = present_check(
            "https://portal.gov.vn/tin", ["https://other.gov.vn"], "https://w.gov.vn", self.formatter
        )
        (refusal, _) = (finding.text for finding in view.findings)
        assert "https://portal.gov.vn may not" in refusal
        assert "add https://portal.gov.vn to embed.frame_ancestors" in view.remarks[0]
        admitted = present_check("https://portal.gov.vn", (), "https://w.gov.vn", self.formatter)
        assert "frame_ancestors" not in " ".join(admitted.remarks)

    def test_an_assumed_scheme_has_a_sentence(self) -> None:
        assert "neither http nor https" in self.sentences("portal.gov.vn")
        assert "neither http nor https" not in self.sentences("https://portal.gov.vn")

    def test_nonsense_is_quoted_and_gets_no_rules(self) -> None:
        view = present_check("cổng <b>", (), "https://widgets.example.gov.vn", self.formatter)
        assert "“cổng <b>”" in view.findings[0].text
        assert view.required_rules == ()

    def test_the_portals_own_rules_name_our_origin_without_our_path(self) -> None:
        view = present_check(
            "portal.gov.vn", (), "https://widgets.example.gov.vn:8443/tien-ich", self.formatter
        )
        assert [required.rule for required in view.required_rules] == [
            "frame-src https://widgets.example.gov.vn:8443",
            "script-src https://widgets.example.gov.vn:8443",
            "img-src https://widgets.example.gov.vn:8443",
            "style-src 'unsafe-inline'",
        ]
