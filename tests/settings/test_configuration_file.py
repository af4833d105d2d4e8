import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.core.errors import SettingsError
from service.locales.catalog import available
from service.settings import schema
from service.settings.load import load
from service.settings.model import Settings
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo import settings as open_meteo
from service.weather.providers.open_meteo.provider import OpenMeteo
from service.weather.providers.registry import providers_of

Read = Callable[[str], Settings]
Faults = Callable[[str], list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def written(toml: str) -> Settings:
        path = tmp_path / "portal-widgets.toml"
        path.write_text(toml, encoding="utf-8")
        return load({"PORTAL_WIDGETS_CONFIG": str(path)})

    return written


@pytest.fixture
def faults(read: Read) -> Faults:
    def of(toml: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            read(toml)
        return caught.value.faults

    return of


def test_without_a_file_everything_has_its_default() -> None:
    settings = load({})
    weather = settings.weather
    assert weather.providers == ("open-meteo", "met-norway")
    assert weather.refresh < weather.stale_after < weather.hide_after
    assert weather.cities is None
    assert weather.provider_settings["open-meteo"].daily_budget == open_meteo.DAILY_BUDGET
    assert settings.site.language == "vi"
    assert settings.articles.source == ()
    assert not settings.collector.external
    assert not settings.demo


def test_the_sample_of_the_contract_loads_whole() -> None:
    settings = load({"PORTAL_WIDGETS_CONFIG": str(Path(__file__).with_name("contract.toml"))})
    assert settings.store.path == Path("/var/lib/portal-widgets/store.sqlite3")
    (place,) = settings.weather.city
    assert (place.id, place.name("vi"), place.latitude, place.built_in) == (
        "lao-bao",
        "Lao Bảo",
        16.6167,
        False,
    )
    feed, page = settings.articles.source
    assert (feed.id, feed.kind, feed.full_text, feed.date_order) == ("tinh", "feed", True, "dmy")
    assert (page.kind, page.full_text, page.selectors.links) == ("page", False, "div.news-list a.title")
    assert (page.include, page.exclude, feed.include) == (("cầu", "đường"), (), ())
    assert settings.weather.provider_settings["openweather"].api_key == "0123456789abcdef"


def test_what_the_file_does_not_say_and_says_by_default_is_the_same() -> None:
    said, silent = load({"PORTAL_WIDGETS_CONFIG": str(Path(__file__).with_name("contract.toml"))}), load({})
    assert said.weather.provider_settings["open-meteo"] == silent.weather.provider_settings["open-meteo"]
    assert said.weather.provider_settings["met-norway"] == silent.weather.provider_settings["met-norway"]
    assert (said.embed, said.collector, said.edge, said.upstream) == (
        silent.embed,
        silent.collector,
        silent.edge,
        silent.upstream,
    )


def test_defaults_and_choices_are_those_of_the_rooms_they_are_for() -> None:
    assert providers_of(load({}).weather) == [OpenMeteo(), MetNorway()]
    assert set(schema.LANGUAGES) == set(available())


def test_a_fault_is_one_line_with_what_was_written_and_then_the_remedy(faults: Faults) -> None:
    (fault,) = faults('[weather]\nrefresh = "15 mins"')
    assert fault == 'weather.refresh: not a duration ("15 mins"); write for example 90s, 15m, 6h or 7d'


def test_all_faults_are_told_at_once(faults: Faults) -> None:
    told = faults(
        """
        [site]
        language = "fr"
        public_url = "widgets.example.gov.vn"
        [weather]
        refesh = "15m"
        stale_after = "7h"
        providers = ["open-meteo", "openweather", "accuweather"]
        [[weather.city]]
        id = "Lao Bảo"
        latitude = 95
        [[articles.source]]
        id = "tinh"
        kind = "atom"
        [edge]
        memory = "much"
        """
    )
    text = "\n".join(told)
    for beginning in (
        f'site.language: must be one of {", ".join(available())} ("fr")',
        'site.public_url: not a URL ("widgets.example.gov.vn")',
        'weather.refesh: unknown key (nearest: "refresh")',
        "weather.hide_after: must not be shorter than weather.stale_after",
        "weather.openweather.api_key: is missing",
        'weather.providers: no such provider ("accuweather")',
        'weather.city[Lao Bảo].id: must be 1 to 64 of a-z, 0-9 and - ("Lao Bảo")',
        "weather.city[Lao Bảo].name: is missing",
        "weather.city[Lao Bảo].latitude: must be from -90 to 90 (95)",
        "weather.city[Lao Bảo].longitude: is missing",
        "articles.source[tinh].url: is missing",
        'articles.source[tinh].kind: must be one of feed, page, wordpress ("atom")',
        'edge.memory: not a size ("much")',
    ):
        assert f"\n{beginning}" in f"\n{text}", text
    assert len(told) == 13


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("[store]\nurl = 'postgres://x'", "store.url: not a store"),
        ("[store]\nshare = 'http://cache:6379/0'", "store.share: not the address of a Valkey"),
        ("[store]\nshare = 'valkey://cache:0'", "store.share: not the address of a Valkey"),
        ("[store]\nshare = 'valkey:///0'", "store.share: not the address of a Valkey"),
        ("[store]\nshare = 'valkey://cache/zero'", "store.share: the path must be the number"),
        ("[store]\nshare = 'valkey://cache?db=3'", "store.share: only ?group=NAME may follow"),
        ("[store]\nshare = 'valkey://cache?group=A_B'", "store.share: group must be 1 to 32 of"),
        ("[upstream]\nca_file = '/no/such/file'", "upstream.ca_file: cannot be read"),
        ("[upstream]\nca_file = '/etc/hostname'", "upstream.ca_file: holds no certificates in PEM"),
        ("[upstream]\nproxy = 'socks5://x'", "upstream.proxy: not a URL"),
        ("[upstream]\nallow_private = ['10.0.0.0/33']", "upstream.allow_private: not a host or network"),
        ('[embed]\nframe_ancestors = ["https://a; script-src *"]', "embed.frame_ancestors: not a frame"),
        ("[weather]\nproviders = []", "weather.providers: needs at least one provider"),
        ("[weather]\nstale_after = '0s'", 'weather.stale_after: must be from 1s to 366d ("0s")'),
        ("[weather]\nrefresh = 15", "weather.refresh: not a duration (15)"),
        ("[weather]\nrefresh = '\u0661\u0665m'", "weather.refresh: not a duration"),
        ("[weather.open-meteo]\ndaily_budget = true", "weather.open-meteo.daily_budget: not a number (True)"),
        ("[weather.open-meteo]\ndaily_budget = nan", "weather.open-meteo.daily_budget: not a number"),
        ("[weather.open-meteo]\ndaily_budget = 1", "weather.open-meteo.daily_budget: must be from 100 to"),
        ("[weather.city]\nid = 'x'", "weather.city: must be [[weather.city]] tables"),
        ("[articles.source]\nid = 'x'", "articles.source: must be [[articles.source]] tables"),
        ("[articles]\nkeep = 2.5", "articles.keep: not a whole number (2.5)"),
        ("[articles]\nkeep = 0", "articles.keep: must be from 1 to 10000 (0)"),
        ("site = 3", "site: must be a table"),
        ("sites = 3", 'sites: unknown key (nearest: "site")'),
        ("[edge]\nmemory = '65GB'", 'edge.memory: must be from 0B to 64GB ("65GB")'),
        ("[collector]\nmode = 'manual'", 'collector.mode: must be one of auto, external ("manual")'),
        ("[site]\ndefault_city = 'Đông Hà'", "site.default_city: must be 1 to 64 of a-z"),
        ('[site]\ncontact = "a\\nb"', "site.contact: must be text on one line"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told(toml: str, fault: str, faults: Faults) -> None:
    (told,) = faults(toml)
    assert told.startswith(fault), told


SOURCE = '[[articles.source]]\nid = "tinh"\nurl = "https://portal.example.gov.vn/rss"\n'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('charset = "hex"', 'articles.source[tinh].charset: not a character set ("hex")'),
        ('charset = "klingon"', 'articles.source[tinh].charset: not a character set ("klingon")'),
        ('date_order = "ymd"', 'articles.source[tinh].date_order: must be one of dmy, mdy ("ymd")'),
        ('full_text = "maybe"', 'articles.source[tinh].full_text: must be true or false ("maybe")'),
        ('timezone = "Hanoi"', 'articles.source[tinh].timezone: not a time zone ("Hanoi")'),
        ('include = ["cầu", "—"]', 'articles.source[tinh].include: holds no word ("—")'),
        ('exclude = ["!"]', 'articles.source[tinh].exclude: holds no word ("!")'),
        ('exclude = "cầu, !"', 'articles.source[tinh].exclude: holds no word ("!")'),
        ("include = 3", "articles.source[tinh].include: must be a list"),
        ('includes = ["cầu"]', 'articles.source[tinh].includes: unknown key (nearest: "include")'),
        ("links = 3", "articles.source[tinh].links: must be text on one line (3)"),
        ('language = "Vietnamese"', 'articles.source[tinh].language: not a language ("Vietnamese")'),
        ('tittle = "h1"', 'articles.source[tinh].tittle: unknown key (nearest: "title")'),
    ],
)
def test_a_wrong_value_of_a_source_is_told(line: str, fault: str, faults: Faults) -> None:
    (told,) = faults(SOURCE + line)
    assert told.startswith(fault), told


@pytest.mark.parametrize("url", ["ftp://x/rss", "file:///etc/passwd", "javascript:alert(1)", "rss.xml", ""])
def test_only_web_addresses_are_sources(url: str, faults: Faults) -> None:
    (told,) = faults(f'[[articles.source]]\nid = "tinh"\nurl = "{url}"')
    assert told.startswith("articles.source[tinh].url: ")


def test_two_sources_with_one_id_are_a_fault_also_beside_others(faults: Faults) -> None:
    told = faults(SOURCE + SOURCE + 'kind = "x"')
    assert 'articles.source: two sources have the id "tinh"' in told
    assert len(told) == 2


def test_a_charset_that_python_knows_is_taken(read: Read) -> None:
    assert read(SOURCE + 'charset = "windows-1258"').articles.source[0].charset == "windows-1258"


@pytest.mark.parametrize(
    ("written", "size"), [("0B", 0), ("100B", 100), ("512KB", 524_288), ("1GB", 1_073_741_824)]
)
def test_sizes_are_read(written: str, size: int, read: Read) -> None:
    assert read(f'[edge]\nmemory = "{written}"').edge.memory == size


@pytest.mark.parametrize(
    "url", ["sqlite:///data/x.sqlite3", "sqlite:////data/x.sqlite3", "sqlite://data/x.sqlite3"]
)
def test_what_follows_the_scheme_of_the_store_is_an_absolute_path(url: str, read: Read) -> None:
    assert read(f'[store]\nurl = "{url}"').store.path == Path("/data/x.sqlite3")


def test_a_configured_place_needs_no_english_name(read: Read) -> None:
    toml = '[[weather.city]]\nid = "x"\nname = { vi = "Đây" }\nlatitude = 1\nlongitude = 2'
    assert read(toml).weather.city[0].name("en") == "Đây"


def test_a_configured_place_needs_a_vietnamese_name(faults: Faults) -> None:
    toml = '[[weather.city]]\nid = "x"\nname = { en = "Here" }\nlatitude = 1\nlongitude = 2'
    assert faults(toml)[0].startswith("weather.city[x].name: needs a Vietnamese name")


def test_a_public_url_may_have_a_path_and_loses_its_last_slash(read: Read) -> None:
    assert read('[site]\npublic_url = "https://a.gov.vn/w/"').site.public_url == "https://a.gov.vn/w"


_TWICE = '[site]\nlanguage = "vi"\n[weather]\nrefresh = "15m"\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[site", "not TOML in UTF-8 ("),
        ("[site]\nlanguage = vi", "not TOML in UTF-8 ("),
        ("# “a”\na = '“fine”'\nb =\n", "not TOML in UTF-8 ("),
        ('a = """\n“\n"""\nb =\n', "not TOML in UTF-8 ("),
        ("[[c]]\nx = 1\n[c.d]\nx = 1\n[[c]]\n[c.d]\nx =\n", "not TOML in UTF-8 ("),
        ("\ufeff[site]\n", "begins with a byte order mark of UTF-8 (BOM); save it as UTF-8 without one"),
        ("[site]\nlanguage = “vi”\n", "line 2: “ is a quotation mark of a word processor; TOML has"),
        ('[site]\ncontact = "a”\n', "line 2: ” is a quotation mark of a word processor; TOML has"),
        (
            "[site]\r\ncontact = \u2018a\u2019\r\n",
            "line 2: \u2018 is a quotation mark of a word processor; TOML has",
        ),
        ("a = 1\na = 2", 'line 2: "a" is written twice (first on line 1); remove one of them'),
        (_TWICE + '[site]\ncontact = ""', "line 5: [site] is written twice (first on line 1); remove one"),
        (_TWICE + 'refresh = "1h"', 'line 5: "refresh" is written twice in [weather] (first on line 4);'),
    ],
)
def test_a_file_that_is_no_toml_is_one_fault_that_names_the_cause(
    content: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content.encode())
    with pytest.raises(SettingsError) as caught:
        load({"PORTAL_WIDGETS_CONFIG": str(path)})
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}: {told}")
    assert "\n" not in fault


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe[\x00", "begins with a byte order mark of UTF-16"),
        (b"# ok\na = 'caf\xe9'", "not TOML in UTF-8 (line 2 holds the byte 0xe9); save it as UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_a_fault_that_names_the_byte(
    content: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=re.escape(f"{path}: {told}")):
        load({"PORTAL_WIDGETS_CONFIG": str(path)})


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            load({"PORTAL_WIDGETS_CONFIG": str(path)})


def test_neither_keys_nor_passwords_are_ever_printed(faults: Faults) -> None:
    told = "\n".join(
        faults(
            """
            [weather.open-meteo]
            api_key = ["s3cr3t"]
            apikey = "s3cr3t"
            [weather.openweather]
            api_key = 5353535
            [upstream]
            proxy = "ftp://me:s3cr3t@proxy:3128"
            [[articles.source]]
            id = "x"
            url = "https://me:s3cr3t@portal.example.gov.vn/"
            """
        )
    )
    assert "s3cr3t" not in told
    assert "5353535" not in told
    assert len(told.splitlines()) == 5
