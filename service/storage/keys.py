"""The names records are kept under."""

from collections.abc import Iterable

from service.weather.model import Dataset

ASKED = "asked/"
_ASPECTS = frozenset(aspect.value for aspect in Dataset)
SPOTS = "spots"  # where every place lay for which weather was kept


def weather(aspect: Dataset, place: str) -> str:
    """Where the current values or the outlook of a place are kept."""
    return f"{aspect.value}/{place}"


def place_of_weather(key: str) -> str | None:
    """The place whose weather is kept under this key; None for what is no weather."""
    aspect, _, place = key.partition("/")
    return place if place and aspect in _ASPECTS else None


def answer(provider: str, place: str) -> str:
    """Where the last answer of a provider that knows 304 is kept."""
    return f"answer/{provider}/{place}"


def quota(provider: str) -> str:
    """Where a provider's account is kept."""
    return f"ledger/{provider}"


def asked(place: str) -> str:
    """Where it is kept when a place was last asked for."""
    return ASKED + place


def asked_places(keys: Iterable[str]) -> list[str]:
    """The places that these `asked` keys name."""
    return [key.removeprefix(ASKED) for key in keys]


def article(article_id: str) -> str:
    """What stands for one article among the writes."""
    return f"article/{article_id}"


def articles(source: str) -> str:
    """What stands for a source's articles among the writes."""
    return f"articles/{source}"


def source(source_id: str) -> str:
    """Where it is kept how it stands with a source of articles."""
    return f"source/{source_id}"
