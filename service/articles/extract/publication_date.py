"""Finding an article's date on its page: marked as one, or written by itself near the headline.

A date within a sentence is what the article tells of, and the one in a portal's head is today's.
"""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from service.articles.model import Published
from service.articles.sources.context import ParseContext
from service.articles.text.html_tree import text_of

MARKED_FOR_PROGRAMS = ('[itemprop="datePublished"]', "time[datetime]", "time")
MARKED_FOR_EYES = (
    '[class*="date" i]',
    '[class*="ngay" i]',
    '[class*="time" i]',
    '[class*="publish" i]',
    '[id*="date" i]',
    '[id*="ngay" i]',
    '[class*="meta" i]',
)

_LONGEST = 200  # characters of an element that holds the date and little else
_MARKUP = 2_000  # characters of an element, white space included, that is looked at closer
_LINE = 80  # characters of a text that is no sentence
_NEAR = 700  # characters below the headline within which a date is the article's
_ABOVE = 200  # characters above it, likewise


def marked(nodes: Iterable[LexborNode], at: ParseContext) -> Published | None:
    """The date of the first of these elements that has one."""
    return next(filter(None, (_of(node, at) for node in nodes)), None)


def near(root: LexborNode, headline: LexborNode, at: ParseContext) -> Published | None:
    """The first date that stands by itself below the headline, else the last one right above it."""
    above, below = _lines_around(root, headline)
    lines = [*_up_to(below, _NEAR), *_up_to(reversed(above), _ABOVE)]
    found = (at.date_within(line) for line in lines if len(line) <= _LINE)
    return next((one[0] for one in found if one), None)


def lines_below(root: LexborNode | None, headline: LexborNode | None) -> list[str]:
    """The texts that stand right below the headline, where dates and authors are named."""
    if root is None or headline is None:
        return []
    return list(_up_to(_lines_around(root, headline)[1], _NEAR))


def below(root: LexborNode, headline: LexborNode, nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Of these elements, those that do not come before the headline."""
    before = set()
    for node in root.traverse():
        if node.mem_id == headline.mem_id:
            break
        before.add(node.mem_id)
    return [node for node in nodes if node.mem_id not in before]


def _of(node: LexborNode, at: ParseContext) -> Published | None:
    attributes = node.attributes
    said = attributes.get("datetime") or attributes.get("content")
    if not said and len(node.text()) > _MARKUP:
        return None
    written = said or text_of(node)
    if len(written) > _LONGEST:
        return None
    found = at.date_within(written)
    return at.date(written) or (found[0] if found else None)


def _lines_around(root: LexborNode, headline: LexborNode) -> tuple[list[str], list[str]]:
    inside = {one.mem_id for one in headline.traverse(include_text=True)}
    above: list[str] = []
    below: list[str] = []
    lines = above
    for node in root.traverse(include_text=True):
        if node.mem_id in inside:
            lines = below
        elif node.is_text_node and not node.is_empty_text_node:
            lines.append(" ".join((node.text_content or "").split()))
    return above, below


def _up_to(lines: Iterable[str], most: int) -> Iterator[str]:
    length = 0
    for line in lines:
        if length > most:
            return
        yield line
        length += len(line)
