"""Error messages that tell an editor what a response is instead of articles, in our words alone.

A response may echo the URL it was requested with, keys included; so nothing of it is quoted but the path of a
feed that a page names.
"""

import re
from urllib.parse import urljoin

from service.articles.text import plain_text
from service.articles.text.decoding import load_json_amid_notices
from service.core.errors import Cause, UpstreamError
from service.core.secrets import loggable_url

_ROOT_ELEMENT = re.compile(r"<([a-zA-Z][\w:.-]{0,40})")
_HTML = re.compile(
    r"<(?:!doctype\s++html|html|head|body)\b|^<(?:div|table|p|ul|span|a|img|form|script|title|center|h[1-6])\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(?:<!--(?:(?!-->).)*+-->\s*+)++", re.DOTALL)
_LINK_TAG = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:(?:rss|atom)\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*+=\s*+["']?([^"'\s<>]++)""", re.IGNORECASE)
_MAX_URL = 300  # characters
_QUOTED_ROOTS = frozenset({"rss", "feed", "rdf:RDF", "opml", "urlset", "sitemapindex", "svg"})
_MAX_HEAD = 4096  # characters in which an HTML page shows what it is
_MAX_LINKS_HEAD = 16 * _MAX_HEAD  # and names its feeds


def unreadable(sentence: str) -> UpstreamError:
    """Return the error with a sentence for the editor of the source."""
    return UpstreamError(Cause.UNREADABLE, sentence)


def parse_json(text: str, expected: str) -> object:
    """Return the JSON value; `expected` tells an editor what it should be.

    Raises:
        UpstreamError: where the text is not JSON.
    """
    try:
        return load_json_amid_notices(text)
    except RecursionError as error:
        raise unreadable(f"The answer is nested too deeply to be {expected}.") from error
    except ValueError as error:
        what = describe(text)
        raise unreadable(
            f"The answer begins like JSON but is damaged; {expected} was expected."
            if what == "JSON"
            else f"This is {what}, not {expected}."
        ) from error


def describe(text: str) -> str:
    """Return what a response is, in words that follow `This is`."""
    head = text[:_MAX_HEAD].lstrip("\ufeff \t\r\n")
    comments = _COMMENTS.match(head)
    head = head[comments.end() :] if comments else head
    if not head:
        return "an empty answer"
    if head[0] in "{[":
        return "JSON"
    if _HTML.search(head):
        return "an HTML page"
    root = _ROOT_ELEMENT.search(head)
    if head.startswith("<") and root:
        return (
            f"XML whose first element is <{root[1]}>" if root[1] in _QUOTED_ROOTS else "XML of another kind"
        )
    return "text without any markup"


def feed_hint(text: str, url: str) -> str:
    """Return what to configure where an HTML page came for a feed: a sentence after a space, or ""."""
    if not _HTML.search(text[:_MAX_HEAD]):
        return ""
    for link in _LINK_TAG.findall(text[:_MAX_LINKS_HEAD]):
        href = _HREF.search(link)
        if href and _FEED_TYPE.search(link):
            return f" It names this feed: “{loggable_url(_join(url, plain_text.unescape(href[1])))}”."
    return ' A portal without a feed is read with kind = "page".'


def _join(base: str, url: str) -> str:
    try:
        return urljoin(base, url)[:_MAX_URL]
    except ValueError:
        return url[:_MAX_URL]
