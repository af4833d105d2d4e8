"""Where the title of a listing's link stands, and which of several links to one article says it."""

import re

from selectolax.lexbor import LexborNode

from service.articles.extract.titles import is_only_date
from service.articles.sources.context import ParseContext
from service.articles.text.html_tree import ancestors, class_of, contains, descendants, text_of

_MARKED = 'h1, h2, h3, h4, h5, [class*="title" i], [class*="tieu" i]'
_BLOCKS = "div, p, li, td, ul, section, article, header"
_TITLE = 20  # characters from which a text may be a title
_WORDS = 5  # of a title, at the least
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TITLED = re.compile(r"title|tieu|headline", re.IGNORECASE)  # a class that says so
_ABOVE = 3  # elements around a link that may be its heading
_ON = re.compile(
    r"\W*(?:(?:xem|đọc)\s+(?:tiếp|thêm|chi tiết|toàn)|chi tiết|read more|continue reading|more)\b",
    re.IGNORECASE,
)


def title_node(anchor: LexborNode, at: ParseContext) -> LexborNode:
    """The link itself; in one around a whole card the element marked as title, else its first text."""
    marked = anchor.css_first(_MARKED)
    if marked is not None and marked.text().strip():
        return marked
    blocks = (node for node in descendants(anchor, _BLOCKS) if not contains(node, _BLOCKS))
    sound = (node for node in blocks if len(words := text_of(node)) >= _TITLE and not is_only_date(words, at))
    return next(sound, anchor)


def is_title(words: str) -> bool:
    """Whether it is more than the name of a section, and no "Xem tiếp"."""
    return len(words.split()) >= _WORDS and not _ON.match(words)


def rank(anchor: LexborNode, at: ParseContext) -> tuple[bool, bool, int]:
    """The highest of all links to one article says its title: no "Xem tiếp", rather a heading than a lead."""
    node = title_node(anchor, at)
    words = text_of(node)
    return bool(words) and not _ON.match(words), _is_headed(anchor, node), min(len(words), _TITLE)


def _is_headed(anchor: LexborNode, node: LexborNode) -> bool:
    around = [anchor, node, *(one for one, _ in zip(ancestors(anchor), range(_ABOVE), strict=False))]
    return any(one.tag in _HEADINGS or _is_titled(one) for one in around)


def _is_titled(node: LexborNode) -> bool:
    return bool(_TITLED.search(class_of(node)))
