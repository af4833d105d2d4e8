from pathlib import Path

import pytest

from service.core.errors import SettingsError
from service.settings.load import load
from service.settings.schema import PROVIDER_TABLES
from service.settings.schema import PROVIDERS as CONFIGURABLE
from service.weather.providers import registry
from service.weather.providers.registry import PROVIDERS, attributions, providers_of


def test_every_folder_is_a_provider_that_can_be_configured_and_has_its_name() -> None:
    folders = [file.parent.name for file in Path(registry.__file__).parent.glob("*/__init__.py")]
    assert sorted(PROVIDERS) == sorted(CONFIGURABLE) == sorted(name.replace("_", "-") for name in folders)
    assert all(provider.id == name for name, provider in PROVIDERS.items())


def test_those_that_need_no_key_are_used_by_default_in_the_order_of_their_tables() -> None:
    without_key = [name for name in PROVIDERS if not PROVIDER_TABLES[name].needs_key]
    assert [provider.id for provider in providers_of(load({}).weather)] == without_key
    assert without_key[0] == next(iter(PROVIDERS)) == "open-meteo"


@pytest.mark.parametrize("name", [name for name in PROVIDERS if PROVIDER_TABLES[name].needs_key])
def test_one_that_needs_a_key_is_a_fault_without_it_and_used_with_it(name: str) -> None:
    written = {"PORTAL_WIDGETS_WEATHER__PROVIDERS": f"open-meteo,{name}"}
    key = f"PORTAL_WIDGETS_WEATHER__{name.upper().replace('-', '_')}__API_KEY"
    for nothing in ({}, {key: ""}, {key: "  "}):
        with pytest.raises(SettingsError) as caught:
            load(written | nothing)
        (fault,) = caught.value.faults
        assert fault.startswith(f"weather.{name}.api_key: is missing")
    assert [one.id for one in providers_of(load(written | {key: "s3cr3t"}).weather)] == ["open-meteo", name]
    assert load({key: "s3cr3t"}).weather.providers == load({}).weather.providers


def test_a_missing_key_is_told_with_the_other_faults() -> None:
    written = {"PROVIDERS": "openweather,baloon", "REFRESH": "often", "OPENWEATHER__BASE_URL": "here"}
    with pytest.raises(SettingsError) as caught:
        load({f"PORTAL_WIDGETS_WEATHER__{key}": value for key, value in written.items()})
    assert sorted(fault.partition(":")[0] for fault in caught.value.faults) == [
        "weather.openweather.api_key",
        "weather.openweather.base_url",
        "weather.providers",
        "weather.refresh",
    ]


def test_every_provider_can_be_credited() -> None:
    for name, attribution in attributions(sample=False).items():
        assert attribution.id == name
        assert attribution.url is not None
        assert attribution.licence in {"CC BY 4.0", "CC BY-SA 4.0"}


def test_sample_data_names_no_real_source() -> None:
    attributed = attributions(sample=True)
    assert list(attributed) == list(PROVIDERS)
    for sample in attributed.values():
        assert (sample.id, sample.name, sample.url, sample.licence) == ("sample", "Sample data", None, None)
