from datetime import timedelta
from pathlib import Path

import pytest

from service.core.errors import SettingsError
from service.settings.environment import unknown_variables
from service.settings.load import load


def from_environment(**keys: str) -> dict[str, str]:
    return {f"PORTAL_WIDGETS_{name}": value for name, value in keys.items()}


def faults(**keys: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(from_environment(**keys))
    return caught.value.faults


def test_any_scalar_key_can_be_set() -> None:
    settings = load(
        from_environment(
            SITE__CONTACT="ops@example.gov.vn",
            STORE__URL="sqlite:///data/x",
            WEATHER__REFRESH="90s",
            WEATHER__OPEN_METEO__API_KEY="k3y",
            WEATHER__OPEN_METEO__DAILY_BUDGET="1e6",
            WEATHER__MET_NORWAY__BASE_URL="https://met.example/",
            ARTICLES__KEEP="50",
            COLLECTOR__MODE="external",
            EDGE__MEMORY="1MB",
        )
    )
    assert settings.site.contact == "ops@example.gov.vn"
    assert settings.store.path == Path("/data/x")
    assert settings.weather.refresh == timedelta(seconds=90)
    assert settings.weather.provider_settings["open-meteo"].api_key == "k3y"
    assert settings.weather.provider_settings["open-meteo"].daily_budget == 1e6
    assert settings.weather.provider_settings["met-norway"].base_url == "https://met.example/"
    assert settings.articles.keep == 50
    assert settings.collector.external
    assert settings.edge.memory == 1024 * 1024


def test_lists_are_written_with_commas() -> None:
    settings = load(
        from_environment(
            WEATHER__PROVIDERS=" met-norway , open-meteo,",
            WEATHER__CITIES="hue,da-nang",
            UPSTREAM__ALLOW_PRIVATE="127.0.0.1, 10.20.0.0/16,intranet.local",
        )
    )
    assert settings.weather.providers == ("met-norway", "open-meteo")
    assert settings.weather.cities == ("hue", "da-nang")
    assert settings.upstream.allow_private == ("127.0.0.1", "10.20.0.0/16", "intranet.local")


def test_a_fault_in_a_list_names_the_item() -> None:
    (fault,) = faults(WEATHER__PROVIDERS="open-meteo,opn-meteo")
    assert fault.startswith('weather.providers: no such provider ("opn-meteo")')


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        '[site]\nlanguage = "vi"\ncontact = "a@b.vn"\n[weather.open-meteo]\napi_key = "of-the-file"'
    )
    settings = load(
        {"PORTAL_WIDGETS_CONFIG": str(path)}
        | from_environment(SITE__LANGUAGE="en", WEATHER__OPEN_METEO__API_KEY="of-the-environment")
    )
    assert settings.site.language == "en"
    assert settings.site.contact == "a@b.vn"
    assert settings.weather.provider_settings["open-meteo"].api_key == "of-the-environment"


def test_only_names_with_two_underscores_are_keys() -> None:
    load(from_environment(CONFIG="", CORPUS="/x", SOMETHING="else", SITE_LANGUAGE="xx"))
    load({"OTHER__LANGUAGE": "xx", "PORTAL_WIDGETSSITE__LANGUAGE": "xx"})


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("SITE__LANGAUGE", 'site.langauge: unknown key (nearest: "language")'),
        ("WETHER__REFRESH", 'wether: unknown key (nearest: "weather")'),
        ("WEATHER__OPENMETEO__API_KEY", 'weather.openmeteo: unknown key (nearest: "open-meteo")'),
        ("WEATHER__OPEN_METEO", "PORTAL_WIDGETS_WEATHER__OPEN_METEO: names no single key"),
        ("WEATHER__CITY__0__ID", "weather.city: must be [[weather.city]] tables"),
        ("ARTICLES__SOURCE", "articles.source: must be [[articles.source]] tables"),
        ("SITE__LANGUAGE__X", "site.language: must be text on one line"),
        ("SITE__", "site.: unknown key"),
        ("__X", ": unknown key"),
    ],
)
def test_a_name_that_is_no_key_is_a_fault(name: str, fault: str) -> None:
    (told,) = faults(**{name: "1"})
    assert told.startswith(fault), told


def test_a_key_within_what_the_file_made_no_table_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("site = 3")
    with pytest.raises(SettingsError) as caught:
        load({"PORTAL_WIDGETS_CONFIG": str(path), "PORTAL_WIDGETS_SITE__LANGUAGE": "vi"})
    assert any(fault.startswith("site: must be a table") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("word", "demo"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)]
)
def test_demo_is_on_only_for_a_word_that_says_so(word: str, demo: bool) -> None:
    assert load(from_environment(DEMO=word)).demo is demo


@pytest.mark.parametrize(
    ("demo", "storm", "played"), [("1", "1", True), ("1", "", False), ("", "1", False), ("0", "yes", False)]
)
def test_a_storm_is_played_in_the_demo_alone(demo: str, storm: str, played: bool) -> None:
    assert load(from_environment(DEMO=demo, STORM=storm)).storm is played


@pytest.mark.parametrize(
    ("home", "path"),
    [
        ("/data", "/data/portal-widgets/store.sqlite3"),
        ("relative", "/home/x/.local/share/portal-widgets/store.sqlite3"),
    ],
)
def test_without_a_configured_file_the_users_data_directory_is_used(
    home: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    assert load({"XDG_DATA_HOME": home}).store.path == Path(path)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("STORE_URL", "STORE__URL"),
        ("WEATHER_OPEN_METEO_API_KEY", "WEATHER__OPEN_METEO__API_KEY"),
        ("PUBLIC_URL", "SITE__PUBLIC_URL"),
        ("CONFIGURATION", "CONFIG"),
        ("SERVICE", ""),
        ("SUPPORT", ""),
    ],
)
def test_a_variable_that_is_no_key_is_told_with_the_nearest(name: str, nearest: str) -> None:
    (line,) = unknown_variables(from_environment(**{name: "x"}))
    assert line.startswith(f"PORTAL_WIDGETS_{name}: no key")
    assert f"(nearest: PORTAL_WIDGETS_{nearest}" in line


OF_KUBERNETES = [
    *("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP", "PORT_8000_TCP_ADDR"),
    *("PORT_8000_TCP_PORT", "PORT_8000_TCP_PROTO", "CACHE_SERVICE_HOST", "CACHE_PORT_6379_TCP"),
]


def test_what_kubernetes_sets_and_what_is_empty_or_ours_is_no_mistake() -> None:
    names = dict.fromkeys([*OF_KUBERNETES, "CONFIG", "DEMO", "STORM", "FEEDS", "SITE__CONTACT"], "10.0.0.1")
    assert list(unknown_variables(from_environment(**names, STORE_URL="") | {"PATH": "/bin"})) == []
