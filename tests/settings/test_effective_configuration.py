"""What `portal-widgets config` prints: the values in force, and where each comes from."""

import re
import tomllib
from pathlib import Path

from marshmallow import Schema, fields

from service.settings import schema
from service.settings.effective import effective
from service.settings.load import load, load_configuration

ENVIRONMENT = {
    "PORTAL_WIDGETS_WEATHER__OPEN_METEO__API_KEY": "k3y-of-a-customer",
    "PORTAL_WIDGETS_EDGE__MEMORY": "2048KB",
    "PORTAL_WIDGETS_WEATHER__REFRESH": "120s",
    "PORTAL_WIDGETS_WEATHER__CITIES": "hue, vinh",
}
SOME_OF_ALL = """
[articles]
keep = 7
[[articles.source]]
id = "a"
url = "https://a.vn/rss"
[[weather.city]]
id = "x"
name = { vi = "Xã" }
latitude = 1
longitude = 2
"""
SECRETS = """
[site]
contact = 'says "hi" \\ there'
[upstream]
proxy = "http://anna:pa55w0rd@proxy.example.vn:3128"
[[articles.source]]
id = "tinh"
url = "https://portal.example.vn/rss?mod=list&key=abc&token=0123456789abcdef&id=3"
"""


def printed(file: Path, **environment: str) -> list[str]:
    read = load_configuration({"PORTAL_WIDGETS_CONFIG": str(file), **environment})
    return list(effective(read.settings, read.tables, read.variables, "dong-ha"))


def keys(table: Schema) -> set[str]:
    found = set()
    for name, field in table.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        found |= keys(inner.schema) if isinstance(inner, fields.Nested) else {field.data_key or name}
    return found


def test_what_is_printed_is_a_configuration_of_the_same_meaning(tmp_path: Path) -> None:
    contract = Path(__file__).with_name("contract.toml")
    again = tmp_path / "again.toml"
    (key,) = re.findall(r'api_key +=\s"(.+)"', contract.read_text(encoding="utf-8"))
    again.write_text("\n".join(printed(contract)).replace("…", key), encoding="utf-8")
    assert load({"PORTAL_WIDGETS_CONFIG": str(again)}) == load({"PORTAL_WIDGETS_CONFIG": str(contract)})


def test_every_key_is_printed_with_its_value_and_origin(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(SOME_OF_ALL, encoding="utf-8")
    lines = [" ".join(line.split()) for line in printed(file, **ENVIRONMENT)]
    origins = {line.partition(" =")[0]: line.rpartition(" # ")[2] for line in lines if " = " in line}
    assert keys(schema.File()) == set(origins)
    assert 'memory = "2MB" # PORTAL_WIDGETS_EDGE__MEMORY' in lines
    assert 'refresh = "2m" # PORTAL_WIDGETS_WEATHER__REFRESH' in lines
    assert 'cities = ["hue", "vinh"] # PORTAL_WIDGETS_WEATHER__CITIES' in lines
    assert (origins["keep"], origins["frame_ancestors"]) == ("file", "default")
    assert all(origins.values())


def test_nothing_secret_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(SECRETS, encoding="utf-8")
    lines = "\n".join(printed(file, **ENVIRONMENT))
    for secret in ("k3y", "anna", "pa55w0rd", "abc", "0123456789"):
        assert secret not in lines
    read = tomllib.loads(lines)
    assert read["articles"]["source"][0]["url"] == "https://portal.example.vn/rss?mod=list&key=…&token=…&id=3"
    assert read["upstream"]["proxy"] == "http://…@proxy.example.vn:3128"
    assert read["site"]["contact"] == tomllib.loads(SECRETS)["site"]["contact"]
