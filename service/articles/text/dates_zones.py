"""The zones that dates of feeds and pages are written with."""

import re
from datetime import UTC, timedelta, timezone, tzinfo

_FURTHEST = timedelta(hours=14)  # the Line Islands; to the west it is 12
_MINUTES = 60

_NAMED = {  # hours east of Greenwich, as RFC 822 and the press use these names
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("bst", "cet", "met", "wat", "west"), 1),
    **dict.fromkeys(("cest", "eet", "mest", "sast"), 2),
    **dict.fromkeys(("eest", "msk"), 3),
    **dict.fromkeys(("ict", "wib"), 7),
    **dict.fromkeys(("hkt", "sgt"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    **dict.fromkeys(("aest",), 10),
    **dict.fromkeys(("aedt",), 11),
    **dict.fromkeys(("adt",), -3),
    **dict.fromkeys(("ast", "at", "edt"), -4),
    **dict.fromkeys(("cdt", "est", "et"), -5),
    **dict.fromkeys(("cst", "ct", "mdt"), -6),
    **dict.fromkeys(("mst", "mt", "pdt"), -7),
    **dict.fromkeys(("pst", "pt"), -8),
}
_OFFSET = r"[+\-\u2212]{}\d{{1,2}}(?::?\d{{2}})?(?![\w:/.\-])"
_COMMENT = r"(?:\s?\([^\W\d_][^()\d]{1,40}\))?"

# As the end of a time: `+0700`, `GMT+7`, `(UTC+07:00)`, `GMT+0700 (Indochina Time)`, `ICT`, `Z`.
ZONE = (
    rf"\(?(?:(?:etc/)?(?:gmt|utc|ut)\s?(?P<from_gmt>{_OFFSET.format(' ?')})|(?P<offset>{_OFFSET.format('')})"
    rf"|(?:etc/)?(?P<zone>{'|'.join(_NAMED)})\b(?!/))\)?{_COMMENT}"
)
_PARTS = re.compile(r"([+\-\u2212]) ?(\d{1,2}):?(\d{2})?")


def zone_of(time: re.Match[str]) -> tzinfo | None:
    """The zone that ZONE found in this match, None where there is none.

    Raises:
        ValueError: for an offset that is none on Earth.
    """
    offset, name = time["from_gmt"] or time["offset"], time["zone"]
    if offset:
        return _away(offset)
    return _zone(timedelta(hours=_NAMED[name.lower()])) if name else None


def _away(written: str) -> tzinfo:
    parts = _PARTS.fullmatch(written)
    minutes = int(parts[3] or 0) if parts else _MINUTES
    offset = timedelta(hours=int(parts[2]), minutes=minutes) if parts else _FURTHEST
    if parts is None or minutes >= _MINUTES or offset > _FURTHEST:
        raise ValueError(f"no zone is {written} away")
    return _zone(offset if parts[1] == "+" else -offset)


def _zone(offset: timedelta) -> tzinfo:
    return timezone(offset) if offset else UTC
