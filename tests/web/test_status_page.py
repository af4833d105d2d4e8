import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from web_site import HOUR, MINUTE, NOW, Site

from service.articles.model import SourceState
from service.articles.store import records as article_records
from service.core.errors import Cause, UpstreamError
from service.weather import records
from service.weather.quota import ProviderQuota

WELL = ProviderQuota().spend(1234.4, NOW).succeeded(NOW - 7 * MINUTE)
STRANGER = {"X-Forwarded-For": "203.0.113.9"}
REFUSED = UpstreamError(Cause.RATE_LIMITED, "It answered 429 <b>too often</b>.", retry_after=30 * MINUTE)


def test_the_page_tells_of_every_provider(site: Site) -> None:
    site.keep_ledger("open-meteo", WELL)
    page = site.get("/status?lang=en").text
    assert "<h2>Open-Meteo</h2>" in page
    assert "<h2>MET Norway</h2>" in page
    assert "<dd>Working</dd>" in page
    assert "10:13 on 22 Nov 2026" in page
    assert "7 min" in page
    assert "1,234 of 10,000 units used" in page
    assert "<dd>Never fetched</dd>" in page
    assert "<dd>No limit</dd>" in page


def test_a_provider_that_failed_is_told_with_its_error_and_its_rest(site: Site) -> None:
    site.keep_ledger("open-meteo", WELL.failed(REFUSED, NOW))
    page = site.get("/status").text
    assert "1 lần lỗi liên tiếp" in page
    assert "Tạm ngừng đến 10:50 ngày 22/11/2026" in page
    assert "Máy chủ của nguồn tạm từ chối vì nhận quá nhiều yêu cầu" in page
    assert "429" not in page


def test_yesterdays_units_are_not_todays(site: Site) -> None:
    site.keep_ledger("open-meteo", ProviderQuota().spend(500, NOW - timedelta(days=1)))
    assert "Đã dùng 0 trên 10.000 đơn vị" in site.get("/status").text


def test_places_are_counted_by_their_state(site: Site) -> None:
    site.keep("vinh", "ha-noi", "da-nang", fetched_at=NOW - 2 * HOUR)
    page = site.get("/status?lang=en").text
    assert "<dt>Fresh</dt><dd>2</dd>" in page
    assert "<dt>Stale</dt><dd>3</dd>" in page


def test_the_default_city_and_what_was_asked_for_within_a_day_are_in_use(site: Site) -> None:
    at = {"hue": NOW - 23 * HOUR, "vinh": NOW - 25 * HOUR, "dong-ha": NOW}
    site.store.write(
        {records.demand_key(place): records.instant_to_bytes(moment) for place, moment in at.items()}
    )
    assert "<dt>In use</dt><dd>2</dd>" in site.get("/status?lang=en").text


def test_the_pace_is_the_goal_where_the_budget_allows_it(site: Site) -> None:
    assert "<dt>Refreshed every</dt><dd>15 min</dd>" in site.get("/status?lang=en").text


def test_a_stretched_pace_is_said(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, weather__open_meteo__daily_budget="3000")
    page = site.get("/status?lang=en").text
    assert "(stretched from 15 min to stay within the budget" in page


def test_the_page_speaks_the_sites_language_or_the_one_asked_for(site: Site) -> None:
    assert "<h1>Tình trạng hệ thống</h1>" in site.get("/status").text
    assert "<h1>System status</h1>" in site.get("/status?lang=en").text
    assert site.get("/status?lang=xx").status_code == 400


def test_no_secret_and_no_address_is_told(tmp_path: Path) -> None:
    site = Site.in_folder(
        tmp_path,
        weather__open_meteo__api_key="s3cr3t-k3y",
        weather__met_norway__base_url="https://inside.example/secret",
        upstream__proxy="http://user:pass@proxy.example:3128",
        site__contact="ops@example.gov.vn",
    )
    assert str(tmp_path) in site.get("/status").text
    for headers in ({}, STRANGER):
        page = site.get("/status", headers).text
        for secret in ("s3cr3t", "inside.example", "proxy.example", "ops@"):
            assert secret not in page
    assert str(tmp_path) not in page


def test_whoever_comes_through_a_proxy_sees_states_and_no_details(tmp_path: Path) -> None:
    site = Site.in_folder(tmp_path, feeds="https://portal.example/rss.xml?key=secret")
    site.keep("dong-ha")
    site.keep_ledger("open-meteo", WELL.failed(REFUSED, NOW))
    site.store.write(
        {
            article_records.source_key("portal-example"): article_records.state_to_bytes(
                SourceState(NOW - HOUR, Cause.UNREADABLE, due=NOW + HOUR)
            )
        }
    )
    page = site.get("/status?lang=en", STRANGER).text
    facts = re.findall("<dt>(.+?)</dt><dd>(.+?)</dd>", page)
    assert {label for label, _ in facts} == {"State", "Fresh", "Stale", "No data"}
    assert [value for label, value in facts if label == "State"] == [
        "Working",
        "Starting",
        "Failed",
        "Never fetched",
        "Failed",
    ]
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert site.client.get("/status?lang=en", **elsewhere).text == page  # type: ignore[arg-type] # a client's argument


