"""Who the weather comes from: named and linked beside the data, as their licences ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source of weather. `url` and `licence` are None where there is none to link or to name."""

    id: str
    name: str
    url: str | None
    licence: str | None


_ALL = (
    Attribution("open-meteo", "Open-Meteo", "https://open-meteo.com/", "CC BY 4.0"),
    Attribution("met-norway", "MET Norway", "https://www.met.no/", "CC BY 4.0"),
    Attribution("openweather", "OpenWeather", "https://openweathermap.org/", None),
    Attribution("sample", "Sample data", None, None),
)

SOURCES: Mapping[str, Attribution] = MappingProxyType({source.id: source for source in _ALL})
