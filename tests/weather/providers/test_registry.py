from pathlib import Path

from service.settings.load import load
from service.settings.schema import PROVIDERS as CONFIGURABLE
from service.weather.providers import registry
from service.weather.providers.registry import PROVIDERS, attributions, providers_of


def test_every_folder_is_a_provider_that_can_be_configured_and_has_its_name() -> None:
    folders = [file.parent.name for file in Path(registry.__file__).parent.glob("*/__init__.py")]
    assert sorted(PROVIDERS) == sorted(CONFIGURABLE) == sorted(name.replace("_", "-") for name in folders)
    assert all(provider.id == name for name, provider in PROVIDERS.items())


def test_they_are_preferred_in_the_order_of_their_tables() -> None:
    assert [provider.id for provider in providers_of(load({}).weather)] == list(PROVIDERS)
    assert next(iter(PROVIDERS)) == "open-meteo"


def test_every_provider_can_be_credited() -> None:
    for name, attribution in attributions(sample=False).items():
        assert attribution.id == name
        assert attribution.url is not None
        assert attribution.licence == "CC BY 4.0"


def test_sample_data_names_no_real_source() -> None:
    attributed = attributions(sample=True)
    assert list(attributed) == list(PROVIDERS)
    for sample in attributed.values():
        assert (sample.id, sample.name, sample.url, sample.licence) == ("sample", "Sample data", None, None)
