"""Find the caption of an image in an article's text, and the element that is laid around both.

A caption is what a `figure` or a small table has beside the image, an element behind it whose class says so,
or a short text of its own behind it in small, italic or centred type.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborNode

from service.articles.text import bylines, plain_text
from service.articles.text.html_tree import ancestors, class_of

_MAX_CAPTION = 250  # characters; a table with more text or rows is not there for its image
_MAX_FRAME_ROWS = 3
_MAX_LINES = 2  # of a caption: what is shown, and who took it
_MAX_WRAPPERS = 8  # elements that hold the image alone
_MAX_FRAME_DEPTH = 8
_MAX_SIBLINGS = 30  # elements and texts behind an image that are looked at
_MAX_DEPTH = 12  # elements within each other that hold the whole caption

_NO_CAPTION = "img, table, ul, ol, blockquote, iframe, object, video, form, h1, h2, h3, h4"
_BLOCKS = frozenset(
    {"p", "div", "center", "table", "tbody", "tr", "td", "th", "section", "figure", "figcaption", "ul", "ol"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "article", "aside", "form", "dl", "pre", "li"}
)
_TYPE_TAGS = frozenset({"small", "em", "i", "center", "figcaption", "cite"})
_TYPE_STYLE = re.compile(
    r"text-align:\s*center|font-style:\s*italic"
    r"|font-size:\s*(?:(?:x{1,2}-)?small|smaller|0?\.\d+r?em|(?:1[0-2]|\d)(?:\.\d+)?px"
    r"|(?:10|\d)(?:\.\d+)?pt|[1-8]?\d%)",
    re.IGNORECASE,
)
_TYPE_CLASS = re.compile(
    r"(?<![\w-])(?:text-(?:center|xs|sm|muted)|(?:align-?)?center|(?:fst-)?italic|small|ms-rtefontsize-1"
    r"|rtecenter|ql-align-center|has-text-align-center|wp-element-caption)(?![\w-])",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"text-align:\s*(?:right|end)", re.IGNORECASE)
_BOLD_TAGS = frozenset({"b", "strong"})
_SLANTED_TAGS = frozenset({"i", "em", "small"})


@dataclass(frozen=True, slots=True)
class Caption:
    """The caption of an image.

    Attributes:
        frame: stands for the image and all that is laid around it; the image itself where there is nothing.
        nodes: elements and texts that the caption is written in.
    """

    text: str
    frame: LexborNode
    nodes: tuple[LexborNode, ...] = ()


class CaptionFinder:
    """Finds the captions of the images of one text; what is laid around several of them is measured once."""

    def __init__(self) -> None:
        self._are_frames: dict[int, bool] = {}
        self._texts: dict[int, str] = {}
        self._lengths: dict[int, int] = {}

    def find(self, image: LexborNode) -> Caption:
        """Return the caption of an image; its text is empty where there is none."""
        frame = self._frame(image)
        if frame is None:
            nodes = self._nodes_behind(image)
            return Caption(_text(nodes), image, nodes)
        if frame.mem_id not in self._texts:
            caption = frame.css_first("figcaption")
            self._texts[frame.mem_id] = _text([caption if caption is not None else frame])
        return Caption(self._texts[frame.mem_id], frame, (frame,))

    def _frame(self, image: LexborNode) -> LexborNode | None:
        """Return the figure, or the small table, that is laid around the image."""
        for node in islice(ancestors(image), _MAX_FRAME_DEPTH):
            if node.tag == "body":
                return None
            if node.tag == "figure":
                return node if node.css_first("table") is None else None
            if node.tag == "table":
                if node.mem_id not in self._are_frames:
                    self._are_frames[node.mem_id] = _is_frame(node)
                return node if self._are_frames[node.mem_id] else None
        return None

    def _nodes_behind(self, image: LexborNode) -> tuple[LexborNode, ...]:
        """Return the caption behind an image without a frame: an element, or the rest of a line."""
        node = image
        for _ in range(_MAX_WRAPPERS):
            following = _next_text(node)
            if following:
                return following if self._is_caption(following) else ()
            cell = _cell_below(node) if node.tag in ("td", "th") else None
            if cell is not None:
                return (cell,) if 0 < self._length(cell) <= _MAX_CAPTION and not _has_more(cell) else ()
            parent = node.parent
            if parent is None or parent.tag in ("body", "html") or self._length(parent):
                return ()
            node = parent
        return ()

    def _is_caption(self, nodes: Sequence[LexborNode]) -> bool:
        """Return whether these are a caption by their class or their type."""
        if len(nodes) == 1 and _is_named_caption(nodes[0]):
            return True
        text = "".join(node.text() for node in nodes).strip()
        if not 0 < len(text) <= _MAX_CAPTION or text.isupper() or text.endswith(":") or bylines.signs(text):
            return False
        if any(node.is_element_node and _has_more(node) for node in nodes):
            return False
        chains = [list(_chain(node)) for node in nodes if node.text().strip()]
        elements = [node for chain in chains for node in chain]
        if any(_is_right(node) or node.tag == "a" for node in elements):
            return False
        if not all(any(map(_is_set_as_caption, chain)) for chain in chains):
            return self._is_alone_in_the_centre(nodes[0], len(text))
        is_bold = any(node.tag in _BOLD_TAGS for node in elements)  # a heading in the text
        return not is_bold or any(node.tag in _SLANTED_TAGS for node in elements)

    def _is_alone_in_the_centre(self, node: LexborNode, length: int) -> bool:
        """Return whether a centred element holds this text, and but one image besides."""
        for around in islice(ancestors(node), _MAX_WRAPPERS):
            if around.tag in ("body", "html") or self._length(around) > length:
                return False
            if _is_set_as_caption(around):
                return len(around.css("img")) == 1
        return False

    def _length(self, node: LexborNode) -> int:
        """Return the length of the element's text; each is measured once."""
        if node.mem_id not in self._lengths:
            self._lengths[node.mem_id] = len(node.text().strip())
        return self._lengths[node.mem_id]


