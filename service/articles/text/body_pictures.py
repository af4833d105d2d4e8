"""The pictures of an article's text, with the captions that stand about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from service.articles.model import ImageCandidate
from service.articles.text import plain_text, urls

_ADDRESSES = ("data-original", "data-src", "data-lazy-src", "data-lazy", "src")
_SETS = ("data-srcset", "srcset")
_SMALLEST = 32  # pixels; smaller ones count readers or decorate a line
_NO_PICTURE = re.compile(r"emoji|smil(?:ey|ie)|spacer\.|pixel\.gif|blank\.gif|placeholder", re.IGNORECASE)
_PIXELS = re.compile(r"\s*+(\d{1,5})(?:\.\d++)?\s*+(?:px)?\s*+", re.ASCII)
_CAPTION_CLASS = re.compile(r"caption|chu-?thich|photo-?credit", re.IGNORECASE)
_LONGEST_CAPTION = 250  # characters; a table with more of them, or with more rows, is no frame of a picture
_LONGEST_ALT = 1_000  # characters
_ROWS_OF_A_FRAME = 3
_WRAPPINGS = 4  # elements around a picture alone
_DEEPEST_IN_A_FRAME = 8
_MOST = 200  # pictures of one article


@dataclass(slots=True)
class Pictures:
    """What was found so far: the pictures by address, and the elements that belong to them (`mem_id`).

    `places` are the elements that stand where pictures stood, with the numbers of these.
    """

    by_address: dict[str, ImageCandidate] = field(default_factory=dict)
    elements: set[int] = field(default_factory=set)
    places: dict[int, list[int]] = field(default_factory=dict)


def pictures_in(body: LexborNode, base: str) -> Pictures:
    """Every picture once, with its caption; those that are too small to be one are passed over."""
    found = Pictures()
    captions: dict[int, str] = {}
    small: dict[int, bool] = {}  # tables that hold many pictures are looked at once
    for image in body.css("img")[:_MOST]:
        frame = _frame(image, small)
        if frame is None:
            _add(found, image, image, base, _caption_behind(image, found))
            continue
        if frame.mem_id not in captions:
            captions[frame.mem_id] = _caption_in(frame)
        if _add(found, image, frame, base, captions[frame.mem_id]):
            found.elements.add(frame.mem_id)
    return found


def _frame(image: LexborNode, small: dict[int, bool]) -> LexborNode | None:
    """The figure, or the small table, that is there for the picture."""
    node = image.parent
    for _ in range(_DEEPEST_IN_A_FRAME):
        if node is None or node.tag == "body":
            return None
        if node.tag == "figure":
            return node if node.css_first("table") is None else None
        if node.tag == "table":
            if node.mem_id not in small:
                small[node.mem_id] = _is_small(node)
            return node if small[node.mem_id] else None
        node = node.parent
    return None


def _is_small(table: LexborNode) -> bool:
    return len(table.css("tr")) <= _ROWS_OF_A_FRAME and len(table.text().strip()) <= _LONGEST_CAPTION


def _caption_in(frame: LexborNode) -> str:
    caption = frame.css_first("figcaption")
    return _short(caption if caption is not None else frame)


def _caption_behind(image: LexborNode, found: Pictures) -> str:
    """The next element, where its class says that it is a caption."""
    node = image
    for _ in range(_WRAPPINGS):
        behind = _next_element(node)
        if behind is not None and _CAPTION_CLASS.search(behind.attributes.get("class") or ""):
            found.elements.add(behind.mem_id)
            return _short(behind)
        if behind is not None or node.parent is None or node.parent.text().strip():
            return ""
        node = node.parent
    return ""


def _next_element(node: LexborNode) -> LexborNode | None:
    behind = node.next
    while behind is not None and not behind.is_element_node:
        if behind.is_text_node and behind.text().strip():
            return None
        behind = behind.next
    return behind


def _short(node: LexborNode) -> str:
    return plain_text.plain(node.html or "") if len(node.text().strip()) <= 2 * _LONGEST_CAPTION else ""


def _add(found: Pictures, image: LexborNode, place: LexborNode, base: str, caption: str) -> bool:
    """Whether it is a picture; one that is there already is, too."""
    said = image.attributes
    width, height = _pixels(said.get("width")), _pixels(said.get("height"))
    is_tiny = any(size is not None and size < _SMALLEST for size in (width, height))
    if is_tiny or _NO_PICTURE.search(said.get("class") or ""):
        return False
    address = next((link for url in _addresses(image) if (link := urls.normalise_url(url, base))), None)
    if address is None or _NO_PICTURE.search(address):
        return False
    hint = ImageCandidate(
        address, width, height, plain_text.plain(said.get("alt") or "")[:_LONGEST_ALT], caption
    )
    if address not in found.by_address:
        found.places.setdefault(place.mem_id, []).append(len(found.by_address))
        found.by_address[address] = hint
    return True


def _addresses(image: LexborNode) -> Iterator[str]:
    """Where it is loaded from, that of a lazy picture first: its `src` is a blank."""
    said = image.attributes
    yield from (url for name in _ADDRESSES if (url := said.get(name)))
    for name in _SETS:
        yield from (said.get(name) or "").split()[:1]


def _pixels(size: str | None) -> int | None:
    match = _PIXELS.fullmatch(size or "")
    return int(match[1]) if match else None
