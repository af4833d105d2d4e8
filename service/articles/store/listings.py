"""What the collector remembers of a source from turn to turn: the listing as it was read, and its checks.

Both are records of the store, so that a restart forgets nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from service.articles.model import Published
from service.storage.records import (
    count,
    decode,
    encode,
    fields_of,
    flag,
    instant,
    item,
    items,
    mapping,
    text,
)


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry of a listing, by what it is recognised the next time.

    Attributes:
        key: a digest of the source's own identifier; no other entry of the listing has it.
        article: the id of the article that it is; empty where another source has the article.
        merged_with: the id of that article.
        url: as the listing has it.
        lead: a digest of the lead; empty for a short one.
        content: a digest of everything but identifier and link.
        content_hash: of the article as it is stored, or is to be stored.
    """

    key: str
    article: str = ""
    merged_with: str = ""
    url: str | None = None
    title: str = ""
    published: Published | None = None
    lead: str = ""
    content: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class LastListing:
    """A listing as it was last read, newest first."""

    entries: tuple[ListedEntry, ...] = ()

    def with_merged(self, merged: Mapping[str, str]) -> "LastListing":
        """Return the listing after entries turned out to be other sources' articles: ids of these by keys."""
        return LastListing(
            tuple(
                replace(entry, article="", merged_with=merged[entry.key]) if entry.key in merged else entry
                for entry in self.entries
            )
        )


@dataclass(frozen=True, slots=True)
class PageChecks:
    """When articles' pages were requested to see whether they are still there.

    Attributes:
        checked: the last time, by the article's id; for one that never was, a day before its first time.
        missing: since when a page was not found, where that is not believed yet.
        without_head: since when a host is known not to answer HEAD as it answers GET.
    """

    checked: Mapping[str, datetime] = field(default_factory=dict)
    missing: Mapping[str, datetime] = field(default_factory=dict)
    without_head: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Postponed:
    """Articles that are left alone for a while: until when, and how often that was so, by their ids."""

    until: Mapping[str, datetime] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)


def listing_key(source_id: str) -> str:
    """Return the key of a source's listing as it was last read."""
    return f"listing/{source_id}"


def checks_key(source_id: str) -> str:
    """Return the key of the checks of a source's articles."""
    return f"checks/{source_id}"


def postponed_key(source_id: str) -> str:
    """Return the key of a source's articles that are left alone for a while."""
    return f"postponed/{source_id}"


def listing_to_bytes(listing: LastListing) -> bytes:
    """Return a listing as a record."""
    return encode({"entries": [_entry_fields(entry) for entry in listing.entries]})


def listing_from_bytes(record: bytes | None) -> LastListing | None:
    """Return the listing, or None for a record that cannot be read."""
    return decode(record, _listing)


def checks_to_bytes(checks: PageChecks) -> bytes:
    """Return checks as a record; times are in seconds since 1970."""
    return encode(
        {
            "checked": _seconds(checks.checked),
            "missing": _seconds(checks.missing),
            "without_head": _seconds(checks.without_head),
        }
    )


def checks_from_bytes(record: bytes | None) -> PageChecks | None:
    """Return the checks, or None for a record that cannot be read."""
    return decode(record, _checks)


def postponed_to_bytes(postponed: Postponed) -> bytes:
    """Return postponed articles as a record; times are in seconds since 1970."""
    return encode({"until": _seconds(postponed.until), "times": dict(postponed.times)})


def postponed_from_bytes(record: bytes | None) -> Postponed | None:
    """Return the postponed articles, or None for a record that cannot be read."""
    return decode(record, _postponed)


_LAST_SECOND = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
_TEXTS = ("key", "article", "merged_with", "title", "lead", "content", "content_hash")


def _entry_fields(entry: ListedEntry) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(entry, name))}
    if entry.url is not None:
        fields["url"] = entry.url
    if entry.published is not None:
        fields["published"] = [entry.published.at.isoformat(), entry.published.date_only]
    return fields


def _listing(record: bytes) -> LastListing:
    entries = (_entry(mapping(fields)) for fields in items(fields_of(record).get("entries")))
    return LastListing(tuple(entry for entry in entries if entry.key))


def _entry(fields: Mapping[str, Any]) -> ListedEntry:
    at = instant(item(fields.get("published"), 0))
    return ListedEntry(
        **{name: text(fields.get(name)) or "" for name in _TEXTS},
        url=text(fields.get("url")),
        published=Published(at, flag(item(fields.get("published"), 1)) or False) if at else None,
    )


def _seconds(times: Mapping[str, datetime]) -> dict[str, int]:
    return {name: int(at.timestamp()) for name, at in times.items()}


def _checks(record: bytes) -> PageChecks:
    fields = fields_of(record)
    return PageChecks(**{name: _times(fields.get(name)) for name in ("checked", "missing", "without_head")})


def _postponed(record: bytes) -> Postponed:
    fields = fields_of(record)
    times = {name: count(number) for name, number in mapping(fields.get("times")).items()}
    return Postponed(_times(fields.get("until")), {one: number for one, number in times.items() if number})


def _times(value: object) -> dict[str, datetime]:
    seconds = {name: count(part) for name, part in mapping(value).items()}
    return {
        name: datetime.fromtimestamp(at, UTC)
        for name, at in seconds.items()
        if at is not None and at <= _LAST_SECOND
    }
