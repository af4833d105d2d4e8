"""Read the lines of a text, and tell how each of the last ones is set.

A signature differs from the text by its place and its type: flush right, bold, italic, in a table of its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from selectolax.lexbor import LexborNode

from service.articles.extract.text_lines import BLOCKS
from service.articles.text import plain_text
from service.articles.text.bylines import Setting
from service.articles.text.html_tree import ancestors, class_of

_BREAKS = BLOCKS | {"img", "iframe", "video", "object"}
HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_ENTRIES = frozenset({"li", "figcaption", "caption", "button", "select", "label"})
_BOLD_TAGS = frozenset({"b", "strong", "h4", "h5", "h6"})
_TYPE_TAGS = _BOLD_TAGS | {"i", "em", "center", "cite", "small"}

_RIGHT_STYLE = re.compile(
    r"text-align:\s*(?:right|end)|float:\s*right"
    r"|(?:margin|padding)-left:\s*(?:[2-9]\d\d+(?:\.\d+)?p[xt]|1[5-9]\d(?:\.\d+)?p[xt]|[3-9]\d%|[1-9]\d(?:\.\d+)?r?em)",
    re.IGNORECASE,
)
_CENTRE_STYLE = re.compile(r"text-align:\s*center", re.IGNORECASE)
_LEFT_STYLE = re.compile(r"text-align:\s*(?:left|start|justify)", re.IGNORECASE)
_TYPE_STYLE = re.compile(r"font-weight:\s*(?:bold|[6-9]00)|font-style:\s*(?:italic|oblique)", re.IGNORECASE)
_RIGHT_CLASS = re.compile(
    r"(?<![\w-])(?:(?:text|ql-align|align|ms-rtealign|has-text-align|float|pull|rte)-?(?:right|end)|right)(?![\w-])",
    re.IGNORECASE,
)
_CENTRE_CLASS = re.compile(
    r"(?<![\w-])(?:(?:text|ql-align|align|ms-rtealign|has-text-align|rte)-?)?center(?![\w-])", re.IGNORECASE
)
_TYPE_CLASS = re.compile(
    r"(?<![\w-])(?:font-(?:semi)?bold|fw-(?:semi)?bold(?:er)?|bold|(?:fst-|font-)?italic)(?![\w-])",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"author|byline|signature|tac-?_?gia|nguon-?_?tin|chu-?_?ky(?![a-z])|createdby", re.IGNORECASE
)
_MAX_DEPTH = 12  # elements around a line whose type is looked at
_MAX_NAMED = 300  # characters of an element that is set like its line, or named after the author
PROSE_END = re.compile(r"[.!?…”\"»)/]\s*$")
MAX_LINE = 140  # characters; a longer line is text
LONG_LINE = 60  # characters from which a line is text that ends as a sentence does
LAST_LINES = 13  # of a text that are described
_BRACKETS_BEHIND = re.compile(r"(?<=[.!?…”\"/])\s++\([^()]{3,120}\)\.?$")
_MAX_CELLS = 4  # of a table that is there for the signature
_INDENT = 8  # no-break spaces before a line that pushes it to the right


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text as readers see it.

    Attributes:
        nodes: its texts; empty where they belong to a longer line.
        block: the innermost block around it.
    """

    text: str
    nodes: tuple[LexborNode, ...]
    block: LexborNode | None
    setting: Setting = Setting.PLAIN
    indent: int = 0
    is_entry: bool = False  # of a list, a table of data or a quotation
    is_link: bool = False


def read_lines(roots: Iterable[LexborNode]) -> list[Line]:
    """Return the lines of these elements and texts, as blocks and breaks divide them."""
    lines: list[Line] = []
    run: list[LexborNode] = []
    nearest: dict[int, LexborNode | None] = {}
    block: LexborNode | None = None

    def end_line() -> None:
        raw = _joined(run)
        text = " ".join(plain_text.visible_text(raw).split())
        if text:
            indent = len(raw) - len(raw.lstrip("\xa0 \t\r\n"))
            lines.append(Line(text, tuple(run), block, indent=raw[:indent].count("\xa0")))
        run.clear()

    for root in roots:
        for node in root.traverse(include_text=True):
            if node.is_text_node:
                around = _block_around(node, nearest)
                if run and (around and around.mem_id) != (block and block.mem_id):
                    end_line()
                block = around
                run.append(node)
            elif node.tag in _BREAKS:
                end_line()
        end_line()
    return lines


def _joined(nodes: Iterable[LexborNode]) -> str:
    """Return the texts together, with a space where a style sheet must set them apart: `Lê AnSở Y tế`."""
    texts: list[str] = []
    last = ""
    for text in (node.text_content or "" for node in nodes):
        texts.append(f" {text}" if last.islower() and text[:1].isupper() else text)
        last = text[-1:] or last
    return "".join(texts)


def _block_around(text: LexborNode, nearest: dict[int, LexborNode | None]) -> LexborNode | None:
    """Return the innermost block around a text; `nearest` caches it, as thousands of texts may share it."""
    passed: list[int] = []
    block = None
    for around in ancestors(text):
        if around.mem_id in nearest:
            block = nearest[around.mem_id]
            break
        passed.append(around.mem_id)
        if around.tag in BLOCKS:
            block = around
            break
    nearest.update(dict.fromkeys(passed, block))
    return block


