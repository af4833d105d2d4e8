from service.settings.schema import PROVIDERS as CONFIGURABLE
from service.weather.providers.registry import PROVIDERS, attributions


def test_every_provider_that_can_be_configured_is_registered() -> None:
    assert tuple(PROVIDERS) == CONFIGURABLE


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
