"""`/metrics`: what Prometheus is told, and who."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import parser
from prometheus_client.samples import Sample
from web_site import HOUR, NOW, Site, settings_of

from service.core.counters import Counters
from service.observe.clients import Insiders
from service.storage.counter_files import SharedCounters
from service.storage.fallback import StaleOnErrorStore
from service.storage.store import SqliteStore

NAMES = {
    "http_requests_total": {"route", "status", "cache"},
    "render_seconds": {"route"},
    "upstream_requests_total": {"upstream", "result"},
    "upstream_seconds": {"upstream"},
    "items": {"kind", "state"},
    "oldest_age_seconds": {"kind"},
    "quota_left_units": {"provider"},
    "collector_last_seen_timestamp_seconds": set(),
    "store_errors_total": {"op"},
    "build_info": {"version", "python"},
}


def samples(site: Site) -> list[Sample]:
    families = parser.text_string_to_metric_families(site.get("/metrics").text)
    return [sample for family in families for sample in family.samples]


def value(site: Site, name: str, **labels: str) -> float | None:
    """Return the sum of all samples with these labels; None where there is none."""
    values = [
        one.value
        for one in samples(site)
        if one.name == f"portal_widgets_{name}" and labels.items() <= one.labels.items()
    ]
    return sum(values) if values else None


def test_every_metric_is_told_with_its_labels_and_no_other(site: Site) -> None:
    site.get("/healthz")
    others = SharedCounters(site.settings.store.path, Counters())
    others.counters.upstream_requests.count("open-meteo", "ok")
    others.counters.upstream_seconds.observe(0.3, "open-meteo")
    others.counters.collector_seen.set(NOW.timestamp())
    others.close()
    told: dict[str, set[str]] = {}
    for sample in samples(site):
        name = sample.name.removeprefix("portal_widgets_")
        for end in ("_bucket", "_count", "_sum"):
            name = name.removesuffix(end)
        told[name] = set(sample.labels) - {"le"}
    assert told == NAMES


def test_requests_are_told_by_the_rule_of_their_route(site: Site) -> None:
    before = value(site, "http_requests_total", route="/widgets/weather/<city>", status="200") or 0.0
    for city in ("dong-ha", "hue", "vinh"):
        site.get(f"/widgets/weather/{city}")
    site.get("/widgets/weather/nowhere")
    assert value(site, "http_requests_total", route="/widgets/weather/<city>", status="200") == before + 3
    for path in ("/a", "/b", "/widgets/c", "/widgets/weather/a/b", "/%FF", "/articles/"):
        site.get(path)
    routes = {one.labels["route"] for one in samples(site) if "route" in one.labels}
    assert routes <= {view.rule for view in site.app.extensions["views"]} | {"other"}


def test_weather_and_sources_are_told_by_state_with_their_age(site: Site) -> None:
    site.now = NOW + 2 * HOUR
    assert value(site, "items", kind="weather", state="stale") == 2
    assert value(site, "items", kind="weather") == len(site.json("/api/v1/cities?limit=500")["cities"])
    assert value(site, "items", kind="articles") == 0
    age = value(site, "oldest_age_seconds", kind="weather")
    assert age is not None
    assert 2 * 3600 <= age < 3 * 3600
    assert value(site, "oldest_age_seconds", kind="articles") is None


def test_a_provider_without_a_budget_has_no_units_left_to_tell(site: Site) -> None:
    assert value(site, "quota_left_units", provider="open-meteo") == 10_000
    assert value(site, "quota_left_units", provider="met-norway") is None


def test_an_upstream_that_is_configured_no_more_is_told_no_more(site: Site) -> None:
    others = SharedCounters(site.settings.store.path, Counters())
    for name in ("met-norway", "a-former-source"):
        others.counters.upstream_requests.count(name, "timeout")
        others.counters.upstream_seconds.observe(10, name)
    others.close()
    assert value(site, "upstream_requests_total", upstream="met-norway", result="timeout")
    assert value(site, "upstream_requests_total", upstream="a-former-source") is None
    assert value(site, "upstream_seconds_count", upstream="a-former-source") is None


def test_a_store_that_fails_is_counted_and_the_rest_is_told(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path)
    site.keep("dong-ha")
    assert value(site, "store_errors_total", op="read") == 0
    file = site.settings.store.path
    site.store.close()  # type: ignore[attr-defined] # Site's store is a SqliteStore
    for part in file.parent.glob(f"{file.name}*"):
        if "metrics" not in part.name:
            part.unlink()
    file.mkdir()
    site.get("/healthz")
    assert (value(site, "store_errors_total", op="read") or 0) > 0
    assert value(site, "http_requests_total", route="/healthz", status="200")
    assert value(site, "items", kind="weather") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-for": ""},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "::1"},
        {"X-Forwarded-Host": "widgets.example.gov.vn"},
        {"X-Forwarded-Proto": "https"},
        {"Via": "1.1 varnish"},
        {"CF-Connecting-IP": "127.0.0.1"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_who_comes_through_a_proxy_finds_nothing(site: Site, headers: Mapping[str, str]) -> None:
    assert site.client.get("/metrics").status_code == 200
    answer = site.client.get("/metrics", headers=dict(headers))
    assert answer.status_code == 404
    assert "portal_widgets" not in answer.text


@pytest.mark.parametrize("memory", ["0B", "1MB"], ids=["without a cache", "behind the cache"])
def test_what_one_client_is_told_no_other_one_gets(tmp_path: Path, memory: str) -> None:
    settings = settings_of(tmp_path, edge__memory=memory)
    client = Site(settings, StaleOnErrorStore(SqliteStore(settings.store.path))).client
    stranger: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    for _ in range(2):
        assert client.get("/metrics", **stranger).status_code == 404
        assert client.get("/metrics").status_code == 200
        assert client.head("/metrics").status_code == 200
        assert client.post("/metrics").status_code == 405


@pytest.mark.parametrize(
    ("address", "allow", "expected"),
    [
        ("127.0.0.1", ["127.0.0.1", "::1"], True),
        ("::1", ["127.0.0.1", "::1"], True),
        ("::ffff:127.0.0.1", ["127.0.0.1"], True),
        ("127.0.0.2", ["127.0.0.1"], False),
        ("10.20.30.40", ["10.20.0.0/16"], True),
        ("10.21.30.40", ["10.20.0.0/16"], False),
        ("::ffff:10.20.1.1", ["10.20.0.0/16"], True),
        ("fe80::1%eth0", ["fe80::/10"], True),
        ("2001:db8::5", ["2001:db8::/32"], True),
        ("2001:db9::5", ["2001:db8::/32", "0.0.0.0/0"], False),
        ("127.0.0.1", [], False),
        ("", ["0.0.0.0/0", "::/0"], False),
        ("unix:", ["0.0.0.0/0", "::/0"], False),
    ],
)
def test_details_are_for_the_networks_that_are_allowed(
    address: str, allow: list[str], expected: bool
) -> None:
    assert Insiders(allow).include({"REMOTE_ADDR": address}) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"HTTP_X_FORWARDED_FOR": "10.20.1.1"}, True),
        ({"HTTP_X_FORWARDED_FOR": "10.20.1.1", "HTTP_VIA": "1.1 nginx", "HTTP_X_REAL_IP": "10.20.1.1"}, True),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, False),
        ({"HTTP_X_FORWARDED_FOR": "10.20.1.1, 203.0.113.9"}, False),
        ({"HTTP_X_FORWARDED_FOR": "10.20.1.1, unknown"}, False),
        ({"HTTP_X_FORWARDED_FOR": ""}, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),  # a proxy's own address: anybody may stand before it
        ({"HTTP_X_FORWARDED_FOR": "10.20.1.1, 127.0.0.1"}, True),
        ({"HTTP_FORWARDED": "for=10.20.1.1"}, False),
        ({"HTTP_X_FORWARDED_PROTO": "https"}, False),
    ],
)
def test_a_trusted_proxy_says_who_sees_details(headers: dict[str, str], expected: bool) -> None:
    insiders = Insiders(["127.0.0.1", "10.20.0.0/16"], ["127.0.0.1"])
    assert insiders.include({"REMOTE_ADDR": "127.0.0.1"} | headers) is expected
    assert not insiders.include({"REMOTE_ADDR": "203.0.113.9"} | headers)
