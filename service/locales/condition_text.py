"""The sky in words.

Keys are `condition.<class>.<detail>`, and beside one of these may stand `….night` (also said when nobody
knows whether it is day: these words never speak of the sun), `….warm` and `….inline`, the short form inside
a sentence. A detail without words of its own is said as `plain`.
"""

from service.locales.catalog import Catalog
from service.weather.model import Intensity, Sky

_WARM = 25.0  # °C: mưa phùn is a thing of cold winter days, and a model's drizzle above this is no such thing


def condition(catalog: Catalog, sky: Sky, is_day: bool | None, temperature: float | None) -> str:  # noqa: FBT001 - the domain's own three-valued field
    """The words as they stand alone."""
    return catalog.text(_key(catalog, sky, _variants(is_day, temperature)))


def condition_inline(catalog: Catalog, sky: Sky, is_day: bool | None, temperature: float | None) -> str:  # noqa: FBT001 - the domain's own three-valued field
    """The words as they stand inside a sentence."""
    said = catalog.text(_key(catalog, sky, ["inline", *_variants(is_day, temperature)]))
    return said[:1].lower() + said[1:]


def _variants(is_day: bool | None, temperature: float | None) -> list[str]:  # noqa: FBT001 - the domain's own three-valued field
    warm = temperature is not None and temperature >= _WARM
    return ["warm"] * warm + ["night"] * (not is_day)


def _key(catalog: Catalog, sky: Sky, variants: list[str]) -> str:
    stem = f"condition.{sky.condition}.{sky.detail}"
    if stem not in catalog:
        stem = f"condition.{sky.condition}.{Intensity.PLAIN}"
    said = (f"{stem}.{variant}" for variant in variants)
    return next((key for key in said if key in catalog), stem)