class TestVerdict:
    """One sentence above all says what is worst."""

    @pytest.fixture
    def site(self, tmp_path: Path) -> Site:
        made = Site.in_folder(tmp_path, weather__cities="hue,vinh")
        made.keep("hue", "vinh")
        return made

    @staticmethod
    def verdict(site: Site) -> str:
        (sentence,) = re.findall(r'<p class="note[^>]*>(.+?)</p>', site.get("/status?lang=en").text)
        return str(sentence)

    def test_all_is_well(self, site: Site) -> None:
        assert self.verdict(site) == "Everything works."

    def test_some_are_old(self, site: Site) -> None:
        site.keep("vinh", fetched_at=NOW - 2 * HOUR)
        assert self.verdict(site) == "It works, but 1 place or source has old data or none."

    def test_nobody_collects(self, site: Site) -> None:
        site.now += 2 * MINUTE
        assert self.verdict(site) == "No collector is running: what readers see gets older."
        assert "<dd>Not running</dd>" in site.get("/status?lang=en", STRANGER).text

    def test_there_is_nothing_to_show(self, site: Site) -> None:
        site.now += 8 * HOUR
        assert self.verdict(site) == "There is nothing to show: no place and no source has data."


def test_an_unreadable_account_is_one_that_was_never_used(site: Site) -> None:
    site.store.write({records.quota_key("open-meteo"): b"{"})
    assert "Chưa lấy lần nào" in site.get("/status").text


@pytest.mark.parametrize("first", ["met-norway", "met-norway,open-meteo"])
def test_only_the_configured_providers_are_told(tmp_path: Path, first: str) -> None:
    site = Site.in_folder(tmp_path, weather__providers=first)
    assert ("Open-Meteo" in site.get("/status").text) == ("," in first)


def test_places_that_a_provider_is_not_asked_for_are_counted(site: Site) -> None:
    places = {"hue/current": NOW + HOUR, "hue/outlook": NOW + HOUR, "vinh/current": NOW - HOUR}
    site.keep_ledger("met-norway", replace(WELL, skipped_places=places))
    assert "1 place, as its data" in site.get("/status?lang=en").text
    site.keep_ledger("met-norway", replace(WELL, skipped_places=places | {"ha-noi/outlook": NOW + MINUTE}))
    assert "2 places, as their data" in site.get("/status?lang=en").text
    assert "Tạm ngừng lấy 2 địa điểm" in site.get("/status").text
    site.keep_ledger("met-norway", WELL)
    assert "<dt>Places paused" not in site.get("/status?lang=en").text


def test_a_provider_that_forbids_the_next_request_for_long_is_told_so(site: Site) -> None:
    site.keep_ledger("open-meteo", replace(WELL, expires=NOW + 20 * HOUR))
    assert "Not before 06:20 on 23 Nov 2026, at the provider" in site.get("/status?lang=en").text
    site.now = NOW + 21 * HOUR
    assert "Not before" not in site.get("/status?lang=en").text


def test_an_answer_without_a_temperature_is_told_as_the_error_that_it_is(site: Site) -> None:
    site.keep_ledger("open-meteo", WELL.failed(UpstreamError(Cause.INCOMPLETE, "None of hue."), NOW))
    assert "Dữ liệu trả về thiếu nhiệt độ" in site.get("/status").text


def with_feed(folder: Path, state: SourceState | None) -> str:
    site = Site.in_folder(folder, feeds="https://portal.example/rss.xml?key=secret")
    if state is not None:
        site.store.write(
            {article_records.source_key("portal-example"): article_records.state_to_bytes(state)}
        )
    return site.get("/status?lang=en").text


def test_a_source_that_answers_is_told_with_its_last_answer_and_its_next_turn(tmp_path: Path) -> None:
    page = with_feed(tmp_path, SourceState(NOW - 7 * MINUTE, due=NOW + 8 * MINUTE))
    assert "<h2>Article sources: portal.example</h2>" in page
    assert "<dd>Working</dd>" in page
    assert "10:13 on 22 Nov 2026" in page
    assert "10:28 on 22 Nov 2026" in page
    assert "secret" not in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "Never fetched"),
        (SourceState(NOW - 4 * HOUR), "No news for too long"),
        (SourceState(NOW - HOUR, Cause.UNREADABLE), "The response has an unexpected format"),
    ],
)
def test_a_source_that_does_not_answer_is_told_as_it_is(
    tmp_path: Path, state: SourceState | None, said: str
) -> None:
    assert f"<dd>{said}</dd>" in with_feed(tmp_path, state)


def test_the_budget_is_drawn_for_insiders(site: Site) -> None:
    site.keep_ledger("open-meteo", WELL)
    meters = re.findall(r'<meter max="([\d.]+)" high="[\d.]+" value="([\d.]+)"', site.get("/status").text)
    assert [(float(total), float(used)) for total, used in meters] == [(10_000, 1234.4)]
    assert "<meter" not in site.get("/status", STRANGER).text


def test_the_page_reloads_by_a_script_of_its_own_that_can_be_stopped(site: Site) -> None:
    answer = site.get("/status?lang=en")
    assert "script-src 'sha256-" in answer.headers["Content-Security-Policy"]
    assert 'data-stop="Stop refreshing"' in answer.text
    assert "location.reload" in answer.text
