"""The commands as people and programs call them: exit codes, what is printed, and never a traceback."""

import json
import re
from pathlib import Path

import pytest
from commands import portal_widgets
from local_upstream import LocalUpstream, ReceivedRequest, Reply
from weather_upstreams import MET_PATH, OM_PATH

from service.bootstrap import utc_now
from service.collector.supervisor import acquire_lock, lock_path
from service.demo import met_norway, open_meteo
from service.places.catalogue import built_in_places
from service.storage.store import SqliteStore
from service.weather import records
from service.weather.model import Dataset
from service.weather.providers.open_meteo.provider import FREE_PLAN_NOTE


@pytest.fixture
def playing(upstream: LocalUpstream) -> LocalUpstream:
    """Both providers, at the true clock: the commands have no other."""

    def play_met(asked: object) -> Reply:
        return Reply(*_reordered(met_norway.locationforecast(asked.query, asked.headers, utc_now())))  # type: ignore[attr-defined]

    upstream.handle(OM_PATH, lambda asked: Reply(*open_meteo.forecast(asked.query, utc_now())))
    upstream.handle(MET_PATH, play_met)
    return upstream


def _reordered(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, bytes, dict[str, str]]:
    status, headers, body = answer
    return status, body, headers


def local(upstream: LocalUpstream, **more: str) -> dict[str, str]:
    """Settings that lead to the local upstream."""
    return {
        "WEATHER__PROVIDERS": "open-meteo,met-norway",
        "WEATHER__OPEN_METEO__BASE_URL": upstream.url(OM_PATH),
        "WEATHER__MET_NORWAY__BASE_URL": upstream.url(MET_PATH),
        "WEATHER__CITIES": "hue,da-nang,dong-ha",
        "WEATHER__REFRESH": "15m",
        "WEATHER__STALE_AFTER": "90m",
        "UPSTREAM__ALLOW_PRIVATE": "127.0.0.1",
        "SITE__CONTACT": "ops@example.gov.vn",
        **more,
    }


def the_store(home: Path) -> SqliteStore:
    return SqliteStore(home / "data" / "portal-widgets" / "store.sqlite3")


def test_check_tells_of_every_provider_in_a_table(playing: LocalUpstream, tmp_path: Path) -> None:
    done = portal_widgets("check", home=tmp_path, **local(playing))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["what", "time", "items", "result"]
    assert lines[1].startswith("weather.open-meteo")
    assert "ok: dong-ha at " in lines[1]
    assert lines[2].startswith("weather.met-norway")
    assert FREE_PLAN_NOTE in done.stdout
    assert "With 1 of 3 places in use: these every 15 min, the others every 44 min" in done.stdout
    assert len(playing.requests) == 2
    assert not the_store(tmp_path).path.exists()


def test_check_says_what_failed_and_why(playing: LocalUpstream, tmp_path: Path) -> None:
    playing.answer(OM_PATH, 429, json.dumps({"error": True, "reason": "Daily API request limit exceeded."}))
    done = portal_widgets("check", home=tmp_path, **local(playing))
    assert done.returncode == 1
    assert "429 Too Many Requests" in done.stdout
    assert "Daily API request limit exceeded" not in done.stdout
    assert "(rate-limited)" in done.stdout


def test_check_says_that_an_answer_has_no_temperature_and_which_one_forbids_the_next_request_for_long(
    playing: LocalUpstream, tmp_path: Path
) -> None:
    def without_temperature(asked: ReceivedRequest) -> Reply:
        status, body = open_meteo.forecast(asked.query, utc_now())
        answer = json.loads(body)
        answer["current"]["temperature_2m"] = None
        return Reply(status, json.dumps(answer).encode())

    def for_a_day(asked: ReceivedRequest) -> Reply:
        status, headers, body = met_norway.locationforecast(asked.query, asked.headers, utc_now())
        return Reply(status, body, headers | {"Cache-Control": "max-age=86400"})

    playing.handle(OM_PATH, without_temperature)
    playing.handle(MET_PATH, for_a_day)
    done = portal_widgets("check", home=tmp_path, **local(playing))
    assert done.returncode == 1
    assert re.search(r"The values for dong-ha for [-0-9]+ [0-9:]+ UTC have no temperature\.", done.stdout)
    assert re.search(
        r"ok: dong-ha at .* UTC; it forbids the next request until .* UTC,"
        r" so the next provider is asked after 45 min\n",
        done.stdout,
    )


def test_check_does_not_mention_the_free_plan_to_who_pays(playing: LocalUpstream, tmp_path: Path) -> None:
    done = portal_widgets("check", home=tmp_path, **local(playing, WEATHER__OPEN_METEO__API_KEY="s3cr3t"))
    assert "free plan" not in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr


def test_check_says_where_the_budget_stretches_the_goals(playing: LocalUpstream, tmp_path: Path) -> None:
    stretched = local(playing, WEATHER__CITIES="all", WEATHER__REFRESH="1m")
    done = portal_widgets("check", home=tmp_path, **stretched)
    assert "The budget does not allow every 1 min (weather.refresh)." in done.stdout


