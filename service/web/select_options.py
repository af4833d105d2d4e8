"""The options of a select over the places, which is most of a widget: drawn once and kept."""

from functools import lru_cache

from markupsafe import Markup, escape

from service.web.city_select import Choice

_LISTS_KEPT = 64  # one for each language, and where there are many places one for each neighbourhood


def options_of(choices: tuple[Choice, ...], chosen: str | None) -> Markup:
    """The options; the one with the id `chosen` is selected."""
    listed = _listed(choices)
    if chosen is None:
        return listed
    value = f'value="{escape(chosen)}"'
    return Markup(str(listed).replace(value, f"{value} selected", 1))  # noqa: S704 - both parts were escaped


@lru_cache(_LISTS_KEPT)
def _listed(choices: tuple[Choice, ...]) -> Markup:
    option = Markup('<option value="{}">{}')
    return Markup().join(option.format(choice.id, choice.name) for choice in choices)
