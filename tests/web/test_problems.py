import logging

import pytest
from web_site import LANGUAGES, Site
from werkzeug.test import TestResponse

from service.web.cache_policy import SHORT

PAGES = ["/", "/status", "/widgets/weather/dong-ha", "/widgets/weather?city=hue"]
PROGRAMS = ["/api/v1/cities", "/api/v1/cities/hue", "/api/v1/weather/hue", "/api/v1/weather?cities=hue"]
FILES = ["/widgets/weather/hue.svg", "/healthz", "/readyz", "/robots.txt", "/favicon.ico"]
KNOWN_LANGUAGES = f"Must be one of: {', '.join(LANGUAGES)}."


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS, *FILES])
def test_head_is_answered_wherever_get_is_with_the_same_headers(site: Site, path: str) -> None:
    named = {"X-Request-Id": "same"}
    got, head = site.client.get(path, headers=named), site.client.head(path, headers=named)
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(got.headers)
    assert int(got.headers["Content-Length"]) == len(got.data)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "BREW"])
@pytest.mark.parametrize("path", ["/api/v1/weather/hue", "/widgets/weather/hue", "/", "/healthz"])
def test_another_method_is_refused_and_told_which_are_allowed(site: Site, path: str, method: str) -> None:
    answer = site.client.open(path, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Cache-Control"] == SHORT.cache_control()


@pytest.mark.parametrize(
    ("path", "errors"),
    [
        ("/api/v1/weather/hue?lang=fr", {"lang": [KNOWN_LANGUAGES]}),
        ("/api/v1/weather/hue?units=kelvin", {"units": ["Must be one of: metric, imperial."]}),
        ("/api/v1/cities/hue?lang=VI", {"lang": [KNOWN_LANGUAGES]}),
        (
            "/api/v1/cities?limit=no&lang=no",
            {"lang": [KNOWN_LANGUAGES], "limit": ["Must be a whole number from 1 to 500."]},
        ),
        (
            "/api/v1/weather?lang=fr",
            {
                "lang": [KNOWN_LANGUAGES],
                "cities": ["Must be 1 to 50 ids of /api/v1/cities, with commas between them."],
            },
        ),
    ],
)
def test_bad_parameters_are_a_problem_that_names_every_one(
    site: Site, path: str, errors: dict[str, list[str]]
) -> None:
    answer = site.get(path)
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert list(problem) == ["type", "title", "status", "detail", "errors"]
    assert (problem["status"], problem["errors"]) == (400, errors)
    assert all(name in problem["detail"] for name in errors)


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1/", "/api/v2/cities", "/api//v1/cities", "/api/v1/cities/"]
)
def test_an_unknown_path_of_the_api_is_a_problem(site: Site, path: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["status"] == 404
    assert answer.headers["Cache-Control"] == SHORT.cache_control()


@pytest.mark.parametrize(
    "path", ["/nothing", "/widgets", "/widgets/", "/widgets/news/hue", "/x//y", "/status/"]
)
def test_an_unknown_path_for_people_is_a_page_with_a_way_back(site: Site, path: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "<h1>Không tìm thấy trang</h1>" in answer.text
    assert '<a href="/">' in answer.text
    assert answer.headers["Cache-Control"] == SHORT.cache_control()


@pytest.mark.parametrize(
    ("method", "path", "title"),
    [
        ("GET", "/nothing", "Không tìm thấy trang"),
        ("GET", "/articles/nothing", "Không tìm thấy bài viết"),
        ("GET", "/status?lang=klingon", "Địa chỉ chưa đúng"),
        ("POST", "/status", "Không hiển thị được"),
        ("GET", "/nothing?lang=en", "Page not found"),
    ],
)
def test_every_failure_says_in_its_title_what_it_is(site: Site, method: str, path: str, title: str) -> None:
    page = site.client.open(path, method=method).text
    assert f"<title>{title}</title>" in page
    assert f"<h1>{title}</h1>" in page
    assert page.count(title) == 2  # the sentence below says more than the title


def test_the_page_of_an_unknown_path_speaks_the_language_asked_for(site: Site) -> None:
    assert 'lang="en"' in site.get("/nothing?lang=en").text
    assert 'lang="vi"' in site.get("/nothing?lang=klingon").text


@pytest.mark.parametrize("path", [*PAGES, *PROGRAMS, *FILES])
def test_unknown_parameters_are_ignored(site: Site, path: str) -> None:
    more = f"{path}{'&' if '?' in path else '?'}utm_source=x&fbclid=%00&__proto__=1&lang[]=fr"
    assert site.get(more).data == site.get(path).data


def test_the_first_of_a_repeated_parameter_counts(site: Site) -> None:
    assert site.json("/api/v1/weather/hue?lang=en&lang=fr")["city"]["name"] == "Hue"
    assert site.get("/api/v1/weather/hue?lang=fr&lang=en").status_code == 400


@pytest.mark.parametrize(
    "path", ["/api/v1/weather/hue", "/api/v1/cities", "/widgets/weather/hue", "/widgets/weather/hue.svg", "/"]
)
def test_a_parameter_without_a_value_is_as_if_it_were_not_there(site: Site, path: str) -> None:
    empty = "lang=&units=&theme=&layout=&accent=&select=&q=&limit=&city="
    assert site.get(f"{path}?{empty}").data == site.get(path).data


@pytest.mark.parametrize("path", ["/api/v1/weather/hue", "/readyz"])
def test_a_fault_of_ours_is_a_problem_that_leaks_nothing(
    site: Site, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = _broken(site, path, caplog)
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["detail"] == "Something is wrong on our side. Try again later."


@pytest.mark.parametrize("path", ["/widgets/weather/hue", "/status", "/widgets/weather/hue.svg"])
def test_a_fault_of_ours_is_a_page_that_leaks_nothing(
    site: Site, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = _broken(site, path, caplog)
    assert answer.mimetype == "text/html"
    assert "Hệ thống đang gặp sự cố" in answer.text
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def _broken(site: Site, path: str, caplog: pytest.LogCaptureFixture) -> TestResponse:
    site.fault = RuntimeError("secret detail of the inside")
    caplog.set_level(logging.ERROR)
    answer = site.get(path)
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    for secret in ("Traceback", "RuntimeError", ".py", "secret"):
        assert secret not in answer.text
    (record,) = [record for record in caplog.records if record.name.startswith("service.web")]
    assert path in record.getMessage()
    assert record.exc_info
    site.fault = None
    assert site.get(path).status_code == 200
    return answer


FOR_SCRIPTS = [*PROGRAMS, "/api/v1/articles", "/feeds/articles.rss", "/oembed", "/widgets/weather/hue.png"]


@pytest.mark.parametrize("path", [*FOR_SCRIPTS, "/widgets/weather/hue.svg", "/healthz"])
def test_a_browser_may_ask_before_the_request_of_another_sites_script(site: Site, path: str) -> None:
    asked = {
        "Origin": "https://portal.example.vn",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = site.client.options(path, headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "*"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert {"Content-Length", "Content-Type", "Set-Cookie"}.isdisjoint(answer.headers)


def test_pages_have_methods_and_no_business_with_other_sites_scripts(site: Site) -> None:
    for path in PAGES:
        answer = site.client.options(path)
        assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)
    assert site.client.options("/no/such/page").status_code == 404


@pytest.mark.parametrize("path", [*FOR_SCRIPTS, "/api/v1/weather/atlantis", "/api/v1/cities?limit=x"])
def test_other_sites_scripts_may_read_the_headers_they_need(site: Site, path: str) -> None:
    answer = site.client.get(path)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert exposed == ["ETag", "Link", "Retry-After", "Cache-Status", "Age", "X-Request-Id"]