def describe_lines(lines: Sequence[Line], root: LexborNode | None) -> Iterator[Line]:
    """Yield the last lines of a text with their setting; a signature behind its last sentence as a line."""
    whole = len(root.text()) if root is not None else 0
    for line in lines[-LAST_LINES:]:
        tail = _tail(line) if root is not None else None
        if tail is not None:
            yield replace(line, text=line.text[: -len(tail.text)].rstrip(), nodes=())
        shown = tail or line
        around = list(_elements_around(shown, root))
        setting = max(shown.setting, _setting(shown, around))
        is_entry, is_link = _is_entry(shown, around, whole), _is_link(shown)
        yield replace(shown, setting=setting, is_entry=is_entry, is_link=is_link)


def _elements_around(line: Line, root: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the elements around a line within the text, innermost first."""
    for node in islice(ancestors(line.nodes[0]), _MAX_DEPTH) if line.nodes else ():
        if (root is not None and node.mem_id == root.mem_id) or node.tag == "body":
            return
        yield node


def _is_link(line: Line) -> bool:
    """Return whether all of a line is in links."""
    texts = [node for node in line.nodes if not node.is_empty_text_node]
    return bool(texts) and all(
        any(around.tag == "a" for around in islice(ancestors(node), _MAX_DEPTH)) for node in texts
    )


def _is_entry(line: Line, around: Sequence[LexborNode], whole: int) -> bool:
    """Return whether it is of a list, a table of data, a quotation or a heading, which sign nothing."""
    for node in around:
        if node.tag in _ENTRIES or node.tag in HEADINGS:
            return True
        if node.tag in ("table", "blockquote") and 2 * len(node.text()) < whole:
            cells = sum(bool(cell.text().strip()) for cell in islice(node.css("td, th"), 2 * _MAX_CELLS))
            is_quotation = node.tag == "blockquote" and len(node.text().strip()) > 2 * len(line.text)
            if cells > _MAX_CELLS or is_quotation:
                return True
    return False


def _tail(line: Line) -> Line | None:
    """Return the bold or italic end of a line behind a sentence, or what stands in brackets there."""
    if len(line.text) < LONG_LINE:
        return None
    last = next((node for node in reversed(line.nodes) if not node.is_empty_text_node), None)
    around = [node for node in islice(ancestors(last), _MAX_DEPTH) if node.tag in _TYPE_TAGS] if last else []
    for element in around:
        inside = {node.mem_id for node in element.traverse(include_text=True)}
        nodes = tuple(node for node in line.nodes if node.mem_id in inside)
        text = " ".join(plain_text.visible_text(_joined(nodes)).split())
        if text and len(text) <= MAX_LINE and PROSE_END.search(line.text.removesuffix(text)):
            return Line(text, nodes, line.block, Setting.SET_APART)
    brackets = _BRACKETS_BEHIND.search(line.text[-MAX_LINE:])
    return Line(brackets[0], (), line.block, Setting.SET_APART) if brackets else None


def _setting(line: Line, around: Sequence[LexborNode]) -> Setting:
    """Return how a line is set by the elements around it."""
    if line.indent >= _INDENT:
        return Setting.RIGHT
    alignment = next(filter(None, map(_alignment, around)), "")
    own = [node for node in around if len(node.text()) <= _MAX_NAMED]
    if alignment == "right" or any(map(_is_named, own)) or _is_last_cell(around):
        return Setting.RIGHT
    is_centred = alignment == "centre"
    return Setting.SET_APART if is_centred or _has_type(line) or _is_own_table(around) else Setting.PLAIN


def _alignment(node: LexborNode) -> str:
    align, style, name = (
        node.attributes.get("align") or "",
        node.attributes.get("style") or "",
        class_of(node),
    )
    if align.lower() in ("right", "end") or _RIGHT_STYLE.search(style) or _RIGHT_CLASS.search(name):
        return "right"
    if node.tag == "center" or align.lower() in ("center", "middle"):
        return "centre"
    if _CENTRE_STYLE.search(style) or _CENTRE_CLASS.search(name):
        return "centre"
    return "left" if align.lower() in ("left", "justify") or _LEFT_STYLE.search(style) else ""


def _is_named(node: LexborNode) -> bool:
    return bool(_NAMED.search(f"{class_of(node)} {(node.attributes.get('id') or '')[:_MAX_NAMED]}"))


def _has_type(line: Line) -> bool:
    """Return whether all of a line, but for separators, is bold or italic."""
    texts = [node for node in line.nodes if any(char.isalpha() for char in node.text_content or "")]
    return bool(texts) and all(map(_is_typed, texts))


def _is_typed(text: LexborNode) -> bool:
    for node in islice(ancestors(text), _MAX_DEPTH):
        if len(node.text()) > _MAX_NAMED:
            return False
        style = node.attributes.get("style") or ""
        if node.tag in _TYPE_TAGS or _TYPE_STYLE.search(style) or _TYPE_CLASS.search(class_of(node)):
            return True
    return False


def _is_last_cell(around: Sequence[LexborNode]) -> bool:
    """Return whether the line is in the last cell of a row whose other cells are empty."""
    cell = next((node for node in around if node.tag in ("td", "th")), None)
    if cell is None or cell.parent is None:
        return False
    cells = [node for node in cell.parent.iter() if node.tag in ("td", "th")]
    return (
        len(cells) > 1
        and cells[-1].mem_id == cell.mem_id
        and not any(one.text().strip() for one in cells[:-1])
    )


def _is_own_table(around: Sequence[LexborNode]) -> bool:
    table = next((node for node in around if node.tag == "table"), None)
    return table is not None and len(table.text()) <= _MAX_NAMED
