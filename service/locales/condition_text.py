"""The text for a weather condition.

Keys are `condition.<kind>.<intensity>`, and beside each of them the catalog may have `….night` (also used
when it is unknown whether it is day: these texts never mention the sun), `….warm` and `….inline`, the short
form inside a sentence. An intensity without a text of its own falls back to `plain`.
"""

from service.locales.catalog import Catalog

_FALLBACK_INTENSITY = "plain"
_WARM = (
    25.0  # °C: mưa phùn falls on cold winter days only; what a model calls drizzle above this is light rain
)


def condition(
    catalog: Catalog,
    kind: str,
    intensity: str,
    is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
    temperature: float | None,
) -> str:
    """Return the text for a place of its own."""
    return catalog.text(_key(catalog, kind, intensity, _variants(is_day, temperature)))


def condition_inline(
    catalog: Catalog,
    kind: str,
    intensity: str,
    is_day: bool | None,  # noqa: FBT001 - three-valued, as in the weather model
    temperature: float | None,
) -> str:
    """Return the text for the middle of a sentence."""
    text = catalog.text(_key(catalog, kind, intensity, ["inline", *_variants(is_day, temperature)]))
    return text[:1].lower() + text[1:]


def _variants(is_day: bool | None, temperature: float | None) -> list[str]:  # noqa: FBT001 - three-valued, as in the weather model
    warm = temperature is not None and temperature >= _WARM
    return ["warm"] * warm + ["night"] * (not is_day)


def _key(catalog: Catalog, kind: str, intensity: str, variants: list[str]) -> str:
    stem = f"condition.{kind}.{intensity}"
    if stem not in catalog:
        stem = f"condition.{kind}.{_FALLBACK_INTENSITY}"
    keys = (f"{stem}.{variant}" for variant in variants)
    return next((key for key in keys if key in catalog), stem)
