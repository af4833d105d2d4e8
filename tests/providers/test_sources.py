from service.domain.sources import SOURCES
from service.providers.met_norway import MetNorway
from service.providers.open_meteo import OpenMeteo


def test_every_provider_can_be_credited() -> None:
    for provider in (OpenMeteo(), MetNorway()):
        source = SOURCES[provider.id]
        assert source.id == provider.id
        assert source.url is not None
        assert source.licence == "CC BY 4.0"


def test_sample_data_names_no_real_source() -> None:
    sample = SOURCES["sample"]
    assert (sample.name, sample.url, sample.licence) == ("Sample data", None, None)