def test_check_without_places_asks_nobody(playing: LocalUpstream, tmp_path: Path) -> None:
    done = portal_widgets("check", home=tmp_path, **local(playing, WEATHER__CITIES=""))
    assert done.returncode == 0
    assert "No places are configured" in done.stdout
    assert not playing.requests


def test_check_says_that_met_norway_wants_a_contact(playing: LocalUpstream, tmp_path: Path) -> None:
    done = portal_widgets("check", home=tmp_path, **local(playing, SITE__CONTACT=""))
    assert done.returncode == 1
    assert "set site.contact" in done.stdout


def test_collect_once_keeps_what_is_due_and_then_finds_nothing_due(
    playing: LocalUpstream, tmp_path: Path
) -> None:
    first = portal_widgets("collect", "--once", home=tmp_path, **local(playing))
    assert first.returncode == 0, first.stderr
    assert len(playing.requests) == 2
    store = the_store(tmp_path)
    kept = records.current_from_bytes(store.read(["current/hue"])["current/hue"])
    assert kept is not None
    assert kept.provider_id == "open-meteo"
    assert portal_widgets("collect", "--once", home=tmp_path, **local(playing)).returncode == 0
    assert len(playing.requests) == 2
    assert portal_widgets("collect", "--once", "--force", home=tmp_path, **local(playing)).returncode == 0
    assert len(playing.requests) == 4


def test_collect_once_says_when_something_failed(playing: LocalUpstream, tmp_path: Path) -> None:
    playing.answer(OM_PATH, 500)
    done = portal_widgets("collect", "--once", home=tmp_path, **local(playing))
    assert done.returncode == 1
    assert "500 Internal Server Error" in done.stderr
    assert records.current_from_bytes(the_store(tmp_path).read(["current/hue"])["current/hue"]) is not None


def test_collect_once_leaves_when_another_collector_holds_the_lock(
    playing: LocalUpstream, tmp_path: Path
) -> None:
    assert acquire_lock(lock_path(the_store(tmp_path).path)) is not None
    done = portal_widgets("collect", "--once", home=tmp_path, **local(playing))
    assert done.returncode == 3
    assert done.stderr.strip() == "another collector holds the lock"
    assert not playing.requests


def test_force_alone_is_refused(tmp_path: Path) -> None:
    done = portal_widgets("collect", "--force", home=tmp_path)
    assert done.returncode == 2
    assert "--force goes with --once" in done.stderr


def test_in_demo_all_built_in_places_are_kept(tmp_path: Path) -> None:
    done = portal_widgets("collect", "--once", home=tmp_path, DEMO="1")
    assert done.returncode == 0, done.stderr
    assert not the_store(tmp_path).path.exists()  # sample data never meets real data
    store = SqliteStore(the_store(tmp_path).path.with_name("demo-store.sqlite3"))
    for dataset in Dataset:
        assert len(store.keys(f"{dataset.value}/")) == len(built_in_places())
    quota = store.read([records.quota_key("open-meteo")])[records.quota_key("open-meteo")]
    assert records.quota_from_bytes(quota).cause is None


COMMANDS = [("check",), ("collect", "--once"), ("collect",), ("serve",), ("serve", "--demo")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_bad_configuration_is_one_line_a_fault_and_exit_code_2(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text('[weather]\nrefresh = "15 mins"\ncties = ["hue"]\n')
    done = portal_widgets(*command, "--config", "bad.toml", home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'weather.refresh: not a duration ("15 mins"); write for example 90s, 15m, 6h or 7d',
        'weather.cties: unknown key (nearest: "cities")',
    ]


@pytest.mark.parametrize("command", COMMANDS[1:], ids=" ".join)
def test_a_store_that_cannot_be_written_is_told_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = portal_widgets(*command, home=tmp_path, STORE__URL=f"sqlite://{tmp_path}/file/store.sqlite3")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("store.url: the folder ")


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("WEATHER__CITIES", "hue,atlantis", 'weather.cities: no place has the id "atlantis"'),
        ("SITE__DEFAULT_CITY", "atlantis", 'site.default_city: no place has the id "atlantis"'),
        ("UPSTREAM__CA_FILE", "/etc/hostname", "upstream.ca_file: holds no certificates"),
        ("CONFIG", "none.toml", "none.toml: cannot be read"),
    ],
)
def test_faults_beyond_the_form_are_told_too(key: str, value: str, fault: str, tmp_path: Path) -> None:
    done = portal_widgets("collect", "--once", home=tmp_path, **{key: value})
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(fault)


