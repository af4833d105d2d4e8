"""Facts about a language that follow from its tag, from CLDR."""

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global


@cache
def own_name(language: str) -> str:
    """Return a language's name for itself: `Tiếng Việt` for `vi`; the tag where CLDR has no name."""
    try:
        name = Locale.parse(language).get_display_name(language)
    except (UnknownLocaleError, ValueError):
        return language
    return name[:1].upper() + name[1:] if name else language


@cache
def with_territory(language: str) -> str:
    """Return a language with the country where most speak it: `vi_VN` for `vi`; "" where CLDR has none."""
    likely = get_global("likely_subtags").get(language, "")
    spoken, _, script_and_country = likely.partition("_")
    country = script_and_country.rpartition("_")[2]
    return f"{spoken}_{country}" if country else ""
