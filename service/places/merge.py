"""Built-in and configured places become one catalogue, or a list of what is wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from service.core.errors import SettingsError
from service.places.catalogue import Catalogue
from service.places.model import Place


def merge(built_in: Iterable[Place], configured: Sequence[Place], only: Sequence[str] | None) -> Catalogue:
    """All places to serve: a configured place is added, or replaces the built-in one with its id.

    `only` is the setting `weather.cities`: the ids of the built-in places to keep (None: all of them).
    Configured places are always kept.

    Raises:
        SettingsError: an id in `only` that no place has; two configured places with one id.
    """
    places = {place.id: place for place in [*built_in, *configured]}
    faults = [
        *(no_such_place("weather.cities", wanted, places) for wanted in only or () if wanted not in places),
        *(
            f'weather.city: two places have the id "{place_id}"'
            for place_id, count in Counter(place.id for place in configured).items()
            if count > 1
        ),
    ]
    if faults:
        raise SettingsError(faults)
    return Catalogue(
        place for place in places.values() if not place.built_in or only is None or place.id in only
    )


def no_such_place(key: str, place_id: str, known: Iterable[str]) -> str:
    """The line that says which setting names a place that is not there, and the nearest id there is."""
    nearest = get_close_matches(place_id, list(known), n=1)
    hint = f' (nearest: "{nearest[0]}")' if nearest else ""
    return f'{key}: no place has the id "{place_id}"{hint}'