def test_a_configuration_is_found_beside_the_caller(playing: LocalUpstream, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "mine.toml").write_text('[weather]\ncities = ["hue"]\n')
    settings = {name: value for name, value in local(playing).items() if name != "WEATHER__CITIES"}
    done = portal_widgets("check", "--config", "etc/mine.toml", home=tmp_path, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 places" in done.stdout


@pytest.mark.parametrize(
    "bind",
    [
        "8000",
        "foo",
        "127.0.0.1:",
        ":8000",
        "127.0.0.1:http",
        "127.0.0.1:0",
        "::1:80000",
        "a b:80",
        "127.0.0.1:65536",
    ],
)
def test_serve_refuses_what_is_no_address_before_anything_is_begun(bind: str, tmp_path: Path) -> None:
    done = portal_widgets("serve", "--bind", bind, home=tmp_path)
    assert done.returncode == 2
    assert "Invalid value for '--bind'" in done.stderr
    assert not (tmp_path / "data").exists()


def test_serve_refuses_a_storm_without_the_demo(tmp_path: Path) -> None:
    done = portal_widgets("serve", "--storm", home=tmp_path)
    assert done.returncode == 2
    assert "--storm plays sample weather: it goes with --demo" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--feed", "portal.example/rss.xml"),
            '"portal.example/rss.xml" not a URL; write for example https://',
        ),
        (("--feed", "https://me:secret@portal.example/rss.xml"), "must not carry a user name"),
        (("--feed", "https://portal.example/rss.xml", "--demo"), "leave one of them out"),
    ],
)
def test_serve_refuses_what_is_no_feed_before_anything_is_begun(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = portal_widgets("serve", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert "--feed" in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "data").exists()


def test_why_tells_what_was_decided_about_a_city_and_when_it_is_asked_again(
    playing: LocalUpstream, tmp_path: Path
) -> None:
    asked = local(playing)
    assert portal_widgets("collect", "--once", home=tmp_path, **asked).returncode == 0
    done = portal_widgets("why", "Đông Hà", home=tmp_path, **asked)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Đông Hà (dong-ha)"
    assert lines[1].startswith("  current values: fresh, from open-meteo, fetched ")
    assert re.fullmatch(
        r"    open-meteo: [\d: -]+ \+07  stored: values for .+ UTC; again from .+ \+07", lines[2]
    )
    assert lines[3].startswith("  hours and days: fresh")
    assert portal_widgets("why", "hue", home=tmp_path, **asked).stdout.startswith("Huế (hue)")


def test_why_of_what_nobody_knows_names_the_sources_and_fails(tmp_path: Path) -> None:
    for subject in (
        "https://nowhere.example/bai",
        "0123456789abcdef",
        "'; DROP TABLE decisions; --",
        "\udcff",
    ):
        done = portal_widgets("why", subject, home=tmp_path)
        assert done.returncode == 1
        assert "nothing is known" in done.stdout
        assert "Traceback" not in done.stderr


def test_config_prints_what_is_in_force_and_warns_of_what_is_no_key(tmp_path: Path) -> None:
    done = portal_widgets("config", home=tmp_path, SITE__CONTACT="ops@example.gov.vn", STORE_URL="x")
    assert done.returncode == 0
    assert 'contact = "ops@example.gov.vn"  # PORTAL_WIDGETS_SITE__CONTACT' in done.stdout
    assert f'url = "sqlite://{the_store(tmp_path).path}"' in done.stdout
    assert "PORTAL_WIDGETS_STORE_URL" in done.stderr
    assert "nearest: PORTAL_WIDGETS_STORE__URL" in done.stderr
    assert portal_widgets("config", home=tmp_path, SITE__LANGUAGE="xx").returncode == 2


@pytest.mark.parametrize("command", ["check", "serve", "collect", "config"])
def test_a_selector_that_is_no_css_is_a_fault_of_the_configuration(command: str, tmp_path: Path) -> None:
    file = tmp_path / "portal-widgets.toml"
    file.write_text(
        '[[articles.source]]\nid = "a"\nkind = "page"\nurl = "https://a.vn/"\n'
        'title = "h1..x"\nlead = ".sapo"\nbody = "//div"',
        encoding="utf-8",
    )
    done = portal_widgets(command, "--config", str(file), home=tmp_path)
    assert done.returncode == 2
    title, body = done.stderr.splitlines()
    assert title.startswith('articles.source[a].title: not a CSS selector ("h1..x"); write')
    assert body.startswith('articles.source[a].body: not a CSS selector ("//div"); write')


def test_a_backup_is_made_and_taken_back(tmp_path: Path) -> None:
    store, file = the_store(tmp_path), tmp_path / "backup"
    refused = portal_widgets("backup", str(file), home=tmp_path)
    assert (refused.returncode, "nothing to back up" in refused.stderr) == (1, True)
    store.write({"current/hue": b"then"})
    made = portal_widgets("backup", str(file), home=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[-1].startswith(f"done: {file}: ")
    store.write({"current/hue": b"now"})
    taken = portal_widgets("restore", str(file), home=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert f"what was there before is in {store.path}.before-restore-1" in taken.stdout
    assert store.read(["current/hue"]) == {"current/hue": b"then"}
    refused = portal_widgets("restore", str(tmp_path / "none"), home=tmp_path)
    none = tmp_path / "none"
    assert refused.returncode == 1
    assert refused.stderr == f"reading {none}\n{none}: there is no such file\n"
