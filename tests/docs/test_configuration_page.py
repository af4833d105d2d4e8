"""docs/configuration.md names every setting, with the default that it really has."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields, missing

from service.settings import load
from service.settings.schema import PROVIDERS, File

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def _documented() -> dict[str, str]:
    """The default cell of every row, by `table.key`."""
    found: dict[str, str] = {}
    table = ""
    for line in PAGE.splitlines():
        if heading := re.match(r"#+ `\[+(.+?)\]+`$", line):
            table = heading[1]
        elif row := re.match(r"\| `(\w+)` \| (.+?) \| ", line):
            assert f"{table}.{row[1]}" not in found
            found[f"{table}.{row[1]}"] = row[2]
    return found


def _settings(schema: Schema, path: str = "") -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in schema.fields.items():
        here = f"{path}{field.data_key or name}"
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from _settings(inner.schema, f"{here}.")
        else:
            yield here, field


SETTINGS = dict(_settings(File()))
DOCUMENTED = _documented()


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert DOCUMENTED.keys() == SETTINGS.keys()


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_documented_default_is_the_real_one(setting: str) -> None:
    field, cell = SETTINGS[setting], DOCUMENTED[setting]
    if field.load_default is missing:
        assert cell == "needed"
    else:
        default = field.load_default() if callable(field.load_default) else field.load_default
        written = tomllib.loads(f"it = {cell.strip('`')}")["it"]
        assert field.deserialize(written) == default


def test_the_addresses_meant_by_an_empty_one_are_the_real_ones() -> None:
    providers = load.load({}).weather.provider_settings
    for name in PROVIDERS:
        assert f"Empty: `{providers[name].base_url}`" in PAGE


def test_the_example_of_faults_is_what_is_said(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```\n(weather\..+?)```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    file = tmp_path / "config.toml"
    file.write_text('[weather]\nrefresh = "15 mins"\nproviers = []\n', encoding="utf-8")
    with pytest.raises(load.SettingsError) as told:
        load.load({load.CONFIG: str(file)})
    assert sorted(told.value.faults) == sorted(example.splitlines())


def test_the_example_of_variables_is_read() -> None:
    example = re.findall(r"```sh\n(.+?)```", PAGE, flags=re.DOTALL)[0]
    settings = load.load(dict(line.split("=", 1) for line in example.splitlines()))
    assert settings.site.public_url == "https://widgets.example.gov.vn"
    assert settings.weather.providers == ("met-norway", "open-meteo")
    assert settings.weather.refresh == load.load({}).weather.refresh
    assert settings.weather.provider_settings["open-meteo"].api_key == "…"
