"""Finding whose article it is: an element marked as the author's, or the line at the end of the text."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice, pairwise

from selectolax.lexbor import LexborNode

from service.articles.text import bylines, plain_text
from service.articles.text.html_tree import ancestors, contains, outer_html

MARKS = (
    '[itemprop="author"]',
    'a[rel="author"]',
    '[class*="author" i]',
    '[class*="byline" i]',
    '[class*="tacgia" i]',
    '[class*="tac-gia" i]',
    '[class*="tac_gia" i]',
    '[class*="nguon" i]',
    '[id*="author" i]',
    '[id*="tacgia" i]',
)

_NO_NAME = re.compile(r"://|@|^\s*(?:follow|share|theo dõi)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:tác giả|tin(?:, ?ảnh| bài)?|bài(?:, ?ảnh| và ảnh)?|nguồn|theo|by)(?:\s*:|\s)\s*\S", re.IGNORECASE
)
_AUTHOR = re.compile(r"(?<!\w)(?:tác giả(?: bài viết)?|người (?:viết|đăng)|author)\s*:\s*", re.IGNORECASE)
_RIGHT = re.compile(r"text-align:\s*(?:right|end)", re.IGNORECASE)
_SENTENCE_ENDS = (".", "!", "?", ":", ";", "…")
_SHORTEST, _LONGEST = 3, 120  # characters of such a line
_MARKUP = 1_000  # characters of an element that is about its author and nothing else
_AROUND = 3  # elements around the text behind which the line may stand
_LAST = 4  # lines at the end among which it is

People = tuple[str | None, str | None]


def marked(nodes: Iterable[LexborNode]) -> People:
    """Author and organisation of the first of these elements that names one."""
    for node in nodes:
        named = node.css_first('[itemprop="name"], [class*="name" i]') or node
        if len(named.text()) > _MARKUP:
            continue
        written = named.attributes.get("content") or plain_text.from_long_markup(outer_html(named))
        if 0 < len(written) <= _LONGEST and not _NO_NAME.search(written):
            people = bylines.parse(written)
            if any(people):
                return people
    return None, None


def labelled(lines: Sequence[str]) -> People:
    """Author and organisation behind the first label that says so; the name may be in the next text."""
    for line, following in pairwise([*lines, ""]):
        label = _AUTHOR.search(line)
        if label:
            people = bylines.parse(
                line[label.start() :] if line[label.end() :] else f"{label[0]} {following}"
            )
            if any(people):
                return people
    return None, None


def taken_from(block: LexborNode) -> People:
    """Author and organisation of the line that closes the text; the line is taken out of it."""
    lines = [node for node in block.css("p, div, td, h4, h5, h6") if _is_line(node)]
    for node in reversed(lines[-_LAST:]):
        words = plain_text.from_long_markup(outer_html(node))
        sound = _SHORTEST <= len(words) <= _LONGEST and not words.endswith(_SENTENCE_ENDS)
        if sound and (_is_set_right(node) or _is_bold(node, words) or _LABEL.match(words)):
            people = bylines.parse(words)
            if any(people):
                node.decompose()
                return people
    return None, None


def behind(block: LexborNode) -> People:
    """Author and organisation of a line set right in the first text behind the block, a row of its own."""
    for around in islice(chain([block], ancestors(block)), _AROUND):
        following = around.next
        while following is not None:
            if following.is_element_node and following.text().strip():
                return _set_right_in(following)
            following = following.next
    return None, None


def _set_right_in(node: LexborNode) -> People:
    words = plain_text.from_long_markup(outer_html(node))
    right = any(_is_set_right(one) for one in (node, *node.css("p, div, td")[:_LAST]))
    if right and _SHORTEST <= len(words) <= _LONGEST and not words.endswith(_SENTENCE_ENDS):
        return bylines.parse(words)
    return None, None


def _is_line(node: LexborNode) -> bool:
    return not contains(node, "p, div, td, table, li, img") and bool(node.text().strip())


def _is_set_right(node: LexborNode) -> bool:
    attributes = node.attributes
    side, style = attributes.get("align") or "", attributes.get("style") or ""
    return side.lower() == "right" or bool(_RIGHT.search(style))


def _is_bold(node: LexborNode, words: str) -> bool:
    bold = node.css_first("b, strong")
    return bold is not None and plain_text.from_markup(outer_html(bold)) == words
