"""feedparser, kept from taking for ever: its parsers with bounds where its own work is superlinear.

It compares every tag of an entry with every other, looks for an address in an author's name from each letter
anew, resolves every address against a base of any length, and tries nine readers of dates on any text.
"""

import io
from collections.abc import Mapping
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
from feedparser import api

from service.articles.sources.messages import unreadable

_MOST_TAGS = 50  # categories and keywords of one entry
_MOST_NAMESPACES = 200
_LONGEST_AUTHOR = 300  # characters
_LONGEST_BASE = 2_000
_LONGEST_LANGUAGE = 100
_FEW_PIECES = 50
_DATES = frozenset({"published", "updated", "created", "expired", "validity"})
_LONGEST_DATE = 300


class _Bounded:
    """Goes before either of feedparser's parsers."""

    def unknown_starttag(self: Any, tag: str, attrs: Any) -> Any:
        base = self.baseuri
        result = super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        if len(self.baseuri) > _LONGEST_BASE:
            self.baseuri = self.basestack[-1] = base
        return result

    def track_namespace(self: Any, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MOST_NAMESPACES or (prefix or "") in self.namespaces_in_use:
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def push_content(self: Any, *args: Any) -> None:
        if self.lang and len(self.lang) > _LONGEST_LANGUAGE:
            self.lang = None
        super().push_content(*args)  # type: ignore[misc]

    def pop(self: Any, element: str, *args: Any) -> Any:
        """Blank pieces at both ends go at once: feedparser takes each from the front of a list."""
        pieces = self.elementstack[-1][2] if self.elementstack else ()
        if isinstance(pieces, list) and len(pieces) > _FEW_PIECES and self.elementstack[-1][0] == element:
            text = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in pieces]
            said = [number for number, one in enumerate(text) if one.strip()] or [len(text)]
            first, behind = said[0], said[-1] + 1
            pieces[:] = ["".join(text[:first]), *text[first:behind], "".join(text[behind:])]
        output = super().pop(element, *args)  # type: ignore[misc]
        return output[:_LONGEST_DATE] if output and element in _DATES else output

    def _add_tag(self: Any, term: object, scheme: object, label: object) -> None:
        if len(self._get_context().setdefault("tags", [])) < _MOST_TAGS:
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        if len(self._get_context().get(key) or "") <= _LONGEST_AUTHOR:
            super()._sync_author_detail(key)  # type: ignore[misc]


api.StrictFeedParser = type("StrictFeedParser", (_Bounded, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_Bounded, api.LooseFeedParser), {})


def parsed(data: bytes, headers: Mapping[str, str]) -> Any:
    """What feedparser makes of these bytes: channel, entries, version.

    Raises:
        UpstreamError: when it gives up.
    """
    try:
        return feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as fault:  # it raises whatever its many parts do, for feeds that are broken in new ways
        raise unreadable(
            f"The feed is broken in a way that cannot be read ({type(fault).__name__})."
        ) from fault
