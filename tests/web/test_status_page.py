import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from web_site import HOUR, MINUTE, NOW, Site

from service.articles.model import SourceState
from service.articles.store import records as article_records
from service.collector.supervisor import acquire_lock, lock_path
from service.core.counters import Counters
from service.core.errors import Cause, UpstreamError
from service.core.request_history import RequestHistory
from service.storage.counter_files import SharedCounters
from service.weather import records
from service.weather.quota import ProviderQuota

WELL = ProviderQuota().spend(1234.4, NOW).succeeded(NOW - 7 * MINUTE)
STRANGER = {"X-Forwarded-For": "203.0.113.9"}
REFUSED = UpstreamError(Cause.RATE_LIMITED, "It answered 429 <b>too often</b>.", retry_after=30 * MINUTE)


def rows_of(page: str) -> dict[str, dict[str, str]]:
    """Return the rows of all tables: what their cells say, by the labels of these and by name."""
    rows = {}
    for name, rest in re.findall(r'<th role="rowheader" scope="row">(.*?)</th>(.*?)</tr>', page, re.DOTALL):
        state = re.findall(r'<td role="cell" class="state \w*">(.*?)</td>', rest)
        cells = re.findall(r'<b class="label">(.*?)</b><span>(.*?)</span>', rest, re.DOTALL)
        shown = {label: re.sub("<.*?>", "", value) for label, value in cells}
        rows[name] = {"State": state[0]} | shown
    return rows


def test_the_page_tells_of_every_provider(site: Site) -> None:
    site.keep_ledger("open-meteo", WELL)
    page = site.get("/status?lang=en").text
    rows = rows_of(page)
    assert rows["Open-Meteo"] == {
        "State": "Working",
        "Last fetch": "10:13 on 22 Nov 2026, 7 min ago",
        "Next fetch": "As soon as it is its turn",
        "Daily budget": "1,234 of 10,000 units used",
        "Last 24 hours": "Last 24 hours: 1 requests answered, 0 failed",
    }
    assert rows["MET Norway"]["State"] == "Never fetched"
    assert rows["MET Norway"]["Daily budget"] == "No limit"
    assert "Last fetch" not in rows["MET Norway"]


def test_when_a_provider_is_asked_next_is_when_it_may_be_and_something_is_due(site: Site) -> None:
    def next_fetches() -> dict[str, str]:
        return {name: row["Next fetch"] for name, row in rows_of(site.get("/status?lang=en").text).items()}

    due = replace(WELL, next_due=NOW + 9 * MINUTE)
    site.keep_ledger("open-meteo", due)
    assert next_fetches() == {
        "Open-Meteo": "10:29 on 22 Nov 2026",
        "MET Norway": "When those above it can\N{RIGHT SINGLE QUOTATION MARK}t answer",
    }
    site.keep_ledger("open-meteo", due.failed(REFUSED, NOW))
    assert next_fetches()["Open-Meteo"] == "10:50 on 22 Nov 2026"


def test_the_last_day_is_drawn_with_answers_above_the_line_and_failures_below(site: Site) -> None:
    history = RequestHistory()
    for hours, is_answered in ((30, True), (2, True), (2, False), (1, True), (0, True), (0, True)):
        history = history.add(NOW - hours * HOUR, is_answered=is_answered)
    site.keep_ledger("open-meteo", replace(WELL, history=history))
    page = site.get("/status?lang=en").text
    assert "<title>Last 24 hours: 4 requests answered, 1 failed</title>" in page
    up, down = (re.findall(rf'class="{name}" d="M(\d+) \d+v-?([\d.]+)', page) for name in ("up", "down"))
    assert [int(x) for x, _ in up] == [84, 88, 92]
    heights = [float(height) for _, height in up]
    assert heights[0] == heights[1] == heights[2] / 2
    assert [int(x) for x, _ in down] == [84]


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
    assert [value for label, value in facts if label == "State"] == ["Starting", "Working"]
    assert rows_of(page) == {
        "Open-Meteo": {"State": "Failed"},
        "MET Norway": {"State": "Never fetched"},
        "portal.example": {"State": "Failed"},
    }
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert site.client.get("/status?lang=en", **elsewhere).text == page  # type: ignore[arg-type] # a client's argument


@pytest.mark.parametrize(
    ("mode", "told"), [("auto", "the web worker with process id"), ("external", "the process with id")]
)
def test_who_collects_is_told_to_insiders(tmp_path: Path, mode: str, told: str) -> None:
    site = Site.in_folder(tmp_path, collector__mode=mode)
    others = SharedCounters(site.settings.store.path, Counters())
    others.counters.collector_seen.set(NOW.timestamp())
    others.close()
    held = acquire_lock(lock_path(site.settings.store.path))
    assert held is not None
    page = site.get("/status?lang=en").text
    os.close(held)
    assert f"<dt>Run by</dt><dd>{told} {os.getpid()}" in page
    assert "Run by" not in site.get("/status?lang=en", STRANGER).text


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
    assert "could not be used" not in site.get("/status?lang=en").text


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
    row = rows_of(page)["portal.example"]
    assert row["State"] == "Working"
    assert row["Last fetch"] == "10:13 on 22 Nov 2026, 7 min ago"
    assert row["Next fetch"] == "10:28 on 22 Nov 2026"
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
    row = rows_of(with_feed(tmp_path, state))["portal.example"]
    assert said in {row["State"], row.get("Last error")}


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
