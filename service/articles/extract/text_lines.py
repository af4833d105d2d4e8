"""Read a text line by line, as readers see it: a line ends at a block's edge or a `br`.

A line may hold text, pictures and documents. `spans_of` tells which elements begin with a line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from selectolax.lexbor import LexborNode

from service.articles.text import documents, sanitise
from service.articles.text.html_tree import ancestors

BLOCKS = frozenset(
    {
        "p", "div", "center", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption",
        "section", "figure", "figcaption", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4",
        "h5", "h6", "blockquote", "pre", "article", "aside", "form", "header", "footer", "main", "nav",
        "address", "fieldset", "legend", "details", "summary", "body", "hr", "br",
    }
)  # fmt: skip

_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.IGNORECASE)
_MAX_LINES = 5_000  # real texts have some hundreds
MIN_LINE = 25  # characters of a line that may be a whole text
MAX_LINKED = 0.5  # share of such a line that is in links


@dataclass(slots=True)
class Line:
    """What stands between two edges of blocks; `linked` characters of its text are in links to pages."""

    nodes: list[LexborNode] = field(default_factory=list)
    text: str = ""
    linked: int = 0
    has_document: bool = False
    has_picture: bool = False

    @property
    def link_share(self) -> float:
        return self.linked / max(1, len(self.text))

    @property
    def is_content(self) -> bool:
        """Whether it may be the whole text of an article."""
        is_text = len(self.text) >= MIN_LINE and self.link_share <= MAX_LINKED
        return is_text or self.has_document or self.has_picture


@dataclass(frozen=True, slots=True)
class Span:
    """The widest element that begins with a line.

    Attributes:
        element: its `mem_id`; 0 where the line begins none.
        end: the line behind it.
        share: of the text that it holds.
    """

    element: int
    end: int
    share: float


def spans_of(lines: Sequence[Line], block: LexborNode) -> list[Span]:
    """Return for every line the widest element that begins with it and is not the block itself."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    paths: list[list[int]] = []
    for number, line in enumerate(lines):
        path = []
        for around in ancestors(line.nodes[0]):
            if around.mem_id == block.mem_id:
                break
            first.setdefault(around.mem_id, number)
            last[around.mem_id] = number
            path.append(around.mem_id)
        paths.append(path)
    lengths = [0]
    for line in lines:
        lengths.append(lengths[-1] + len(line.text))
    spans = []
    for number, path in enumerate(paths):
        begun = [key for key in path if first[key] == number]
        element = begun[-1] if begun else 0
        end = last[element] + 1 if element else number + 1
        spans.append(Span(element, end, (lengths[end] - lengths[number]) / max(1, lengths[-1])))
    return spans


def lines_of(block: LexborNode, base: str) -> list[Line]:
    """Return the lines of an element that hold something, the first 5,000."""
    return list(islice(_lines(block, base), _MAX_LINES))


def _lines(block: LexborNode, base: str) -> Iterator[Line]:
    """Yield the lines; iterative, since elements may nest deep."""
    line, links = Line(), 0
    stack: list[tuple[LexborNode | None, str]] = [(block.child, "")]  # next sibling, tag that ends with it
    while stack:
        node, tag = stack.pop()
        name = (node.tag or "") if node is not None and node.is_element_node else ""
        if (tag if node is None else name) in BLOCKS:
            yield from [line] if line.nodes else []
            line = Line()
        if node is None:
            links -= tag == "a"
            continue
        stack.append((node.next, tag))
        if name:
            is_link = _add_element(line, node, base, is_linked=links > 0)
            links += is_link
            stack.append((node.child, name if name in BLOCKS or is_link else ""))
        elif node.is_text_node:
            _add_text(line, node, is_linked=links > 0)
    yield from [line] if line.nodes else []


def _add_text(line: Line, node: LexborNode, *, is_linked: bool) -> None:
    text = " ".join((node.text_content or "").split())
    if text:
        line.nodes.append(node)
        line.text = f"{line.text} {text}" if line.text else text
        line.linked += len(text) if is_linked else 0


def _add_element(line: Line, node: LexborNode, base: str, *, is_linked: bool) -> bool:
    """Add what the element is to its line; return whether it is a link to a page."""
    if node.tag == "img":
        is_picture = is_own_picture(node)
        line.has_picture = line.has_picture or is_picture
        line.nodes += [node] if is_linked or is_picture else []
    elif documents.shows_document(node, base):
        line.has_document = True
        line.nodes.append(node)
    else:
        return node.tag == "a" and bool(node.attributes.get("href"))
    return False


def is_own_picture(node: LexborNode) -> bool:
    """Return whether it is an image that is no icon, and no link to anything but an image."""
    if node.tag != "img" or not sanitise.is_picture(node):
        return False
    link = next((one for one in ancestors(node) if one.tag == "a"), None)
    target = (link.attributes.get("href") or "") if link is not None else ""
    return not target or target.startswith("#") or _IMAGE_FILE.search(target) is not None