def _is_frame(table: LexborNode) -> bool:
    return (
        len(table.css("tr")) <= _MAX_FRAME_ROWS
        and len(table.css("img")) == 1
        and len(table.text().strip()) <= _MAX_CAPTION
        and _has_caption_alone(table)
    )


def _has_caption_alone(table: LexborNode) -> bool:
    """Return whether no text stands before the image in its cell, and little behind it in a table."""
    lines: set[int] = set()
    cell, is_behind = 0, False
    for node in table.traverse(include_text=True):
        if node.tag in ("td", "th") and not is_behind:
            cell, lines = node.mem_id, set()
        elif node.tag == "img":
            if lines:
                return False
            is_behind = True
        elif node.is_text_node and (node.text_content or "").strip():
            block = next((around for around in ancestors(node) if around.tag in _BLOCKS), table)
            lines.add(block.mem_id)
    return bool(cell) and len(lines) <= _MAX_LINES


def _text(nodes: Sequence[LexborNode]) -> str:
    markup = "".join(node.html or "" for node in nodes)
    is_short = sum(len(node.text().strip()) for node in nodes) <= 2 * _MAX_CAPTION
    return plain_text.from_markup(markup) if is_short else ""


def _next_text(node: LexborNode) -> tuple[LexborNode, ...]:
    """Return what follows: one block, or the texts and inline elements up to the next line or block."""
    run: list[LexborNode] = []
    sibling = node.next
    for _ in range(_MAX_SIBLINGS):
        if sibling is None:
            break
        is_image = sibling.is_element_node and (sibling.tag == "img" or sibling.css_first("img") is not None)
        if is_image or (sibling.tag in _BLOCKS and run):
            break
        if sibling.tag in _BLOCKS:
            if sibling.text().strip():
                return (sibling,)
        elif sibling.tag == "br":
            if run:
                break
        elif (sibling.is_text_node or sibling.is_element_node) and (run or sibling.text().strip()):
            run.append(sibling)
        sibling = sibling.next
    return tuple(run)


def _cell_below(cell: LexborNode) -> LexborNode | None:
    """Return the cell below one of a row of images, where the next row has as many cells and no image."""
    row = cell.parent
    below = row.next if row is not None else None
    while below is not None and not below.is_element_node:
        below = below.next
    if row is None or below is None or below.tag != "tr" or below.css_first("img") is not None:
        return None
    cells = [one for one in row.iter() if one.tag in ("td", "th")]
    cells_below = [one for one in below.iter() if one.tag in ("td", "th")]
    if len(cells) != len(cells_below):
        return None
    index = next(at for at, one in enumerate(cells) if one.mem_id == cell.mem_id)
    return cells_below[index]


def _has_more(node: LexborNode) -> bool:
    return node.css_first(_NO_CAPTION) is not None


def _is_named_caption(node: LexborNode) -> bool:
    if not node.is_element_node:
        return False
    if node.tag == "figcaption" or plain_text.CAPTION_CLASS.search(class_of(node)):
        return True
    is_of_image = "image" in class_of(node).lower().split()  # a paragraph of the style "Image"
    return is_of_image and node.tag == "p" and len(node.text().strip()) <= _MAX_CAPTION


def _chain(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the element and those within it that hold its whole text."""
    for _ in range(_MAX_DEPTH):
        if not node.is_element_node:
            return
        yield node
        children = [child for child in node.iter(include_text=True) if child.text().strip()]
        if len(children) != 1:
            return
        node = children[0]


def _is_set_as_caption(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        node.tag in _TYPE_TAGS
        or (attributes.get("align") or "").lower() == "center"
        or (node.tag == "font" and attributes.get("size") in ("1", "-1", "-2"))
        or bool(_TYPE_STYLE.search(attributes.get("style") or ""))
        or bool(_TYPE_CLASS.search(class_of(node)))
    )


def _is_right(node: LexborNode) -> bool:
    attributes = node.attributes
    return (attributes.get("align") or "").lower() == "right" or bool(
        _RIGHT.search(attributes.get("style") or "")
    )
