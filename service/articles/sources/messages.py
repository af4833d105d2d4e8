"""Telling an editor what came instead of articles, in our words alone.

What came may echo the address that was asked for, keys included; so nothing of it is quoted but the path of a
feed that a page names.
"""

import re
from urllib.parse import urljoin

from service.articles.text import plain_text
from service.core.errors import Cause, UpstreamError
from service.core.secrets import loggable_url

_ROOT = re.compile(r"<([a-zA-Z][\w:.-]{0,40})")
_HTML = re.compile(
    r"<(?:!doctype\s++html|html|head|body)\b|^<(?:div|table|p|ul|span|a|img|form|script|title|center|h[1-6])\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(?:<!--(?:(?!-->).)*+-->\s*+)++", re.DOTALL)
_LINK = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:(?:rss|atom)\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*+=\s*+["']?([^"'\s<>]++)""", re.IGNORECASE)
_LONGEST_ADDRESS = 300
_KNOWN_ROOTS = frozenset({"rss", "feed", "rdf:RDF", "opml", "urlset", "sitemapindex", "svg"})
_LOOKED_AT = 4096  # characters in which an HTML page shows that it is one


def unreadable(sentence: str) -> UpstreamError:
    """The failure with a sentence for the editor of the source."""
    return UpstreamError(Cause.UNREADABLE, sentence)


def described(text: str) -> str:
    """What a body is, in words that follow `This is`."""
    beginning = text[:_LOOKED_AT].lstrip("\ufeff \t\r\n")
    comments = _COMMENTS.match(beginning)
    beginning = beginning[comments.end() :] if comments else beginning
    if not beginning:
        return "an empty answer"
    if beginning[0] in "{[":
        return "JSON"
    if _HTML.search(beginning):
        return "an HTML page"
    root = _ROOT.search(beginning)
    if beginning.startswith("<") and root:
        return f"XML whose first element is <{root[1]}>" if root[1] in _KNOWN_ROOTS else "XML of another kind"
    return "text without any markup"


def remedy(text: str, url: str) -> str:
    """What to write into the configuration when a feed was expected: a sentence, or nothing for no page."""
    if not _HTML.search(text[:_LOOKED_AT]):
        return ""
    for link in _LINK.findall(text[: 16 * _LOOKED_AT]):
        address = _HREF.search(link)
        if address and _FEED_TYPE.search(link):
            return f" It names this feed: “{loggable_url(_joined(url, plain_text.unescape(address[1])))}”."
    return ' A portal without a feed is read with kind = "page".'


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)[:_LONGEST_ADDRESS]
    except ValueError:
        return address[:_LONGEST_ADDRESS]
