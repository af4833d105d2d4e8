"""The OpenAPI document and the page of the API: valid, whole, and true of every live answer."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from article_samples import ArticleSite
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from web_site import CURRENT, HOUR, LANGUAGES, NOW, Site, an_hourly_forecast

from service.locales.formatter import Formatter
from service.web.views import Audience, View, Views


@pytest.fixture
def document(site: Site) -> dict[str, Any]:
    told: dict[str, Any] = site.json("/api/v1/openapi.json")
    return told


def schema_of(document: dict[str, Any], path: str, status: str = "200") -> dict[str, Any]:
    """The schema of a response, with everything that it refers to."""
    response = document["paths"][path]["get"]["responses"][status]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = next(iter(response["content"].values()))["schema"]
    return {**schema, "components": document["components"]}


def closed(node: Any) -> Any:
    """The schemas with no room for a field that they do not have."""
    if isinstance(node, dict):
        inner = {name: closed(value) for name, value in node.items()}
        return {**inner, "additionalProperties": False} if "properties" in node else inner
    return [closed(one) for one in node] if isinstance(node, list) else node


def faults(document: dict[str, Any], path: str, answer: Any, status: str = "200") -> list[str]:
    validator = Draft202012Validator(closed(schema_of(document, path, status)))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def described(views: Views) -> Iterator[View]:
    yield from (view for view in views if view.description is not None)


def test_everything_for_programs_is_described(site: Site, document: dict[str, Any]) -> None:
    """But for what only machines of the operator ask for, and the document itself."""
    views: Views = site.client.application.extensions["views"]
    others = {"healthz", "readyz", "metrics", "api.openapi"}
    silent = {view.name for view in views if view.audience is Audience.PROGRAMS and view.description is None}
    assert silent == others
    assert len(document["paths"]) == len(list(described(views)))


def test_every_parameter_field_and_status_is_told_in_words(document: dict[str, Any]) -> None:
    silent = []
    for path, methods in document["paths"].items():
        operation = methods["get"]
        silent += [f"{path} {one['name']}" for one in operation["parameters"] if not one["description"]]
        silent += [path for answer in operation["responses"].values() if answer.get("description") == ""]
    for name, schema in document["components"]["schemas"].items():
        fields = schema.get("properties", {})
        silent += [
            f"{name}.{field}"
            for field, told in fields.items()
            if not told.get("description") and name != "Problem"
        ]
    assert silent == []


def test_every_parameter_of_a_view_is_in_the_document_and_no_other(
    site: Site, document: dict[str, Any]
) -> None:
    views: Views = site.client.application.extensions["views"]
    for view in described(views):
        path = re.sub(r"<(?:.*:)?(\w+)>", r"{\1}", view.rule)
        told = document["paths"][path]["get"]["parameters"]
        assert {one["name"] for one in told if one["in"] == "query"} == set(view.parameters.fields)


def parameters_of(document: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """The schemas of its parameters by name."""
    return {one["name"]: one["schema"] for one in document["paths"][path]["get"]["parameters"]}


@pytest.mark.parametrize(
    ("path", "request_url"),
    [
        ("/api/v1/cities", "/api/v1/cities?"),
        ("/api/v1/weather/{city}", "/api/v1/weather/hue?"),
        ("/api/v1/weather", "/api/v1/weather?cities=hue&"),
        ("/api/v1/articles", "/api/v1/articles?"),
    ],
)
def test_a_default_in_the_document_is_a_value_that_changes_nothing(
    site: Site, document: dict[str, Any], path: str, request_url: str
) -> None:
    """Generated clients send it."""
    schemas = parameters_of(document, path)
    defaults = {name: schema["default"] for name, schema in schemas.items() if "default" in schema}
    assert [
        name for name in defaults if not Draft202012Validator(schemas[name]).is_valid(defaults[name])
    ] == []
    assert site.get(request_url + urlencode(defaults)).data == site.get(request_url).data


LISTS = {
    "/api/v1/weather?partial=yes": {
        "cities": ["hue", "hue,ha-noi", ",", "HUE", *(",".join("a" * n) for n in (50, 51))]
    },
    "/api/v1/weather?cities=hue": {"fields": ["current", "daily,hourly", "now", "daily,", "daily, hourly"]},
    "/api/v1/articles?": {"source": ["tinh", "tinh,"]},
}


@pytest.mark.parametrize("request_url", LISTS)
def test_the_pattern_of_a_list_says_what_is_valid(
    site: Site, document: dict[str, Any], request_url: str
) -> None:
    schemas = parameters_of(document, request_url.partition("?")[0])
    for name, values in LISTS[request_url].items():
        for value in values:
            answer = site.get(f"{request_url}&{urlencode({name: value})}")
            assert Draft202012Validator(schemas[name]).is_valid(value) == (answer.status_code == 200), value


ANSWERS = [
    ("/api/v1", "/api/v1"),
    ("/api/v1/cities", "/api/v1/cities?limit=500"),
    ("/api/v1/cities", "/api/v1/cities?latitude=16&longitude=107&lang=en"),
    ("/api/v1/cities/{city}", "/api/v1/cities/hue"),
    ("/api/v1/weather/{city}", "/api/v1/weather/dong-ha"),
    ("/api/v1/weather/{city}", "/api/v1/weather/dong-ha?units=imperial&lang=en"),
    ("/api/v1/weather/{city}", "/api/v1/weather/dong-ha?fields=daily"),
    ("/api/v1/weather/{city}", "/api/v1/weather/ha-noi"),
    ("/api/v1/weather", "/api/v1/weather?cities=hue,atlantis,ha-noi&partial=yes"),
    ("/oembed", "/oembed?url=http://127.0.0.1:80/widgets/weather/hue"),
]


@pytest.mark.parametrize(("path", "request_url"), ANSWERS)
def test_live_answers_are_as_described(
    site: Site, document: dict[str, Any], path: str, request_url: str
) -> None:
    for hours in (0, 2, 7):  # fresh, old, hidden
        site.keep("dong-ha", CURRENT, an_hourly_forecast(), fetched_at=NOW - hours * HOUR)
        assert faults(document, path, site.json(request_url)) == []


def test_live_answers_about_articles_are_as_described(tmp_path: Path, document: dict[str, Any]) -> None:
    site = ArticleSite(tmp_path).hear_all()
    articles = site.json("/api/v1/articles")
    assert faults(document, "/api/v1/articles", articles) == []
    for article in articles["articles"]:
        whole = site.json(f"/api/v1/articles/{article['id']}")
        assert faults(document, "/api/v1/articles/{article_id}", whole) == []


@pytest.mark.parametrize(
    ("path", "request_url", "status"),
    [
        ("/api/v1/cities", "/api/v1/cities?limit=0", "400"),
        ("/api/v1/weather", "/api/v1/weather", "400"),
        ("/api/v1/weather", "/api/v1/weather?cities=atlantis", "404"),
        ("/api/v1/cities/{city}", "/api/v1/cities/atlantis", "404"),
        ("/api/v1/articles", "/api/v1/articles?source=none&after=x", "400"),
        ("/api/v1/articles/{article_id}", "/api/v1/articles/none", "404"),
        ("/oembed", "/oembed", "400"),
        ("/oembed", "/oembed?url=http://127.0.0.1:80/widgets/weather/hue&maxwidth=0", "400"),
        ("/oembed", "/oembed?url=http://127.0.0.1:80/", "404"),
        ("/oembed", "/oembed?format=yaml", "501"),
    ],
)
def test_errors_are_as_described(
    site: Site, document: dict[str, Any], path: str, request_url: str, status: str
) -> None:
    answer = site.get(request_url)
    assert answer.status_code == int(status)
    assert faults(document, path, answer.get_json(), status) == []


def test_every_operation_takes_back_the_tag_it_told_and_answers_304(
    site: Site, document: dict[str, Any]
) -> None:
    for path, methods in document["paths"].items():
        parameters = methods["get"]["parameters"]
        headers = {one["name"] for one in parameters if one["in"] == "header"}
        assert headers == {"If-None-Match", "If-Modified-Since"}
        examples = {one["name"]: one["example"] for one in parameters if "example" in one}
        query = {name: value for name, value in examples.items() if f"{{{name}}}" not in path}
        asked = path.format(**{"form": "rss"} | examples)
        first = site.client.get(asked, query_string=query)
        if path != "/api/v1/articles/{article_id}":  # its example is that of the sample data
            again = site.client.get(
                asked, query_string=query, headers={"If-None-Match": first.headers["ETag"]}
            )
            assert (again.status_code, again.data) == (304, b""), path


def test_the_page_of_every_language_has_its_sentences_and_marks_what_is_in_english(
    site: Site, document: dict[str, Any]
) -> None:
    for language in LANGUAGES:
        page = html.unescape(site.client.get(f"/api/docs?lang={language}").get_data(as_text=True))
        text = Formatter(language).text
        assert f'<html lang="{language}">' in page
        for key in ("api.try", "api.fields", "api.weather", "api.city_not_found", "api.index"):
            assert text(key).partition("`")[0] in page
        marked = re.findall(r'id="get_weather-units-about"( lang="en")?', page)
        assert marked == ["" if language == "en" else ' lang="en"']
    assert 'lang="vi"' in site.client.get("/api/docs").get_data(as_text=True)
    assert document["info"]["description"].startswith("Weather of places")


def test_the_examples_are_answers_as_they_are_now(document: dict[str, Any]) -> None:
    """Recorded from sample data; run docs/api_examples.py where they are no longer."""
    for path, methods in document["paths"].items():
        content = methods["get"]["responses"]["200"]["content"]
        if "application/json" in content and path != "/api/v1":
            example = content["application/json"]["example"]
            assert faults(document, path, example) == []
            assert example["sample"] is True
            assert "127.0.0.1" not in json.dumps(example)


def test_the_index_names_every_resource_with_its_parameters(site: Site, document: dict[str, Any]) -> None:
    index = site.json("/api/v1")
    urls = [one["url"] for one in index["resources"]]
    assert len(urls) == len(document["paths"])
    assert any(url.endswith("/api/v1/cities{?q,latitude,longitude,limit,lang}") for url in urls)
    for url in (index["openapi"], index["documentation"]):
        assert site.client.get(url[url.index("/api/") :]).status_code == 200


def test_the_page_has_every_operation_and_loads_nothing(site: Site, document: dict[str, Any]) -> None:
    answer = site.client.get("/api/docs")
    page = answer.get_data(as_text=True)
    for path, methods in document["paths"].items():
        assert f"GET {path}" in page
        assert all(
            f'"{methods["get"]["operationId"]}-{one["name"]}"' in page for one in methods["get"]["parameters"]
        )
    assert re.findall(r'(?:src|href)="(?!/|#|http)', page) == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy


def test_every_command_on_the_page_of_the_api_works_as_it_is(site: Site, document: dict[str, Any]) -> None:
    page = html.unescape(site.client.get("/api/docs").get_data(as_text=True))
    commands = re.findall(r"curl 'http://127\.0\.0\.1:\d+(/[^']+)'", page)
    assert len(commands) == len(document["paths"])
    statuses = {command: site.get(command).status_code for command in commands}
    recorded = [command for command in commands if command.startswith("/api/v1/articles/")]
    assert statuses == dict.fromkeys(commands, 200) | dict.fromkeys(recorded, 404)  # a sample's article
    assert [command for command in commands if "{" in command] == []


def test_an_example_of_a_parameter_is_a_valid_value(document: dict[str, Any]) -> None:
    parameters = [one for methods in document["paths"].values() for one in methods["get"]["parameters"]]
    examples = [one for one in parameters if "example" in one]
    assert {"city", "cities", "limit", "article_id"} <= {one["name"] for one in examples}
    for one in examples:
        Draft202012Validator(one["schema"]).validate(one["example"])


PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


@pytest.mark.parametrize(
    "request_url", sorted(set(re.findall(r"curl .*?http://127\.0\.0\.1:8000(/[^'\s]+)", PAGE)))
)
def test_every_request_of_the_page_for_programmers_is_answered(site: Site, request_url: str) -> None:
    assert site.get(request_url).status_code == 200


def test_the_error_on_the_page_for_programmers_is_the_one_that_is_told(site: Site) -> None:
    (told,) = re.findall(r"```json\n(\{\"type\".*?\})\n```", PAGE, re.DOTALL)
    assert json.loads(told) == site.get("/api/v1/cities?limit=501").get_json()
