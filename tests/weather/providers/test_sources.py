from service.weather.attribution import SOURCES
from service.weather.providers.met_norway.provider import MetNorway
from service.weather.providers.open_meteo.provider import OpenMeteo


def test_every_provider_can_be_credited() -> None:
    for provider in (OpenMeteo(), MetNorway()):
        source = SOURCES[provider.id]
        assert source.id == provider.id
        assert source.url is not None
        assert source.licence == "CC BY 4.0"


def test_sample_data_names_no_real_source() -> None:
    sample = SOURCES["sample"]
    assert (sample.name, sample.url, sample.licence) == ("Sample data", None, None)
