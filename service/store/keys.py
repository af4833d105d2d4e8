"""The names records are kept under."""

from collections.abc import Iterable

from service.domain.weather import Aspect

ASKED = "asked/"


def weather(aspect: Aspect, place: str) -> str:
    """Where the current values or the outlook of a place are kept."""
    return f"{aspect.value}/{place}"


def answer(provider: str, place: str) -> str:
    """Where the last answer of a provider that knows 304 is kept."""
    return f"answer/{provider}/{place}"


def ledger(provider: str) -> str:
    """Where a provider's account is kept."""
    return f"ledger/{provider}"


def asked(place: str) -> str:
    """Where it is kept when a place was last asked for."""
    return ASKED + place


def asked_places(keys: Iterable[str]) -> list[str]:
    """The places that these `asked` keys name."""
    return [key.removeprefix(ASKED) for key in keys]
