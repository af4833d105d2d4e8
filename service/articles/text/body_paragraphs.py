"""Rewriting an article's element tree as paragraphs, lists, tables and little else.

What comes out is not yet sanitised and need not be well nested: nh3's parser sets it right.
"""

import re
from collections.abc import Collection, Mapping
from html import escape

from selectolax.lexbor import LexborNode

from service.articles.text import unicode, urls
from service.articles.text.body_figures import mark, unmarked


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_DROPPED = _names(
    "script style noscript template iframe frame object embed applet svg math video audio canvas img picture"
    " source map button select input textarea option datalist nav head title meta link base"
)
_DIVISIONS = _names(
    "p div section article main header footer aside form fieldset legend address center pre dl dt dd"
    " details summary hgroup dir menu"
)
_BLOCKS = {
    **dict.fromkeys(("h1", "h2"), "h2"),
    "h3": "h3",
    **dict.fromkeys(("h4", "h5", "h6"), "h4"),
    **{name: name for name in ("ul", "ol", "blockquote", "table", "figure")},
}
_PARTS = _names("li figcaption caption thead tbody tfoot tr strong b em i u sub sup")
_CELLS = frozenset({"td", "th"})
_MOST_COLUMNS = 50  # that a cell may span; a browser would draw thousands
_SPAN = re.compile(r"\s*0*([1-9]\d?)\s*", re.ASCII)
_WHITE = re.compile(r"[ \t\r\n\f\xa0\u3000]{2,}|[\t\r\n\f\u3000]")


def paragraphs(
    body: LexborNode, base: str, left_out: Collection[int], places: Mapping[int, Collection[int]]
) -> str:
    """The element's content without the elements in `left_out` (by their `mem_id`).

    Where an element of `places` stood there are the marks of its pictures.

    It takes no call stack, however deep the elements nest.
    """
    written: list[str] = ["<p>"]
    rest: list[tuple[LexborNode | None, str]] = [(body.child, "")]
    while rest:
        node, closing = rest.pop()
        if node is None:
            written.append(closing)
            continue
        rest.append((node.next, closing))
        if node.is_text_node:
            written.append(_text(node))
        elif node.mem_id in places:
            written.append(f"</p>{''.join(map(mark, places[node.mem_id]))}<p>")
        elif node.is_element_node and node.tag not in _DROPPED and node.mem_id not in left_out:
            opening, closing = _tags(node, base)
            written.append(opening)
            rest.append((node.child, closing))
    return "".join(written)


def _text(node: LexborNode) -> str:
    return escape(unicode.visible(_WHITE.sub(" ", unmarked(node.text() or ""))), quote=False)


def _tags(node: LexborNode, base: str) -> tuple[str, str]:
    """What the element begins and ends with: a division is a paragraph, and so is what follows a block."""
    name = node.tag or ""
    if name in _DIVISIONS:
        return "<p>", "</p><p>"
    if name in _BLOCKS:
        return f"</p><{_BLOCKS[name]}>", f"</{_BLOCKS[name]}><p>"
    if name in ("br", "hr"):
        return ("<br>", "") if name == "br" else ("</p><p>", "")
    if name in _CELLS:
        return f"<{name}{_spans(node)}>", f"</{name}>"
    if name == "a":
        url = urls.normalise_url(node.attributes.get("href") or "", base)
        return (f'<a href="{escape(url)}">', "</a>") if url else ("", "")
    return (f"<{name}>", f"</{name}>") if name in _PARTS else ("", "")


def _spans(cell: LexborNode) -> str:
    spans = ((name, _SPAN.fullmatch(cell.attributes.get(name) or "")) for name in ("colspan", "rowspan"))
    return "".join(
        f' {name}="{span[1]}"' for name, span in spans if span and 1 < int(span[1]) <= _MOST_COLUMNS
    )
