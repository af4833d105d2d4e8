"""The places that come with the service: every seat of the 63 provinces, and where people travel."""

import csv
from collections.abc import Mapping
from importlib.resources import files

from service.places.model import Place, PlaceKind


def built_in_places() -> tuple[Place, ...]:
    """All places of `places.tsv`, seats first; its opening comment names the sources."""
    text = files("service.places").joinpath("places.tsv").read_text(encoding="utf-8")
    rows = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(_place(row) for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))


def _place(row: Mapping[str, str]) -> Place:
    return Place(
        id=row["id"],
        names={"vi": row["name_vi"], "en": row["name_en"]},
        country="VN",
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        timezone="Asia/Ho_Chi_Minh",
        altitude=float(row["altitude_m"]) if row["altitude_m"] else None,
        kind=PlaceKind(row["kind"]),
        aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
        provinces=(row["province_before"], row["province_now"]),
        sea=row["sea"] == "yes",
        built_in=True,
    )
