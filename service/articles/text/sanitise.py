"""An article's text as HTML that is safe to show, and the pictures it had.

Pictures are taken out, and ours, from our own store, may be set in their places. nh3 has the last word on
every tag and attribute that a source wrote.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3

from service.articles.extract import html_tree
from service.articles.model import ArticleImage, ImageCandidate
from service.articles.text import tags
from service.articles.text.body_figures import figure, with_figures
from service.articles.text.body_paragraphs import paragraphs
from service.articles.text.body_pictures import pictures_in
from service.core.errors import UpstreamError

_LONGEST = 400_000  # characters of markup that are read
_MOST_TAGS = 200_000  # its length bounds the work
_LONGEST_RESULT = 800_000  # of what becomes of them; unclosed tags can multiply

_FLOW = frozenset({"p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote"})
_INLINE = frozenset({"strong", "b", "em", "i", "u", "sub", "sup", "a"})
_TABLE = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
_ALLOWED = _FLOW | _INLINE | _TABLE | {"figure", "figcaption"}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_CLEANER = nh3.Cleaner(
    tags=set(_ALLOWED),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow noopener",
)

_EMPTY = re.compile(
    r"<(p|h[234]|li|ul|ol|blockquote|strong|b|em|i|u|sub|sup|a|figure|figcaption|caption|table|thead|tbody|tfoot|tr)"
    r"(?:\s[^<>]*+)?>(?:\s|&nbsp;|<br>)*+</\1>"
)
_EMPTY_WITHIN_EMPTY = 12  # deep; further ones are not worth a further look
_BLANK = re.compile(r"(?:\s|&nbsp;|<br>)++")
_BLANK_EDGE = re.compile(r"(?<=<p>)(?:<br>|&nbsp;| ){1,2}|(?:<br>|&nbsp;| ){1,2}(?=</p>)")
_BACK = re.compile(
    r"<(p|h[234]|li)>(?:<(?:a|b|i|u|em|strong)\b[^<>]*+>|\s){0,8}+(?:[«\u2039←]|&lt;)?\s?"
    r"(?:quay lại|trở về|về trang trước|in trang)\s?(?:</[^<>]++>|\s){0,8}</\1>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """Sanitised HTML without pictures, and where those were to be found, in their order.

    `marked` is the same with marks in the places of the pictures.
    """

    html: str
    pictures: tuple[ImageCandidate, ...]
    marked: str = ""

    def illustrated(self, ours: Mapping[str, ArticleImage]) -> str:
        """The HTML with these pictures in their places; `ours` are by the addresses of their originals."""

        def shown(number: int) -> str:
            illustration = ours.get(self.pictures[number].url) if number < len(self.pictures) else None
            return figure(illustration) if illustration else ""

        return _without_remains(with_figures(self.marked, shown))


def clean(markup: str, base: str) -> Body:
    """The text in a small set of tags, links absolute; nothing for markup that no parser gets through.

    Args:
        markup: an article's HTML, as its source wrote it; beyond 400,000 characters it is cut.
        base: the address that its links start from.
    """
    try:
        tree = html_tree.parsed(tags.without_data(markup)[:_LONGEST], _MOST_TAGS)
    except UpstreamError:
        return Body("", ())
    if tree.body is None:
        return Body("", ())
    found = pictures_in(tree.body, base)
    pictures = tuple(found.by_address.values())
    written = paragraphs(tree.body, base, found.elements, found.places)
    if len(written) > _LONGEST_RESULT:
        return Body("", pictures)
    marked = _CLEANER.clean(written)
    return Body(_without_remains(with_figures(marked, lambda _: "")), pictures, marked)


def _without_remains(html: str) -> str:
    """Without paragraphs that are empty once their pictures are gone, and without "Quay lại"."""
    html = _BACK.sub("", _BLANK.sub(_narrowed, html))
    for _ in range(_EMPTY_WITHIN_EMPTY):
        html, removed = _EMPTY.subn("", html)
        if not removed:
            break
    return _BLANK_EDGE.sub("", html).strip()


def _narrowed(blank: re.Match[str]) -> str:
    """At most two line breaks, or one space."""
    breaks = blank[0].count("<br>")
    if breaks:
        return "<br>" * min(breaks, 2)
    return blank[0] if blank[0] == "&nbsp;" else " "
